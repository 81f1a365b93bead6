"""Decisions handed to people, feedback, signatures and erasure, as the ledger keeps them."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesworthy.domain.errors import WrongUsage
from salesworthy.ledger.approvals import SignedPolicy
from salesworthy.ledger.decisions import HandedDecision, OverrideSeen
from salesworthy.ledger.feedback import Feedback
from salesworthy.ledger.store import Ledger

SAID = Feedback("L1", 10, "K. Berg", "disposition", "rejected", "timing", {"WEBINAR": False}, "run", 5, "a note")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger("sqlite:///ledger.db", tmp_path)


def decided(lead: str, run: str = "run", *, as_of: int = 1) -> HandedDecision:
    return HandedDecision(
        run, lead, as_of, "MQL", "propensity", "sales", propensity=0.1 + 0.2, reasons=("WEBINAR", "ROLE_FIT"),
        owner="dach_team", respond_by=9, packet_line=1,
    )  # fmt: skip


def hand(
    ledger: Ledger, *decisions: HandedDecision, run: str = "run", overrides: tuple[OverrideSeen, ...] = ()
) -> None:
    ledger.record_run(
        run, kind="score", as_of=1, model_version="v1", policy_version="1", data_fingerprint="", manifest_sha256="m",
        counts={}, now=2, decisions=decisions, overrides=overrides,
    )  # fmt: skip


def test_decisions_are_read_back_as_they_were_handed(ledger: Ledger, tmp_path: Path) -> None:
    given = (decided("L2"), decided("L1"))
    hand(ledger, *given)
    hand(ledger, decided("L1", "later", as_of=5), run="later")
    again = Ledger("sqlite:///ledger.db", tmp_path)
    assert again.decisions.of_run("run") == given
    assert [each.run_id for each in again.decisions.of_lead("L1")] == ["run", "later"]
    assert [each.run_id for each in again.decisions.of_leads(["L2", "L9"])] == ["run"]
    assert again.decisions.until(4) == given
    assert again.verify_audit().events == 5


def test_the_same_run_again_hands_nothing_twice(ledger: Ledger) -> None:
    hand(ledger, decided("L1"))
    before = ledger.audit_events()
    hand(ledger, decided("L1"))
    assert ledger.audit_events() == before
    assert len(ledger.decisions.of_run("run")) == 1


def test_a_run_whose_decisions_cannot_be_recorded_is_not_recorded_either(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        hand(ledger, decided("L1"), replace(decided("L2"), propensity=float("nan")))
    assert ledger.runs() == ()
    assert ledger.people.lead_ids() == {}


def test_an_override_is_recorded_when_it_is_first_seen(ledger: Ledger) -> None:
    seen = OverrideSeen("KEY", "hash", "MQL", "H. L.", "2026-01-01", "2026-02-01")
    hand(ledger, overrides=(seen,))
    hand(ledger, run="later", overrides=(seen, replace(seen, content_sha256="other")))
    assert [each.content_sha256 for each in ledger.decisions.overrides()] == ["hash", "other"]


def test_feedback_is_recorded_once_whichever_way_it_comes(ledger: Ledger) -> None:
    first = ledger.feedback.record([SAID, SAID], by="feedback", now=20, came_by="a.csv")
    again = ledger.feedback.record([SAID], by="page", now=30, came_by="page")
    assert (len(first), again) == (1, ())
    assert ledger.feedback.all() == (replace(SAID, came_by="a.csv", received_at=20),)
    ledger.verify_audit()


texts = st.one_of(st.none(), st.text(min_size=1, max_size=5))


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["L1", "L2"]), st.integers(0, 2), texts, st.booleans()), max_size=12))
def test_feedback_that_differs_in_anything_is_another_piece(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, int, str | None, bool]]
) -> None:
    ledger = Ledger("sqlite:///ledger.db", tmp_path_factory.mktemp("ledger"))
    pieces = [
        Feedback(lead, at, "K", "disposition", "accepted", None, {"A": ok}, note=note) for lead, at, note, ok in said
    ]
    for piece in pieces:
        ledger.feedback.record([piece], by="x", now=0, came_by="x")
    distinct = list(dict.fromkeys((each.lead_id, each.at, each.note, each.reasons_matched["A"]) for each in pieces))
    found = [(each.lead_id, each.at, each.note, each.reasons_matched["A"]) for each in ledger.feedback.all()]
    assert found == distinct
    ledger.verify_audit()


def test_an_erased_person_is_gone_from_the_file_and_the_chain_still_holds(ledger: Ledger, tmp_path: Path) -> None:
    person = replace(SAID, lead_id="mrs-k@clinic.example", note="talked of her holidays")
    hand(ledger, decided("mrs-k@clinic.example"), decided("L2"))
    ledger.feedback.record([person, SAID], by="x", now=3, came_by="x")
    assert ledger.people.holds("mrs-k@clinic.example") == {"decisions": 1, "feedback": 1, "lead_ids": 1, "texts": 1}
    erased = ledger.people.erase("mrs-k@clinic.example", by="privacy officer", now=4)
    assert erased is not None
    assert ledger.people.erasures() == (erased,)
    assert (erased.by, erased.removed) == ("privacy officer", {"lead_ids": 1, "texts": 1})
    content = (tmp_path / "ledger.db").read_bytes()
    assert b"mrs-k" not in content
    assert b"holidays" not in content
    assert [each.lead_id for each in ledger.decisions.of_run("run")] == [None, "L2"]
    assert [(each.lead_id, each.note) for each in ledger.feedback.all()] == [(None, None), ("L1", "a note")]
    assert ledger.people.holds("mrs-k@clinic.example") == {}
    assert ledger.people.erase("mrs-k@clinic.example", by="privacy officer", now=4) is None
    ledger.verify_audit()


def test_a_person_who_comes_back_after_an_erasure_is_a_new_one(ledger: Ledger) -> None:
    hand(ledger, decided("L1"))
    ledger.people.erase("L1", by="x", now=3)
    hand(ledger, decided("L1", "later"), run="later")
    assert [each.run_id for each in ledger.decisions.of_lead("L1")] == ["later"]
    ledger.verify_audit()


def test_nothing_personal_is_deleted_without_an_erasure(ledger: Ledger, tmp_path: Path) -> None:
    ledger.feedback.record([SAID], by="x", now=3, came_by="x")
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        for table in ("lead_ids", "texts"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(f"DELETE FROM {table}")


def test_a_signature_is_recorded_once_and_named(ledger: Ledger) -> None:
    signed = SignedPolicy("1", "hash", "compliance", " C. Brandt ", "2026-01-01", 5)
    first = ledger.approvals.record(signed)
    assert first.by == "C. Brandt"
    assert ledger.approvals.record(replace(signed, at=9)) == first
    ledger.approvals.record(replace(signed, content_sha256="other"))
    assert [each.content_sha256 for each in ledger.approvals.all()] == ["hash", "other"]
    assert [event.action for event in ledger.audit_events()] == ["approve_policy", "approve_policy"]
    with pytest.raises(WrongUsage, match="nobody is named"):
        ledger.approvals.record(replace(signed, by=" "))
