"""``salesworthy tune``: better settings for the trees, or the certainty that the defaults will do."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from salesworthy.cli.app import AsJson, AsOf, app
from salesworthy.cli.terminal import now, print_result, progress_bar
from salesworthy.domain.moments import MICROSECONDS_PER_SECOND

Trials = Annotated[int, typer.Option(min=1, max=10_000, help="Trials of the study, earlier ones included.")]
Minutes = Annotated[float | None, typer.Option(min=0, help="Begin no trial after so many minutes; run again to go on.")]


@app.command(epilog="Example: salesworthy tune --trials 50 --minutes 30")
def tune(
    context: typer.Context,
    *,
    trials: Trials,
    minutes: Minutes = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Search tree settings on labels from before the first test window; store them where they are clearly better.

    A search on the same data is resumed. `evaluate` and `train` use what is stored in tuning/best.json.
    """
    from salesworthy.runs.check import default_moment
    from salesworthy.runs.tune import tune as tune_workspace

    workspace = context.obj.open()
    clock = now()
    moment = default_moment(workspace, clock) if as_of is None else workspace.moment(as_of)
    end = None if minutes is None else clock + int(minutes * 60 * MICROSECONDS_PER_SECOND)
    with progress_bar() as progress:
        found = tune_workspace(
            workspace,
            as_of=moment,
            trials=trials,
            stop=lambda: end is not None and now() >= end,
            progress=progress,
        )
    print_result(found, tuning_text(found), as_json=as_json)


def tuning_text(found: dict[str, Any]) -> str:
    """What the study found: its summary, and the settings where they are adopted."""
    verdict, *others = found["summary"]
    lines = [f"{verdict[:1].upper()}{verdict[1:]}.", *(f"- {each}" for each in others)]
    if found["adopted"]:
        lines.append("Settings: " + ", ".join(f"{name} {_short(value)}" for name, value in found["settings"].items()))
    lines += [f"Warning: {warning}" for warning in found["warnings"]]
    lines.append(f"Labels settled by {found['tuned_until']} took part, nothing later; written to {found['file']}")
    return "\n".join(lines)


def _short(value: float) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
