"""The report of ``check`` as a page that needs nothing else: what became of every row, what was noticed, what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from salesworthy.domain.moments import format_moment
from salesworthy.intake.rejection import NEXT_STEPS, Rejection
from salesworthy.reporting.drawing import figure
from salesworthy.reporting.html import Html, Text, callout, facts, items, joined, more, paragraph, section, table, tag
from salesworthy.reporting.numbers import NONE, percent
from salesworthy.reporting.page import CHAPTERS, page
from salesworthy.reporting.row_charts import bars

Report = Mapping[str, Any]
COUNTS = {
    "rows_in": "rows",
    "kept": "kept",
    "rejected": "set aside",
    "suppressed": "suppressed",
    "merged": "merged",
    "passed_over": "passed over",
}
"""Key of a table's counts -> how the page calls it."""
BREAK = Html("<br>")
STYLE = ".number + td, .number + th { padding-left: 1.4rem } td.number + td.number { padding-left: .8rem }"
ODD = frozenset({"quiet", "low", "high"})
DRAWN = 12
LISTED = 40
"""Items of content and campaigns that are listed; the JSON has all."""
MEANINGS = {
    "Set aside": "Rows that cannot be used, each with its reason. They are kept as they came, and can be mended.",
    "Suppressed": "Rows of people who were erased, and rows past their limit. They are written nowhere.",
    "Merged": "Second entries of a person or a site, and consents that an objection of the same person holds back.",
    "Passed over": "Rows of a file of several sorts that are not about this table.",
    "Quiet, low, high": "A feed brought nothing for so long that twelve rows were to be expected; a week brought less "
    "than half of the leanest, or more than twice the fullest, of the eight weeks before.",
    "Verdict that cannot be told": "A rule hangs on a fact that is missing. It is never taken for a yes or a no.",
    "Told with it": "Verdicts that can be told once this fact, and all above it in the list, are known.",
}


def check_page(report: Report, *, name: str, now: int) -> str:
    """The page of a check; the same report gives the same bytes.

    Args:
        report: What ``check --json`` prints.
        name: The workspace.
        now: When it was checked, in microseconds.
    """
    chapters = dict(_chapters(report))
    head = [
        tag("h1", f"Data of {name}"),
        paragraph(_headline(report), kind="lead"),
        paragraph(f"Checked on {format_moment(now)[:16].replace('T', ' ')} UTC.", kind="soft"),
        CHAPTERS,
    ]
    end = tag("footer", f"Data {report['fingerprint'][:12]}; written by salesworthy.")
    return page(
        f"Data of {name}",
        [*head, *(section(title, content) for title, content in chapters.items()), end],
        contents=chapters,
        style=STYLE,
    )


def _chapters(report: Report) -> Iterator[tuple[str, Html]]:
    yield "In short", _short(report)
    yield "What became of every row", _rows(report)
    yield "Rows set aside", _rejected(report)
    yield "What was noticed", _findings(report["findings"])
    if report["feeds"]:
        yield "Feeds", _feeds(report["feeds"])
    if report["coverage"]:
        yield "What feeds hold", _coverage(report["coverage"])
    yield "Form capture", _capture(report["form_capture"])
    if any(report["tagging"].values()):
        yield "Content and campaigns", _tagging(report["tagging"])
    yield "Features", _features(report["features"])
    yield "How to read it", facts(MEANINGS)


def _headline(report: Report) -> str:
    rows = sum(each["rows_in"] for each in report["tables"].values())
    aside = sum(each["rejected"] for each in report["tables"].values())
    warned = sum(each["severity"] != "info" for each in report["findings"])
    return f"{rows:,} rows were read, {aside:,} of them set aside; {warned:,} things to look at."


def _short(report: Report) -> Html:
    lost = sum(each["unaccounted"] for each in report["tables"].values())
    account = (
        "Every row is accounted for: rows = kept + set aside + suppressed + merged + passed over."
        if not lost
        else f"{lost:,} rows are not accounted for: this is a defect of salesworthy, please report it."
    )
    warned = [each for each in report["findings"] if each["severity"] != "info"]
    told = items(_finding(each) for each in warned[:6])
    rest = paragraph(f"and {len(warned) - 6:,} more, below", kind="soft") if len(warned) > 6 else ""
    return joined(
        [
            callout(account, kind="warning" if lost else "good"),
            callout(joined([told, rest]), kind="warning", title="To look at")
            if warned
            else callout("Nothing to warn of.", kind="good"),
        ]
    )


def _rows(report: Report) -> Html:
    rows = [[name, *(f"{each[count]:,}" for count in COUNTS)] for name, each in report["tables"].items()]
    return table(["table", *COUNTS.values()], rows, numbers=range(1, 7), says="Rows of each table")


def _rejected(report: Report) -> Html:
    counted = [
        _told([tag("code", code), f" {rows:,} row(s) of {name}"], Rejection[code].value, NEXT_STEPS[Rejection[code]])
        for name, each in report["tables"].items()
        for code, rows in each["codes"].items()
    ]
    record = report["rejected_rows"]
    if not counted:
        return paragraph("No row is set aside.")
    known = {
        "Set aside now": f"{record['now']:,}",
        "Oldest since": (record["oldest_since"] or NONE)[:10],
        "Mended so far": f"{record['mended']:,}",
        "Ever set aside": f"{record['ever']:,}",
    }
    how = joined(
        [
            "To mend them: ",
            tag("code", "salesworthy check --rejected rows.csv"),
            ", change cells, ",
            tag("code", "salesworthy check --replay rows.csv --by NAME"),
            ". The tables are then as if the rows had never been bad. ",
            "Or mend them at their source: the record forgets nothing, and holds nothing up.",
        ]
    )
    return joined([items(counted), facts(known), paragraph(how)])


def _findings(findings: Sequence[Report]) -> Html:
    warned = [each for each in findings if each["severity"] != "info"]
    others = [each for each in findings if each["severity"] == "info"]
    parts: list[Text] = [items(map(_noticed, warned))]
    if others:
        parts.append(more(f"{len(others)} more that are good to know", items(map(_noticed, others))))
    return joined(parts) if findings else paragraph("Nothing.")


def _noticed(finding: Report) -> Html:
    since = f" since {finding['first_seen'][:10]}" if finding["first_seen"] else ""
    return _told([tag("code", finding["code"]), since], f"{finding['says']}.", finding["todo"])


def _told(head: Sequence[Text], says: Text, todo: str) -> Html:
    """What was noticed, what it means, and what to do, each on a line of its own."""
    return joined([joined(head), says, *([_todo(todo)] if todo else [])], BREAK)


def _finding(finding: Report) -> Html:
    since = f" Since {finding['first_seen'][:10]}." if finding["first_seen"] else ""
    return joined([f"{finding['says']}.{since}"])


def _todo(text: str) -> Html:
    return tag("span", text[:1].upper() + text[1:] + ".", class_="soft")


def _day(moment: str | None) -> Html:
    return tag("span", NONE if moment is None else moment[:10], class_="day")


def _feeds(feeds: Sequence[Report]) -> Html:
    ordered = sorted(feeds, key=lambda each: (each["state"] not in ODD, each["table"], each["name"]))
    rows = [
        [
            _feed(each["table"], each["by"], each["name"]),
            _day(each["newest"]),
            NONE if each["week"] is None else f"{each['week']:,}",
            NONE if each["usual"] is None else f"{each['usual'][0]:,} to {each['usual'][2]:,}",
            tag("strong", each["state"]) if each["state"] in ODD else each["state"],
        ]
        for each in ordered
    ]
    says = "Each feed is measured against its own eight weeks before; the newest row of all says how far the data goes."
    header = ["feed", "newest row", "last seven days", "weeks before", "it is"]
    return joined([paragraph(says), table(header, rows, numbers=[2, 3], says="Feeds")])


def _coverage(shares: Sequence[Report]) -> Html:
    fallen = [each for each in shares if each["has_fallen"]]
    told = [each for each in shares if each["rows"] or each["rows_before"]]
    tables = table(
        ["feed", "field", "it", "last 28 days", "12 weeks before", "rows"],
        map(_share, told),
        numbers=[3, 4, 5],
        says="Shares",
    )
    head = (
        table(
            ["feed", "field", "it", "last 28 days", "12 weeks before", "rows"],
            map(_share, fallen),
            numbers=[3, 4, 5],
            says="Fallen",
        )
        if fallen
        else paragraph(
            "No source fills in clearly less than it did, and no keys lead nowhere more often than they did."
        )
    )
    return joined([head, more(f"All {len(told)} shares", tables)])


def _share(share: Report) -> Sequence[Text]:
    return [
        _feed(share["table"], share["by"], share["feed"]),
        tag("code", share["field"]),
        "is filled" if share["what"] == "filled" else "leads somewhere",
        percent(share["share"]),
        percent(share["share_before"]),
        f"{share['rows']:,}",
    ]


def _feed(of: str, by: str, name: str) -> str:
    return f"{of}: {name}" if by else of


def _capture(capture: Report | None) -> Html:
    if capture is None:
        return paragraph("There is no policy that can be read, so no rule asks for facts.")
    if not capture["facts"]:
        return paragraph(f"No verdict on {capture['leads']:,} leads waits for a fact.")
    found = capture["facts"]
    share = percent(capture["unknown"] / max(capture["verdicts"], 1), 1)
    says = (
        f"Of {capture['verdicts']:,} verdicts on {capture['leads']:,} leads that are to be scored, "
        f"{capture['unknown']:,} ({share}) cannot be told for want of a fact, under the policy "
        f"{capture['policy_version']}. Ask for the first first: what is above it in the list counts as known."
    )
    most = [(each["fact"], each["unknown"]) for each in found[:DRAWN]]
    drawn = figure(
        bars(most, x="verdicts that wait for it", form=",.0f"),
        name="capture",
        title="What rules wait for",
        says="Verdicts that cannot be told and hang on the fact, perhaps on others too.",
        header=["fact", "verdicts"],
        rows=[[fact, f"{count:,}"] for fact, count in most],
    )
    header = ["ask for", "leads without", "verdicts waiting", "for it alone", "told with it"]
    rows = [[tag("code", each["fact"]), *_counts(each, capture["leads"])] for each in found]
    lists = table(header, rows, numbers=[1, 2, 3, 4], says="Facts to ask for")
    where = more("Which rules wait, where it is missing most, and what to do", items(map(_fact, found)))
    return joined([paragraph(says), drawn, lists, where])


def _counts(fact: Report, leads: int) -> Sequence[Text]:
    share = f"{fact['missing']:,} ({percent(fact['missing'] / max(leads, 1))})"
    return [share, *(f"{fact[key]:,}" for key in ("unknown", "alone", "settled"))]


def _fact(fact: Report) -> Html:
    worst = ", ".join(f"{each['source']} {percent(each['missing'] / each['leads'])}" for each in fact["sources"][:3])
    made_of = ", ".join(fact["made_of"])
    todo = f"{fact['todo']} ({made_of})" if made_of not in {"", fact["fact"]} else fact["todo"]
    says = f"{', '.join(fact['rules'])}{f'; missing most from {worst}' if worst else ''}"
    return _told([tag("code", fact["fact"])], says, todo)


def _tagging(tagging: Report) -> Html:
    lists = (
        ("untagged_content", "content_id", "items of content have no tags", "Content to tag"),
        ("unapproved_campaigns", "campaign_id", "campaigns were approved by nobody", "Campaigns to approve"),
    )
    parts = []
    for name, key, says, title in lists:
        if found := tagging[name]:
            rows = [[tag("code", each[key]), *_use(each)] for each in found[:LISTED]]
            shown = table(["to do", "acts", "people", "last used", "lacks"], rows, numbers=[1, 2], says=title)
            parts += [paragraph(f"{len(found):,} {says}, so they score nothing. The most used first."), shown]
    return joined(parts)


def _use(each: Report) -> Sequence[Text]:
    return [
        f"{each['acts']:,}",
        f"{each['people']:,}",
        each["last_at"][:10],
        ", ".join(each.get("lacks", ["approval"])),
    ]


def _features(features: Report) -> Html:
    left = [f"{each['feature']}: {each['why']}" for each in features["left_out"]]
    says = paragraph(f"{len(features['usable'])} features can be used, {len(left)} are left out.")
    return joined([says, more("Left out, and why", items(left)) if left else ""])
