"""Evidence of a few leads, as packets read it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MQLS, PART = "packet_mqls", "packet_part"
"""Tables of the leads that packets are built for: all of them, and those that are being built."""
ORDERED = {
    "people": ("lead_id",),
    "acts": ("lead_id", "at", "kind", "topic", "buying_step", "product"),
    "colleagues": ("account_id", "lead_id"),
    "consents": ("lead_id", "channel", "content_type"),
}
"""What is asked for, each with the columns that its rows are in order of; the first says whose they are."""

Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Evidence:
    """Evidence of a few leads, by lead id; colleagues by account."""

    people: dict[str, dict[str, Any]]
    acts: dict[str, list[dict[str, Any]]]
    colleagues: dict[str, list[dict[str, Any]]]
    consents: dict[str, list[dict[str, Any]]]


def evidence_from(rows: Mapping[str, Rows]) -> Evidence:
    """Evidence out of its rows.

    Args:
        rows: For each of ``ORDERED`` its rows, in that order.
    """
    people = {row["lead_id"]: row for row in rows["people"]}
    return Evidence(people, *(_by(ORDERED[name][0], rows[name]) for name in ("acts", "colleagues", "consents")))


def _by(key: str, rows: Rows) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row[key]].append(row)
    return groups
