"""Response: what counts as contact, in time, late or untouched, as a table of cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesworthy.domain.moments import MICROSECONDS_PER_DAY, format_moment, parse_moment
from salesworthy.ledger.decisions import HandedDecision
from salesworthy.ledger.feedback import Feedback
from salesworthy.runs.response import SAYS, Response, response
from salesworthy.runs.workspace import open_workspace

HANDED = parse_moment("2026-03-01")
AS_OF = parse_moment("2026-03-11")
SETTINGS = """
[tables.leads]
path = "leads.csv"
[tables.outcomes]
path = "outcomes.csv"
"""


def after(days: float) -> int:
    return HANDED + int(days * MICROSECONDS_PER_DAY)


# name: days to respond; outcome rows (at, disposition, first contact), feedback (kind, at, first contact); response
CASES = [
    ("in_time", 2, [(5, "accepted", 1)], [], Response.IN_TIME),
    ("on_the_dot", 2, [(5, "accepted", 2)], [], Response.IN_TIME),
    ("late", 2, [(5, "rejected", 3)], [], Response.LATE),
    ("open_but_called", 2, [(5, "open", 1)], [], Response.IN_TIME),
    ("before", 2, [(5, "accepted", -3)], [], Response.BEFORE),
    ("long_before", 2, [(-100, "unreachable", -100)], [], Response.UNTOUCHED),
    ("undated", 2, [(5, "unreachable", None)], [], Response.UNDATED),
    ("earlier_outcome", 2, [(-5, "rejected", None)], [], Response.UNTOUCHED),
    ("not_known_yet", 2, [(20, "accepted", 1)], [], Response.UNTOUCHED),
    ("said_untouched", 2, [(5, "untouched", None)], [], Response.UNTOUCHED),
    ("nothing", 2, [], [], Response.UNTOUCHED),
    ("still_open", 10, [], [], Response.WAITING),
    ("from_feedback", 2, [], [("disposition", 6, 1)], Response.IN_TIME),
    ("the_earlier_counts", 2, [(5, "accepted", 4)], [("disposition", 6, 1)], Response.IN_TIME),
    ("skipped", 2, [], [("skip", 1, None)], Response.SKIPPED),
    ("skipped_and_called", 2, [(5, "accepted", 1)], [("skip", 1, None)], Response.IN_TIME),
]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory):
    folder: Path = tmp_path_factory.mktemp("response")
    (folder / "salesworthy.toml").write_text(SETTINGS)
    (folder / "leads.csv").write_text("lead_id,created_at\n" + "".join(f"{name},2025-01-01\n" for name, *_ in CASES))
    outcomes = [
        f"{name},{format_moment(after(at))},{disposition},{'' if contact is None else format_moment(after(contact))}\n"
        for name, _, rows, _, _ in CASES
        for at, disposition, contact in rows
    ]
    (folder / "outcomes.csv").write_text("lead_id,at,disposition,first_contact_at\n" + "".join(outcomes))
    workspace = open_workspace(folder, environ={})
    decisions = [
        HandedDecision(
            "run", name, HANDED, "MQL", "propensity", "sales", owner="rare" if name == "late" else "team",
            trigger="EVALUATION_REQUEST", region="dach", respond_by=after(days),
        )
        for name, days, *_ in CASES
    ]  # fmt: skip
    workspace.ledger.record_run(
        "run", kind="score", as_of=HANDED, model_version="", policy_version="1", data_fingerprint="",
        manifest_sha256="", counts={}, now=HANDED, decisions=decisions,
    )  # fmt: skip
    said = [
        Feedback(
            name, after(at), "K", kind, "accepted" if kind == "disposition" else None,
            None if kind == "disposition" else "no_capacity",
            first_contact_at=None if contact is None else after(contact),
        )
        for name, _, _, rows, _ in CASES
        for kind, at, contact in rows
    ]  # fmt: skip
    workspace.ledger.feedback.record(said, by="x", now=HANDED, came_by="x")
    return response(workspace, as_of=AS_OF)


@pytest.mark.parametrize(("name", "expected"), [(name, expected) for name, *_, expected in CASES])
def test_the_response_to_a_handover(found, name: str, expected: Response) -> None:
    assert {each.decision.lead_id: each.response for each in found.responded}[name] == expected


def test_figures_count_what_is_due(found) -> None:
    told = found.as_dict()["handovers"]
    expected = {str(each): sum(1 for *_, response_ in CASES if response_ == each) for each in Response}
    assert told["responses"] == expected
    assert told["due"] == expected["in_time"] + expected["late"] + expected["untouched"]
    assert told["in_time_share"]["value"] == pytest.approx(expected["in_time"] / told["due"])
    hours = sorted(each.hours for each in found.responded if each.hours is not None)
    assert (hours[0], hours[-1]) == (24, 72)
    assert told["hours_to_contact"]["median"] == 24


def test_a_group_of_few_shows_its_number_alone(found) -> None:
    by_owner = found.as_dict()["by"]["owner"]
    assert by_owner["rare"] == {"handovers": 1, "too_few": True}
    assert by_owner["team"]["handovers"] == len(CASES) - 1


def test_what_is_untouched_is_named_with_its_delay(found) -> None:
    named = {each["lead_id"]: each["overdue_hours"] for each in found.as_dict()["untouched"]}
    assert set(named) == {name for name, *_, expected in CASES if expected == Response.UNTOUCHED}
    assert named["nothing"] == 8 * 24


def test_every_response_has_its_sentence() -> None:
    assert set(SAYS) == set(Response)
