"""Settings that tuning found, and from which day on they may be used: no test window may have taken part in them."""

from __future__ import annotations

from dataclasses import dataclass

from salesworthy.model.boosting import TreeSettings


@dataclass(frozen=True)
class TunedSettings:
    """Tree settings and what they were found on.

    Attributes:
        settings: How trees are grown.
        until: Tuning saw labels settled by this moment (microseconds), and nothing later.
    """

    settings: TreeSettings
    until: int

    def at(self, moment: int) -> TreeSettings | None:
        """The settings for a model that is tested, or used, from a moment on; None where tuning saw later labels."""
        return self.settings if moment >= self.until else None


def settings_at(tuned: TunedSettings | None, moment: int) -> TreeSettings | None:
    """As ``TunedSettings.at``; None where nothing was tuned."""
    return None if tuned is None else tuned.at(moment)
