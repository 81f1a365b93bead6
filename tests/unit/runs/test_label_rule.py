"""Labels of a workspace whose outcomes are recorded only since some day, or end early."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from salesworthy.domain.moments import parse_moment
from salesworthy.runs.evaluate import evaluate
from salesworthy.runs.training_set import training_set
from salesworthy.runs.workspace import open_workspace

LEADS = 600
SETTINGS = """
[tables.leads]
path = "leads.csv"
[tables.outcomes]
path = "outcomes.csv"
[features]
catalogue = []
auto = true
[label]
window_days = 30
"""
AS_OF = parse_moment("2024-12-01")


def day(number):
    return f"{date(2023, 1, 1) + timedelta(days=number)}"


@pytest.fixture
def workspace(tmp_path):
    """Leads of one a day; every fourth is accepted after three days, the others are rejected."""

    def made(*, recorded=range(LEADS), said=""):
        rng = np.random.default_rng(1)
        won = rng.random(LEADS) < 0.25
        leads = [f"L{number},{day(number)},{rng.integers(0, 9)}" for number in range(LEADS)]
        told = [f"L{row},{day(row + 3)},{'accepted' if won[row] else 'rejected'}" for row in recorded]
        (tmp_path / "leads.csv").write_text("\n".join(["lead_id,created_at,visits", *leads]))
        (tmp_path / "outcomes.csv").write_text("\n".join(["lead_id,at,disposition", *told]))
        (tmp_path / "salesworthy.toml").write_text(SETTINGS + said)
        return open_workspace(tmp_path, environ={})

    return made


def test_handoffs_from_before_the_record_are_not_learned_from(workspace):
    found = training_set(workspace(recorded=range(200, LEADS)), as_of=AS_OF)
    labelled = found.data.handed_at[found.data.judged]
    assert labelled.min() == parse_moment(day(203))
    assert len(labelled) == LEADS - 203
    assert found.notes[0].startswith(f"outcomes are recorded since {day(203)}: 203 earlier handoff(s)")


def test_the_day_may_be_said(workspace):
    since = f'recorded_since = "{day(250)}"'
    found = training_set(workspace(recorded=range(200, LEADS), said=since), as_of=AS_OF)
    assert found.data.handed_at[found.data.judged].min() == parse_moment(day(250))
    everything = training_set(workspace(recorded=range(200, LEADS), said='recorded_since = "start"'), as_of=AS_OF)
    assert everything.data.judged.all()
    assert everything.notes == ()


def test_a_whole_record_is_left_alone(workspace):
    found = training_set(workspace(), as_of=AS_OF)
    assert found.data.judged.all()
    assert found.notes == ()


def test_an_evaluation_says_what_must_be_said_of_its_labels(workspace):
    told = evaluate(workspace(recorded=range(200, LEADS - 100)), as_of=AS_OF, splits=2)
    late, early = (
        next((each for each in told["warnings"] if words in each), "") for words in ("recorded since", "--as-of")
    )
    assert late.startswith(f"outcomes are recorded since {day(203)}")
    assert day(LEADS - 98) in early
