"""What mature outcomes say: their rate, and whether the scores that were given still hold, overall and per reason.

Labels are counted in the week in which they matured, so that a week is complete when it is counted, and a fall that is
only youth cannot show. For the scores two quantities follow from the difference between outcome and propensity, both of
them score statistics of a logistic model (Cox 1958), in first order:

``in the large``
    By how much the log-odds of all leads are too low. Falls where sales accepts fewer of the same leads.
per reason
    By which part the reason's share of the score is too small: 0 where it holds, -1 where the reason means nothing any
    more. Measured beside the former: shares are taken from their mean, weighted as outcomes inform about them.
all reasons together
    Whether they stray further than chance lets them, where none of them does so alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from salesworthy.drift.watched import IN_THE_LARGE, TOGETHER, Family, Flags, Floats, Kind, Watched, Weekly, shares
from salesworthy.drift.weeks import WEEK, Weeks

Integers = npt.NDArray[np.int64]

LEAST_INFORMATION = 8.0
"""A reason is graded where shares of so much information (the sum of ``p (1 - p) share^2``) are mature."""


@dataclass(frozen=True)
class Handed:
    """Handoffs with what became of them, in order of time.

    Attributes:
        handed_at: When, in microseconds.
        matured_at: Since when the label counts.
        label: 1, 0, or NaN where there is none or it is not mature.
        propensity: What was said of the lead at its handoff; NaN where there is no model.
        fair: Whether the propensity may be graded: issued at the time, or by a model that did not learn from the lead.
        reasons: Handoffs x reasons, in log-odds.
        codes: The reasons.
        issued: Whether the propensity stands in a published run.
    """

    handed_at: Integers
    matured_at: Integers
    label: Floats
    propensity: Floats
    fair: Flags
    reasons: Floats
    codes: tuple[str, ...]
    issued: Flags

    @property
    def judged(self) -> Flags:
        """Which handoffs have a mature label."""
        return np.isfinite(self.label)

    def rows(self, chosen: Flags) -> Handed:
        """Some of the handoffs."""
        return Handed(
            self.handed_at[chosen],
            self.matured_at[chosen],
            self.label[chosen],
            self.propensity[chosen],
            self.fair[chosen],
            self.reasons[chosen],
            self.codes,
            self.issued[chosen],
        )


def outcome_weekly(handed: Handed, weeks: Weeks) -> list[Weekly]:
    """Weekly sums of outcomes and of what they say about the scores."""
    mature = handed.rows(handed.judged & (handed.matured_at >= weeks.start) & (handed.matured_at < weeks.end))
    week = (mature.matured_at - weeks.start) // WEEK
    accepted = Watched(Family.OUTCOME, "accepted by sales", table="outcomes", column="disposition")
    rate = shares(weeks, [accepted], _sums(week, mature.label[:, None], weeks), _sums(week, _ones(mature), weeks))
    return [rate, *_calibration(mature.rows(mature.fair), week[mature.fair], weeks)]


def _calibration(graded: Handed, week: Integers, weeks: Weeks) -> list[Weekly]:
    if not len(graded.label):
        return []
    information = graded.propensity * (1 - graded.propensity)
    residual = graded.label - graded.propensity
    centred = graded.reasons - np.average(graded.reasons, axis=0, weights=information)
    known = (information[:, None] * centred**2).sum(axis=0) >= LEAST_INFORMATION
    terms = np.column_stack([np.ones(len(residual)), centred[:, known]])
    names = [IN_THE_LARGE, *(code for code, kept in zip(graded.codes, known, strict=True) if kept)]
    watched = tuple(Watched(Family.CALIBRATION, name, kind=Kind.SCORE) for name in names)
    scores = _sums(week, terms * residual[:, None], weeks)
    weights = _sums(week, information[:, None] * terms**2, weeks)
    nothing = np.zeros((weeks.count, 1))
    together = Weekly(weeks, (Watched(Family.CALIBRATION, TOGETHER, kind=Kind.JOINT),), nothing, nothing, nothing)
    return [Weekly(weeks, watched, scores, weights, np.zeros_like(weights)), together]


def _sums(week: Integers, values: Floats, weeks: Weeks) -> Floats:
    total = np.zeros((weeks.count, values.shape[1]))
    np.add.at(total, week, values)
    return total


def _ones(handed: Handed) -> Floats:
    return np.ones((len(handed.label), 1))
