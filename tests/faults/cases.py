"""The faults that a scoring run must outlive, by name."""

from __future__ import annotations

import errno
import random
from collections.abc import Callable, Iterator
from functools import partial

from tests.faults.damage import HOW, drawn
from tests.faults.harness import CALLS, CHECKED, KILLED, Fault, Left, Trial

KINDS = {
    "killed": (KILLED, False),
    "disk full from then on": (errno.ENOSPC, True),
    "input/output error": (errno.EIO, False),
}
"""Name -> the error, and whether it lasts."""
DAMAGED = {"a source": "data/market", "the workspace's own tables and caches": CHECKED, "the model": "models/v1"}
"""Name -> the folder whose files are damaged."""
UNREAD = ("true_", "truth")
"""Files of the synthetic market that no run reads."""
MEMORY_MB = (20, 800)
Case = tuple[str, Callable[[], Left]]


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


def cases(trial: Trial, tries: int, seed: int) -> list[Case]:
    """Every fault that has places, at each of them, ready to be tried; in an order that reaches all kinds early."""
    found: list[Case] = [(name, partial(trial.fail, fault)) for name, fault in planned(trial.calls, tries, seed)]
    found += [(f"{what}: {how}", each) for what, how, each in _damages(trial, tries, seed)]
    draw = random.Random(seed)  # noqa: S311
    found += [("too little memory", partial(trial.with_little_memory, draw.randint(*MEMORY_MB))) for _ in range(tries)]
    draw.shuffle(found)
    return found


def single_cases(trial: Trial) -> list[Case]:
    """Faults that have no places to be tried at; to be tried one after the other, since some need every worker."""
    return [
        ("clock set back by a day", trial.with_the_clock_back),
        ("registry unreachable", trial.without_a_registry),
        ("ledger busy for five seconds", partial(trial.with_a_busy_ledger, seconds=5)),
        ("ledger busy for longer than a run waits", partial(trial.with_a_busy_ledger, seconds=600)),
        ("two jobs at once: the one", lambda: trial.two_at_once()[0]),
        ("two jobs at once: the other", lambda: trial.two_at_once()[1]),
        ("promotion in mid-run", trial.promoted_meanwhile),
    ]


def _damages(trial: Trial, tries: int, seed: int) -> Iterator[tuple[str, str, Callable[[], Left]]]:
    for what, folder in DAMAGED.items():
        paths = [path for path in trial.files(folder) if not path.rpartition("/")[2].startswith(UNREAD)]
        for how in HOW:
            for damage in drawn(paths, tries, how=how, seed=seed):
                yield what, how, partial(trial.with_damage, damage)
