"""Findings: what a check noticed, with a stable code that scripts can act on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters."""

    INFO = "info"
    WARN = "warn"
    BLOCK = "block"


@dataclass(frozen=True)
class Finding:
    """One thing that was noticed.

    ``code`` is stable; ``says`` is a sentence for people; ``table`` and ``column`` say where, and ``about`` names the
    part of the table, such as a source of leads; ``count`` is in rows.
    """

    code: str
    severity: Severity
    says: str
    table: str = ""
    column: str = ""
    count: int = 0
    todo: str = ""
    about: str = ""

    def as_dict(self) -> dict[str, str | int]:
        """The finding as JSON writes it."""
        return asdict(self)
