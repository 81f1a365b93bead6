"""Files for people: no cell runs as a formula, numbers stay numbers, and a file is whole or not there."""

from __future__ import annotations

import csv
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesworthy.ledger.exports import TRIGGERS, safe_text, write_csv


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+49 30", "-2", "@SUM(A1)", "\tx", "\rx", "\n=1", " =1", "  \u00a0=1", "\ufeff=1", "\x00=1", '"=1', "'=1",
     "\uff1dcmd", "=HYPERLINK(\"x\")"],
)  # fmt: skip
def test_what_begins_like_a_formula_is_shown_as_it_is(text):
    assert safe_text(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "plain", "a=b", "1+1", "For: asked -- twice", "L0000001", "#N/A", "  "])
def test_other_text_is_left_alone(text):
    assert safe_text(text) == text


@given(st.lists(st.tuples(st.text(), st.one_of(st.none(), st.integers(), st.text()))))
def test_no_cell_of_any_file_begins_a_formula(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    write_csv(path, ["=key", "value"], rows)
    with path.open(encoding="utf-8", newline="") as file:
        found = list(csv.reader(file))
    assert found[0] == ["'=key", "value"]
    assert len(found) == len(rows) + 1
    for row, (key, value) in zip(found[1:], rows, strict=True):
        assert row[0].removeprefix("'") == with_one_line_break(key).removeprefix("'")
        assert isinstance(value, int) is (row[1] == str(value)) or isinstance(value, str)
        texts = [row[0], "" if isinstance(value, int) else row[1]]
        assert not {text[:1] for text in texts} & TRIGGERS


def with_one_line_break(text):
    return text.replace("\r\n", "\n").replace("\r", "\n")


def test_the_same_rows_give_the_same_bytes_and_their_hash(tmp_path):
    rows = [["a", 1, None, 0.5], ['say "x"', -2, "l\nm", 1.0]]
    first = write_csv(tmp_path / "new" / "a.csv", ["k", "n", "t", "f"], rows)
    again = write_csv(tmp_path / "b.csv", ["k", "n", "t", "f"], iter(rows))
    content = (tmp_path / "b.csv").read_bytes()
    assert content == b'k,n,t,f\na,1,,0.5\n"say ""x""",-2,"l\nm",1.0\n'
    assert (first.rows, first.bytes, first.sha256) == (2, len(content), hashlib.sha256(content).hexdigest())
    assert (again.rows, again.sha256) == (2, first.sha256)


def test_what_fails_half_way_leaves_the_file_before_it(tmp_path):
    write_csv(tmp_path / "a.csv", ["k"], [["old"]])

    def rows():
        yield ["new"]
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        write_csv(tmp_path / "a.csv", ["k"], rows())
    assert (tmp_path / "a.csv").read_text() == "k\nold\n"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
