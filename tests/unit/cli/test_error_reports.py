"""How a command ends when something is wrong: one JSON document, the right code, a traceback for our faults only."""

from __future__ import annotations

import errno
import json

import pytest

from salesworthy.cli import main as entry


def ended(error, monkeypatch, capsys):
    """Exit code, JSON document and standard error of a command that raises."""

    def fails(**_):
        raise error

    monkeypatch.setattr(entry, "app", fails)
    code = entry.run(["check", "--json"])
    seen = capsys.readouterr()
    return code, json.loads(seen.out)["error"], seen.err


def test_a_defect_of_ours_is_told_as_json_too(monkeypatch, capsys):
    code, told, messages = ended(ValueError("odd"), monkeypatch, capsys)
    assert (code, told["exit_code"], told["what"]) == (70, 70, "ValueError: odd")
    assert "Traceback" in messages
    assert "please report it" in messages


REFUSED = [errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EIO, errno.ENOTDIR]


@pytest.mark.parametrize("number", REFUSED, ids=errno.errorcode.get)
def test_what_the_file_system_refuses_is_no_defect(monkeypatch, capsys, number):
    code, told, messages = ended(OSError(number, "refused", "out/runs"), monkeypatch, capsys)
    assert (code, told["where"]) == (3, "out/runs")
    assert told["todo"]
    assert "Traceback" not in messages


def test_memory_that_runs_out_is_no_defect(monkeypatch, capsys):
    import duckdb

    for error in (MemoryError(), duckdb.OutOfMemoryException("could not allocate block")):
        code, told, messages = ended(error, monkeypatch, capsys)
        assert (code, told["what"]) == (3, "there is not enough memory")
        assert "Traceback" not in messages


class PanicException(BaseException):
    """As Polars raises where Rust gives up."""


SAID = [
    OSError("Cannot allocate memory (os error 12)"),
    RuntimeError("can't start new thread"),
    PanicException('Os { code: 11, kind: WouldBlock, message: "Resource temporarily unavailable" }'),
    ImportError("libarrow.so: failed to map segment from shared object"),
]


@pytest.mark.parametrize("error", SAID, ids=lambda error: type(error).__name__)
def test_libraries_have_many_words_for_too_little_memory(monkeypatch, capsys, error):
    code, told, messages = ended(error, monkeypatch, capsys)
    assert (code, told["what"]) == (3, "there is not enough memory")
    assert "Traceback" not in messages


def test_another_panic_is_a_defect(monkeypatch, capsys):
    assert ended(PanicException("index out of bounds"), monkeypatch, capsys)[0] == 70


def test_other_errors_of_the_system_are_defects(monkeypatch, capsys):
    assert ended(OSError("odd"), monkeypatch, capsys)[0] == 70
