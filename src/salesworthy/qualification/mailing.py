"""Whether leads may be mailed, a batch at a time; ``policy.consent`` says it of one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from salesworthy.domain.moments import MICROSECONDS_PER_DAY
from salesworthy.policy.consent import consent_answer
from salesworthy.policy.in_force import PolicyInForce
from salesworthy.qualification.arrays import Bools, coded, distinct_rows, numbers
from salesworthy.qualification.lead_facts import EMAIL, MARKETING, since_column, state_column

FOREVER = 1e6
"""Days after which every consent that expires has."""


def may_mail(facts: pa.Table, policy: PolicyInForce, content_type: str, *, as_of: int) -> Bools:
    """Whether each lead may be sent marketing by e-mail with that sort of content.

    Args:
        facts: Columns of ``LEAD_FACTS``.
        policy: What is in force on the day.
        content_type: ``general`` or ``clinical``.
        as_of: The moment of the question, in microseconds.
    """
    regions, region_names = coded(facts.column("region"))
    states, state_names = coded(facts.column(state_column(content_type)))
    days = (as_of - numbers(facts, since_column(content_type))) / MICROSECONDS_PER_DAY
    kinds, which = distinct_rows(np.stack([regions, states], axis=1))
    asked = [([*region_names, None][region], [*state_names, None][state]) for region, state in kinds.tolist()]
    limits = np.asarray([_days_of_consent(policy, *each, content_type=content_type) for each in asked])
    limit = limits[which] if len(limits) else np.zeros(0)
    with np.errstate(invalid="ignore"):
        return np.asarray((limit == np.inf) | (days < limit))


def _days_of_consent(policy: PolicyInForce, region: str | None, state: str | None, *, content_type: str) -> float:
    """How many days a state allows e-mail: 0 for never, infinite for always."""
    answers = [
        consent_answer(
            policy.policy.consent,
            policy.day,
            state=state,
            days=days,
            region=region,
            channel=EMAIL,
            purpose=MARKETING,
            content_type=content_type,
        )
        for days in (0.0, FOREVER)
    ]
    if answers[0].allowed == answers[1].allowed:
        return np.inf if answers[0].allowed else 0.0
    rule = next(each for each in policy.policy.consent.matrix if each.code == answers[0].rule)
    opted_in = state in policy.policy.consent.states.opt_in
    limit = policy.value(rule.opt_in_expires if opted_in else rule.implied_expires)
    return np.inf if limit is None else limit
