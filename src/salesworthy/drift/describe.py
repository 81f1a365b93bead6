"""Words: the code, the title and the evidence of a finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from salesworthy.domain.reasons import TAXONOMY
from salesworthy.drift.findings import Level
from salesworthy.drift.watched import IN_THE_LARGE, MISSING, TOGETHER, Family, Kind, Watched
from salesworthy.features.sentences import title

RARE = 0.005
"""A level below this share was as good as not there."""
QUIET = 0.1
"""A source that brings less than this part of what it used to has gone quiet."""
SHOWN = 3

UNITS = {
    Family.CAMPAIGN: "leads",
    Family.SOURCE: "leads",
    Family.REGION: "leads",
    Family.FEATURE: "leads",
    Family.SCORE: "leads",
    Family.REASON: "leads",
    Family.DECISION: "leads",
    Family.CONTENT: "acts",
    Family.CLICKS: "clicks",
    Family.CONSENT: "consents",
    Family.OUTCOME: "handoffs",
    Family.CALIBRATION: "handoffs",
}
_MIXES = {
    Family.CAMPAIGN: ("CAMPAIGN_MIX", "Campaigns bring other shares of the leads"),
    Family.SOURCE: ("SOURCE_MIX", "Sources bring other shares of the leads"),
    Family.REGION: ("REGION_MIX", "Regions have other shares of the leads"),
    Family.CONTENT: ("CONTENT_TAGS", "Tags of the content that people use have other shares"),
    Family.CONSENT: ("CONSENT_MIX", "Consents come in other shares"),
    Family.CLICKS: ("MACHINE_CLICKS", "Machines make another share of the clicks"),
    Family.SCORE: ("SCORE_SHIFT", "Scores are distributed otherwise"),
    Family.DECISION: ("DECISION_MIX", "Decisions have other shares"),
    Family.OUTCOME: ("OUTCOME_RATE", "Sales accepts another share of the leads"),
}


@dataclass(frozen=True)
class Words:
    """How a finding is called, and what stands behind it."""

    code: str
    title: str
    evidence: str


def words_of(watched: Watched, levels: Sequence[Level], *, weeks: int, rows: float) -> Words:
    """Code, title and evidence of a finding.

    Args:
        watched: What strays furthest.
        levels: Its figures, furthest first.
        weeks: Length of the window.
        rows: Rows of the window.
    """
    code, name = _called(watched, levels[0])
    span = "the last week" if weeks == 1 else f"the last {weeks} weeks"
    figures = "; ".join(_figure(watched, each) for each in levels[:SHOWN])
    more = f"; and {len(levels) - SHOWN} more" if len(levels) > SHOWN else ""
    many = f" ({rows:,.0f} {unit_of(watched)})" if watched.kind in {Kind.SHARE, Kind.MEAN} else ""
    return Words(code, name, f"In {span}{many}, against the year before: {figures}{more}")


def unit_of(watched: Watched) -> str:
    """What the rows behind a figure are."""
    if watched.family in UNITS:
        return UNITS[watched.family]
    return "leads" if watched.table == "leads" else "acts" if watched.table == "engagements" else "rows"


def gone_quiet(watched: Watched, level: Level) -> bool:
    """Whether something that used to come in regularly has nearly stopped."""
    flows = watched.family == Family.FLOW and (watched.kind == Kind.COUNT or watched.column == "kind")
    return flows and level.before > 0 and level.now <= QUIET * level.before


def is_new(level: Level) -> bool:
    """Whether a level was as good as not there before."""
    return level.before < RARE <= level.now and level.level not in {MISSING, ""}


def _called(watched: Watched, furthest: Level) -> tuple[str, str]:
    if watched.family in _MIXES:
        return _MIXES[watched.family]
    name = title(watched.thing)
    if watched.family == Family.CALIBRATION:
        return _calibration(watched)
    if watched.family == Family.REASON:
        reason = TAXONOMY[watched.thing].title if watched.thing in TAXONOMY else name
        return "REASON_SHIFT", f"The reason weighs otherwise: {reason}"
    if watched.family == Family.FEATURE:
        return _feature(name, furthest)
    return _flow(watched, name, furthest)


def _calibration(watched: Watched) -> tuple[str, str]:
    if watched.thing == IN_THE_LARGE:
        return "CALIBRATION", "Outcomes differ from what the scores said"
    if watched.thing == TOGETHER:
        return "REASON_CALIBRATION", "Reasons no longer hold as the model has them"
    reason = TAXONOMY[watched.thing].title if watched.thing in TAXONOMY else title(watched.thing)
    return "REASON_CALIBRATION", f"A reason no longer holds as the model has it: {reason}"


def _feature(name: str, furthest: Level) -> tuple[str, str]:
    if furthest.level == MISSING:
        how = "more" if furthest.now > furthest.before else "less"
        return "FEATURE_MISSING", f"{name} is missing {how} often"
    if is_new(furthest):
        return "FEATURE_NEW_LEVEL", f"{name} has a value that was not there before: {furthest.level}"
    return "FEATURE_SHIFT", f"{name} is distributed otherwise"


def _flow(watched: Watched, name: str, furthest: Level) -> tuple[str, str]:
    if gone_quiet(watched, furthest):
        return "FEED_QUIET", f"Hardly anything comes in any more: {furthest.level or name}"
    if watched.kind == Kind.COUNT:
        return "VOLUME", f"{name}: {'more' if furthest.now > furthest.before else 'fewer'} than usual"
    if watched.column == "kind":
        return "ACT_MIX", "Kinds of acts have other shares"
    return "UNMATCHED_KEYS", f"{name}: another share than before"


def _figure(watched: Watched, level: Level) -> str:
    if watched.kind == Kind.SCORE:
        return _score_figure(watched, level)
    if watched.kind == Kind.JOINT:
        return f"what the reasons are worth differs from the model {abs(level.strays):.1f} times as much as is usual"
    if watched.kind == Kind.COUNT:
        return f"{level.before:,.0f} -> {level.now:,.0f} a week"
    if watched.kind == Kind.MEAN:
        return f"mean share of the score {level.before:+.3f} -> {level.now:+.3f} log-odds"
    label = f"{level.level} " if level.level else ""
    return f"{label}{level.before:.1%} -> {level.now:.1%}"


def _score_figure(watched: Watched, level: Level) -> str:
    if watched.thing == IN_THE_LARGE:
        return f"log-odds of outcomes less those of scores {level.before:+.2f} -> {level.now:+.2f}"
    return f"what the reason is worth, where the model's figure is 1: {1 + level.before:.2f} -> {1 + level.now:.2f}"
