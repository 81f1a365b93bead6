"""An evaluation as a page that needs nothing else: verdict first, then how it came about, then what to mind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from salesworthy.reporting.html import Html, callout, facts, items, joined, more, paragraph, section, table, tag
from salesworthy.reporting.markdown import from_markdown
from salesworthy.reporting.numbers import percent
from salesworthy.reporting.page import CHAPTERS, page
from salesworthy.runs import evaluation_cautions as cautions
from salesworthy.runs import evaluation_comparison as comparison
from salesworthy.runs import evaluation_segments as by_segment
from salesworthy.runs.evaluation_shares import shares
from salesworthy.runs.evaluation_words import MEANINGS, against, evaluated, headline, judged, sentence, verdict

Report = Mapping[str, Any]
STYLE = ".dot { display: inline !important; width: .7em !important; height: .7em !important }"
SHOWN_WARNINGS = 6


def evaluation_page(report: Report, *, version: str | None = None, card: str = "") -> str:
    """The page of an evaluation.

    The same report gives the same bytes.

    Args:
        report: What ``evaluation_report`` gave.
        version: The model version that it belongs to.
        card: Its model card, in Markdown.
    """
    name = f"Evaluation of {version}" if version else "Evaluation"
    chapters = dict(_chapters(report, card))
    about = report["about"]
    head = [
        tag("h1", name),
        paragraph(headline(report), kind="lead"),
        paragraph(f"Labels as settled on {about['as_of']}; leads tested from {about['test_from']}.", kind="soft"),
        CHAPTERS,
    ]
    end = tag("footer", f"Data {about['data_fingerprint'][:12]}; {about['features']} features; written by salesworthy.")
    body = [*head, *(section(title, content) for title, content in chapters.items()), end]
    return page(name, body, contents=chapters, style=STYLE)


def _chapters(report: Report, card: str) -> Iterator[tuple[str, Html]]:
    yield "In short", _short(report)
    yield "What was evaluated", _what(report)
    yield "Against the other contenders", comparison.against(report)
    yield "Are the probabilities right", comparison.calibration(report)
    yield "What sales finds", comparison.capacity(report)
    yield "Window by window", comparison.windows(report)
    yield "Segment by segment", by_segment.segments(report)
    yield "Known and new accounts", cautions.accounts(report)
    yield "A random split, as a warning", cautions.random(report)
    yield "Leads that were never sent", cautions.selection(report)
    yield "Leakage audit", cautions.leakage(report)
    yield "What the model looks at", shares(report)
    if card:
        yield "Model card", from_markdown(card.partition("\n")[2], below=2)
    yield "How to read the figures", facts(MEANINGS)


def _short(report: Report) -> Html:
    differences = report["differences"]
    worse = any(verdict(each["log_loss"], "log_loss") == "worse" for each in differences.values())
    warnings = report["evaluation"]["warnings"]
    said = items([sentence(each) for each in warnings[:SHOWN_WARNINGS]])
    rest = more(f"{len(warnings) - SHOWN_WARNINGS} more", items(map(sentence, warnings[SHOWN_WARNINGS:])))
    return joined(
        [
            callout(
                items(sentence(against(name, each)) for name, each in differences.items()),
                kind="warning" if worse else "good",
                title="Salesworthy, on the same leads as the others, is",
            ),
            callout(joined([said, rest if len(warnings) > SHOWN_WARNINGS else ""]), kind="warning", title="To mind")
            if warnings
            else callout("Nothing to warn of.", kind="good"),
            _gate(report),
        ]
    )


def _gate(report: Report) -> Html:
    """The conditions of the promotion gate that this evaluation decides."""
    if not report["gate"]:
        return Html("")
    return joined(
        [
            tag("h3", "What the promotion gate says"),
            paragraph("A person promotes; the champion in force is weighed at that moment.", kind="soft"),
            table(["condition", "it", "figure"], map(judged, report["gate"]), says="Conditions"),
        ]
    )


def _what(report: Report) -> Html:
    splits = report["evaluation"]["splits"]
    shares = ["accepted before", "accepted in test", "still open", "new accounts"]
    header = ["tested from", "until", "learned from", "tested", *shares]
    rows = [
        [
            tag("span", each["test_from"][:10], class_="day"),
            tag("span", each["test_until"][:10], class_="day"),
            f"{each['n_train']:,}",
            f"{each['n_test']:,}",
            percent(each["positive_rate_train"], 1),
            percent(each["positive_rate_test"], 1),
            percent(each["censored_share"]),
            percent(each["unseen_account_share"]),
        ]
        for each in splits
    ]
    return joined(
        [*map(paragraph, evaluated(report)), table(header, rows, numbers=range(2, 8), says="The test windows")]
    )
