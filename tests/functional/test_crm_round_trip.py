"""From each CRM's exports to its upload file: init, check, train, score, export, and what a day later has changed."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import polars as pl
import pytest
from tests.unit.intake.crm_exports import (
    API,
    LABELS,
    read_market,
    salesforce,
    salesforce_contacts,
    write_exports,
    write_frames,
)

from salesworthy.cli.main import run
from salesworthy.market.generate import write_market

pytestmark = pytest.mark.slow

NOT_FOR_EYES = ("@example.org", "Quillfeather", "Xanthe", "J. Seller", "patient of 1954")
"""What the fixtures hold of people, of those who work on them, and as free text."""
DIAGNOSIS = "canary-F32.9"
"""What a column holds that the settings declare as sensitive."""


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    """Tables of a small market, from which every CRM's exports are made."""
    folder = tmp_path_factory.mktemp("market")
    write_market(folder, leads=500, seed=5)
    return read_market(folder)


@pytest.fixture
def say(tmp_path, capsys):
    """Run a command in this process (each start would cost seconds) and read its document."""

    def command(*arguments):
        code = run(["-w", str(tmp_path / "w"), *map(str, arguments), "--json"])
        told = capsys.readouterr()
        assert code == 0, told.err
        assert not [word for word in (*NOT_FOR_EYES, DIAGNOSIS) if word in told.out + told.err]
        return json.loads(told.out)

    return command


FACTS = {"role", "department", "specialty", "facility_type", "source"}
EXPECTED = {
    "hubspot": ({*FACTS, "beds", "clicks_30d", "webinars_90d"}, "Record ID", "salesworthy_score"),
    "dynamics": ({*FACTS, "beds", "clicks_30d", "booth_visits_90d"}, "leadid", "new_salesworthyscore"),
    "salesforce": ({*FACTS, "webinars_90d"}, "Id", "Salesworthy_Score__c"),
}
"""Features that the exports allow, and the key and the score of the upload file."""


def uploaded(found) -> tuple[str, list[dict[str, str]]]:
    """The upload file that an export wrote: its text and its rows."""
    text = Path(found["files"][0]["path"]).read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == found["rows"]
    assert not [word for word in NOT_FOR_EYES if word in text]
    return text, rows


def nothing_rejected(checked) -> bool:
    return not any(each["rejected"] for each in checked["tables"].values())


def test_salesforce_and_back_and_what_a_day_later_has_changed(tmp_path, say, market):
    say("init", tmp_path / "w", "--map", "salesforce")
    exports = salesforce(market, LABELS)
    exports["leads"] = exports["leads"].with_columns(pl.lit(DIAGNOSIS).alias("Diagnosis"))
    write_frames(exports, tmp_path / "w" / "exports")
    settings = tmp_path / "w" / "salesworthy.toml"
    declared = settings.read_text().replace("[tables.leads]\n", '[tables.leads]\nsensitive = ["Diagnosis"]\n', 1)
    settings.write_text(declared)
    checked = say("check")
    assert nothing_rejected(checked)
    assert {"role", "facility_type", "country", "webinars_90d"} <= set(checked["features"]["usable"])
    assert say("train", "--as-of", "2026-07-01")["evaluation"]["splits"]
    first = say("score", "--as-of", "2026-06-30", "--model", "v1")["run_id"]
    second = say("score", "--as-of", "2026-07-01", "--model", "v1")
    found = say("export", "--map", "salesforce", "--changed-since", first)
    assert (found["map"], found["run_id"]) == ("salesforce/lead", second["run_id"])
    assert 0 < found["rows"] < second["counts"]["SCORED"] == found["rows"] + found["unchanged"]
    _, rows = uploaded(found)
    assert {row["Id"] for row in rows} <= set(market["leads"]["lead_id"])
    assert all(0 <= int(row["Salesworthy_Score__c"]) <= 100 for row in rows)
    assert canaries(tmp_path / "w") == []


def canaries(workspace) -> list[tuple[str, str]]:
    """File and word, wherever something stands in what was written that must not be there.

    Checked tables hold names and addresses: entries of one person are told by them. Nothing that is sensitive stands
    there either.
    """
    found = []
    for path in sorted(each for each in workspace.rglob("*") if each.is_file()):
        place = path.relative_to(workspace)
        if place.parts[0] == "exports":
            continue
        words = (DIAGNOSIS,) if place.parts[0] == ".salesworthy" else (*NOT_FOR_EYES, DIAGNOSIS)
        text = str(pl.read_parquet(path).rows()) if path.suffix == ".parquet" else path.read_bytes().decode("latin-1")
        found += [(str(place), word) for word in words if word in text]
    return found


@pytest.mark.parametrize(("crm", "style"), [("hubspot", LABELS), ("dynamics", API)])
def test_another_crm_and_back(tmp_path, say, market, crm, style):
    say("init", tmp_path / "w", "--map", crm)
    write_exports(market, crm, style, tmp_path / "w" / "exports")
    assert goes_end_to_end(say, market, crm, *EXPECTED[crm]).partition("/")[0] == crm


def test_an_organisation_without_leads_and_back(tmp_path, say, market):
    """Contacts and opportunities, by the part of the written settings that says how."""
    say("init", tmp_path / "w", "--map", "salesforce")
    settings = tmp_path / "w" / "salesworthy.toml"
    settings.write_text(without_leads(settings.read_text(encoding="utf-8")), encoding="utf-8")
    write_frames(salesforce_contacts(market, API), tmp_path / "w" / "exports")
    assert goes_end_to_end(say, market, "salesforce", *EXPECTED["salesforce"]) == "salesforce/contact"


def goes_end_to_end(say, market, crm, usable, key, score):  # noqa: PLR0917  # reads as the row that it is given
    """Check, train, score and export; gives the map that the upload file was written by."""
    checked = say("check")
    assert nothing_rejected(checked)
    assert usable <= set(checked["features"]["usable"])
    assert {"DUPLICATES_OFF", "EMPTY_COLUMN"}.isdisjoint(each["code"] for each in checked["findings"])
    trained = say("train", "--as-of", "2026-07-01")
    assert trained["evaluation"]["splits"]
    scored = say("score", "--as-of", "2026-07-01", "--model", "v1")
    found = say("export", "--map", crm)
    assert found["rows"] == scored["counts"]["SCORED"] > 0
    _, rows = uploaded(found)
    assert {row[key] for row in rows} <= set(market["leads"]["lead_id"])
    assert all(0 <= int(row[score]) <= 100 for row in rows)
    return found["map"]


def without_leads(text: str) -> str:
    """Settings for contacts: the tables of leads are taken out, and the lines that stand commented out are taken in."""
    before, _, rest = text.partition("[tables.leads]")
    leads, mark, rest = rest.partition("# Where people become contacts at once")
    assert mark
    commented, _, after = rest.partition("\n\n")
    lines = [line.removeprefix("# ") for line in commented.splitlines()[1:]]
    kept = leads[leads.index("[tables.accounts]") :]
    return before + kept + "\n".join(lines) + "\n\n" + after
