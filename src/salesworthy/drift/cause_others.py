"""Causes in other findings of the week: what only follows from them."""

from __future__ import annotations

from collections.abc import Sequence

from salesworthy.drift.case import Case, Strayed
from salesworthy.drift.describe import gone_quiet
from salesworthy.drift.findings import Cause
from salesworthy.drift.watched import Family
from salesworthy.features.catalogue import Catalogue


def follows_clicks(strayed: Strayed, case: Case) -> Cause | None:
    """Clicks of machines that pass for people move what is counted of acts."""
    clicks = case.other(Family.CLICKS)
    clicky = strayed.watched.family == Family.CONTENT or any(each.level == "click" for each in strayed.levels[:1])
    if clicks is None or not clicky or strayed.watched.thing.startswith("rows of") or clicks.levels[0].strays < 0:
        return None
    return Cause(
        "FOLLOWS_MACHINE_CLICKS",
        "Some machines pass for people; their clicks move this too",
        "see the finding about machine clicks",
        clicks.key,
    )


def follows_quiet_feed(strayed: Strayed, case: Case) -> Cause | None:
    """What is counted from a source that has gone quiet."""
    quiet = next((each for each in case.found if gone_quiet(each.watched, each.levels[0])), None)
    if quiet is None or quiet.key == strayed.key:
        return None
    kind = quiet.levels[0].level
    if strayed.watched.family == Family.FEATURE and not _reads(case.catalogue, strayed.watched.thing, kind):
        return None
    return Cause(
        "FOLLOWS_QUIET_FEED",
        f"It is counted from acts of the kind {kind or quiet.watched.thing}, which hardly come in any more",
        "see the finding about the quiet source",
        quiet.key,
    )


def _reads(catalogue: Catalogue, name: str, kind: str) -> bool:
    """Whether a feature is counted from acts of a kind, itself or through features that it reads."""
    if name not in catalogue:
        return False
    feature = catalogue[name]
    return f"'{kind}'" in feature.where or any(_reads(catalogue, each, kind) for each in feature.reads)


def follows_consents(strayed: Strayed, case: Case) -> Cause | None:
    """A feature that is counted from consents."""
    consents = case.other(Family.CONSENT)
    name = strayed.watched.thing
    if consents is None or name not in case.catalogue or case.catalogue[name].table != "consents":
        return None
    return Cause("FOLLOWS_CONSENTS", "It is counted from consents", "see the finding about consents", consents.key)


def follows_mix(strayed: Strayed, case: Case) -> Cause | None:
    """A feature of the site moves when regions do."""
    region = case.other(Family.REGION)
    name = strayed.watched.thing
    of_site = strayed.watched.table == "accounts" or (
        name in case.catalogue and "accounts." in case.catalogue[name].expression
    )
    if region is None or not of_site:
        return None
    return Cause("FOLLOWS_REGIONS", "Leads come from other regions", "see the finding about regions", region.key)


def follows_features(strayed: Strayed, case: Case) -> Cause | None:
    """Scores and reasons move because what goes into them does."""
    behind = [
        each
        for each in case.found
        if each.watched.family in {Family.FEATURE, Family.CAMPAIGN, Family.SOURCE, Family.REGION, Family.CONSENT}
        or gone_quiet(each.watched, each.levels[0])
    ]
    if strayed.watched.family == Family.REASON:
        named = {each.reason for each in case.catalogue if _named(each.name, each.table, each.column, behind)}
        if behind and strayed.watched.thing not in named:
            behind = [each for each in behind if gone_quiet(each.watched, each.levels[0])]
    if not behind:
        return None
    first = max(behind, key=lambda each: abs(each.levels[0].strays))
    return Cause("FOLLOWS_INPUTS", f"Follows from {first.watched.thing}", "see that finding", first.key)


def _named(name: str, table: str, column: str, found: Sequence[Strayed]) -> bool:
    return any(
        name == each.watched.thing or (column and (table, column) == (each.watched.table, each.watched.column))
        for each in found
    )
