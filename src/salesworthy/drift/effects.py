"""Effects: how much of what comes in a finding touches, and by how much it moves the mean score."""

from __future__ import annotations

from salesworthy.domain.findings import Severity
from salesworthy.drift.case import Strayed
from salesworthy.drift.describe import gone_quiet
from salesworthy.drift.findings import Cause
from salesworthy.drift.scores import Scored
from salesworthy.drift.watched import IN_THE_LARGE, OF_OUTCOMES, Family, Kind
from salesworthy.features.catalogue import Catalogue

CLEAR = 0.22
"""A mean score that moves by so much (log-odds) changes the odds by a quarter: nobody should act on it unseen."""
GRAVE_CAUSES = {"CAMPAIGN_RETAGGED", "FEED_QUIET"}
"""Scores are computed from something that is not so."""
OF_LEADS = {Family.CAMPAIGN, Family.SOURCE, Family.REGION}


def share_touched(strayed: Strayed) -> float:
    """The share of the rows of the window that would have to be otherwise for the figures to be as before."""
    if strayed.watched.kind == Kind.COUNT:
        level = strayed.levels[0]
        return min(abs(level.now - level.before) / max(level.before, 1.0), 1.0)
    if strayed.watched.kind != Kind.SHARE:
        return 1.0
    changes = [each.now - each.before for each in strayed.levels]
    if strayed.levels[0].level.startswith("at most"):
        return max(abs(each) for each in changes)
    return max(sum(each for each in changes if each > 0), -sum(each for each in changes if each < 0))


def effect_on_score(strayed: Strayed, scored: Scored | None, catalogue: Catalogue) -> float | None:
    """By how much the mean score moves through what strays, in log-odds; None where no model says.

    Args:
        strayed: What strays.
        scored: Leads as the model scores them.
        catalogue: The features that are watched.
    """
    if strayed.watched.kind == Kind.SCORE and strayed.watched.thing == IN_THE_LARGE:
        return strayed.levels[0].now - strayed.levels[0].before
    if scored is None or strayed.watched.family in OF_OUTCOMES:
        return None
    moved = scored.moved(strayed.now, strayed.before)
    return sum((moved.get(name, 0.0) for name in _features_of(strayed, catalogue)), 0.0) if moved else None


def _features_of(strayed: Strayed, catalogue: Catalogue) -> list[str]:
    """The features through which it reaches the score."""
    watched = strayed.watched
    if watched.family in {Family.SCORE, Family.DECISION}:
        return list(catalogue.names)
    if watched.family == Family.REASON:
        return [each.name for each in catalogue if each.reason == watched.thing]
    if watched.family == Family.FEATURE:
        return [watched.thing]
    if watched.family in OF_LEADS:
        return [each.name for each in catalogue if (each.table, each.column) == (watched.table, watched.column)]
    if watched.family == Family.CONSENT:
        return [each.name for each in catalogue if each.table == watched.table]
    kinds = [each.level for each in strayed.levels if each.level]
    return [each.name for each in catalogue if any(f"'{kind}'" in each.where for kind in kinds)]


def severity_of(strayed: Strayed, cause: Cause, effect: float | None) -> Severity:
    """BLOCK where scores should not be acted on unseen, INFO for what only follows from another finding."""
    if cause.follows is not None:
        return Severity.INFO
    grave = strayed.watched.family in OF_OUTCOMES or cause.code in GRAVE_CAUSES
    if grave or gone_quiet(strayed.watched, strayed.levels[0]) or abs(effect or 0.0) >= CLEAR:
        return Severity.BLOCK
    return Severity.WARN
