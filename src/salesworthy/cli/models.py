"""``salesworthy models``, ``promote`` and ``rollback``: which model is in force, and who said so."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from salesworthy.cli.app import AsJson, By, app
from salesworthy.cli.evaluate import evaluation_text
from salesworthy.cli.terminal import now, print_result, progress_bar, table


@app.command(epilog="Example: salesworthy models v1")
def models(
    context: typer.Context,
    version: Annotated[str | None, typer.Argument(metavar="[VERSION]", help="Show this version's evaluation.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List the model versions, the champion and the challenger; or show one version's evaluation."""
    from salesworthy.runs.models import list_models, stored_evaluation

    workspace = context.obj.open()
    if version is not None:
        evaluation = stored_evaluation(workspace, version)
        print_result(evaluation, evaluation_text(evaluation), as_json=as_json)
        return
    found = list_models(workspace)
    print_result({"models": found}, _text(found), as_json=as_json)


@app.command(epilog='Example: salesworthy promote v2 --by "J. Doe"')
def promote(
    context: typer.Context,
    version: Annotated[str, typer.Argument(metavar="VERSION", help="The version that becomes champion.")],
    *,
    by: By,
    despite: Annotated[
        str, typer.Option("--despite", metavar="CODE,...", help="Conditions that may fail: you answer for them.")
    ] = "",
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why they may; goes with --despite.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a version the champion: a person's decision behind a gate, kept in the ledger."""
    from salesworthy.runs.promotion import promote as promote_version

    with progress_bar() as progress:
        event = promote_version(
            context.obj.open(),
            version,
            by=by,
            now=now(),
            despite=tuple(code.strip().upper() for code in despite.split(",") if code.strip()),
            because=because,
            progress=progress,
        )
    print_result(event, _event_text(event), as_json=as_json)


@app.command(epilog='Example: salesworthy rollback --by "J. Doe"')
def rollback(context: typer.Context, *, by: By, as_json: AsJson = False) -> None:
    """Put the champion before the present one back in force."""
    from salesworthy.runs.models import rollback as roll_back

    event = roll_back(context.obj.open(), by=by, now=now())
    print_result(event, _event_text(event), as_json=as_json)


def _text(found: list[dict[str, Any]]) -> str:
    if not found:
        return "No models yet. Next: salesworthy train"
    rows = [[each["version"], each["role"], each["trained_as_of"], _auc(each), _loss(each)] for each in found]
    return table(["version", "role", "trained as of", "ROC AUC", "log-loss"], rows)


def _auc(model: dict[str, Any]) -> str:
    return _value(model, "roc_auc")


def _loss(model: dict[str, Any]) -> str:
    return _value(model, "log_loss")


def _value(model: dict[str, Any], figure: str) -> str:
    value = ((model["figures"].get("salesworthy") or {}).get(figure) or {}).get("value")
    return "-" if value is None else f"{value:.3f}"


def _event_text(event: dict[str, Any]) -> str:
    before = event["previous_version"] or "no model"
    lines = [f"{event['version']} is now the champion ({event['action']} by {event['by']}; before: {before})"]
    return "\n".join([*lines, *gate_lines(event.get("gate", []))])


def gate_lines(conditions: list[dict[str, Any]]) -> list[str]:
    """The conditions of a promotion gate as lines of text."""
    marks = {True: "holds", False: "FAILS", None: "cannot be judged"}
    return [f"  {each['code']} {marks[each['holds']]}: {each['says']}" for each in conditions]
