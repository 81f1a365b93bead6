"""Decisions: what becomes of a lead."""

from __future__ import annotations

from enum import StrEnum


class Decision(StrEnum):
    """What becomes of a lead under a policy; ``SCORED`` where there is none."""

    MQL = "MQL"
    NURTURE = "NURTURE"
    TRACKED = "TRACKED"
    DISQUALIFIED = "DISQUALIFIED"
    BLOCKED = "BLOCKED"
    HELD = "HELD"
    SCORED = "SCORED"


EXPLORATION = "exploration"
"""Sent at random from below the threshold: ``decided_by`` of such an MQL, and ``path`` of its handoff."""
