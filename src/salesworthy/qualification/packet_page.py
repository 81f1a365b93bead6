"""Packets as one page to print: nothing is loaded from elsewhere, and every text that came with a lead is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from salesworthy.features.sentences import title
from salesworthy.reporting.html import Html, callout
from salesworthy.reporting.page import page

Packet = Mapping[str, Any]
STYLE = """
main { max-width: 46rem } article { break-after: page; border-bottom: 1px solid var(--line) }
article { padding-bottom: 1.5rem; margin-bottom: 1.5rem } h1 { font-size: 1.4rem; margin: 0 }
h2 { font-size: 1rem; margin: 1.1rem 0 .3rem; padding: 0; border: 0 } .why { font-size: 1.1rem }
"""
NOTHING = "not known"


def packets_page(packets: Iterable[Packet], *, pictures: Mapping[str, Html] | None = None) -> str:
    """One page with these packets, each on a sheet of its own.

    Args:
        packets: What ``HandoffPacket.as_dict`` gave, or lines of ``packets/*.jsonl``.
        pictures: Lead -> how its chance comes about; see ``reason_figure``.
    """
    drawn = pictures or {}
    return page(
        "Leads for sales", [_sheet(packet, drawn.get(packet["lead_id"], "")) for packet in packets], style=STYLE
    )


def _sheet(packet: Packet, picture: str) -> Html:
    parts = [
        _head(packet),
        _section("What to do", _to_do(packet)),
        _section("What they did", _list(f"{_day(each['at'])}: {each['what']}" for each in packet["actions"])),
        _section("What for", _facts({**packet["use_case"], **packet["person"]})),
        _section("The site", _site(packet["site"]) + _list(map(_colleague, packet["colleagues"]))),
        _section("Consent", _list(map(_consent, packet["consent"]))),
        _section("May be sent", _list(f"{each['title']} ({title(each['kind']).lower()})" for each in packet["assets"])),
        _section("Nurture", _nurture(packet["nurture"])),
        _section("Speaks for it", _list(packet["reasons"]["for"])),
        _section("Speaks against it", _list(packet["reasons"]["against"])),
        picture,
        f"<footer><small>{escape(_versions(packet))}</small></footer>",
    ]
    return Html(f"<article>\n{''.join(parts)}\n</article>\n")


def _head(packet: Packet) -> str:
    why = packet["why"]
    chance = "" if why["propensity"] is None else f", chance {why['propensity']:.0%}"
    draft = callout("DRAFT: the policy behind this is not in force. Do not act on it.", kind="warning")
    return (
        f"{draft if packet['draft'] else ''}<h1>{escape(packet['lead_id'])}</h1>"
        f'<p class="why">{escape(why["sentence"])}</p>'
        f"<p>Fit {escape(str(why['fit_grade']))}, interest {escape(str(why['interest_grade']))}, "
        f"{why['points']:g} points{chance}; {escape(_words(why['buying_step']))}</p>"
    )


def _to_do(packet: Packet) -> str:
    deal = packet["deal"]
    others = [lead for lead in deal["leads"] if lead != packet["lead_id"]]
    lines = {
        "owner": packet["owner"] or "nobody: no route is in force",
        "respond_by": packet["respond_by"],
        "next_step": packet["next_step"],
        "call_plan": ", then ".join(packet["call_plan"]) or None,
        "request_goes_to": (packet["trigger"] or {}).get("served_by"),
        "same_deal": ", ".join(others) or None,
        "primary_of_the_deal": None if deal["is_primary"] else deal["primary"],
    }
    return _facts({name: value for name, value in lines.items() if value is not None})


def _site(site: Mapping[str, Any]) -> str:
    shown = {name: value for name, value in site.items() if name not in ("roles_active", "is_target", "tier")}
    return _facts({**shown, "roles_active": ", ".join(map(_words, site["roles_active"])) or "none"})


def _colleague(each: Mapping[str, Any]) -> str:
    days = each["last_active_days_ago"]
    active = "not active lately" if days is None else f"last active {days} days ago"
    decision = f"; {each['decision']}" if each["decision"] else ""
    return f"{each['lead_id']}: {_words(each['role'])}, {active}{decision}"


def _consent(each: Mapping[str, Any]) -> str:
    return f"{title(each['channel'])}, {each['content_type']}: {'yes' if each['allowed'] else 'no'}. {each['says']}"


def _nurture(nurture: Mapping[str, Any]) -> str:
    if nurture["track"] is None:
        return f"<p>{escape(nurture['says'])}</p>"
    text = f"{_words(nurture['track'])}: {nurture['state']}. {nurture['says']}. {nurture['call_to_action']}"
    return f"<p>{escape(text)}</p>" + _list(each["title"] for each in nurture["steps"])


def _versions(packet: Packet) -> str:
    model = packet["model_version"] or "none"
    return (
        f"As of {packet['as_of']}; model {model}; policy {packet['policy_version']}; run {packet['run_id'] or 'none'}"
    )


def _section(name: str, body: str) -> str:
    return f"<section><h2>{escape(name)}</h2>{body or '<p>nothing</p>'}</section>"


def _facts(facts: Mapping[str, Any]) -> str:
    rows = (f"<dt>{escape(title(name))}</dt><dd>{escape(_words(value))}</dd>" for name, value in facts.items())
    return f"<dl>{''.join(rows)}</dl>"


def _list(lines: Iterable[str]) -> str:
    found: Sequence[str] = [f"<li>{escape(line)}</li>" for line in lines]
    return f"<ul>{''.join(found)}</ul>" if found else ""


def _day(moment: str) -> str:
    return moment[:10]


def _words(value: Any) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, float):
        return f"{value:,g}"
    text = str(value)
    return text.replace("_", " ") if text.replace("_", "").isalnum() and "_" in text else text
