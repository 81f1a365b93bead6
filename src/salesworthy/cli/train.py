"""``salesworthy train``: a new challenger."""

from __future__ import annotations

import typer

from salesworthy.cli.app import AsJson, AsOf, Engine, app
from salesworthy.cli.evaluate import evaluation_text
from salesworthy.cli.models import gate_lines
from salesworthy.cli.terminal import now, print_result, progress_bar


@app.command(epilog="Example: salesworthy train --as-of 2026-07-01")
def train(context: typer.Context, *, as_of: AsOf = None, engine: Engine = None, as_json: AsJson = False) -> None:
    """Evaluate, fit on all mature labels, record the run, and register a challenger. Promotes nothing."""
    from salesworthy.runs.check import default_moment
    from salesworthy.runs.train import train as train_model

    workspace = context.obj.open(engine)
    clock = now()
    moment = default_moment(workspace, clock) if as_of is None else workspace.moment(as_of)
    with progress_bar() as progress:
        trained = train_model(workspace, as_of=moment, now=clock, progress=progress)
    learned = trained.metadata["training"]
    gate = "\n".join(["Promotion gate:", *gate_lines([condition.to_json() for condition in trained.gate])])
    text = (
        f"{evaluation_text(trained.evaluation)}\n\n"
        f"{trained.version}: learned from {learned['handoffs']:,} handoffs, {learned['positives']:,} accepted; "
        f"champion: {trained.champion or 'none yet'}\n"
        f"{gate}\n"
        f"Evaluation report: {trained.report}\n"
        f'Next: salesworthy promote {trained.version} --by "YOUR NAME"'
    )
    print_result(trained.as_dict(), text, as_json=as_json)
