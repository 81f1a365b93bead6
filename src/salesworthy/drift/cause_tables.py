"""Causes that stand in the tables: tags, new values, sources that stopped, agents, notices."""

from __future__ import annotations

from collections.abc import Mapping

from salesworthy.domain.moments import format_moment
from salesworthy.drift.case import LARGE_PART, TIMES, Case, Strayed
from salesworthy.drift.describe import gone_quiet, is_new
from salesworthy.drift.evidence import NOBODY, Counts, per_week
from salesworthy.drift.findings import Cause, Level
from salesworthy.drift.watched import OTHER, Watched
from salesworthy.drift.weeks import WEEK

SILENCE = 10.0
"""A source is silent when so many rows would usually have come in meanwhile: by chance once in 20,000 times."""


def retagged_campaign(strayed: Strayed, case: Case) -> Cause | None:
    """Leads of one source used to come under one campaign type and now come under another."""
    if strayed.watched.column != "type":
        return None
    counts = case.evidence.leads
    moved = []
    for source in sorted(set(counts.keys["source"]) - {NOBODY}):
        earlier = _shares(counts.sums("type", *strayed.before, source=source))
        later = _shares(counts.sums("type", strayed.since, strayed.now[1], source=source))
        for old, new, part in _exchanged(earlier, later):
            n = sum(counts.sums("type", strayed.since, strayed.now[1], source=source).values())
            moved.append((part * n, source, old, new))
    if not moved:
        return None
    _, source, old, new = max(moved)
    campaign = _most(counts.sums("campaign_id", strayed.since, strayed.now[1], source=source, type=new))
    return Cause(
        "CAMPAIGN_RETAGGED",
        f"Leads from the source {source} used to come under campaigns of the type {old}; since the week of "
        f"{case.weeks.day(strayed.since)} they come under {campaign} of the type {new}: probably tagged with the wrong "
        "campaign",
        f"check which campaign the forms and uploads of {source} name, and mend the campaign_id of the leads since",
    )


def _exchanged(earlier: Mapping[str, float], later: Mapping[str, float]) -> list[tuple[str, str, float]]:
    """Pairs of levels of which one lost a large part of everything and the other won it."""
    found = []
    for old, share in earlier.items():
        lost = share - later.get(old, 0.0)
        if old != NOBODY and lost >= LARGE_PART * share and lost >= LARGE_PART / 2:
            won = {new: later[new] - earlier.get(new, 0.0) for new in later if new not in {old, NOBODY}}
            if won and max(won.values()) >= LARGE_PART * lost:
                new = max(won, key=lambda each: (won[each], each))
                found.append((old, new, won[new]))
    return found


def new_value(strayed: Strayed, case: Case) -> Cause | None:
    """A value that was not there before."""
    for level in strayed.levels:
        if is_new(level) and level.level != OTHER:
            return Cause(
                "NEW_VALUE",
                f"{level.level} was as good as unknown before {case.weeks.day(strayed.since)}, and now makes up "
                f"{level.now:.0%}: a new {noun(strayed.watched)}, or a new spelling of an old one",
                f"say whether {level.level} is meant; approve it in the policy, and train again once its outcomes are "
                "mature. If it is a spelling, add it to the values of the field map",
            )
    return None


def noun(watched: Watched) -> str:
    """What a value of it is called."""
    return {"type": "campaign type"}.get(watched.column, watched.column or watched.thing).replace("_", " ")


def quiet_feed(strayed: Strayed, case: Case) -> Cause | None:
    """A source from which nothing, or hardly anything, comes any more."""
    stopped = next((each for each in strayed.levels if _has_stopped(strayed, each, case)), None)
    if stopped is None:
        return None
    what, last = stopped.level or strayed.watched.thing, ""
    if stopped.level:
        newest = case.evidence.newest(stopped.level, case.weeks.begin(strayed.now[1]))
        last = "" if newest is None else f"; the newest is of {format_moment(newest)[:10]}"
    return Cause(
        "FEED_QUIET",
        f"The source of {what} has gone quiet since the week of {case.weeks.day(strayed.since)}{last}",
        f"ask whoever runs the export of {what} whether it still runs; leads of these weeks are scored without it",
    )


def _has_stopped(strayed: Strayed, level: Level, case: Case) -> bool:
    """Whether a level has nearly gone, or has been silent for so long that many rows would have come in meanwhile."""
    if gone_quiet(strayed.watched, level):
        return True
    kinds = case.evidence.kinds
    if strayed.watched.column != "kind" or level.now >= level.before or kinds is None:
        return False
    end = case.weeks.begin(strayed.now[1])
    newest = case.evidence.newest(level.level, end)
    usual = per_week(kinds.sums("kind", *strayed.before), strayed.before[1] - strayed.before[0]).get(level.level, 0.0)
    return newest is not None and usual * (end - newest) / WEEK >= SILENCE


def machines(strayed: Strayed, case: Case) -> Cause | None:
    """The agent whose clicks grew most."""
    clicks = case.evidence.clicks
    if clicks is None:
        return None
    gains = _gains(clicks, "agent", strayed)
    total = sum(gain for gain in gains.values() if gain > 0)
    if not gains or total <= 0:
        return None
    agent = max(gains, key=lambda each: (gains[each], each))
    now = per_week(clicks.sums("agent", strayed.since, strayed.now[1]), strayed.now[1] - strayed.since)
    before = per_week(clicks.sums("agent", *strayed.before), strayed.before[1] - strayed.before[0])
    risen = [each for each in now if each != NOBODY and now[each] >= TIMES * before.get(each, 0.0)]
    return Cause(
        "MACHINE_CLICKS",
        f"Since the week of {case.weeks.day(strayed.since)} {agent} clicks {now.get(agent, 0):,.0f} times a week, "
        f"before {before.get(agent, 0):,.0f}; {len(risen)} agent(s) click at least twice as often as before",
        "nothing is counted for them as long as the agent is recognised; check that click rates in mailings are read "
        "without them",
    )


def retagged_content(strayed: Strayed, case: Case) -> Cause | None:
    """Items whose tags were set when the change began."""
    start, end = case.weeks.begin(max(strayed.since - 1, 0)), case.weeks.begin(strayed.now[1])
    fresh = [(item, topic, at) for item, (topic, at) in case.evidence.tagged.items() if start <= at < end]
    counts = case.evidence.content
    if not fresh or counts is None:
        return None
    used = counts.sums("content_id", strayed.since, strayed.now[1])
    item, topic, at = max(fresh, key=lambda each: (used.get(each[0], 0.0), each[0]))
    if used.get(item, 0.0) <= 0:
        return None
    return Cause(
        "CONTENT_RETAGGED",
        f"{len(fresh)} item(s) of content were tagged in these weeks; the most used is {item}, tagged {topic} on "
        f"{format_moment(at)[:10]}",
        f"check the tags of {item} against what it says",
    )


def content_came_or_went(strayed: Strayed, case: Case) -> Cause | None:
    """An item that is used for the first time, or not any more."""
    counts = case.evidence.content
    if counts is None:
        return None
    gains = _gains(counts, "content_id", strayed)
    item = max(gains, key=lambda each: (abs(gains[each]), each), default=None)
    if item is None:
        return None
    known = counts.first_week("content_id", item)
    if known is not None and known >= strayed.since - 1:
        return Cause(
            "NEW_CONTENT", f"{item} was first used in the week of {case.weeks.day(known)}", f"check its tags: {item}"
        )
    if counts.sums("content_id", *strayed.now).get(item, 0.0) == 0:
        return Cause("CONTENT_GONE", f"{item} is not used any more", f"see whether {item} was taken down or renamed")
    return None


def new_notice(strayed: Strayed, case: Case) -> Cause | None:
    """A version of the notice that came into use when the change began."""
    notices = case.evidence.notices
    if notices is None:
        return None
    for version in sorted(notices.sums("notice_version", strayed.since, strayed.now[1])):
        first = notices.first_week("notice_version", version)
        if version != NOBODY and first is not None and abs(first - strayed.since) <= 2 and first > 0:
            return Cause(
                "NEW_NOTICE",
                f"The notice {version} has been in use since the week of {case.weeks.day(first)}",
                f"let compliance look at the notice {version}: what it asks, and why other shares of people agree",
            )
    return None


def _gains(counts: Counts, key: str, strayed: Strayed) -> dict[str, float]:
    """By how much the weekly number of each value grew."""
    now = per_week(counts.sums(key, strayed.since, strayed.now[1]), strayed.now[1] - strayed.since)
    before = per_week(counts.sums(key, *strayed.before), strayed.before[1] - strayed.before[0])
    return {each: now.get(each, 0.0) - before.get(each, 0.0) for each in {*now, *before} if each != NOBODY}


def _shares(sums: Mapping[str, float]) -> dict[str, float]:
    total = sum(sums.values())
    return {key: value / total for key, value in sums.items()} if total else {}


def _most(sums: Mapping[str, float]) -> str:
    return max(sums, key=lambda each: (sums[each], each)) if sums else NOBODY
