"""Causes in outcomes: other leads, another bar for the same leads, or a reason that means something else now."""

from __future__ import annotations

from salesworthy.drift.case import LARGE_PART, Case, Strayed
from salesworthy.drift.findings import Cause
from salesworthy.drift.watched import IN_THE_LARGE, TOGETHER, Family

SHOWN = 4


def outcome(strayed: Strayed, case: Case) -> Cause | None:
    """Whether the scores foresaw a change of the outcome rate."""
    if case.explained is None:
        return None
    if case.explained >= LARGE_PART:
        return Cause(
            "OTHER_LEADS",
            f"The scores of these leads foresaw {case.explained:.0%} of the change: other leads were handed over",
            "see the findings about features and mixes",
        )
    return calibration(strayed, case)


def calibration(strayed: Strayed, case: Case) -> Cause | None:
    """The scores did not foresee it: is it what some reasons mean, or all leads alike."""
    if case.doubted or (strayed.watched.family == Family.CALIBRATION and strayed.watched.thing != IN_THE_LARGE):
        return _concept_shift(strayed, case)
    down = strayed.levels[0].now < strayed.levels[0].before
    return Cause(
        "SAME_LEADS",
        f"Sales accepts {'fewer' if down else 'more'} of the same leads, whatever speaks for them: its own bar, its "
        "capacity or the market has changed, not the leads",
        "ask sales leadership what changed when these leads were worked; recalibrate rather than retrain",
    )


def _concept_shift(strayed: Strayed, case: Case) -> Cause:
    alone = [] if strayed.watched.thing in {IN_THE_LARGE, TOGETHER} else [strayed.watched.thing]
    reasons = ", ".join((list(case.doubted) or alone)[:SHOWN]) or "some reason"
    return Cause(
        "CONCEPT_SHIFT",
        f"What {reasons} says about a lead has changed, though the leads look as before: concept shift",
        "retrain on recent outcomes, and open a calibration review of the rules that award these reasons",
    )
