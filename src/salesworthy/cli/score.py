"""``salesworthy score``: the batch job, or a few leads now."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from salesworthy.cli.app import AsJson, AsOf, Model, Out, app
from salesworthy.cli.explain import lead_text
from salesworthy.cli.terminal import now, print_result, progress_bar, table


@app.command(epilog="Example: salesworthy score --as-of 2026-07-01 --out out")
def score(
    context: typer.Context,
    *,
    as_of: AsOf = None,
    out: Out = None,
    model: Model = None,
    leads: Annotated[
        str | None, typer.Option(metavar="ID,...", help="Only these leads, now; nothing is published.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score every open lead, with reasons, and publish the run; complete or not at all."""
    from salesworthy.runs.explain import explain_now
    from salesworthy.runs.score import score as score_workspace

    workspace = context.obj.open()
    clock = now()
    moment = clock if as_of is None else workspace.moment(as_of)
    with progress_bar() as progress:
        if leads is not None:
            named = [each.strip() for each in leads.split(",") if each.strip()]
            found = explain_now(workspace, named, as_of=moment, model=model, progress=progress)
            print_result({"leads": found}, "\n\n".join(lead_text(each) for each in found), as_json=as_json)
            return
        run = score_workspace(workspace, as_of=moment, out=out, model=model, now=clock, progress=progress)
    print_result(run.as_dict(), _run_text(run.as_dict()), as_json=as_json)


def _run_text(run: dict[str, Any]) -> str:
    done = "This run was published before; nothing was done." if run["already_published"] else "Published."
    counts = [[decision, f"{count:,}"] for decision, count in run["counts"].items()]
    rejected = sum(run["rejected"].values())
    lines = [
        f"{done} Run {run['run_id']}, as of {run['as_of']}, model {run['model_version']}",
        table(["decision", "leads"], counts) if counts else "No lead was open at that moment.",
        f"Rows set aside by contracts: {rejected:,}",
        *(f"Warning: {warning}" for warning in run["warnings"]),
        f"In {run['folder']}",
    ]
    return "\n".join(lines)
