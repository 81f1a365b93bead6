"""The faults that a scoring run must outlive, by name."""

from __future__ import annotations

import errno
import random
from collections.abc import Iterator

from tests.faults.harness import CALLS, KILLED, Fault

KINDS = {
    "killed": (KILLED, False),
    "disk full from then on": (errno.ENOSPC, True),
    "input/output error": (errno.EIO, False),
}
"""Name -> the error, and whether it lasts."""


def planned(calls: dict[str, int], tries: int, seed: int) -> Iterator[tuple[str, Fault]]:
    """Name and fault: every call of the few (renames, folders), and ``tries`` places drawn among the many.

    Args:
        calls: Call -> how often a clean run makes it.
        tries: At most so many places per kind of call.
        seed: Of the draw.
    """
    draw = random.Random(seed)  # noqa: S311
    for call in CALLS:
        places = range(1, calls[call] + 1)
        for name, (error, lasts) in KINDS.items():
            chosen = list(places) if len(places) <= tries else sorted(draw.sample(places, tries))
            yield from ((f"{call}: {name}", Fault(call, error, nth, lasts)) for nth in chosen)
