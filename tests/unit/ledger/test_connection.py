"""Opening the ledger: where it lies, who may share it, and what is said when it cannot be opened."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from salesworthy.domain.errors import RunLocked, UserError
from salesworthy.ledger import connection as opening
from salesworthy.ledger.connection import open_database, workspace_url, writing
from salesworthy.ledger.store import Ledger
from salesworthy.ledger.tables import METADATA


def test_a_relative_path_starts_at_the_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    Ledger("sqlite:///records/ledger.db", tmp_path / "workspace")
    assert (tmp_path / "workspace" / "records" / "ledger.db").is_file()


def test_an_absolute_path_is_left_alone(tmp_path: Path) -> None:
    assert workspace_url(f"sqlite:////{tmp_path}/x.db", Path("/nowhere")).database == f"/{tmp_path}/x.db"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ledger.db", "not a database URL"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("nosuch+driver://host/x", "no driver"),
    ],
)
def test_a_url_that_cannot_be_used_is_explained(tmp_path: Path, url: str, says: str) -> None:
    with pytest.raises(UserError, match=says) as refused:
        Ledger(url, tmp_path)
    assert refused.value.where == "salesworthy.toml: ledger.url"
    assert refused.value.todo


def test_a_file_that_is_no_ledger_is_explained(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_text("lead_id;created_at\n" * 100)
    with pytest.raises(UserError, match="the ledger cannot be used"):
        Ledger("sqlite:///ledger.db", tmp_path)


def test_a_failure_leaves_nothing_of_a_transaction(tmp_path: Path) -> None:
    engine = open_database("sqlite:///ledger.db", tmp_path)
    runs = METADATA.tables["runs"]
    row = {column.name: 1 if column.name in {"sequence", "as_of", "recorded_at"} else "x" for column in runs.columns}
    with pytest.raises(RuntimeError), writing(engine) as connection:
        connection.execute(runs.insert().values(row))
        raise RuntimeError
    assert Ledger("sqlite:///ledger.db", tmp_path).runs() == ()


def test_processes_that_open_a_new_ledger_at_once_all_succeed(tmp_path: Path) -> None:
    script = f"""
from pathlib import Path
from salesworthy.ledger.store import Ledger
import sys
ledger = Ledger("sqlite:///ledger.db", Path({str(tmp_path)!r}))
ledger.register_model(sys.argv[1], bundle_sha256="", trained_as_of=0, data_fingerprint="", figures={{}}, now=0)
"""
    started = [subprocess.Popen([sys.executable, "-c", script, f"v{number}"]) for number in range(6)]
    assert [process.wait() for process in started] == [0] * 6
    ledger = Ledger("sqlite:///ledger.db", tmp_path)
    assert {model.version for model in ledger.models()} == {f"v{number}" for number in range(6)}
    assert ledger.verify_audit().events == 6


def test_a_ledger_that_another_writes_to_for_long_is_said_to_be_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_PATIENCE_SECONDS", 0)
    engine = open_database("sqlite:///ledger.db", tmp_path)
    with writing(engine), pytest.raises(RunLocked, match="another process has been writing"), writing(engine):
        pass
    with writing(engine):
        pass  # free again
