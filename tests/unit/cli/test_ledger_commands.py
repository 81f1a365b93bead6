"""``audit``, ``feedback``, ``grade`` and ``response``: what they print, where, and how they end."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from salesworthy.cli.main import run
from salesworthy.domain.errors import ExitCode
from salesworthy.domain.moments import parse_moment
from salesworthy.ledger.decisions import HandedDecision
from salesworthy.runs.workspace import open_workspace

DAY = parse_moment("2026-01-10")
AS_OF = "2026-07-01"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "salesworthy.toml").write_text(
        '[tables.leads]\npath = "leads.csv"\n[tables.outcomes]\nsource = "ledger"\n'
    )
    (tmp_path / "leads.csv").write_text(
        "lead_id,created_at\n" + "".join(f"L{number:02},2026-01-01\n" for number in range(30))
    )
    decisions = [
        HandedDecision(
            "run", f"L{number:02}", DAY, "MQL", "propensity", "sales", region="dach", propensity=number / 40,
            reasons=("WEBINAR",), owner="dach_team", respond_by=DAY + 1,
        )
        for number in range(30)
    ]  # fmt: skip
    open_workspace(tmp_path, environ={}).ledger.record_run(
        "run", kind="score", as_of=DAY, model_version="v1", policy_version="1", data_fingerprint="",
        manifest_sha256="", counts={}, now=DAY, decisions=decisions,
    )  # fmt: skip
    rows = [f"L{n:02},2026-01-12,K,{'accepted' if n > 20 else 'rejected'},other,yes" for n in range(28)]
    (tmp_path / "said.csv").write_text(
        "lead_id,at,by,disposition,reason,reason_matched\n" + "\n".join([*rows, "L99,2026-01-12,K,accepted,,"]) + "\n"
    )
    return tmp_path


def told(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert run(["-w", str(folder), *arguments]) == code
    return capsys.readouterr().out


def test_a_ledger_that_holds_says_so_with_its_head(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(told(folder, capsys, "audit", "verify", "--json"))
    assert (document["holds"], document["events"], len(document["head"])) == (True, 3, 64)
    assert "The ledger holds: 3 event(s)" in told(folder, capsys, "audit", "verify", "--head", document["head"])


def test_a_ledger_that_was_changed_ends_with_4_and_names_the_row(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite3.connect(folder / "ledger.db") as connection:
        connection.execute("DROP TRIGGER decisions_refuses_update")
        connection.execute("UPDATE decisions SET propensity = 0.9 WHERE sequence >= 7")
    found = told(folder, capsys, "audit", "verify", "--json", code=ExitCode.DATA_LIMIT)
    assert json.loads(found)["error"]["where"] == "ledger, decisions row 7"


def test_an_unknown_head_ends_with_4(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(folder, capsys, "audit", "verify", "--json", "--head", "0123", code=ExitCode.DATA_LIMIT)
    assert "no longer part" in json.loads(found)["error"]["what"]


def test_feedback_is_loaded_graded_and_measured(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(told(folder, capsys, "feedback", str(folder / "said.csv"), "--json"))
    assert document["recorded"] == {"disposition": 28}
    assert document["rejected"]["UNKNOWN_LEAD"]["rows"] == 1
    again = told(folder, capsys, "feedback", str(folder / "said.csv"))
    assert "nothing new; 28 known already" in again
    assert "set aside: 1 UNKNOWN_LEAD" in again
    graded = json.loads(told(folder, capsys, "grade", "--as-of", AS_OF, "--json"))
    assert graded["handovers"]["accepted_share"]["value"] == pytest.approx(7 / 30)
    assert (graded["reason_match"]["WEBINAR"]["answers"], graded["reason_match"]["WEBINAR"]["matched"]) == (28, 28)
    text = told(folder, capsys, "grade", "--as-of", AS_OF)
    assert "30 decisions make 30 handovers by 2026-07-01: 30 judged" in text
    assert "nan" not in text.lower()
    responded = json.loads(told(folder, capsys, "response", "--as-of", AS_OF, "--json"))
    assert responded["handovers"]["responses"]["undated"] == 28
    assert [each["lead_id"] for each in responded["untouched"]] == ["L28", "L29"]
    assert "L28" in told(folder, capsys, "response", "--as-of", AS_OF)


@pytest.mark.parametrize("command", ["grade", "response"])
def test_a_ledger_without_decisions_says_what_records_them(
    folder: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    told(folder, capsys, command, "--as-of", "2026-01-01", code=ExitCode.CONFIGURATION)
