"""``salesworthy explain``: one lead, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from salesworthy.cli.app import AsJson, AsOf, Draft, Model, Out, app
from salesworthy.cli.terminal import now, print_result, progress_bar
from salesworthy.domain.decisions import EXPLORATION
from salesworthy.features.sentences import in_words, percent, title

FOR, AGAINST = 4, 2


@app.command(epilog="Example: salesworthy explain L0000042")
def explain(
    context: typer.Context,
    lead_id: Annotated[str, typer.Argument(metavar="LEAD_ID")],
    *,
    as_of: AsOf = None,
    out: Out = None,
    model: Model = None,
    draft: Draft = False,
    what_if: Annotated[
        bool, typer.Option("--what-if", help="Also find what would make an MQL of it; takes a few seconds.")
    ] = False,
    page: Annotated[
        Path | None,
        typer.Option(
            "--page", metavar="FILE", help="Write the lead, with its packet if it is an MQL, as a page to print."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """One lead: its decision, the rules behind it, what speaks for and against it, and its packet."""
    from salesworthy.runs.explain import explain as explain_lead
    from salesworthy.runs.explain import write_page

    workspace = context.obj.open()
    moment = None if as_of is None else workspace.moment(as_of)
    with progress_bar() as progress:
        found = explain_lead(
            workspace,
            lead_id,
            now=now(),
            as_of=moment,
            out=out,
            model=model,
            draft=draft,
            what_if=what_if,
            progress=progress,
        )
    if page is not None:
        write_page(found, page)
    print_result(found, lead_text(found), as_json=as_json)


def lead_text(lead: dict[str, Any]) -> str:
    """A lead as people read it: decision and figure, the rules behind it, what speaks for it, and what against it."""
    reasons = [reason for reason in lead["reasons"] if reason["degree"] != "decided"]
    moved = sum(abs(reason["log_odds"] or 0) for reason in reasons)
    speaks_for = [reason for reason in reasons if (reason["log_odds"] or 0) >= 0]
    against = [reason for reason in reasons if (reason["log_odds"] or 0) < 0]
    lines = [
        f"Lead {lead['lead_id']}, as of {lead['as_of']}: {lead['decision']} (decided by {lead['decided_by']})",
        *_drawn(lead),
        _chance(lead),
        *_rules(lead),
        "",
        *_told("Speaks for it", speaks_for, FOR, moved),
        *_told("Speaks against it", against, AGAINST, moved),
        *_would_change(lead),
        *_handoff(lead.get("packet")),
    ]
    return "\n".join(lines)


def _drawn(lead: dict[str, Any]) -> list[str]:
    """Of a lead that was drawn at random from below the threshold, that it was."""
    packet = lead.get("packet")
    return [packet["why"]["sentence"]] if packet is not None and lead["decided_by"] == EXPLORATION else []


def _chance(lead: dict[str, Any]) -> str:
    if lead["propensity"] is None:
        return "Chance that sales accepts it: not known, there is no model"
    return (
        f"Chance that sales accepts it: {lead['propensity']:.0%}, {in_words(lead['propensity'])} "
        f"(interval {lead['propensity_low']:.0%} to {lead['propensity_high']:.0%}); model {lead['model_version']}"
    )


def _rules(lead: dict[str, Any]) -> list[str]:
    """The rule path: grades, what is missing, and what each rule that can decide says."""
    path = lead.get("rule_path")
    if path is None:
        return []
    deciding = [each for each in path["rules"] if each["kind"] not in ("award", "deduct")]
    gone = [title(name.rpartition(".")[2]).lower() for name in path["missing"]]
    missing = [f"Not known: {', '.join(gone)}"] if gone else []
    return [
        f"Fit {lead['fit_grade']}, interest {lead['interest_grade']}, {path['points']['total']:.0f} points; "
        f"buying step {lead['buying_step'] or 'none yet'}",
        f"Criteria {path['criteria']}, policy {lead['policy_version']}",
        f"Next step: {lead['next_step']}",
        *missing,
        "",
        "Rules, in the order in which they decide:",
        *(f"  {'*' if each['decided'] else ' '} {each['verdict']:7} {each['sentence']}" for each in deciding),
    ]


def _would_change(lead: dict[str, Any]) -> list[str]:
    """What would make an MQL of the lead, where that was asked for."""
    if "would_change" not in lead:
        return []
    head = "Once the missing fact is known" if lead["decision"] == "HELD" else "What would make it an MQL"
    if not lead["would_change"]:
        return ["", f"{head}: {lead['would_change_why']}"]
    return ["", f"{head}:", *(f"  {each['sentence']}" for each in lead["would_change"])]


def _handoff(packet: dict[str, Any] | None) -> list[str]:
    if packet is None:
        return []
    plan = [f"Call plan: {', then '.join(packet['call_plan'])}"] if packet["call_plan"] else []
    assets = ", ".join(each["title"] for each in packet["assets"]) or "none"
    return [
        "",
        f"Packet for {packet['owner']}, respond by {packet['respond_by']}: {packet['why']['sentence']}",
        *plan,
        f"May be sent: {assets}",
    ]


def _told(head: str, reasons: list[dict[str, Any]], most: int, moved: float) -> list[str]:
    """The heaviest reasons one way, and the share of everything that moved the score that the others hold."""
    if not reasons:
        return [f"{head}: nothing"]
    lines = [f"  {each['degree']:7} {_weight(each['log_odds'])}  {each['sentence']}" for each in reasons[:most]]
    rest = reasons[most:]
    total = None if any(each["log_odds"] is None for each in rest) else sum(each["log_odds"] for each in rest)
    share = "" if not total or not moved else f", {percent(abs(total) / moved)} of all that moved the score"
    name = "smaller reason" if len(rest) == 1 else "smaller reasons"
    others = [f"          {_weight(total)}  {len(rest)} {name}{share}"] if rest else []
    return [f"{head}:", *lines, *others]


def _weight(log_odds: float | None) -> str:
    return "     " if log_odds is None else f"{log_odds:+.2f}"
