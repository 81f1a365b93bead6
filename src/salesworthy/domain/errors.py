"""Errors: what is wrong, where, and what to do next.

A ``UserError`` is something its reader can mend; it is printed without a traceback and ends the command with its exit
code. An ``InternalError`` is our own fault and keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ended. The numbers are public: schedulers act on them."""

    DONE = 0
    WRONG_USAGE = 2
    CONFIGURATION = 3
    DATA_LIMIT = 4
    GATE_REFUSED = 5
    LOCKED = 6
    INTERNAL = 70


class UserError(Exception):
    """Something that the reader of the message can mend.

    Args:
        what: What is wrong, as a sentence.
        where: File with line, table with column, or option; empty where there is no place to point at.
        todo: What to do next.
        exit_code: How the command ends.
    """

    def __init__(
        self, what: str, *, where: str = "", todo: str = "", exit_code: ExitCode = ExitCode.CONFIGURATION
    ) -> None:
        self.what = what
        self.where = where
        self.todo = todo
        self.exit_code = exit_code
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The error as people read it: place, sentence, next step."""
        place = f"{self.where}: " if self.where else ""
        step = f"\n  -> {self.todo}" if self.todo else ""
        return f"{place}{self.what}{step}"


class WrongUsage(UserError):
    """An option or argument that cannot be used."""

    def __init__(self, what: str, *, where: str = "", todo: str = "") -> None:
        super().__init__(what, where=where, todo=todo, exit_code=ExitCode.WRONG_USAGE)


class DataLimitExceeded(UserError):
    """Data broke a limit: too many rejected rows, a required table that is empty."""

    def __init__(self, what: str, *, where: str = "", todo: str = "") -> None:
        super().__init__(what, where=where, todo=todo, exit_code=ExitCode.DATA_LIMIT)


class GateRefused(UserError):
    """A gate said no: leakage, promotion, approval."""

    def __init__(self, what: str, *, where: str = "", todo: str = "") -> None:
        super().__init__(what, where=where, todo=todo, exit_code=ExitCode.GATE_REFUSED)


class RunLocked(UserError):
    """Another run holds the workspace's lock."""

    def __init__(self, what: str, *, where: str = "", todo: str = "") -> None:
        super().__init__(what, where=where, todo=todo, exit_code=ExitCode.LOCKED)


class InternalError(Exception):
    """A promise of ours that did not hold. Keeps its traceback; please report it."""


@dataclass(frozen=True)
class Mistake:
    """One configuration mistake: where it stands, what it is, what to do."""

    where: str
    what: str
    todo: str = ""

    def __str__(self) -> str:
        step = f" -> {self.todo}" if self.todo else ""
        return f"{self.where}: {self.what}{step}"


class ConfigurationMistakes(UserError):
    """All mistakes of a configuration together, so that one round of mending is enough."""

    def __init__(self, mistakes: Sequence[Mistake], *, of: str) -> None:
        self.mistakes = tuple(mistakes)
        count = "1 mistake" if len(self.mistakes) == 1 else f"{len(self.mistakes)} mistakes"
        lines = "\n".join(f"  {mistake}" for mistake in self.mistakes)
        super().__init__(f"{of} has {count}:\n{lines}", exit_code=ExitCode.CONFIGURATION)


class MistakeCollector:
    """Gathers mistakes and raises them together.

    Example:
        >>> mistakes = MistakeCollector(of="salesworthy.toml")
        >>> mistakes.add("line 3", "unknown key 'tabels'", "did you mean 'tables'?")
        >>> mistakes.raise_if_any()
        Traceback (most recent call last):
        ...
        salesworthy.domain.errors.ConfigurationMistakes: salesworthy.toml has 1 mistake:
          line 3: unknown key 'tabels' -> did you mean 'tables'?
    """

    def __init__(self, *, of: str) -> None:
        self.of = of
        self.found: list[Mistake] = []

    def add(self, where: str, what: str, todo: str = "") -> None:
        """Note one mistake and go on."""
        self.found.append(Mistake(where, what, todo))

    def raise_if_any(self) -> None:
        """Raise all that was found.

        Raises:
            ConfigurationMistakes: When at least one mistake was noted.
        """
        if self.found:
            raise ConfigurationMistakes(self.found, of=self.of)
