"""Words of pages: codes as people say them, moments as they are read, chances as they are spoken of.

What sales reads never shows the name of a column: what has a title in the policy is called by it, and a code that has
none falls into its words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from salesworthy.domain.decisions import EXPLORATION, Decision
from salesworthy.domain.moments import MICROSECONDS_PER_DAY, from_micros, parse_moment
from salesworthy.domain.reasons import reason_code
from salesworthy.features.sentences import in_words
from salesworthy.policy.in_force import PolicyInForce
from salesworthy.qualification.deciding import BY_MATRIX, BY_OVERRIDE, BY_POINTS, BY_PROPENSITY
from salesworthy.reporting.numbers import percent

NOT_KNOWN = "not known"
NOBODY = "(none)"
"""How figures by group name those without one."""
LONGEST = 120
"""Characters of a text that came with a lead; what is longer is cut."""
HOUR = MICROSECONDS_PER_DAY // 24
_WINDOW = re.compile(r"_(\d+)d$")
_CODE = re.compile(r"^[A-Za-z0-9]+(_[A-Za-z0-9]+)*$")

DECISIONS = {
    Decision.MQL: "For sales",
    Decision.NURTURE: "In nurture",
    Decision.TRACKED: "Tracked",
    Decision.DISQUALIFIED: "Disqualified",
    Decision.BLOCKED: "Blocked",
    Decision.HELD: "Held: a fact is missing",
    Decision.SCORED: "Scored",
}
"""A decision as pages call it."""
DECIDED = {
    BY_PROPENSITY: "the chance, against the threshold",
    BY_POINTS: "the points, against the threshold",
    BY_MATRIX: "what fit and interest recommend",
    EXPLORATION: "a random draw from below the threshold, to keep learning",
}
"""What decided where no rule did."""
KINDS = {
    "view": "Looked at a page",
    "open": "Opened",
    "click": "Clicked",
    "download": "Downloaded",
    "webinar": "Attended a webinar",
    "booth": "Came to our booth",
    "form": "Filled in a form",
}
"""A kind of act as a sentence begins."""


@lru_cache(maxsize=20_000, typed=True)
def told(value: Any) -> str:
    r"""A value that came with a lead: on one line, without control characters, cut to a sane length, codes in words.

    Example:
        >>> told("department_head"), told(None), told(718.0), told("St. Mary\n's")
        ('Department head', 'not known', '718', "St. Mary 's")
    """
    if value is None or value == "":
        return NOT_KNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if value == int(value) else f"{value:,g}"
    plain = "".join(" " if unicodedata.category(each)[0] in "CZ" else each for each in str(value)[: 10 * LONGEST])
    plain = " ".join(plain.split())
    if _CODE.match(plain) and ("_" in plain or plain.islower()):
        plain = plain.replace("_", " ")
        plain = plain[:1].upper() + plain[1:]
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 1].rstrip() + "…"


def moment(micros: int | str | None) -> str:
    """A moment, in UTC.

    Example:
        >>> moment(1_782_878_400_000_000), moment(None)
        ('1 Jul 2026, 04:00', 'not known')
    """
    if micros is None:
        return NOT_KNOWN
    at = from_micros(_micros(micros))
    return f"{at.day} {at:%b %Y, %H:%M}"


def day(micros: int | str | None) -> str:
    """The day of a moment, in UTC."""
    return NOT_KNOWN if micros is None else moment(micros).partition(",")[0]


def iso(micros: int | str) -> str:
    """A moment for machines that read a page."""
    return f"{from_micros(_micros(micros)):%Y-%m-%dT%H:%M:%SZ}"


def span(micros: int) -> str:
    """A length of time as people say it.

    Example:
        >>> span(90 * 60_000_000), span(30 * HOUR), span(80 * HOUR)
        ('2 hours', '30 hours', '3 days')
    """
    hours = abs(micros) / HOUR
    if hours < 1:
        return "less than an hour"
    if hours < 36:
        return f"{round(hours)} hour{'s' if round(hours) != 1 else ''}"
    days = round(hours / 24)
    return f"{days} days"


def ago(micros: int | str, now: int) -> str:
    """How long ago something was."""
    at = _micros(micros)
    return "today" if 0 <= now - at < MICROSECONDS_PER_DAY else f"{span(now - at)} {'ago' if at < now else 'from now'}"


def chance(probability: float | None) -> str:
    """A probability in words; nothing where there is no model."""
    return "no chance is known" if probability is None else in_words(probability)


def address(text: str) -> str:
    """A text as one part of an address.

    Example:
        >>> address("a/b c")
        'a%2Fb%20c'
    """
    return quote(text, safe="")


def _micros(given: int | str) -> int:
    return parse_moment(given) if isinstance(given, str) else int(given)


@dataclass(frozen=True)
class Words:
    """Titles that the policy gives to codes.

    Attributes:
        policy: What was in force for the run that is shown; None without a policy.
    """

    policy: PolicyInForce | None

    def decision(self, code: str) -> str:
        """What becomes of a lead."""
        return DECISIONS[Decision(code)] if code in DECISIONS else told(code)

    def decided(self, code: str | None) -> str:
        """What decided."""
        if code is None:
            return NOT_KNOWN
        if code.startswith(BY_OVERRIDE):
            return "somebody who answers for it, until a day that is set"
        return DECIDED.get(code) or f"the rule “{self.reason(code)}”"

    def reason(self, code: str | None) -> str:
        """A reason, or a rule that decided."""
        if code is None or code == NOBODY:
            return NOT_KNOWN if code is None else "None of them"
        if self.policy is not None:
            if code in self.policy.policy.taxonomy:
                return self.policy.policy.taxonomy[code].title
            if code in self.policy.by_code:
                return self.policy.by_code[code].rule.title
        return reason_code(code).title

    def trigger(self, code: str | None) -> str:
        """What somebody asked for, where that brought the lead to sales."""
        return "Asked for nothing" if code in (None, NOBODY) else self.reason(code)

    def team(self, code: str | None) -> str:
        """Who works leads."""
        found = None if self.policy is None or code is None else self.policy.owner(code)
        return "nobody yet" if code is None else told(code) if found is None else found.title

    def step(self, code: str | None) -> str:
        """A buying step."""
        found = None if self.policy is None or code is None else self.policy.step(code)
        return told(code) if found is None else found.title

    def track(self, code: str | None) -> str:
        """A nurture track."""
        found = None if self.policy is None or code is None else self.policy.track(code)
        return told(code) if found is None else found.title

    def region(self, code: str | None) -> str:
        """A region."""
        regions = () if self.policy is None else self.policy.policy.regions
        return next((each.title for each in regions if each.code == code), told(code))

    def tier(self, code: str | None) -> str:
        """A tier of sites."""
        return "none" if code is None else f"{told(code.lower())}: {self.reason(code)}"

    def fact(self, name: str) -> str:
        """A fact that rules read."""
        return told(_WINDOW.sub(r"_in_\1_days", name.rpartition(".")[2].lower()))

    def act(self, act: dict[str, Any]) -> str:
        """What somebody did."""
        about = f": {told(act['topic']).lower()}" if act["topic"] else ""
        return f"{KINDS.get(act['kind'], told(act['kind']))}{about}"

    def choice(self, name: str, value: str) -> str:
        """A value of a filter, by its word in the address."""
        by_word: dict[str, Callable[[str], str]] = {
            "decision": self.decision,
            "team": self.team,
            "step": self.step,
            "reason": self.reason,
        }
        return by_word.get(name, told)(value)


FILTERS: dict[str, Callable[..., str]] = {
    "told": told,
    "moment": moment,
    "day": day,
    "iso": iso,
    "span": span,
    "ago": ago,
    "chance": chance,
    "percent": percent,
    "address": address,
}
"""What templates may do with a value."""
