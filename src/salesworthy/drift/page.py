"""The drift report as a page that needs nothing else: what to do first, then each finding, then what stands behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from salesworthy.drift.estimates import BLIND
from salesworthy.drift.page_charts import series_of, weekly_figure
from salesworthy.reporting.html import (
    Html,
    anchor_of,
    callout,
    facts,
    items,
    joined,
    more,
    paragraph,
    section,
    table,
    tag,
)
from salesworthy.reporting.numbers import number, percent
from salesworthy.reporting.page import CHAPTERS, page

Report = Mapping[str, Any]
MARKS = {"block": "look before acting on scores", "warn": "look", "info": "follows"}
SHOWN_THINGS = 15
SHARES = ("rate", "precision_at_10")
MEANINGS = {
    "Strays": "How far a figure is from the year before, in units of how far it usually is; told beyond the threshold.",
    "Threshold": "Taken from this workspace's own past, its weeks put into other orders: the largest of all figures "
    "goes beyond it by chance once in the stated number of weeks.",
    "Effect": "By how much the model's mean score moves through what has changed, in log-odds: 0.22 changes the odds "
    "by a quarter, 0.69 doubles them.",
    "Since": "The week from which on the figure is nearer to what it is now than to what it was.",
    "Likely cause": "A lead for whoever looks into it, not a proof.",
    "Outcomes": "Mature ones only, counted in the week in which they matured: a fall that is only youth cannot show, "
    "and a true one shows a whole outcome window late.",
}


def drift_page(report: Report) -> str:
    """The page of a report; the same report gives the same bytes.

    Args:
        report: What ``drift --json`` prints.
    """
    chapters = dict(_chapters(report))
    weeks = report["weeks"]
    judged = f" The week of {weeks['last']} is judged; {weeks['count']} weeks are known." if weeks["last"] else ""
    head = [
        tag("h1", "Drift report"),
        paragraph(f"{report['headline']}.", kind="lead"),
        paragraph(f"As of {report['as_of']}.{judged}", kind="soft"),
        CHAPTERS,
    ]
    model = f"Model {report['model_version']}" if report["model_version"] else "No model in force"
    body = [*head, *(section(title, content) for title, content in chapters.items())]
    return page("Drift report", [*body, tag("footer", f"{model}; written by salesworthy.")], contents=chapters)


def _chapters(report: Report) -> Iterator[tuple[str, Html]]:
    roots = [each for each in report["findings"] if each["follows"] is None]
    yield "In short", _short(report, roots)
    if roots:
        yield (
            "Findings",
            joined(_finding(report, each, place) for place, each in enumerate(report["findings"]) if each in roots),
        )
    yield "Outcomes and calibration", _outcomes(report)
    yield "Performance before outcomes are mature", _performance(report["performance"])
    yield "Data flow", _flow(report)
    yield "Everything that is watched", _watched(report)
    if report["not_applicable"]:
        yield "What could not be watched", items(f"{each['what']}: {each['why']}" for each in report["not_applicable"])
    yield "How to read this", facts(MEANINGS)


def _short(report: Report, roots: Sequence[Report]) -> Html:
    alarms = report["false_alarms"]
    said = paragraph(f"{alarms['says']}.", kind="soft") if alarms["threshold"] is not None else Html("")
    if not roots:
        calm = alarms["threshold"] is not None
        return joined([callout(f"{report['headline']}.", kind="good" if calm else "note"), said])
    return joined([tag("ol", joined(tag("li", _in_a_line(each)) for each in roots)), said])


def _in_a_line(finding: Report) -> Html:
    title = finding["title"]
    cause = f"{finding['cause']}." if finding["cause"] else "Its cause is not known."
    return joined(
        [
            tag("a", title, href=f"#{anchor_of(title)}"),
            f" ({MARKS[finding['severity']]}). {cause} Since the week of {finding['since']}; {_effect(finding)}.",
        ]
    )


def _finding(report: Report, finding: Report, place: int) -> Html:
    following = [each for each in report["findings"] if each["follows"] == finding["family_and_thing"]]
    told = {
        "Seen": finding["evidence"],
        "Likely cause": finding["cause"] or "not known",
        "To do": finding["todo"],
        "Since": f"the week of {finding['since']}; first told on {finding['first_seen']}",
        "Effect": _effect(finding),
    }
    kind = "warning" if finding["severity"] == "block" else "note"
    parts = [
        tag("h3", finding["title"], id=anchor_of(finding["title"])),
        callout(MARKS[finding["severity"]].capitalize(), kind=kind),
        facts(told),
        _chart(report, finding, place),
    ]
    if following:
        parts.append(paragraph("What follows from it:"))
        parts.append(items(f"{each['title']}. {each['evidence']}" for each in following))
    return tag("article", joined(parts))


def _effect(finding: Report) -> str:
    concerned = f"about {finding['affected']:,} {finding['affected_unit']} of these weeks"
    effect = finding["effect_log_odds"]
    return concerned if effect is None else f"{concerned}; the mean score moves by {effect:+.2f} log-odds"


def _chart(report: Report, finding: Report, place: int) -> Html:
    mine = series_of(report, finding)
    if not mine:
        return Html("")
    says = "Week by week; the dashed line marks where it began."
    return weekly_figure(mine, name=f"finding{place}", title=_of_what(finding, mine), says=says, since=finding["since"])


def _of_what(finding: Report, series: Sequence[Report]) -> str:
    only = series[0]["level"] if len(series) == 1 else ""
    return f"{finding['thing']}: {only}" if only else str(finding["thing"])


def _outcomes(report: Report) -> Html:
    titles = {
        "outcome rate": ("Share accepted by sales", "Of the handoffs whose labels matured in each week."),
        "calibration": (
            "Outcomes less scores",
            "Log-odds by which outcomes of the week were above (below) what the scores had said; 0 is right.",
        ),
    }
    drawn = [
        weekly_figure([each], name=f"outcomes{place}", title=titles[each["family"]][0], says=titles[each["family"]][1])
        for place, each in enumerate(report["series"])
        if each["family"] in titles and each["thing"] in {"accepted by sales", "in the large"} and any(each["rows"])
    ]
    return tag("div", joined(drawn), class_="charts") if drawn else paragraph("No outcome is mature yet.")


def _performance(told: Report) -> Html:
    kinds = [
        ("Not mature yet, estimated", told["not_mature"]["estimated"]),
        ("Latest mature, estimated", told["latest_mature"]["estimated"]),
        ("Latest mature, as it came", told["latest_mature"]["realised"]),
    ]
    rows = [
        [
            name,
            f"{each['handoffs']:,}",
            percent(each["rate"], 1),
            percent(each["precision_at_10"], 1),
            number(each["roc_auc"]),
        ]
        for name, each in kinds
        if each is not None
    ]
    header = ["handoffs", "how many", "accepted", "in the best tenth", "ROC AUC"]
    shown = table(header, rows, numbers=range(1, 5), says="Handoffs of the last 13 weeks of each kind")
    return joined([callout(BLIND, kind="warning"), shown if rows else paragraph("There are too few scored handoffs.")])


def _flow(report: Report) -> Html:
    rows = [
        [
            each["table"],
            tag("span", each["newest"] or "-", class_="day"),
            number(each["days_old"], 1),
            f"{each['rows_last_week']:,}",
            "-" if each["usual_rows_a_week"] is None else f"{each['usual_rows_a_week']:,.0f}",
            str(each["weeks_without_rows"]),
            percent(each["set_aside_share"], 1),
        ]
        for each in report["flow"]
    ]
    header = ["table", "newest row", "days old", "last week", "usual week", "weeks without", "set aside"]
    return table(header, rows, numbers=range(2, 7), says="Rows that came in, table by table")


def _watched(report: Report) -> Html:
    rows = [
        [each["family"], each["thing"], each["level"], f"{each['strays']:+.1f}", str(each["window_weeks"])]
        for each in report["watched"]
    ]
    if not rows:
        return paragraph("Nothing can be compared yet.")
    header = ["kind", "what", "where it strays furthest", "strays", "weeks"]
    first = table(header, rows[:SHOWN_THINGS], numbers=[3, 4], says="What strays furthest")
    rest = rows[SHOWN_THINGS:]
    says = f"{len(rest)} more"
    return joined(
        [first, more(says, table(header, rest, numbers=[3, 4], says="Everything else")) if rest else Html("")]
    )
