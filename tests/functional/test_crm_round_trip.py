"""From a CRM's exports to its upload file: init, check, train, score, export, and what a day later has changed."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tests.unit.intake.crm_exports import LABELS, read_market, write_exports

from salesworthy.cli.main import run
from salesworthy.market.generate import write_market

pytestmark = pytest.mark.slow


@pytest.fixture
def say(tmp_path, capsys):
    """Run a command in this process (each start would cost seconds) and read its document."""

    def command(*arguments):
        code = run(["-w", str(tmp_path / "w"), *map(str, arguments), "--json"])
        told = capsys.readouterr()
        assert code == 0, told.err
        return json.loads(told.out)

    return command


def test_a_crm_and_back(tmp_path, say):
    write_market(tmp_path / "m", leads=800, seed=5)
    market = read_market(tmp_path / "m")
    say("init", tmp_path / "w", "--map", "salesforce")
    write_exports(market, "salesforce", LABELS, tmp_path / "w" / "exports")
    checked = say("check")
    assert {name: each["rejected"] for name, each in checked["tables"].items() if each["rejected"]} == {}
    assert {"role", "facility_type", "country", "webinars_90d"} <= set(checked["features"]["usable"])
    assert say("train", "--as-of", "2026-07-01")["evaluation"]["splits"]
    first = say("score", "--as-of", "2026-06-30", "--model", "v1")["run_id"]
    second = say("score", "--as-of", "2026-07-01", "--model", "v1")
    found = say("export", "--map", "salesforce", "--changed-since", first)
    assert (found["map"], found["run_id"]) == ("salesforce/lead", second["run_id"])
    assert 0 < found["rows"] < second["counts"]["SCORED"] == found["rows"] + found["unchanged"]
    text = Path(found["files"][0]["path"]).read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == found["rows"]
    assert {row["Id"] for row in rows} <= set(market["leads"]["lead_id"])
    assert all(0 <= int(row["Salesworthy_Score__c"]) <= 100 for row in rows)
    assert not any(word in text for word in ("@example.org", "Doe", "J. Seller", "patient of 1954"))
