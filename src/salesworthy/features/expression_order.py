"""The order in which expressions can be computed: each after what it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter


def computing_order(reads: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Names so that each comes after all that it reads; otherwise in the order given.

    Raises:
        graphlib.CycleError: When one reads itself, directly or not.

    Example:
        >>> computing_order({"ratio": ["twice", "visits"], "twice": ["visits"], "visits": []})
        ('visits', 'twice', 'ratio')
    """
    return tuple(TopologicalSorter({name: list(read) for name, read in reads.items()}).static_order())


def computing_levels(reads: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """Names in groups, each of which reads only names of earlier groups, or names that are not there.

    Example:
        >>> computing_levels({"ratio": ["twice", "visits"], "twice": ["visits"]})
        [('twice',), ('ratio',)]
    """
    sorter = TopologicalSorter({name: [each for each in read if each in reads] for name, read in reads.items()})
    sorter.prepare()
    levels = []
    while sorter.is_active():
        ready = sorter.get_ready()
        levels.append(tuple(name for name in reads if name in ready))
        sorter.done(*ready)
    return levels


def unordered(reads: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Names on a circle of features that read one another; empty where there is none."""
    try:
        computing_order(reads)
    except CycleError as error:
        return tuple(dict.fromkeys(error.args[1]))
    return ()
