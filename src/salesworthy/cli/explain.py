"""``salesworthy explain``: one lead, and why."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from salesworthy.cli.app import AsJson, AsOf, Model, Out, app
from salesworthy.cli.terminal import now, print_result, progress_bar

FOR, AGAINST = 4, 2


@app.command(epilog="Example: salesworthy explain L0000042")
def explain(
    context: typer.Context,
    lead_id: Annotated[str, typer.Argument(metavar="LEAD_ID")],
    *,
    as_of: AsOf = None,
    out: Out = None,
    model: Model = None,
    as_json: AsJson = False,
) -> None:
    """One lead: its decision, its propensity, and what speaks for and against it."""
    from salesworthy.runs.explain import explain as explain_lead

    workspace = context.obj.open()
    moment = None if as_of is None else workspace.moment(as_of)
    with progress_bar() as progress:
        found = explain_lead(workspace, lead_id, now=now(), as_of=moment, out=out, model=model, progress=progress)
    print_result(found, lead_text(found), as_json=as_json)


def lead_text(lead: dict[str, Any]) -> str:
    """A lead as people read it: figure first, then what speaks for it, then what speaks against it."""
    speaks_for = [reason for reason in lead["reasons"] if reason["log_odds"] > 0]
    against = [reason for reason in lead["reasons"] if reason["log_odds"] < 0]
    lines = [
        f"Lead {lead['lead_id']}, as of {lead['as_of']}: {lead['decision']} (decided by {lead['decided_by']})",
        f"Chance that sales accepts it: {lead['propensity']:.0%}, {in_words(lead['propensity'])} "
        f"(interval {lead['propensity_low']:.0%} to {lead['propensity_high']:.0%}); model {lead['model_version']}",
        "",
        *_told("Speaks for it", speaks_for, FOR),
        *_told("Speaks against it", against, AGAINST),
    ]
    return "\n".join(lines)


def in_words(probability: float) -> str:
    """A probability as people say it.

    Example:
        >>> in_words(0.17), in_words(0.62), in_words(0.001)
        ('about 1 in 6', 'about 6 in 10', 'less than 1 in 100')
    """
    if probability < 0.01:
        return "less than 1 in 100"
    if probability > 0.99:
        return "more than 99 in 100"
    if probability >= 0.45:
        return f"about {round(probability * 10)} in 10"
    return f"about 1 in {round(1 / probability)}"


def _told(title: str, reasons: list[dict[str, Any]], most: int) -> list[str]:
    if not reasons:
        return [f"{title}: nothing"]
    lines = [f"  {each['degree']:7} {each['log_odds']:+.2f}  {each['sentence']}" for each in reasons[:most]]
    rest = reasons[most:]
    others = [f"          {sum(each['log_odds'] for each in rest):+.2f}  {len(rest)} smaller reasons"] if rest else []
    return [f"{title}:", *lines, *others]
