"""Consent: which state is needed to contact somebody, by region, channel, purpose and content type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from salesworthy.policy.dated import DatedDays
from salesworthy.policy.parts import Code, Day, Decided, Part, Text, Word

DIMENSIONS = ("regions", "channels", "purposes", "content_types")
OPT_IN = "opt_in"
OPT_OUT = "opt_out"


class ConsentRule(Decided):
    """What is needed in one part of the matrix; a dimension that is not named means all.

    Attributes:
        needs: ``opt_in``: they said yes. ``implied``: they said yes, or an inquiry implies it. ``opt_out``: nobody said
            no.
        opt_in_expires: How long a yes lasts; without end where it is not given.
        implied_expires: How long an implied yes lasts.
    """

    code: Code
    title: Text
    regions: tuple[Word, ...] = ()
    channels: tuple[Word, ...] = ()
    purposes: tuple[Word, ...] = ()
    content_types: tuple[Word, ...] = ()
    needs: Literal["opt_in", "implied", "opt_out"]
    opt_in_expires: DatedDays | None = None
    implied_expires: DatedDays | None = None

    @property
    def specificity(self) -> int:
        """How many dimensions are named."""
        return sum(1 for dimension in DIMENSIONS if getattr(self, dimension))

    def covers(self, region: str | None, channel: str, purpose: str, content_type: str) -> bool:
        """Whether contact of that sort is meant."""
        asked = dict(zip(DIMENSIONS, (region, channel, purpose, content_type), strict=True))
        return all(not getattr(self, name) or value in getattr(self, name) for name, value in asked.items())

    def overlaps(self, other: ConsentRule) -> bool:
        """Whether some contact is meant by both."""
        pairs = ((getattr(self, name), getattr(other, name)) for name in DIMENSIONS)
        return all(not one or not two or set(one) & set(two) for one, two in pairs)


class ConsentStates(Part):
    """How the data spell what people said.

    Attributes:
        objected: An objection to direct marketing: the lead is not scored at all.
        refused: No contact by that channel.
        unreachable: The channel does not reach them.
    """

    opt_in: tuple[Word, ...] = ("opt_in",)
    implied: tuple[Word, ...] = ("implied",)
    objected: tuple[Word, ...] = ("objected",)
    refused: tuple[Word, ...] = ("withdrawn",)
    unreachable: tuple[Word, ...] = ("bounced",)


class Consent(Part):
    """The consent matrix, and how states are spelt."""

    states: ConsentStates = ConsentStates()
    matrix: tuple[ConsentRule, ...] = Field(min_length=1)


@dataclass(frozen=True)
class ConsentAnswer:
    """Whether somebody may be contacted, by which rule, and why, as a sentence."""

    allowed: bool
    rule: str
    says: str


def consent_answer(
    consent: Consent,
    day: Day,
    *,
    state: str | None,
    days: float | None,
    region: str | None,
    channel: str,
    purpose: str,
    content_type: str,
) -> ConsentAnswer:
    """Whether somebody may be contacted.

    Args:
        consent: The matrix.
        day: The day of the question.
        state: The latest state on record for that channel, purpose and content type; None for no record.
        days: How long ago it was given.
        region: Where the site is; None where that is not known: only rules for all regions apply then.
        channel: Such as email.
        purpose: Such as marketing.
        content_type: Such as clinical.
    """
    found = [rule for rule in consent.matrix if rule.is_in_force(day)]
    found = [rule for rule in found if rule.covers(region, channel, purpose, content_type)]
    if not found:
        return ConsentAnswer(False, "", "No consent rule is in force for this contact")
    rule = max(found, key=lambda each: each.specificity)
    allowed, why = _allowed(consent.states, rule, day, state, days)
    return ConsentAnswer(allowed, rule.code, why)


def _allowed(
    states: ConsentStates, rule: ConsentRule, day: Day, state: str | None, days: float | None
) -> tuple[bool, str]:
    never = {
        **dict.fromkeys(states.unreachable, "Cannot be reached by this channel"),
        **dict.fromkeys(states.refused, "Took consent back"),
        **dict.fromkeys(states.objected, "Objected to direct marketing"),
    }
    if state in never:
        return False, never[state]
    says, expires = "Has not opted in, which is needed here", None
    if state in states.opt_in:
        says, expires = "Opted in", rule.opt_in_expires
    elif state in states.implied and rule.needs != OPT_IN:
        says, expires = "Consent is implied by an inquiry", rule.implied_expires
    elif rule.needs != OPT_OUT:
        return False, says
    if (expired := _expired(expires, day, days)) and rule.needs != OPT_OUT:
        return False, f"{says}, but {expired}"
    if expired or (state not in states.opt_in and state not in states.implied):
        return True, "Has not objected, which is enough here"
    return True, says


def _expired(expires: DatedDays | None, day: Day, days: float | None) -> str:
    """Why a state no longer counts, as the end of a sentence; empty where it does."""
    limit = None if expires is None else expires.at(day)
    if limit is None or (days is not None and days < limit):
        return ""
    return "nobody knows when" if days is None else f"longer ago than {limit:g} days"
