"""What the queue is asked for: words, filters, and from which place on. The same address means the same leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

LONGEST = 100
"""Characters of a value in an address; nothing that leads hold to filter by is longer."""
WORDS = {
    "decision": "decision",
    "fit": "fit_grade",
    "interest": "interest_grade",
    "step": "buying_step",
    "product": "product",
    "team": "team",
    "reason": "reason_code",
}
"""Word in the address -> column of leads."""
SEARCH = "q"
EVERY = "any"
"""The value of ``decision`` that leaves nothing out."""


@dataclass(frozen=True)
class Filters:
    """Which leads are asked for.

    Attributes:
        text: What a reader typed.
        chosen: Word of the address -> value.

    Example:
        >>> Filters.from_query({"q": " Mary ", "fit": "A", "colour": "red"}).query()
        'q=Mary&fit=A'
    """

    text: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Filters:
        """From the values of an address; what is unknown or empty is passed over."""
        given = {name: query.get(name, "").strip()[:LONGEST] for name in WORDS}
        return cls(query.get(SEARCH, "").strip()[:LONGEST], {name: value for name, value in given.items() if value})

    @property
    def columns(self) -> dict[str, str]:
        """Column of leads -> value."""
        return {WORDS[name]: value for name, value in self.chosen.items() if value != EVERY}

    def query(self, **changed: str | None) -> str:
        """As an address has it, with some words changed or, when None, taken out."""
        told: dict[str, str | None] = {SEARCH: self.text or None, **self.chosen, **changed}
        return urlencode({name: value for name, value in told.items() if value})

    def with_default(self, name: str, value: str) -> Filters:
        """The same with a value where none is given."""
        return self if name in self.chosen else Filters(self.text, {name: value, **self.chosen})
