"""The truth: each lead's probability of being accepted within 90 days, and what each reason adds to its log-odds.

The table ``truth`` has one row per handoff, at its moment, and one per lead, at the market's end; nothing but tests may
read it.

==================  ====================================================================================================
column              what it says
==================  ====================================================================================================
``lead_id``         the lead
``as_of``           the moment asked about: ``handed_at`` of a handoff, or the market's end (2026-07-01)
``probability``     P(accepted within 90 days), were the lead handed over at that moment and judged by sales
``log_odds``        its logit
``base_log_odds``   log-odds of the mean handoff (of those before 2026-01-01); lower after a fall of the outcome rate
``ROLE_FIT`` ...    one column per subject of ``domain.reasons``: what it adds, as deviation from the mean handoff
==================  ====================================================================================================

In every row ``base_log_odds`` plus all subjects is ``log_odds``. The true reasons of a lead are the sums of their
subjects (``domain.reasons.reason_of``), by size.
Everything that the terms ask for can be computed from the recorded tables, with three exceptions: some machine clicks
carry no hint, a mis-tagged campaign hides the true one, and a quiet feed hides webinars.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from salesworthy.domain.reasons import SUBJECTS
from salesworthy.market.arrays import Floats, Ints
from salesworthy.market.calendar import DRIFT_START
from salesworthy.market.facts import Facts
from salesworthy.market.scenarios import Scenario
from salesworthy.market.terms import INTERCEPT, OUTCOME_RATE_FALL, TERMS


@dataclass(frozen=True)
class Truth:
    """One entry per question: ``base`` plus the contributions of all codes is the log-odds."""

    as_of: Ints
    base: Floats
    contributions: Mapping[str, Floats]
    log_odds: Floats

    @property
    def probability(self) -> Floats:
        """P(accepted within 90 days), were the lead handed over at that moment."""
        return 1 / (1 + np.exp(-self.log_odds))

    def rows(self, chosen: Ints) -> Truth:
        """The truth of some of the questions, in the order given."""
        contributions = {code: values[chosen] for code, values in self.contributions.items()}
        return Truth(self.as_of[chosen], self.base[chosen], contributions, self.log_odds[chosen])


def truth_of(facts: Facts, scenario: Scenario) -> Truth:
    """Truth from facts; contributions are not centred yet, the base is the intercept."""
    contributions = {code: np.zeros(len(facts.as_of)) for code in SUBJECTS}
    later = facts.as_of >= DRIFT_START
    for term in TERMS:
        coefficient = np.full(len(later), term.coefficient)
        if scenario is Scenario.CONCEPT_SHIFT and term.shifted is not None:
            coefficient[later] = term.shifted
        contributions[term.code] += coefficient * term.shape(facts)
    fallen = later & (scenario is Scenario.OUTCOME_RATE_FALL)
    base = np.where(fallen, INTERCEPT + OUTCOME_RATE_FALL, INTERCEPT)
    log_odds: Floats = base + sum(contributions.values())
    return Truth(facts.as_of, base, contributions, log_odds)


def means(truth: Truth) -> dict[str, float]:
    """Mean contribution of each code."""
    return {code: float(values.mean()) if len(values) else 0.0 for code, values in truth.contributions.items()}


def centred(truth: Truth, around: Mapping[str, float]) -> Truth:
    """The same truth, told as deviations from the given means, as SHAP values are; the means move into the base."""
    contributions = {code: values - around[code] for code, values in truth.contributions.items()}
    return Truth(truth.as_of, truth.base + sum(around.values()), contributions, truth.log_odds)
