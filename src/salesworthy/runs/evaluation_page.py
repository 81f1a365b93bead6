"""An evaluation as a page that needs nothing else: verdict first, then how it came about, then what to mind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from salesworthy.features.sentences import title as in_words
from salesworthy.model.promotion_gate import conditions_of
from salesworthy.reporting.html import Html, callout, facts, html, items, joined, more, paragraph, section, table, tag
from salesworthy.reporting.markdown import from_markdown
from salesworthy.reporting.numbers import cell, number, percent, with_interval
from salesworthy.reporting.page import CHAPTERS, page
from salesworthy.runs import evaluation_figures as drawn
from salesworthy.runs.evaluation_words import FIGURES, MEANINGS, OURS, against, evaluated, headline, name_of, verdict

Report = Mapping[str, Any]
STYLE = ".dot { display: inline !important; width: .7em !important; height: .7em !important }"
SHOWN_WARNINGS = 6
OPEN_SEGMENTS = 4
"""Columns whose segments are shown at once, those that are off most; the others on demand."""


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
    yield "Against the other contenders", _against(report)
    yield "Are the probabilities right", _calibration(report)
    yield "What sales finds", _capacity(report)
    yield "Window by window", _windows(report)
    yield "Segment by segment", _segments(report)
    yield "Known and new accounts", _accounts(report)
    yield "A random split, as a warning", _random(report)
    yield "Leads that were never sent", _selection(report)
    yield "Leakage audit", _leakage(report)
    yield "What the model looks at", _shares(report)
    if card:
        yield "Model card", from_markdown(card.partition("\n")[2], below=2)
    yield "How to read the figures", facts(MEANINGS)


def _short(report: Report) -> Html:
    differences = report["differences"]
    worse = any(verdict(each["log_loss"], "log_loss") == "worse" for each in differences.values())
    warnings = report["evaluation"]["warnings"]
    said = items([_sentence(each) for each in warnings[:SHOWN_WARNINGS]])
    rest = more(f"{len(warnings) - SHOWN_WARNINGS} more", items(map(_sentence, warnings[SHOWN_WARNINGS:])))
    return joined(
        [
            callout(
                items(_sentence(against(name, each)) for name, each in differences.items()),
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
    conditions = conditions_of(report["evaluation"], report["leakage"])
    marks = {True: "holds", False: "fails", None: "cannot be judged"}
    rows = [[each.code.lower(), marks[each.holds], each.says] for each in conditions]
    return joined(
        [
            tag("h3", "What the promotion gate says"),
            paragraph("A person promotes; the champion in force is weighed at that moment.", kind="soft"),
            table(["condition", "it", "figure"], rows, says="Conditions"),
        ]
    )


def _what(report: Report) -> Html:
    splits = report["evaluation"]["splits"]
    header = [
        "tested from",
        "until",
        "learned from",
        "tested",
        "accepted before",
        "accepted in test",
        "still open",
        "new accounts",
    ]
    rows = [
        [
            each["test_from"][:10],
            each["test_until"][:10],
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


def _against(report: Report) -> Html:
    pooled = report["evaluation"]["pooled"]
    header = ["contender", *FIGURES.values()]
    rows = [
        [tag("strong", name_of(name)) if name == OURS else name_of(name)]
        + [cell(with_interval(figures[key])) for key in FIGURES]
        for name, figures in pooled.items()
    ]
    return joined(
        [
            paragraph(
                "Every contender saw the same leads and columns. Intervals come from resampling accounts; where two of "
                "them overlap, look at the difference: both are resampled together there."
            ),
            drawn.contenders_legend(report, without="constant"),
            drawn.side_by_side(
                drawn.difference_figure(report, "log_loss"),
                drawn.difference_figure(report, "roc_auc"),
                drawn.curve_figure(report, "roc"),
                drawn.curve_figure(report, "precision_recall"),
            ),
            table(header, rows, numbers=range(1, len(header)), says="All figures over all windows (95 % intervals)"),
        ]
    )


def _calibration(report: Report) -> Html:
    names = [OURS, *(name for name in reversed(report["calibration"]) if name != OURS)]
    return joined(
        [
            paragraph(
                "Leads are put in up to ten groups of about equal size, by the chance that a contender gave them. Where it "
                "expected 20 %, one in five should be accepted. A group whose interval misses the line is an error; one in "
                "twenty misses it by chance."
            ),
            drawn.side_by_side(*(drawn.calibration_figure(report, name) for name in names)),
        ]
    )


def _capacity(report: Report) -> Html:
    ours = report["capacity"]["contenders"][OURS]
    told = (
        f"Among the {ours['leads']:,.0f} leads that salesworthy puts first, {ours['expected']:,.0f} SQLs were expected and "
        f"{ours['found']:,.0f} found: {percent(ours['precision']['value'])} of the leads worked, and "
        f"{percent(ours['captured']['value'])} of all SQLs."
    )
    return joined(
        [
            paragraph(told),
            drawn.contenders_legend(report, without="constant"),
            drawn.side_by_side(drawn.capacity_figure(report), drawn.curve_figure(report, "gain")),
        ]
    )


def _windows(report: Report) -> Html:
    within = report["evaluation"]["within_period_auc"]
    rows = [[name_of(name), cell(with_interval(each))] for name, each in within.items()]
    return joined(
        [
            paragraph("A model that ages, or a market that moves, shows here first."),
            drawn.contenders_legend(report),
            drawn.side_by_side(drawn.windows_figure(report, "log_loss"), drawn.windows_figure(report, "roc_auc")),
            tag("h3", "Order within months"),
            paragraph(
                "ROC AUC among leads of the same month: a rate that moves from month to month adds nothing to it."
            ),
            table(["contender", "ROC AUC within months (95 %)"], rows, numbers=[1], says="Order within months"),
        ]
    )


def _segments(report: Report) -> Html:
    parts = report["segments"]
    if not parts:
        return paragraph("No category has two levels with enough leads to tell them apart.")
    off = [(part, each) for part in parts for each in part["segments"] if each["verdict"]]
    total = sum(len(part["segments"]) for part in parts)
    says = f"{len(off)} of {total} segments lie outside their interval; about {total / 20:.0f} would by chance alone."
    shown = sorted(parts, key=lambda part: -sum(bool(each["verdict"]) for each in part["segments"]))
    figures = [drawn.segment_figure(part, _titled(part["column"])) for part in shown]
    rest = more(f"{len(figures) - OPEN_SEGMENTS} more columns", drawn.side_by_side(*figures[OPEN_SEGMENTS:]))
    return joined(
        [
            paragraph(
                "Salesworthy on the leads of one segment at a time. Levels with few leads or few accounts are joined, so "
                "that no figure rests on a handful and nobody is singled out."
            ),
            callout(joined([paragraph(says), items(_off(*each) for each in off)]), kind="warning" if off else "good"),
            drawn.side_by_side(*figures[:OPEN_SEGMENTS]),
            rest if len(figures) > OPEN_SEGMENTS else "",
        ]
    )


def _off(part: Mapping[str, Any], each: Mapping[str, Any]) -> str:
    return (
        f"{_titled(part['column'])}, {drawn.level_in_words(each['level'])}: expected {percent(each['predicted'])}, which is "
        f"{each['verdict']}; accepted {percent(each['accepted']['value'])} of {each['leads']:,} leads"
    )


def _titled(column: str) -> str:
    table_name, _, name = column.partition(".")
    return f"{in_words(name.removesuffix('_id'))} ({table_name})"


def _accounts(report: Report) -> Html:
    parts = report["seen_accounts"]
    if parts is None:
        return paragraph(
            "The data do not say which account a lead belongs to, so skill and memory cannot be told apart."
        )
    names = {"seen": "accounts learned from", "unseen": "new accounts"}
    shown = ("roc_auc", "log_loss", "ece")
    rows = [
        [name_of(contender), names[kind], f"{part['leads']:,}", *(cell(with_interval(measured[key])) for key in shown)]
        for contender in report["curves"]
        for kind, part in parts.items()
        for measured in [part["contenders"][contender]]
    ]
    header = ["contender", "leads of", "leads", *(FIGURES[key] for key in shown)]
    return joined(
        [
            paragraph(
                "On accounts that a contender has learned from, part of its skill may be memory. What it can do on "
                "accounts that it has never seen is what a growing business needs."
            ),
            table(header, rows, numbers=range(2, len(header)), says="Known and new accounts"),
        ]
    )


def _random(report: Report) -> Html:
    evaluation = report["evaluation"]
    rows = [
        [
            name_of(name),
            cell(with_interval(each["roc_auc"])),
            cell(with_interval(evaluation["pooled"][name]["roc_auc"])),
        ]
        for name, each in evaluation["random_split"].items()
    ]
    return joined(
        [
            callout(
                "These are not the model's figures. Splitting leads at random lets a contender see the future of the leads "
                "that it is tested on. The figures stand here because others publish theirs like this.",
                kind="warning",
            ),
            table(
                ["contender", "ROC AUC, random split", "ROC AUC, in order of time"],
                rows,
                numbers=[1, 2],
                says="A random split",
            ),
        ]
    )


def _selection(report: Report) -> Html:
    found = report["evaluation"]["selection"]
    again = found["reweighted"]
    parts = [paragraph("Outcomes are known only for leads that sales was given. All figures above speak for those.")]
    parts.append(items(map(_sentence, found["says"])))
    if again is not None:
        rows = [
            [name_of(name), *(cell(with_interval(of[key])) for key in ("log_loss", "roc_auc", "ece"))]
            for name, of in again["contenders"].items()
        ]
        parts.append(
            paragraph(
                "Leads drawn at random stand for those like them that were not sent. Counted so, the figures speak for all:"
            )
        )
        parts.append(
            table(
                ["contender", "log-loss", "ROC AUC", "calibration error"], rows, numbers=[1, 2, 3], says="For all leads"
            )
        )
    return joined(parts)


def _leakage(report: Report) -> Html:
    audit = report["leakage"]
    if not audit["findings"]:
        return paragraph(f"{audit['checked']} columns were checked; none of them knows the outcome.")
    rows = [
        [
            tag("code", each["column"]),
            "blocked" if each["severity"] == "block" else "warning",
            each["code"].replace("_", " ").lower(),
            each["evidence"],
            each.get("waived", ""),
        ]
        for each in audit["findings"]
    ]
    says = f"{audit['checked']} columns were checked for knowledge of the outcome."
    return joined(
        [
            paragraph(says),
            table(["column", "severity", "finding", "evidence", "answered for by"], rows, says="Findings"),
        ]
    )


def _shares(report: Report) -> Html:
    shares = report["shares"]
    base = shares["base_log_odds"]
    return joined(
        [
            paragraph(
                f"Every score is a sum: the average lead of the training data (log-odds {number(base, 2)}) and one share "
                f"per reason, exactly. Means are over the newest {shares['leads']:,} leads of the test windows."
            ),
            drawn.side_by_side(drawn.reasons_figure(report), drawn.features_figure(report)),
        ]
    )


def _sentence(text: str) -> Html:
    """A remark as a sentence: a capital at its start, a full stop at its end."""
    return html(text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else "."))
