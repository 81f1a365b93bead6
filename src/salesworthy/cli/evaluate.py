"""``salesworthy evaluate``: every contender on the same leads, in order of time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from salesworthy.cli.app import AsJson, AsOf, Engine, app
from salesworthy.cli.terminal import now, print_result, progress_bar, table

FIGURES = ("roc_auc", "average_precision", "log_loss", "brier", "ece", "calibration_slope", "lift_at_10")

Day = Annotated[str | None, typer.Option(metavar="DAY")]


@app.command(
    epilog="Example: salesworthy evaluate --train-until 2026-01-01 --test-from 2026-01-01 --test-until 2026-04-01"
)
def evaluate(
    context: typer.Context,
    *,
    train_from: Day = None,
    train_until: Day = None,
    test_from: Day = None,
    test_until: Day = None,
    splits: Annotated[int, typer.Option(min=1, max=50, help="Rolling test windows, when no window is given.")] = 5,
    as_of: AsOf = None,
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the evaluation as a page (HTML).")] = None,
    capacity: Annotated[
        float | None, typer.Option(min=0.1, metavar="N", help="Leads a week that sales can take, for the report.")
    ] = None,
    engine: Engine = None,
    as_json: AsJson = False,
) -> None:
    """Evaluate all contenders on later leads than they were fitted on. `until` days are exclusive."""
    from salesworthy.runs.check import default_moment
    from salesworthy.runs.evaluate import evaluate as evaluate_workspace
    from salesworthy.runs.evaluate import given_window

    workspace = context.obj.open(engine)
    window = given_window(workspace, train_from, train_until, test_from, test_until)
    moment = default_moment(workspace, now()) if as_of is None else workspace.moment(as_of)
    with progress_bar() as progress:
        found = evaluate_workspace(
            workspace,
            as_of=moment,
            window=window,
            splits=splits,
            report=report,
            capacity=capacity,
            progress=progress,
        )
    print_result(found, evaluation_text(found), as_json=as_json)


def evaluation_text(found: dict[str, Any]) -> str:
    """The pooled figures as a table, the windows above it, the warnings below."""
    windows = [
        [
            f"{each['test_from']} .. {each['test_until']}",
            f"{each['n_train']:,}",
            f"{each['n_test']:,}",
            _share(each["positive_rate_train"]),
            _share(each["positive_rate_test"]),
            _share(each["censored_share"]),
        ]
        for each in found["splits"]
    ]
    header = ["test window", "trained on", "tested on", "rate before", "rate in test", "not mature"]
    pooled = [[name, *(_figure(figures[key]) for key in FIGURES)] for name, figures in found["pooled"].items()]
    parts = [table(header, windows), "", table(["all windows", *FIGURES], pooled), ""]
    random = ", ".join(f"{name} {_number(each['roc_auc'])}" for name, each in found["random_split"].items())
    parts.append(f"For contrast only, ROC AUC with a random split: {random}")
    parts.extend(_never_sent(found))
    parts.extend(f"Warning: {warning}" for warning in found["warnings"])
    return "\n".join(parts)


def _never_sent(found: dict[str, Any]) -> list[str]:
    """What is known of leads that were never sent: how many would be accepted, and figures that speak for them too."""
    selection = found["selection"]
    told = [f"Exploration: {each}" for each in selection["says"] if each not in found["warnings"]]
    again = selection["reweighted"]
    if again is None:
        return told
    rows = [[name, *(_figure(figures[key]) for key in FIGURES)] for name, figures in again["contenders"].items()]
    return ["", table(["sent or not", *FIGURES], rows), "", *told]


def _figure(figure: dict[str, float | None]) -> str:
    value, low, high = figure["value"], figure["low"], figure["high"]
    if value is None:
        return "-"
    return f"{value:.3f}" if low is None or high is None else f"{value:.3f} [{low:.3f} {high:.3f}]"


def _number(value: Any) -> str:
    value = value["value"] if isinstance(value, dict) else value
    return "-" if value is None else f"{value:.3f}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
