"""Care for checked tables as a whole: what is done about acts of machines, and about entries of one person or site."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from salesworthy.intake.duplicates_decisions import PairDecision
from salesworthy.intake.duplicates_settings import DuplicateSettings
from salesworthy.intake.machine_clicks_settings import MachineClickSettings


@dataclass(frozen=True)
class Care:
    """What is done with tables once each holds its contract.

    Attributes:
        unscored: Whether acts are marked that score nothing.
        machine_clicks: The rules by which acts of machines are told.
        duplicates: How entries of one person or site are found.
        decisions: What people said about pairs of entries.
    """

    unscored: bool = True
    machine_clicks: MachineClickSettings = field(default_factory=MachineClickSettings)
    duplicates: DuplicateSettings = field(default_factory=DuplicateSettings)
    decisions: tuple[PairDecision, ...] = ()

    @property
    def identity(self) -> dict[str, Any]:
        """Everything that decides what comes out, as JSON."""
        said = [[each.table, each.left, each.right, each.decision, each.by] for each in self.decisions]
        clicks, duplicates = self.machine_clicks.model_dump(mode="json"), self.duplicates.model_dump(mode="json")
        return {
            "unscored": self.unscored, "machine_clicks": clicks, "duplicates": duplicates, "decisions": said,
        }  # fmt: skip


NOTHING_DONE = Care(False, MachineClickSettings(on=False), DuplicateSettings(on=False))
"""Tables stay as they are."""
