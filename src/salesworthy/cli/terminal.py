"""What goes where: results to standard output, progress and messages to standard error."""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from salesworthy.domain.moments import MICROSECONDS_PER_SECOND, format_moment
from salesworthy.runs.progress import Progress


def now() -> int:
    """This moment, in microseconds; the one place that reads the clock, so that everything below is given its time."""
    return time.time_ns() * MICROSECONDS_PER_SECOND // 1_000_000_000


def print_result(document: Mapping[str, Any], text: str, *, as_json: bool) -> None:
    """Print a command's result: the document as JSON, or the text for people."""
    sys.stdout.write((to_json(document) if as_json else text.rstrip()) + "\n")


def to_json(document: Any) -> str:
    """Strict JSON: figures that do not exist are null, never NaN."""
    return json.dumps(_finite(document), indent=2, ensure_ascii=False, allow_nan=False)


def say(message: str, *, event: str = "message", **about: object) -> None:
    """Tell people something that is not a result.

    With ``SALESWORTHY_LOG=json`` each is one JSON document on a line of its own: ``time``, ``event``, ``message`` and
    what is known about it, for machines that collect logs.
    """
    text = message.rstrip()
    if os.environ.get("SALESWORTHY_LOG") == "json":
        line = {"time": format_moment(now()), "event": event, "message": text, **about}
        text = json.dumps(_finite(line), ensure_ascii=False, allow_nan=False)
    sys.stderr.write(f"{text}\n")


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Rows as aligned text: the first column to the left, the others to the right.

    Example:
        >>> print(table(["name", "n"], [["a", 1], ["long", 22]]))
        name   n
        a      1
        long  22
    """
    cells = [[str(cell) for cell in row] for row in [header, *rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    lines = [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in cells
    ]
    return "\n".join(line.rstrip() for line in lines)


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Progress on standard error: bars on a terminal, one line per step elsewhere."""
    if sys.stderr.isatty() and os.environ.get("SALESWORTHY_LOG") != "json":
        with _bars() as progress:
            yield progress
    else:
        yield _lines()


def _lines() -> Progress:
    told: set[str] = set()

    def tell(step: str, share: float) -> None:  # noqa: ARG001
        if step not in told:
            told.add(step)
            say(f"{step} ...", event="step", step=step)

    return tell


@contextmanager
def _bars() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    with Bars(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=Console(stderr=True), transient=True
    ) as bars:
        tasks: dict[str, Any] = {}

        def tell(step: str, share: float) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=1.0)
            bars.update(tasks[step], completed=share)

        yield tell


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value
