"""Grading: which decisions count once, what groups show, and whether figures are those of a plain count."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesworthy.domain.errors import UserError
from salesworthy.domain.moments import MICROSECONDS_PER_DAY, parse_moment
from salesworthy.ledger.decisions import HandedDecision
from salesworthy.ledger.feedback import Feedback
from salesworthy.runs.grade import grade
from salesworthy.runs.grade_groups import GROUPS
from salesworthy.runs.grade_issues import first_issues
from salesworthy.runs.grade_reasons import match_rates
from salesworthy.runs.workspace import Workspace, open_workspace

START = parse_moment("2026-01-01")
AS_OF = parse_moment("2026-07-01")
LEADS = 60
SETTINGS = """
[tables.leads]
path = "leads.csv"
[tables.outcomes]
path = "outcomes.csv"
"""


def day(number: float) -> int:
    return START + int(number * MICROSECONDS_PER_DAY)


def handed(lead: str, run: str, as_of: int, **told: object) -> HandedDecision:
    return HandedDecision(run, lead, as_of, "MQL", str(told.pop("decided_by", "propensity")), "sales", **told)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Sixty leads, each handed over by three nightly runs; every third is accepted, every fifth only unreachable."""
    folder = tmp_path_factory.mktemp("grading")
    (folder / "salesworthy.toml").write_text(SETTINGS)
    leads = [f"L{number},2025-12-01,A{number // 2},C{number % 2}" for number in range(LEADS)]
    (folder / "leads.csv").write_text("lead_id,created_at,account_id,campaign_id\n" + "\n".join(leads) + "\n")
    outcomes = [f"L{number},2026-02-10,{outcome(number)},{'yes' if number % 2 else 'no'}" for number in range(LEADS)]
    (folder / "outcomes.csv").write_text("lead_id,at,disposition,reason_matched\n" + "\n".join(outcomes) + "\n")
    found = open_workspace(folder, environ={})
    for night in range(3):
        decisions = [
            handed(
                f"L{number}", f"run{night}", day(10 + night), propensity=0.05 + 0.01 * number, probability=1.0,
                reasons=("WEBINAR", "ROLE_FIT") if number < 40 else ("TIMEFRAME",),
                owner="dach_team" if number else "a_team",
                region="dach" if number < 55 else "nordics", model_version="v1", policy_version="1",
            )
            for number in range(LEADS)
        ]  # fmt: skip
        found.ledger.record_run(
            f"run{night}", kind="score", as_of=day(10 + night), model_version="v1", policy_version="1",
            data_fingerprint="", manifest_sha256="", counts={}, now=1, decisions=decisions,
        )  # fmt: skip
    said = Feedback("L0", day(20), "K", "disposition", "accepted", None, {"WEBINAR": True, "ROLE_FIT": False})
    found.ledger.feedback.record([said], by="x", now=day(20), came_by="x")
    return found


def outcome(number: int) -> str:
    return "accepted" if number % 3 == 0 else "unreachable" if number % 5 == 0 else "rejected"


def test_each_handover_is_graded_once_and_counts_are_those_of_a_plain_count(workspace: Workspace) -> None:
    report = grade(workspace, as_of=AS_OF).as_dict()
    judged = [number for number in range(LEADS) if outcome(number) != "unreachable"]
    accepted = [number for number in judged if outcome(number) == "accepted"]
    told = report["handovers"]
    assert (report["decisions"], told["issued"], told["judged"]) == (3 * LEADS, LEADS, len(judged))
    assert (told["not_judged"], told["waiting"]) == (LEADS - len(judged), 0)
    assert told["accepted_share"]["value"] == pytest.approx(len(accepted) / len(judged))
    assert told["expected"] == pytest.approx(sum(0.05 + 0.01 * number for number in judged) / len(judged))
    assert report["figures"]["roc_auc"]["low"] <= report["figures"]["roc_auc"]["value"]
    assert sum(row["judged"] for row in report["calibration"]) == len(judged)


def test_groups_hold_what_they_name_in_the_order_of_their_names(workspace: Workspace) -> None:
    found = grade(workspace, as_of=AS_OF).as_dict()["by"]
    assert set(found) == set(GROUPS)
    assert list(found["owner"]) == ["a_team", "dach_team"]
    assert found["owner"]["a_team"]["too_few"]
    assert {name: each["issued"] for name, each in found["campaign"].items()} == {"C0": 30, "C1": 30}
    assert {name: each["issued"] for name, each in found["reason"].items()} == {
        "ROLE_FIT": 40, "TIMEFRAME": 20, "WEBINAR": 40,
    }  # fmt: skip
    assert list(found["month"]) == ["2026-01"]


def test_a_group_of_few_shows_no_figure(workspace: Workspace) -> None:
    nordics = grade(workspace, as_of=AS_OF).as_dict()["by"]["territory"]["nordics"]
    assert (nordics["issued"], nordics["too_few"], nordics["accepted_share"], nordics["lift"]) == (5, True, None, None)


def test_an_outcome_that_is_not_in_yet_counts_neither_way(workspace: Workspace) -> None:
    report = grade(workspace, as_of=day(60)).as_dict()
    assert (report["handovers"]["judged"], report["handovers"]["waiting"]) == (0, LEADS)
    assert report["figures"] is None
    assert report["calibration"] == []
    assert report["then_and_now"]["now"]["issued"] == LEADS
    assert report["then_and_now"]["then"]["issued"] == 0


def test_scores_of_the_last_mature_window_stand_beside_those_issued_since(workspace: Workspace) -> None:
    told = grade(workspace, as_of=day(150)).as_dict()["then_and_now"]
    assert (told["then"]["issued"], told["now"]["issued"]) == (LEADS, 0)
    assert told["then"]["mean_propensity"] == pytest.approx(0.05 + 0.01 * (LEADS - 1) / 2)


def test_answers_come_from_feedback_and_for_other_leads_from_outcomes(workspace: Workspace) -> None:
    found = grade(workspace, as_of=AS_OF).as_dict()["reason_match"]
    # L0 answered by feedback; of L1 to L59 the outcomes answer about the first reason, yes for odd numbers.
    assert (found["WEBINAR"]["answers"], found["WEBINAR"]["matched"]) == (1 + 39, 1 + 20)
    assert (found["ROLE_FIT"]["answers"], found["ROLE_FIT"]["matched"], found["ROLE_FIT"]["share"]) == (1, 0, None)
    assert (found["TIMEFRAME"]["answers"], found["TIMEFRAME"]["matched"]) == (20, 10)
    low, high = (found["TIMEFRAME"]["share"][bound] for bound in ("low", "high"))
    assert (round(low, 3), round(high, 3)) == (0.299, 0.701)


def test_without_decisions_there_is_nothing_to_grade(workspace: Workspace) -> None:
    with pytest.raises(UserError, match="no decision from before 2026-01-01"):
        grade(workspace, as_of=START)


issues = st.lists(st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 60)), max_size=25)


@settings(deadline=None)
@given(issues, st.integers(0, 20))
def test_what_repeats_within_the_window_of_its_first_is_one_handover(
    given_: list[tuple[str, int]], window: int
) -> None:
    decisions = [handed(lead, f"run{at}", at) for lead, at in given_]
    random.Random(1).shuffle(decisions)  # noqa: S311
    expected = []
    for lead in ("a", "b"):
        left = sorted({at for name, at in given_ if name == lead})
        while left:
            expected.append((lead, left[0]))
            left = [at for at in left if at > left[0] + window]
    found = [(each.lead_id, each.as_of) for each in first_issues(decisions, window)]
    assert sorted(found) == sorted(expected)
    assert [at for _, at in found] == sorted(at for _, at in found)


def test_erased_leads_are_no_handovers() -> None:
    assert first_issues([HandedDecision("run", None, 1, "MQL", "x", "sales")], 5) == []


def test_match_rates_of_few_answers_are_counts_only() -> None:
    few = match_rates([("WEBINAR", True)] * 9)["WEBINAR"]
    many = match_rates([("WEBINAR", True)] * 10)["WEBINAR"]
    assert (few["share"], few["too_few"]) == (None, True)
    assert many["share"]["value"] == 1.0


def test_a_folder_is_left_as_it_was(workspace: Workspace) -> None:
    before = sorted(path.name for path in Path(workspace.folder).iterdir())
    grade(workspace, as_of=AS_OF)
    assert sorted(path.name for path in Path(workspace.folder).iterdir()) == before
