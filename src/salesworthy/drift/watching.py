"""Watching: one week in, findings out. It works on weekly sums, so it costs the same whatever lies behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from salesworthy.drift.case import Case, Strayed
from salesworthy.drift.causes import likely_cause
from salesworthy.drift.describe import unit_of, words_of
from salesworthy.drift.deviations import YEAR, deviations, gap
from salesworthy.drift.effects import effect_on_score, severity_of, share_touched
from salesworthy.drift.evidence import Evidence
from salesworthy.drift.findings import DriftFinding, Level, ranked
from salesworthy.drift.scores import Scored
from salesworthy.drift.thresholds import Strays, in_habits, strays
from salesworthy.drift.watched import IN_THE_LARGE, TOGETHER, Family, Kind, Weekly
from salesworthy.features.catalogue import Catalogue

EVERY = 52.0
"""A false finding once in so many weeks is accepted, over everything that is watched."""
DOUBT = 0.6
"""Reasons are doubted when together they stray this part of the way to the threshold."""
NAMED = 2.0
"""A doubted reason is named when it strays so far by itself."""
LOOK_BACK = 26
"""How many weeks back the beginning of a finding is looked for."""
TODO = "look at the rows of these weeks; if it is meant, it will be the new normal in some months"


@dataclass(frozen=True)
class Watch:
    """Everything that one week is judged from.

    Attributes:
        weekly: Weekly sums.
        evidence: Where causes are looked up.
        catalogue: The features that are watched.
        scored: Leads as the model scores them; None without a model.
        every: How rare a false finding is to be, in weeks.
    """

    weekly: Weekly
    evidence: Evidence
    catalogue: Catalogue
    scored: Scored | None = None
    every: float = EVERY


def findings_of(watch: Watch, week: int, strayed: Strays | None = None) -> list[DriftFinding]:
    """The findings of a week, those that matter first; none where the past is too short to tell.

    Args:
        watch: What is watched.
        week: The week, at whose end the question is asked.
        strayed: How far everything strays, where that is known already.
    """
    found = strays(watch.weekly, week, every=watch.every) if strayed is None else strayed
    if found is None:
        return []
    return _Week(watch, week, found).findings()


@dataclass(frozen=True)
class _Week:
    watch: Watch
    week: int
    strays: Strays

    def findings(self) -> list[DriftFinding]:
        things: dict[tuple[Family, str], list[int]] = {}
        for column in self.strays.found():
            each = self.watch.weekly.watched[column]
            things.setdefault((each.family, each.thing), []).append(column)
        strayed = [self._strayed(columns) for columns in things.values()]
        first = self._first_seen(things)
        case = Case(
            strayed,
            self.watch.evidence,
            self.watch.weekly.weeks,
            self.watch.catalogue,
            self._doubted(),
            self._explained(strayed),
        )
        found = [
            self._finding(each, columns, case, first[key])
            for each, (key, columns) in zip(strayed, things.items(), strict=True)
        ]
        touched = {each.key: share_touched(each) for each in strayed}
        return ranked(_with_consequences(found), touched)

    def _strayed(self, columns: list[int]) -> Strayed:
        window = int(self.strays.window[columns[0]])
        end = self.week + 1
        before_end = max(end - gap(window), 0)
        rough = [self._level(each, (before_end - YEAR, before_end), (end - window, end)) for each in columns]
        since = self._since(columns[0], rough[0], end)
        before = (max(min(since, before_end) - YEAR, 0), min(since, before_end))
        levels = tuple(self._level(each, before, (end - window, end)) for each in columns)
        return Strayed(self.watch.weekly.watched[columns[0]], levels, since, (end - window, end), before)

    def _level(self, column: int, before: tuple[int, int], now: tuple[int, int]) -> Level:
        """A figure in two spans of weeks (ends excluded); of a count the weekly mean."""
        weekly = self.watch.weekly

        def figure(span: tuple[int, int]) -> float:
            rows = slice(max(span[0], 0), span[1])
            total = float(weekly.totals[rows, column].sum())
            return float(weekly.hits[rows, column].sum()) / total if total > 0 else float("nan")

        return Level(weekly.watched[column].level, figure(before), figure(now), float(self.strays.strays[column]))

    def _since(self, column: int, level: Level, end: int) -> int:
        """The first week from which on the figure is nearer to what it is now than to what it was."""
        values = self.watch.weekly.values()[:, column]
        week = end - 1
        while week > max(end - LOOK_BACK, 1) and abs(values[week - 1] - level.now) < abs(
            values[week - 1] - level.before
        ):
            week -= 1
        return week

    def _first_seen(self, things: Mapping[tuple[Family, str], list[int]]) -> dict[tuple[Family, str], int]:
        """The week in which each thing was first beyond the threshold, without a break until now."""
        first = dict.fromkeys(things, self.week)
        open_things = set(things)
        for week in range(self.week - 1, max(self.week - LOOK_BACK, 0), -1):
            if not open_things:
                break
            beyond = np.abs(in_habits(self.watch.weekly, week)[0]) > self.strays.threshold
            still = {
                (each.family, each.thing) for each, hit in zip(self.watch.weekly.watched, beyond, strict=True) if hit
            }
            open_things &= still
            first |= dict.fromkeys(open_things, week)
        return first

    def _doubted(self) -> list[str]:
        """Reasons that outcomes speak against, furthest first; none where all of them together do not stray far."""
        watched, doubt = self.watch.weekly.watched, DOUBT * self.strays.threshold
        far = {
            each.thing: abs(float(self.strays.strays[column]))
            for column, each in enumerate(watched)
            if each.family == Family.CALIBRATION and each.thing != IN_THE_LARGE
        }
        together = far.pop(TOGETHER, 0.0)
        if together < doubt and max(far.values(), default=0.0) < self.strays.threshold:
            return []
        return [thing for thing, stray in sorted(far.items(), key=lambda each: (-each[1], each[0])) if stray > NAMED]

    def _explained(self, strayed: list[Strayed]) -> float | None:
        """Which part of a change of the outcome rate the scores foresaw."""
        rate = next((each for each in strayed if each.watched.family == Family.OUTCOME), None)
        columns = [
            column
            for column, each in enumerate(self.watch.weekly.watched)
            if each.family == Family.CALIBRATION and each.thing == IN_THE_LARGE
        ]
        if rate is None or not columns:
            return None
        compared = deviations(self.watch.weekly.first(self.week + 1), rate.now[1] - rate.now[0])
        unforeseen = float(compared.now[self.week, columns[0]] - compared.before[self.week, columns[0]])
        change = _logit(rate.levels[0].now) - _logit(rate.levels[0].before)
        return None if not np.isfinite(unforeseen) or change == 0 else float(np.clip(1 - unforeseen / change, 0, 1))

    def _finding(self, strayed: Strayed, columns: list[int], case: Case, first: int) -> DriftFinding:
        window = strayed.now[1] - strayed.now[0]
        rows = float(self.watch.weekly.totals[strayed.now[0] : strayed.now[1], columns[0]].sum())
        words = words_of(strayed.watched, strayed.levels, weeks=window, rows=rows)
        cause = likely_cause(strayed, case)
        effect = effect_on_score(strayed, self.watch.scored, self.watch.catalogue)
        return DriftFinding(
            code=words.code,
            title=words.title,
            severity=severity_of(strayed, cause, effect),
            family=strayed.watched.family,
            thing=strayed.watched.thing,
            evidence=words.evidence,
            cause=cause,
            todo=cause.todo or TODO,
            since=self.watch.weekly.weeks.day(strayed.since),
            first_seen=self.watch.weekly.weeks.day(first + 1),
            window_weeks=window,
            levels=strayed.levels,
            effect_log_odds=effect,
            affected=round(share_touched(strayed) * rows) if strayed.watched.kind == Kind.SHARE else round(rows),
            affected_unit=unit_of(strayed.watched),
        )


def _with_consequences(found: list[DriftFinding]) -> list[DriftFinding]:
    """A cause that is itself a consequence hands its own cause on, so that every chain ends at one finding."""
    by_key = {each.key: each for each in found}

    def root(finding: DriftFinding) -> tuple[str, str] | None:
        seen, follows = {finding.key}, finding.cause.follows
        while follows in by_key and by_key[follows].cause.follows and follows not in seen:
            seen.add(follows)
            follows = by_key[follows].cause.follows
        return follows

    return [replace(each, cause=replace(each.cause, follows=root(each))) for each in found]


def _logit(share: float) -> float:
    kept = min(max(share, 1e-6), 1 - 1e-6)
    return float(np.log(kept / (1 - kept)))
