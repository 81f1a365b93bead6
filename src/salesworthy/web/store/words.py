"""Words to search leads by: what people type, and marks for what they filter by and may see.

A lead is one document of a full-text index whose numbers are its places in the queue, so that whatever is asked, the
answer comes in the order of the queue without sorting. What is filtered by is written as a mark, which begins with a
letter that is taken out of every text: neither a lead's own words nor a reader's can form one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from hashlib import sha256

from salesworthy.web.scope import Scope

MARK = "\ua7ff"
"""Begins every mark, and stands in no text."""
_WORD = re.compile(r"\w+")
_MOST_WORDS = 8
_SHORTEST_BEGINNING = 3
"""Letters from which on a word counts as the beginning of others."""


def mark(name: str, value: str) -> str:
    """The mark of a value: of a team, a grade, a decision."""
    return f"{MARK}{sha256(f'{name}={value}'.encode()).hexdigest()[:16]}"


def document(texts: Iterable[str | None], marks: Mapping[str, str | None]) -> str:
    """What the index reads of one lead.

    Args:
        texts: What people may search for.
        marks: What is filtered by -> value.
    """
    found = [clean(text) for text in texts if text]
    return " ".join([*found, *(mark(name, value) for name, value in marks.items() if value)])


def clean(text: str) -> str:
    """A text without the letter that marks begin with; codes fall into words."""
    return text.replace(MARK, " ").replace("_", " ")


def expression(text: str, chosen: Mapping[str, str], scope: Scope, *, beginnings: bool = False) -> str | None:
    """What to ask the index for.

    Args:
        text: What a reader typed.
        chosen: What is filtered by -> value.
        scope: What the reader may see.
        beginnings: Whether words may be the beginning of others, which takes longer.

    Returns:
        An expression of FTS5; None where everything is asked for, which the index need not be asked.

    Example:
        >>> expression("St. Mary's", {}, Scope.everything(), beginnings=True)
        '"st" AND "mary"* AND "s"'
    """
    parts = [_beginning(each) if beginnings else f'"{each}"' for each in _words(text)]
    parts += [f'"{mark(name, value)}"' for name, value in chosen.items()]
    if not scope.is_everything:
        parts.append(_seen(scope))
    return " AND ".join(parts) or None


def _seen(scope: Scope) -> str:
    marks = [f'"{mark(name, each)}"' for each in sorted(scope.territories or ()) for name in ("team", "region")]
    return f"({' OR '.join(marks)})" if marks else f'"{mark("nothing", "")}"'


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", clean(text)).casefold()
    return _WORD.findall("".join(each for each in plain if not unicodedata.combining(each)))[:_MOST_WORDS]


def _beginning(word: str) -> str:
    """Letters may be the beginning of a word; what holds digits is a number or a key, and is meant whole."""
    return f'"{word}"*' if word.isalpha() and len(word) >= _SHORTEST_BEGINNING else f'"{word}"'
