"""One lead that nobody hands to sales, as a page to print: its decision, the rules and the reasons behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from salesworthy.features.sentences import in_words, title
from salesworthy.qualification.packet_page import STYLE
from salesworthy.reporting.html import Html, Text, facts, items, joined, paragraph, section, table, tag
from salesworthy.reporting.page import page

Lead = Mapping[str, Any]
SHOWN = 6
"""Reasons each way; the picture has the others."""
COUNTING = ("award", "deduct")
"""Kinds of rules that give points and decide nothing by themselves."""


def lead_page(lead: Lead, *, picture: Html | None = None) -> str:
    """A page about a lead without a packet. Nothing is loaded from elsewhere, and every text of the lead is escaped.

    Args:
        lead: What ``explain`` returned.
        picture: How its chance comes about; see ``reason_figure``.
    """
    chapters = [section(name, content) for name, content in _chapters(lead)]
    body = [*_head(lead), *chapters, Html("") if picture is None else picture, tag("footer", _versions(lead))]
    return page(f"Lead {lead['lead_id']}", [tag("article", joined(body))], style=STYLE)


def _head(lead: Lead) -> list[Html]:
    return [
        tag("h1", str(lead["lead_id"])),
        paragraph(
            f"{lead['decision']}, decided by {_words(lead['decided_by'])}. Sales is not asked to act.", kind="why"
        ),
        paragraph(f"{_grades(lead)}{_chance(lead)}"),
    ]


def _grades(lead: Lead) -> str:
    path = lead.get("rule_path")
    if path is None:
        return ""
    grades = f"Fit {lead['fit_grade']}, interest {lead['interest_grade']}, {path['points']['total']:g} points; "
    return f"{grades}buying step {_words(lead['buying_step']) if lead['buying_step'] else 'none yet'}; "


def _chance(lead: Lead) -> str:
    propensity = lead["propensity"]
    if propensity is None:
        return "the chance that sales accepts it is not known"
    low, high = lead["propensity_low"], lead["propensity_high"]
    return f"chance that sales accepts it {propensity:.0%}, {in_words(propensity)} (interval {low:.0%} to {high:.0%})"


def _chapters(lead: Lead) -> Iterator[tuple[str, Html]]:
    path = lead.get("rule_path")
    if path is not None:
        yield "What happens next", facts(_next(lead))
        if path["missing"]:
            yield "Not known", items(title(name.rpartition(".")[2]) for name in path["missing"])
        yield "Rules, in the order in which they decide", _rules(path["rules"])
    if "would_change" in lead:
        told = [each["sentence"] for each in lead["would_change"]]
        yield "What would make it an MQL", items(told) if told else paragraph(lead["would_change_why"])
    shares = [each for each in lead["reasons"] if each["degree"] != "decided"]
    yield "Speaks for it", _reasons([each for each in shares if (each["log_odds"] or 0) >= 0])
    yield "Speaks against it", _reasons([each for each in shares if (each["log_odds"] or 0) < 0])


def _next(lead: Lead) -> dict[str, Text]:
    told = {"Next step": lead["next_step"], "Track": lead["track"]}
    return {name: _words(value) for name, value in told.items() if value} or {"Next step": "none"}


def _rules(rules: Sequence[Mapping[str, Any]]) -> Html:
    rows = [
        [_words(each["verdict"]), f"{each['sentence']}{' (decided)' if each['decided'] else ''}"]
        for each in rules
        if each["kind"] not in COUNTING
    ]
    return table(["Verdict", "Rule"], rows)


def _reasons(reasons: Sequence[Mapping[str, Any]]) -> Html:
    if not reasons:
        return paragraph("Nothing.")
    return items(f"{each['sentence']} ({each['degree']})" for each in reasons[:SHOWN])


def _versions(lead: Lead) -> str:
    model, policy = lead["model_version"] or "none", lead["policy_version"] or "none"
    return f"As of {lead['as_of']}; model {model}; policy {policy}; run {lead['run_id'] or 'none'}"


def _words(value: object) -> str:
    return str(value).replace("_", " ")
