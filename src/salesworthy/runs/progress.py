"""Progress: how a long run says where it stands, without knowing who listens."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, float], None]
"""Called with the name of the step and the share of it that is done, from 0 to 1."""


def silent(step: str, share: float) -> None:
    """Nobody listens."""


def within(progress: Progress, step: str) -> Progress:
    """Progress of a part, told as one step of the whole.

    Example:
        >>> told = []
        >>> within(lambda step, share: told.append((step, share)), "check")("leads", 0.5)
        >>> told
        [('check: leads', 0.5)]
    """
    return lambda part, share: progress(f"{step}: {part}", share)
