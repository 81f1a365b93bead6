"""Checks that the parts of a policy cover every lead once: no gap, no tie, nothing that is never reached."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from salesworthy.domain.errors import MistakeCollector
from salesworthy.policy.consent import ConsentRule
from salesworthy.policy.criteria import Criteria, Grades
from salesworthy.policy.dated import DatedNumber
from salesworthy.policy.nurture import Asset
from salesworthy.policy.parts import Spell
from salesworthy.policy.raw import Entry
from salesworthy.policy.routing import Owner, ResponseWindow, Route

Places = Sequence[Entry]


def report_criteria(criteria: Sequence[Criteria], places: Places, mistakes: MistakeCollector) -> None:
    """Note criteria sets that apply to the same leads equally, and leads to which none applies."""
    for (one, here), (other, there) in itertools.combinations(zip(criteria, places, strict=True), 2):
        equal = one.applies.specificity == other.applies.specificity
        if equal and one.applies.overlaps(other.applies) and _together(one, other):
            what = (
                f"{other.code} and {one.code} ({here.at('code')}) apply to the same leads, and neither is more specific"
            )
            mistakes.add(there.at("applies"), what, "name another product, motion or region in one of them")
    if places and not any(each.applies.specificity == 0 for each in criteria):
        mistakes.add(places[0].at(), "some leads have no criteria set", "add one without applies: for all others")


def report_consent(matrix: Sequence[ConsentRule], place: Entry, mistakes: MistakeCollector) -> None:
    """Note consent rules that apply to the same contact equally, and contacts to which none applies."""
    for (one, first), (other, second) in itertools.combinations(zip(matrix, itertools.count(), strict=False), 2):
        if one.specificity == other.specificity and one.overlaps(other) and _together(one, other):
            here = place.at("matrix", first, "code")
            what = f"{other.code} and {one.code} ({here}) apply to the same contact, and neither is more specific"
            mistakes.add(
                place.at("matrix", second, "code"), what, "name another region, channel, purpose or content type"
            )
    if not any(each.specificity == 0 for each in matrix):
        mistakes.add(
            place.at("matrix"),
            "some contacts have no consent rule",
            "add one without regions, channels, purposes and content types",
        )


def report_routes(routes: Sequence[Route], places: Places, mistakes: MistakeCollector) -> None:
    """Note routes behind one that takes every lead, and roads that some leads cannot take."""
    paths = dict.fromkeys(route.path for route in routes)
    for path in dict.fromkeys(["sales", *paths]):
        on_path = [(route, place) for route, place in zip(routes, places, strict=True) if route.path == path]
        ends = [number for number, (route, _) in enumerate(on_path) if route.is_for_all and route.ends is None]
        if not ends and places:
            place = (on_path[-1][1] if on_path else places[0]).at()
            mistakes.add(
                place,
                f"some leads on the path {path} have no route",
                f"add a route for all others on the path {path}, as the last",
            )
        for route, entry in on_path[ends[0] + 1 :] if ends else ():
            what = f"{route.code} is never reached: {on_path[ends[0]][0].code} before it takes every lead"
            mistakes.add(entry.at("code"), what, "move it up")


def report_windows(windows: Sequence[ResponseWindow], places: Places, mistakes: MistakeCollector) -> None:
    """Note triggers with two response windows, and triggers that have none."""
    seen: dict[str, Entry] = {}
    for window, place in zip(windows, places, strict=True):
        for trigger in window.triggers or ("",):
            if trigger in seen:
                what = f"{trigger or 'the default'} has a response window already in {seen[trigger].at()}"
                mistakes.add(place.at("triggers"), what, "keep one of them")
            seen.setdefault(trigger, place)
    if places and "" not in seen:
        mistakes.add(
            places[0].at(), "some triggers have no response window", "add one without triggers, for all others"
        )


def report_owners(owners: Sequence[Owner], places: Places, mistakes: MistakeCollector) -> None:
    """Note owners who spill over to themselves."""
    for owner, place in zip(owners, places, strict=True):
        if owner.code in owner.spills_to:
            mistakes.add(place.at("spills_to"), f"{owner.code} spills over to itself", "name somebody else")


def report_assets(assets: Sequence[Asset], places: Places, mistakes: MistakeCollector) -> None:
    """Note assets that expire before their claims were reviewed."""
    for asset, place in zip(assets, places, strict=True):
        if asset.claims_reviewed is not None and asset.claims_reviewed.on >= asset.expires:
            what = (
                f"{asset.id} expires on {asset.expires}, before its claims were reviewed on {asset.claims_reviewed.on}"
            )
            mistakes.add(place.at("expires"), what, "mend one of the days")


def report_grades(grades: Grades, place: Entry, mistakes: MistakeCollector) -> None:
    """Note grades that take more points than the grade above them, on any day."""
    axes = {
        "fit": {"A": grades.fit.a, "B": grades.fit.b, "C": grades.fit.c},
        "interest": {"1": grades.interest.one, "2": grades.interest.two, "3": grades.interest.three},
    }
    for axis, limits in axes.items():
        for (above, high), (below, low) in itertools.pairwise(limits.items()):
            if day := _day_on_which_lower(high, low):
                what = f"grade {above} takes no more points than grade {below} from {day}"
                mistakes.add(place.at(axis, above), what, "grades must fall from the first to the last")


def _day_on_which_lower(high: DatedNumber, low: DatedNumber) -> str:
    days = sorted({version.starts for dated in (high, low) for version in dated.versions})
    for day in days:
        upper, lower = high.at(day), low.at(day)
        if upper is not None and lower is not None and upper <= lower:
            return day.isoformat()
    return ""


def _together(one: Spell, other: Spell) -> bool:
    """Whether there is a day on which both hold."""
    return (one.ends is None or other.starts < one.ends) and (other.ends is None or one.starts < other.ends)
