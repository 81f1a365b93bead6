"""Grading: every score that was issued, against what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from salesworthy.domain.errors import UserError
from salesworthy.domain.moments import format_moment
from salesworthy.model.metrics import RESAMPLES
from salesworthy.runs.features import opened
from salesworthy.runs.grade_groups import by_group, calibration_table, group_figures, overall_figures, share
from salesworthy.runs.grade_issues import Graded, first_issues, graded_issues
from salesworthy.runs.grade_reasons import answers_of_feedback, answers_of_outcomes, match_rates
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.workspace import Workspace

NOT_RANDOM = (
    "Only leads that were handed to sales have outcomes: figures hold for such leads. Those decided by exploration "
    "were drawn at random from below the threshold, and are their own row."
)
IMMATURE = "Scores issued within the outcome window have no outcome yet: their share of accepted leads is not shown."


@dataclass(frozen=True)
class GradeReport:
    """What became of issued scores.

    Attributes:
        as_of: Outcomes recorded by then count (microseconds).
        window: The outcome window in microseconds.
        decisions: Decisions handed to people by then, repetitions counted.
        erased: Those of them whose lead was erased.
        graded: One per handover.
        reasons: Reason code -> how often it matched.
        seed: Of the resamples behind the intervals.
    """

    as_of: int
    window: int
    decisions: int
    erased: int
    graded: tuple[Graded, ...]
    reasons: dict[str, dict[str, Any]]
    seed: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The report as ``grade --json`` prints it."""
        judged = [each for each in self.graded if each.label is not None]
        overall = share(sum(1 for each in judged if each.label), len(judged)).value
        return {
            "as_of": format_moment(self.as_of),
            "window_days": self.window / 86_400_000_000,
            "decisions": self.decisions,
            "erased": self.erased,
            "handovers": group_figures(self.graded, overall),
            "figures": overall_figures(self.graded, resamples=RESAMPLES, seed=self.seed),
            "calibration": calibration_table(self.graded),
            "by": by_group(self.graded, overall),
            "then_and_now": self._then_and_now(overall),
            "reason_match": self.reasons,
            "notes": [NOT_RANDOM, IMMATURE],
        }

    def _then_and_now(self, overall: float | None) -> dict[str, Any]:
        """The newest window of scores whose outcomes are in, beside the scores issued since."""
        closed = self.as_of - self.window
        then = [each for each in self.graded if closed - self.window < each.decision.as_of <= closed]
        now = [each for each in self.graded if each.decision.as_of > closed]
        return {
            "then": {"from": format_moment(closed - self.window), "until": format_moment(closed)}
            | group_figures(then, overall)
            | {"mean_propensity": _mean(then)},
            "now": {"from": format_moment(closed), "until": format_moment(self.as_of), "issued": len(now)}
            | {"mean_propensity": _mean(now)},
        }


def grade(workspace: Workspace, *, as_of: int, progress: Progress = silent) -> GradeReport:
    """Grade every decision in the ledger against its outcome.

    A lead that several runs handed over within one outcome window is graded once, by the first.

    Args:
        workspace: Whose ledger and outcomes.
        as_of: Decisions and outcomes by then count (microseconds).
        progress: Told about the steps.

    Raises:
        UserError: When no decision was handed to people by then.
    """
    decisions = workspace.ledger.decisions.until(as_of)
    if not decisions:
        raise UserError(
            f"the ledger holds no decision from before {format_moment(as_of)}",
            where="ledger",
            todo="`salesworthy score` records what it hands to sales, under a policy that is approved",
        )
    feedback = workspace.ledger.feedback.all()
    window = workspace.label_rule.window
    with opened(workspace, progress=progress) as data:
        progress("grading", 0.0)
        graded = graded_issues(data, first_issues(decisions, window), as_of=as_of)
        answers = answers_of_feedback(feedback, as_of=as_of)
        answers += answers_of_outcomes(data, decisions, feedback, as_of=as_of)
        progress("grading", 1.0)
    erased = sum(1 for each in decisions if each.lead_id is None)
    return GradeReport(as_of, window, len(decisions), erased, tuple(graded), match_rates(answers))


def _mean(graded: Sequence[Graded]) -> float | None:
    foretold = [each.decision.propensity for each in graded if each.decision.propensity is not None]
    return float(np.mean(foretold)) if foretold else None
