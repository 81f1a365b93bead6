"""How a person is found in what was written: by their lead id, alone in a cell or inside a text.

A short number is no name: ``17`` in a text may be anything. Such ids are found where a lead id belongs and nowhere
else; ids that could be nothing else are found inside texts too.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

ERASED = "(erased)"
LEAD_KEYS = frozenset({"lead_id", "lead", "primary"})
"""Keys of our documents whose value is a lead id; ``lead`` is that of an override, which must name somebody."""
_SHORTEST = 6
_FEW = 200
_WORD = re.compile(r"[\w-]+")
_TOKEN = re.compile(r"[^\s,;|\"'{}\[\]()<>:=&\\]+")


class Gone:
    """In the place of a part that was about an erased person."""


GONE: Final = Gone()


def is_distinctive(lead_id: str) -> bool:
    """Whether an id inside a text can be taken for the person: six letters and digits or more, eight digits or more.

    Example:
        >>> is_distinctive("L-004711"), is_distinctive("17"), is_distinctive("2026"), is_distinctive("0031234567")
        (True, False, False, True)
    """
    return len(lead_id) >= (_SHORTEST + 2 if lead_id.isdigit() else _SHORTEST)


@dataclass(frozen=True)
class People:
    """Persons that are looked for.

    Attributes:
        ids: Their lead ids.
        columns: Columns of raw rows that hold lead ids.
    """

    ids: frozenset[str]
    columns: frozenset[str] = frozenset({"lead_id"})

    @cached_property
    def distinctive(self) -> frozenset[str]:
        """Ids that are found inside texts too."""
        return frozenset(each for each in self.ids if is_distinctive(each))

    @cached_property
    def _words(self) -> frozenset[str]:
        """Plain words among many ids."""
        if len(self.distinctive) <= _FEW:
            return frozenset()
        return frozenset(each for each in self.distinctive if _WORD.fullmatch(each))

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        """One pattern for a few ids, and for those that are no plain word; many are looked up word by word."""
        sought = self.distinctive if len(self.distinctive) <= _FEW else self.distinctive - self._words
        if not sought:
            return None
        spellings = {spelt for each in sought for spelt in _spellings(each)}
        return re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, sorted(spellings))) + r")(?![\w-])")

    def in_text(self, text: str) -> bool:
        """Whether a text names one of them."""
        if self._pattern is not None and self._pattern.search(text):
            return True
        return bool(self._words) and any(each in self._words for each in _WORD.findall(text))

    def without(self, text: str) -> str:
        """A text without their names."""
        without = text if self._pattern is None else self._pattern.sub(ERASED, text)
        if not self._words:
            return without
        return _WORD.sub(lambda found: ERASED if found[0] in self._words else found[0], without)

    def in_raw_row(self, raw: str) -> bool:
        """Whether a raw row, as JSON, is about one of them."""
        try:
            cells = json.loads(raw)
        except ValueError:
            cells = None
        if isinstance(cells, dict):
            if any(_text(cells.get(column)) in self.ids for column in self.columns):
                return True
            if isinstance(line := cells.get("line"), str) and set(_TOKEN.findall(line)) & self.ids:
                return True  # nobody knows which of its values is the id
        return self.in_text(raw)

    def cleaned(self, value: Any, key: str = "") -> tuple[Any, int]:
        """A JSON value without them, and how many parts went.

        An object that is about one of them goes as a whole (``GONE``); where it is a part of another, that keeps its
        other parts.
        """
        if isinstance(value, dict):
            return self._cleaned_object(value)
        if isinstance(value, list):
            return self._cleaned_list(value, key)
        if isinstance(value, str):
            if value in self.ids and (key in LEAD_KEYS or value in self.distinctive):
                return (ERASED if key == "lead" else None), 1
            without = self.without(value)
            return without, int(without != value)
        return value, 0

    def _cleaned_object(self, value: dict[str, Any]) -> tuple[Any, int]:
        if value.get("lead_id") in self.ids:
            return GONE, 1
        found = {name: self.cleaned(each, name) for name, each in value.items()}
        kept = {name: None if part is GONE else part for name, (part, _) in found.items()}
        return kept, sum(parts for _, parts in found.values())

    def _cleaned_list(self, value: list[Any], key: str) -> tuple[Any, int]:
        found = [self.cleaned(each, key) for each in value]
        names = [isinstance(each, str) and part is None for each, (part, _) in zip(value, found, strict=True)]
        kept = [part for (part, _), name in zip(found, names, strict=True) if part is not GONE and not name]
        return kept, sum(parts for _, parts in found)


def _spellings(lead_id: str) -> Collection[str]:
    """An id as it stands in text, in pages, and in JSON."""
    return {lead_id, html.escape(lead_id), json.dumps(lead_id)[1:-1]}


def _text(value: Any) -> str:
    """A cell as an id is read: whole numbers without what a float adds, nothing around it."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()
