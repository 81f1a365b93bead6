"""Findings: what strays, said in words with figures, with its likely cause and what to do, those that matter first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from salesworthy.domain.findings import Severity
from salesworthy.drift.watched import Family


@dataclass(frozen=True)
class Level:
    """One figure of a finding: a level's share, a mean or a count, before and now.

    ``strays`` is the difference in units of habit, beside the threshold of the report.
    """

    level: str
    before: float
    now: float
    strays: float


@dataclass(frozen=True)
class Cause:
    """What is likely behind a finding.

    Attributes:
        code: Stable; empty where nothing is known.
        says: As a sentence.
        todo: What to do.
        follows: Family and thing of the finding that this one follows from; empty where it stands for itself.
    """

    code: str = ""
    says: str = ""
    todo: str = ""
    follows: tuple[str, str] | None = None


@dataclass(frozen=True)
class DriftFinding:
    """One thing that strays further than chance lets it.

    Attributes:
        code: Stable, such as ``REGION_MIX``.
        title: What it is, in a few words.
        severity: BLOCK where scores should not be trusted until somebody has looked, WARN otherwise, INFO for what only
            follows from another finding.
        family: What kind of thing.
        thing: Which.
        evidence: A sentence with figures.
        cause: What is likely behind it.
        todo: What to do.
        since: First day of the week in which it seems to have begun.
        first_seen: First day after the week in which it was first beyond the threshold.
        window_weeks: How many weeks were compared with the time before.
        levels: The figures, furthest first.
        effect_log_odds: By how much it moves the mean score; None where no model says.
        affected: How many rows of the window differ from what they would have been.
        affected_unit: What these rows are: leads, acts, consents, handoffs, rows.
    """

    code: str
    title: str
    severity: Severity
    family: Family
    thing: str
    evidence: str
    cause: Cause
    todo: str
    since: str
    first_seen: str
    window_weeks: int
    levels: tuple[Level, ...]
    effect_log_odds: float | None
    affected: int
    affected_unit: str

    @property
    def key(self) -> tuple[str, str]:
        """Family and thing: what a finding is about, from week to week."""
        return (str(self.family), self.thing)

    def as_dict(self) -> dict[str, Any]:
        """The finding as JSON writes it."""
        told = asdict(self)
        cause = {"cause": self.cause.says, "cause_code": self.cause.code}
        follows = None if self.cause.follows is None else list(self.cause.follows)
        return {**told, **cause, "follows": follows, "family_and_thing": list(self.key)}


def ranked(findings: Sequence[DriftFinding], leads: Mapping[tuple[str, str], float]) -> list[DriftFinding]:
    """Findings in the order in which they matter: causes before what follows from them, then effect times volume.

    Args:
        findings: In any order.
        leads: Per finding: the share of the rows of its window that it touches.
    """

    def weight(finding: DriftFinding) -> tuple[bool, bool, float, float, tuple[str, str]]:
        effect = abs(finding.effect_log_odds or 0.0)
        share = leads.get(finding.key, 0.0)
        return (
            finding.cause.follows is not None,
            finding.severity != Severity.BLOCK,
            -effect * share,
            -share,
            finding.key,
        )

    return sorted(findings, key=weight)
