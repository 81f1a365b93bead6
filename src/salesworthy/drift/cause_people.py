"""Causes in who comes: the same change in all sources, or one source or campaign behind it."""

from __future__ import annotations

from salesworthy.drift.case import LARGE_PART, Case, Strayed
from salesworthy.drift.cause_tables import noun
from salesworthy.drift.findings import Cause
from salesworthy.drift.watched import MISSING, OTHER, Family


def who_comes(strayed: Strayed, case: Case) -> Cause | None:
    """Does the change sit in one source or campaign, or in all of them alike."""
    level = next(
        (each for each in strayed.levels if each.level not in {MISSING, OTHER} and each.now > each.before), None
    )
    name = strayed.watched.column if strayed.watched.family == Family.REGION else strayed.watched.thing
    if level is None or level.level.startswith("at most ") or name not in case.evidence.sample.column_names:
        return None
    for by in ("source", "campaign_type"):
        if by in case.evidence.sample.column_names and by != name:
            part, where = _concentrated(strayed, case, name, level.level, by)
            if part >= LARGE_PART:
                return Cause(
                    "CONCENTRATED",
                    f"{part:.0%} of the additional leads with {level.level} come through {where}",
                    f"look at what changed in {where}",
                )
    return Cause(
        "OTHER_PEOPLE",
        f"{level.level} went from {level.before:.0%} to {level.now:.0%} of the leads in every source alike, since the "
        f"week of {case.weeks.day(strayed.since)}: other people come, or their answers are recorded otherwise",
        f"check how {noun(strayed.watched)} is asked for and mapped; if it is true, look at what the campaigns promise",
    )


def _concentrated(strayed: Strayed, case: Case, name: str, level: str, by: str) -> tuple[float, str]:
    """Which level of another feature brought the largest part of a rise, beyond its share of the leads."""
    sample = case.evidence.sample
    weeks, values, others = (sample[each].to_pylist() for each in ("drift_week", name, by))
    later: dict[str, list[float]] = {}
    earlier: dict[str, list[float]] = {}
    for week, value, other in zip(weeks, values, others, strict=True):
        span = later if strayed.since <= week < strayed.now[1] else earlier if week < strayed.before[1] else None
        if span is not None and other is not None:
            counted = span.setdefault(other, [0.0, 0.0])
            counted[0] += value == level
            counted[1] += 1
    extra = {
        other: hits - rows * (earlier[other][0] / earlier[other][1] if other in earlier else 0.0)
        for other, (hits, rows) in later.items()
    }
    total = sum(each for each in extra.values() if each > 0)
    if total <= 0:
        return 0.0, ""
    other = max(extra, key=lambda each: (extra[each], each))
    rows = sum(each[1] for each in later.values())
    usual = later[other][1] / rows
    return (
        (0.0, "") if usual >= LARGE_PART / 2 and extra[other] / total < 1.5 * usual else (extra[other] / total, other)
    )
