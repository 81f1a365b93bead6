"""What can be taken along beside the queue: the figures of a page, row for row as the page shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from salesworthy.web.access import REASONS, WATCH, Access
from salesworthy.web.exports.columns import Column, Row, moment, number, text, whole
from salesworthy.web.exports.rows import (
    campaigns_rows,
    content_rows,
    drift_rows,
    forms_rows,
    reasons_rows,
    response_rows,
    rules_rows,
    tracks_rows,
)
from salesworthy.web.visit import Visit

SHARE = "0.0%"
_DAY = "yyyy-mm-dd"


@dataclass(frozen=True)
class Sheet:
    """A table to take along.

    Attributes:
        path: Where its page is; the files are there too, with another ending.
        name: Of the file.
        title: Of the sheet.
        access: Who may, as on the page.
        columns: Its columns.
        rows: Its rows, as this reader may see them.
    """

    path: str
    name: str
    title: str
    access: Access
    columns: Sequence[Column]
    rows: Callable[[Visit], Iterable[Row]]


def _count(title: str, name: str) -> Column:
    return Column(title, whole(name), 12)


def _share(title: str, name: str) -> Sequence[Column]:
    """A share with its interval."""
    return (
        Column(title, number(name), 12, SHARE),
        Column(f"{title}, low", number(f"{name}_low"), 12, SHARE),
        Column(f"{title}, high", number(f"{name}_high"), 12, SHARE),
    )


SHEETS: tuple[Sheet, ...] = (
    Sheet(
        "/reasons",
        "reasons",
        "Reasons",
        REASONS,
        (
            Column("Reason", text("title"), 40),
            Column("Code", text("code"), 26),
            Column("Kind", text("kind"), 9),
            _count("Leads it speaks for", "speaks_for"),
            _count("Of them for sales", "mqls"),
            _count("Speaks against", "against"),
            *_share("Accepted", "accepted"),
            _count("Answers of sales", "answers"),
            *_share("Was right", "matched"),
            Column("Handed over by month", text("by_month"), 60),
        ),
        reasons_rows,
    ),
    Sheet(
        "/reasons/campaigns",
        "campaigns",
        "Campaigns",
        REASONS,
        (
            Column("Campaign", text("campaign_id"), 18),
            Column("Type", text("type"), 22),
            _count("Leads", "leads"),
            _count("For sales now", "mqls"),
            _count("Handed over", "handed"),
            _count("Judged", "settled"),
            _count("Accepted", "accepted"),
            Column("Share accepted", number("share"), 14, SHARE),
            Column("Approved (UTC)", moment("approved_at"), 14, _DAY),
        ),
        campaigns_rows,
    ),
    Sheet(
        "/reasons/content",
        "content",
        "Content",
        REASONS,
        (
            Column("Content", text("content_id"), 18),
            Column("Topic", text("topic"), 24),
            Column("Buying step", text("step"), 20),
            Column("Product", text("product"), 20),
            _count("Times used", "acts"),
            _count("Leads", "leads"),
            _count("For sales now", "mqls"),
            _count("Judged", "settled"),
            _count("Accepted", "accepted"),
            Column("Share accepted", number("share"), 14, SHARE),
        ),
        content_rows,
    ),
    Sheet(
        "/reasons/forms",
        "forms",
        "Missing facts",
        REASONS,
        (
            Column("Fact", text("title"), 28),
            _count("Verdicts left open", "unknown"),
            Column("Per 100 leads", number("per_100"), 12, "0.0"),
            Column("Rules that wait for it", text("rules"), 80),
        ),
        forms_rows,
    ),
    Sheet(
        "/reasons/rules",
        "negative-rules",
        "Negative rules",
        REASONS,
        (
            Column("Rule", text("title"), 40),
            Column("Code", text("rule"), 26),
            _count("Drawn with it", "with_it"),
            _count("Drawn without it", "without_it"),
            *_share("Accepted with it", "accepted_with"),
            *_share("Accepted without it", "accepted_without"),
            Column("What follows", text("says"), 70),
            Column("Review by", text("review"), 12),
        ),
        rules_rows,
    ),
    Sheet(
        "/reasons/tracks",
        "nurture",
        "Nurture tracks",
        REASONS,
        (
            Column("Track", text("title"), 34),
            Column("Decision", text("decision"), 22),
            Column("Buying step", text("step"), 20),
            _count("Leads", "leads"),
        ),
        tracks_rows,
    ),
    Sheet(
        "/reasons/response",
        "response",
        "Response",
        REASONS,
        (
            Column("By", text("by"), 12),
            Column("Which", text("name"), 34),
            _count("Handed over", "handovers"),
            *_share("In time", "in_time"),
            *_share("Not touched", "untouched"),
            Column("Hours to contact, half of them", number("hours"), 16, "0.0"),
        ),
        response_rows,
    ),
    Sheet(
        "/drift",
        "drift",
        "Drift findings",
        WATCH,
        (
            Column("Code", text("code"), 22),
            Column("Finding", text("title"), 44),
            Column("Severity", text("severity"), 10),
            Column("Evidence", text("evidence"), 80),
            Column("Likely cause", text("cause"), 60),
            Column("What to do", text("todo"), 60),
            Column("Since", text("since"), 12),
            _count("Rows that differ", "leads"),
            Column("Of", text("affected_unit"), 12),
        ),
        drift_rows,
    ),
)
"""Every table that can be taken along, beside leads."""
