"""Rows of people who were erased stay out of intake and are counted; all others come as before."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.intake.conftest import Checked, at

from salesworthy.domain.errors import UserError
from salesworthy.domain.moments import zone
from salesworthy.intake.check import check_tables
from salesworthy.intake.suppression import NOBODY, Suppression, Why, as_document, read_suppression
from salesworthy.runs.settings import load_settings

SETTINGS = """
[tables.leads]
path = "leads.csv"
[tables.engagements]
path = "acts.csv"
[tables.consents]
path = "consents.csv"
"""
FILES = {
    "leads.csv": (
        "lead_id,created_at,note\nA,2024-01-01,one\nB,2024-01-02,B has no date\nB,,again\n,2024-01-03,B\nC,2024-01-04\n"
        "B,2024-01-05\nC,2024-01-06,x\n"
    ),
    "acts.csv": (
        "lead_id,occurred_at,kind\nA,2020-01-01,view\nA,2024-02-01,view\n B ,2024-02-01,view\nB,2019-01-01,view\n"
    ),
    "consents.csv": (
        "lead_id,at,state\nA,2020-01-01,opt_in\nB,2020-01-01,objected\nC,2024-01-01,opt_in\nC,2020-01-01,opt_in\n"
    ),
}


def checked(folder: Path, suppression: Suppression, files: dict[str, str] = FILES) -> Checked:
    for name, text in files.items():
        (folder / name).write_text(text)
    (folder / "salesworthy.toml").write_text(SETTINGS)
    found = check_tables(
        load_settings(folder, {}).tables, root=folder, timezone=zone("UTC"), folder=folder / "store",
        max_rejected_share=1.0, suppression=suppression,
    )  # fmt: skip
    return Checked(found)


def without(*leads: str, why: Why = Why.ERASED) -> Suppression:
    return NOBODY.adding(leads, why=why, at=at("2026-01-01"))


def counts(found: Checked, table: str) -> tuple[int, int, int, int]:
    report = found.report(table)
    return report.rows_in, report.kept, sum(report.rejected.values()), report.suppressed


def test_rows_of_an_erased_lead_are_counted_and_written_nowhere(tmp_path: Path) -> None:
    before, after = checked(tmp_path, NOBODY), checked(tmp_path, without("B"))
    assert (counts(before, "leads"), counts(before, "engagements")) == ((7, 3, 4, 0), (4, 4, 0, 0))
    # Of B: the row that was kept, the one without a date, the one that names B in its note, and the ragged one.
    assert (counts(after, "leads"), counts(after, "engagements")) == ((7, 2, 1, 4), (4, 2, 0, 2))
    assert counts(after, "consents") == (4, 3, 0, 1)
    assert before.tables.fingerprint != after.tables.fingerprint
    texts = [str(path.read_bytes()) for path in (tmp_path / "store" / after.tables.fingerprint).rglob("*.json")]
    tables = [*after.tables.paths.values(), *after.tables.rejected.values()]
    texts += [str(pl.read_parquet(path).to_dicts()) for path in tables]
    assert not [text for text in texts if "'B'" in text or '"B"' in text or "B," in text]


def test_others_come_as_before(tmp_path: Path) -> None:
    before, after = checked(tmp_path, NOBODY), checked(tmp_path, without("B"))
    for table in FILES:
        name = {"acts.csv": "engagements"}.get(table, table.removesuffix(".csv"))
        others = [row for row in before.rows(name) if row["lead_id"] != "B"]
        assert after.rows(name) == others
        assert [row for row in before.rejected(name) if row in after.rejected(name)] == after.rejected(name)


def test_who_was_purged_keeps_the_proof_of_consent_until_its_own_limit(tmp_path: Path) -> None:
    purged = without("C", why=Why.RETENTION)
    assert counts(checked(tmp_path, purged), "consents") == (4, 4, 0, 0)
    limited = purged.with_limits({"consents": at("2023-01-01"), "engagements": at("2023-01-01")})
    found = checked(tmp_path, limited)
    # The consent of A is as old, but A is still held: what they said goes on to count.
    assert counts(found, "consents") == (4, 3, 0, 1)
    assert counts(found, "engagements") == (4, 2, 0, 2)
    assert found.column("lead_id") == ["A", "B"]


def test_a_limit_never_moves_back_and_an_erasure_outweighs_a_purge() -> None:
    found = NOBODY.with_limits({"outcomes": 5}).with_limits({"outcomes": 3, "handoffs": 1})
    assert found.before == {"outcomes": 5, "handoffs": 1}
    found = found.adding(["A"], why=Why.RETENTION, at=1)
    assert found.adding(["A"], why=Why.RETENTION, at=9).people == found.people
    erased = found.adding(["A"], why=Why.ERASED, at=2)
    assert (
        erased.people == {found.hash_of("A"): (Why.ERASED, 2)} == erased.adding(["A"], why=Why.RETENTION, at=3).people
    )


@given(
    leads=st.lists(st.text("ABab 1é", min_size=1, max_size=4), max_size=6),
    out=st.sets(st.text("ABab 1é", min_size=1, max_size=4), max_size=3),
)
def test_a_list_holds_exactly_who_was_put_on_it(leads: list[str], out: set[str]) -> None:
    found = without(*out)
    frame = pl.DataFrame({"x": pl.Series(leads, dtype=pl.String)})
    assert found.mentioned(frame).to_list() == [lead.strip() in out for lead in leads]
    assert all(
        found.speaks_of(f"1;{lead.strip()},x")
        for lead in out
        if lead.strip() and " " not in lead.strip() and lead == lead.strip()
    )
    assert found.is_empty == (not out) == (found.identity == "")


def test_the_file_reads_back_and_a_damaged_one_stops_everything(tmp_path: Path) -> None:
    import json

    assert read_suppression(tmp_path) == NOBODY
    found = without("A", "B").with_limits({"outcomes": at("2024-01-01")})
    (tmp_path / "retention").mkdir()
    path = tmp_path / "retention" / "suppressed.json"
    path.write_text(json.dumps(as_document(found)))
    assert read_suppression(tmp_path) == found
    assert '"A"' not in path.read_text()
    for damaged in ("", "[]", "{}", '{"format": 2}', path.read_text().replace("erased", "gone")):
        path.write_text(damaged)
        with pytest.raises(UserError, match="cannot be read"):
            read_suppression(tmp_path)
