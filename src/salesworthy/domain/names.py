"""Names that people mistype, and the ones that they may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that names the known names nearest to a mistyped one.

    Example:
        >>> nearest("tabels", ["tables", "mlflow"])
        "did you mean 'tables'?"
        >>> nearest("xyz", ["tables", "label"])
        "known: 'label', 'tables'"
    """
    names = sorted(set(known))
    close = get_close_matches(name, names, n=3, cutoff=0.6)
    if close:
        return "did you mean " + " or ".join(repr(each) for each in close) + "?"
    shown = ", ".join(repr(each) for each in names[:12])
    return f"known: {shown}{', ...' if len(names) > 12 else ''}"
