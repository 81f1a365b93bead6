"""Rows of what is taken along beside the queue: as a page tells them, with words for codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from salesworthy.web.exports.columns import Row
from salesworthy.web.refusals import Refused
from salesworthy.web.views import reasons
from salesworthy.web.views.pages import prepared, store_of, words_of
from salesworthy.web.visit import Visit
from salesworthy.web.wording import told


def _bounded(name: str, figure: Mapping[str, Any] | None) -> dict[str, Any]:
    found = figure or {}
    return {name: found.get("value"), f"{name}_low": found.get("low"), f"{name}_high": found.get("high")}


def _document(visit: Visit, name: str, what: str) -> Any:
    """A document that is worked out beside the pages.

    Raises:
        Refused: While it is, or where it cannot be.
    """
    found = prepared(visit, name)
    if found.document is None:
        says = f"{what} cannot be worked out: {found.says}." if found.says else f"{what} is being worked out."
        raise Refused(409, says, todo="" if found.says else "Ask again in a minute.")
    return found.document


def reasons_rows(visit: Visit) -> Iterable[Row]:
    """Every reason with its figures."""
    words = words_of(visit)
    for row in reasons.rows_of(visit).rows:
        yield {
            **row,
            "title": words.reason(row["code"]),
            "kind": "rule" if row["is_rule"] else "reason",
            "speaks_for": row["decided"] if row["is_rule"] else row["speaks_for"],
            **_bounded("accepted", (row["outcome"] or {}).get("accepted_share")),
            "answers": (row["match"] or {}).get("answers"),
            **_bounded("matched", (row["match"] or {}).get("share")),
            "by_month": "; ".join(f"{month}: {count}" for month, count in sorted(row["months"].items())) or None,
        }


def campaigns_rows(visit: Visit) -> Iterable[Row]:
    """What each campaign brought."""
    for row in store_of(visit).figures(visit.scope, "campaigns"):
        yield {**row, "type": _known(row["type"]), "share": _settled(row)}


def content_rows(visit: Visit) -> Iterable[Row]:
    """What each piece of content brought."""
    words = words_of(visit)
    for row in store_of(visit).figures(visit.scope, "content"):
        named = {name: _known(row[name]) for name in ("topic", "product")}
        step = words.step(row["buying_step"]) if row["buying_step"] else None
        yield {**row, **named, "step": step, "share": _settled(row)}


def forms_rows(visit: Visit) -> Iterable[Row]:
    """Facts that rules need and nobody knows."""
    words, manifest = words_of(visit), store_of(visit).index.manifest
    scored = sum(manifest["counts"].values())
    for row in manifest.get("form_capture", []):
        rules = "; ".join(words.reason(rule) for rule in row["rules"])
        per_100 = round(100 * row["unknown"] / scored, 1) if scored else None
        yield {"title": words.fact(row["fact"]), "unknown": row["unknown"], "per_100": per_100, "rules": rules}


def rules_rows(visit: Visit) -> Iterable[Row]:
    """The audit of negative rules."""
    for row in _document(visit, "rules", "The audit of negative rules")["rules"]:
        yield {
            **row,
            "with_it": row["leads"]["with"],
            "without_it": row["leads"]["without"],
            **_bounded("accepted_with", (row["with"] or {}).get("conversion")),
            **_bounded("accepted_without", (row["without"] or {}).get("conversion")),
        }


def tracks_rows(visit: Visit) -> Iterable[Row]:
    """Who is in which nurture track."""
    words = words_of(visit)
    for row in store_of(visit).figures(visit.scope, "tracks"):
        step = words.step(row["buying_step"]) if row["buying_step"] else None
        yield {**row, "title": words.track(row["track"]), "decision": words.decision(row["decision"]), "step": step}


def response_rows(visit: Visit) -> Iterable[Row]:
    """How soon sales made contact, by team, trigger and territory."""
    words = words_of(visit)
    named = {"owner": words.team, "trigger": words.trigger, "territory": words.region}
    for kind, rows in _document(visit, "response", "The response report")["by"].items():
        for name, row in rows.items() if kind in named else ():
            known = {} if row["too_few"] else row
            yield {
                "by": reasons.RESPONSE_BY[kind],
                "name": named[kind](name),
                "handovers": row["handovers"],
                **_bounded("in_time", known.get("in_time_share")),
                **_bounded("untouched", known.get("untouched_share")),
                "hours": (known.get("hours_to_contact") or {}).get("median"),
            }


def drift_rows(visit: Visit) -> Iterable[Row]:
    """The findings of the drift report."""
    for each in _document(visit, "drift", "The drift report")["findings"]:
        yield {**each, "severity": each["severity"].lower(), "leads": each["affected"]}


def _known(code: str | None) -> str | None:
    """A code in words; nothing where there is none."""
    return None if code is None else told(code)


def _settled(row: Row) -> float | None:
    return row["accepted"] / row["settled"] if row["settled"] >= reasons.FEWEST else None
