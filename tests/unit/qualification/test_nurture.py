"""Nurture beside a call: waits for the window, runs once it was missed, stops at contact."""

from __future__ import annotations

import pytest
from tests.unit.qualification.conftest import DAY

from salesworthy.domain.moments import MICROSECONDS_PER_DAY, parse_moment
from salesworthy.qualification.nurture import nurture_of, window_of

AS_OF = parse_moment(DAY.isoformat())
EVALUATION, WEBINAR = "EVALUATION_REQUEST", "WEBINAR_THEN_EVIDENCE"


def ago(days):
    return None if days is None else AS_OF - int(days * MICROSECONDS_PER_DAY)


# trigger, its age, handed over, contact (days ago), buying step -> state
CASES = [
    (EVALUATION, 2, None, None, "clinical_evaluation", "waits"),
    (EVALUATION, 2, 0.1, None, "clinical_evaluation", "waits"),
    (EVALUATION, 2, 4 / 24, None, "clinical_evaluation", "runs"),
    (EVALUATION, 2, 1.9, None, "clinical_evaluation", "runs"),
    (EVALUATION, 2, 1.9, 1.8, "clinical_evaluation", "stopped"),
    (EVALUATION, 2, 1.9, 0.2, "clinical_evaluation", "stopped"),
    (EVALUATION, 2, 200, 190, "clinical_evaluation", "waits"),
    (None, None, None, None, None, "waits"),
    (None, None, 2, None, None, "waits"),
    (None, None, 3, None, None, "runs"),
    (None, None, 3, 1, None, "stopped"),
    (None, None, 3, 5, None, "runs"),
    (WEBINAR, 3, None, None, "clinical_evaluation", "runs"),
    (WEBINAR, 3, None, None, "procurement_review", "waits"),
    (WEBINAR, 3, 1, 0.5, "clinical_evaluation", "stopped"),
]


@pytest.mark.parametrize("case", CASES)
def test_states(in_force, case):
    trigger, age, handed, contact, step, state = case
    lead = {
        "trigger": trigger, "trigger_days": age, "handed_at": ago(handed), "contact_at": ago(contact),
        "buying_step": step,
    }  # fmt: skip
    found = nurture_of(lead, in_force, as_of=AS_OF, window=window_of(in_force, trigger))
    assert found.state == state


def test_windows_by_trigger(in_force):
    hours = {trigger: window_of(in_force, trigger) / (MICROSECONDS_PER_DAY / 24) for trigger in (EVALUATION, None)}
    assert hours == {EVALUATION: 4, None: 72}
