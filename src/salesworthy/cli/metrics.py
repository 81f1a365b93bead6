"""Figures about the last run of a command, as a text file that Prometheus' node exporter collects.

One file per command, ``salesworthy_COMMAND.prom``, replaced in one step when the command ends, unless it was killed. It
holds counts and seconds, never a lead.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from salesworthy.cli.terminal import now
from salesworthy.domain.moments import MICROSECONDS_PER_SECOND

HELP = {
    "exit_code": "How the last run of the command ended; 0 is done.",
    "finished_timestamp_seconds": "When it ended.",
    "succeeded_timestamp_seconds": "When the command last ended with 0.",
    "duration_seconds": "How long it took.",
    "step_seconds": "How long a step of it took.",
    "leads": "Leads per decision in the run that it published.",
    "suppressed_leads": "Leads that were not scored, by reason.",
    "rejected_rows": "Rows set aside by contracts, per table.",
    "warnings": "Warnings in the manifest.",
    "findings": "Findings, by severity.",
}
"""Name of a figure -> what it says."""
Labels = tuple[tuple[str, str], ...]


@dataclass
class Metrics:
    """What is known of the command that runs now.

    Args:
        folder: Where files go; None: nowhere.
        command: Its name.
        started: When it began, in microseconds.
    """

    folder: Path | None
    command: str
    started: int
    figures: dict[tuple[str, Labels], float] = field(default_factory=dict)

    def set(self, name: str, value: float, **labels: str) -> None:
        """Set a figure of ``HELP``."""
        self.figures[name, tuple(sorted(labels.items()))] = value

    def set_each(self, name: str, values: Mapping[str, float], label: str) -> None:
        """Set a figure once per value of a label."""
        for key, value in values.items():
            self.set(name, value, **{label: key})

    def write(self, exit_code: int, finished: int) -> None:
        """Write the file; the moment of the last success is kept from the file before when this was none.

        Raises:
            OSError: When the folder cannot be written.
        """
        if self.folder is None:
            return
        target = self.folder / f"salesworthy_{self.command.replace('-', '_')}.prom"
        ended = finished / MICROSECONDS_PER_SECOND
        self.set("exit_code", exit_code)
        self.set("finished_timestamp_seconds", ended)
        self.set("duration_seconds", (finished - self.started) / MICROSECONDS_PER_SECOND)
        succeeded = ended if exit_code == 0 else _last_success(target)
        if succeeded is not None:
            self.set("succeeded_timestamp_seconds", succeeded)
        self.folder.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}-{os.getpid()}")
        partial.write_text(self.as_text(), encoding="utf-8")
        partial.replace(target)

    def as_text(self) -> str:
        r"""The figures in Prometheus' text format, in the order of ``HELP``.

        Example:
            >>> metrics = Metrics(None, "score", 0)
            >>> metrics.set("leads", 3, decision="MQL")
            >>> print(metrics.as_text(), end="")
            # HELP salesworthy_leads Leads per decision in the run that it published.
            # TYPE salesworthy_leads gauge
            salesworthy_leads{command="score",decision="MQL"} 3
        """
        lines = []
        for name, about in HELP.items():
            found = sorted((labels, value) for (each, labels), value in self.figures.items() if each == name)
            if found:
                lines += [f"# HELP salesworthy_{name} {about}", f"# TYPE salesworthy_{name} gauge"]
                lines += [f"salesworthy_{name}{{{self._labels(labels)}}} {value:.15g}" for labels, value in found]
        return "".join(f"{line}\n" for line in lines)

    def _labels(self, labels: Labels) -> str:
        return ",".join(f'{name}="{_escaped(value)}"' for name, value in (("command", self.command), *labels))


_CURRENT = Metrics(None, "", 0)


def begin(folder: Path | None, command: str | None) -> None:
    """A command begins."""
    global _CURRENT  # noqa: PLW0603  # one process runs one command
    _CURRENT = Metrics(folder, command or "", now())


def current() -> Metrics:
    """The figures of the command that runs now."""
    return _CURRENT


def _last_success(target: Path) -> float | None:
    name = "salesworthy_succeeded_timestamp_seconds{"
    try:
        lines = target.read_text(encoding="utf-8").splitlines()
        return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(name)), None)
    except (OSError, ValueError):
        return None


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
