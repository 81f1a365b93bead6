"""Groups: which entries are one, by probability and by the word of people, and which key survives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from salesworthy.intake.duplicates_decisions import CONFIRM, PairDecision

MERGES = {
    "id": pl.String, "survivor": pl.String, "partner": pl.String, "probability": pl.Float64, "because": pl.String,
    "joined_at": pl.Int64,
}  # fmt: skip
"""Columns of merges, one row per key that vanishes: the key that survives, the entry that it was most like, how much
(1 where a person said so), who said so, and the moment in microseconds from which both were known."""
BY_PROBABILITY = "probability"


class _Edge(NamedTuple):
    left: str
    right: str
    probability: float
    time: int
    because: str


@dataclass(frozen=True)
class Groups:
    """What is joined, and what people are asked about.

    Attributes:
        merges: As ``MERGES``, in the order of keys.
        uncertain: Pairs that a person should look at: ``left, right, probability``.
        kept_apart: How many likely pairs a rejection keeps apart, their own or that of others in their groups.
    """

    merges: pl.DataFrame
    uncertain: pl.DataFrame
    kept_apart: int


def group(
    pairs: pl.DataFrame,
    created: Mapping[str, int],
    decisions: Collection[PairDecision],
    *,
    merge_at: float,
    apart: Collection[tuple[str, str]] = (),
) -> Groups:
    """Join pairs to groups; of each group the entry that came first survives.

    Confirmed pairs first, then the likeliest: a pair that would bring a rejected pair together stays apart.

    Args:
        pairs: As ``duplicates_linking.PAIRS``.
        created: Key -> moment from which the entry was known; keys that are not there are left alone.
        decisions: What people said about pairs of this table.
        merge_at: From this probability on a pair is joined.
        apart: Further pairs that are never one, keys in order.
    """
    rejected = {(each.left, each.right) for each in decisions if each.decision != CONFIRM} | set(apart)
    confirmed = [
        _Edge(each.left, each.right, 1.0, max(created[each.left], created[each.right]), f"confirmed by {each.by}")
        for each in decisions
        if each.decision == CONFIRM and {each.left, each.right} <= created.keys()
    ]
    said = {edge[:2] for edge in confirmed}
    likely = [
        _Edge(left, right, probability, time, BY_PROBABILITY)
        for left, right, probability, time in pairs.filter(pl.col("probability") >= merge_at).iter_rows()
    ]
    together = _Together(rejected)
    accepted = [edge for edge in [*confirmed, *likely] if together.join(edge.left, edge.right)]
    open_pairs = pairs.filter(pl.col("probability") < merge_at).select("left", "right", "probability")
    unanswered = [
        (left, right) not in rejected and (left, right) not in said and not together.are_one(left, right)
        for left, right, _ in open_pairs.iter_rows()
    ]
    merges = _merges(accepted, created)
    return Groups(merges, open_pairs.filter(pl.Series(unanswered, dtype=pl.Boolean)), together.refused)


class _Together:
    """Which keys are one so far; rejected pairs never become one."""

    def __init__(self, rejected: Iterable[tuple[str, str]] = ()) -> None:
        self._above: dict[str, str] = {}
        self._never: dict[str, set[str]] = defaultdict(set)
        self.refused = 0
        for left, right in rejected:
            self._never[left].add(right)
            self._never[right].add(left)

    def head(self, key: str) -> str:
        while (above := self._above.get(key, key)) != key:
            self._above[key] = self._above.get(above, above)
            key = above
        return key

    def are_one(self, left: str, right: str) -> bool:
        return self.head(left) == self.head(right)

    def join(self, left: str, right: str) -> bool:
        """Whether the two may be one; they are then."""
        one, other = self.head(left), self.head(right)
        if one == other:
            return True
        if any(self.head(each) == other for each in self._never[one]):
            self.refused += 1
            return False
        first, second = min(one, other), max(one, other)
        self._above[second] = first
        self._never[first] |= self._never[second]
        return True


def _merges(accepted: list[_Edge], created: Mapping[str, int]) -> pl.DataFrame:
    """Each entry but the first of its group, from the moment when it was linked to the first."""
    members: dict[str, list[str]] = {}
    together = _Together()
    joined: dict[str, int] = {}
    best: dict[str, _Edge] = {}
    for edge in sorted(accepted, key=lambda each: (each.time, each.left, each.right)):
        for key in edge[:2]:
            members.setdefault(together.head(key), [key])
            if key not in best or edge.probability > best[key].probability:
                best[key] = edge
        one, other = together.head(edge.left), together.head(edge.right)
        if one == other:
            continue
        ours, theirs = members.pop(one), members.pop(other)
        first, second = sorted((ours, theirs), key=lambda keys: min((created[key], key) for key in keys))
        joined |= dict.fromkeys(second, edge.time)
        together.join(one, other)
        members[together.head(one)] = [*first, *second]
    rows = []
    for keys in members.values():
        survivor = min(keys, key=lambda key: (created[key], key))
        for key in keys:
            if key != survivor:
                edge = best[key]
                partner = edge.right if edge.left == key else edge.left
                rows.append((key, survivor, partner, edge.probability, edge.because, joined[key]))
    return pl.DataFrame(rows, schema=MERGES, orient="row").sort("id")
