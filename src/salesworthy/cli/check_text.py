"""What ``check`` found, as text for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from salesworthy.cli.terminal import table

SHOWN = 8
COUNTS = ("rows_in", "kept", "rejected", "suppressed", "merged", "passed_over")
HEADER = ("table", "rows", "kept", "rejected", "suppressed", "merged", "passed over", "")
ORDER = {"block": 0, "warn": 1, "info": 2}


def check_text(report: dict[str, Any]) -> str:
    """The report of ``check``: rows, findings, feeds, missing facts, features.

    Args:
        report: What ``check --json`` prints.
    """
    parts = (_rows, _rejected, _findings, _feeds, _capture, _tagging, _features)
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part(report))))


def _rows(report: dict[str, Any]) -> Iterator[str]:
    rows = [
        [name, *(f"{each[count]:,}" for count in COUNTS), _codes(each["codes"])]
        for name, each in report["tables"].items()
    ]
    yield table(HEADER, rows)
    lost = sum(each["unaccounted"] for each in report["tables"].values())
    yield f"Rows in = kept + rejected + suppressed + merged + passed over; unaccounted for: {lost:,}"


def _rejected(report: dict[str, Any]) -> Iterator[str]:
    if found := report.get("replayed"):
        still = ", ".join(f"{code} {count:,}" for code, count in found["still_set_aside"].items())
        yield f"Taken in: {found['taken_in']:,} mended row(s); {found['unchanged']:,} as they were" + (
            f"; still set aside: {still}" if still else ""
        )
    if found := report.get("written"):
        yield f"Written: {found['rows']:,} row(s) that are set aside to {found['path']}; remove it when it has served"
    record = report["rejected_rows"]
    if record.get("now"):
        since = (record["oldest_since"] or "")[:10]
        yield f"Set aside: {record['now']:,} row(s), the oldest since {since}; mended so far: {record['mended']:,}"
        if not report.get("written"):
            yield "  -> mend them: salesworthy check --rejected rows.csv, then --replay rows.csv"


def _findings(report: dict[str, Any]) -> Iterator[str]:
    found = sorted(report["findings"], key=lambda each: ORDER[each["severity"]])
    yield f"Findings: {len(found) or 'none'}"
    for each in found:
        since = f" (since {each['first_seen'][:10]})" if each["first_seen"] and each["severity"] != "info" else ""
        step = f" -> {each['todo']}" if each["todo"] else ""
        yield f"  {each['severity']:5} {each['code']}: {each['says']}{since}{step}"


def _feeds(report: dict[str, Any]) -> Iterator[str]:
    odd = [each for each in report["feeds"] if each["state"] in {"quiet", "low", "high"}]
    usual = sum(each["state"] == "as usual" for each in report["feeds"])
    if report["feeds"]:
        yield f"Feeds: {len(report['feeds'])}, of which {usual} bring as much as usual, and {len(odd)} do not"
    if odd:
        header = ("feed", "newest row", "last 7 days", "usual", "")
        yield table(header, [[_feed(each), each["newest"], *_volume(each), each["state"]] for each in odd])


def _capture(report: dict[str, Any]) -> Iterator[str]:
    capture = report["form_capture"]
    if not capture or not capture["facts"]:
        return
    yield (
        f"Form capture: {capture['unknown']:,} of {capture['verdicts']:,} verdicts on {capture['leads']:,} leads "
        f"cannot be told ({capture['policy_version']}); to ask for, the first first:"
    )
    rows = [
        [
            each["fact"],
            f"{each['missing']:,}",
            f"{each['unknown']:,}",
            f"{each['settled']:,}",
            ", ".join(each["rules"][:3]),
        ]
        for each in capture["facts"][:SHOWN]
    ]
    yield table(("fact", "leads without", "unknown verdicts", "told with it", "rules"), rows)


def _tagging(report: dict[str, Any]) -> Iterator[str]:
    lists = (
        ("untagged_content", "content_id", "Content without tags", "lacks"),
        ("unapproved_campaigns", "campaign_id", "Campaigns that nobody approved", ""),
    )
    for name, key, says, last in lists:
        found = report["tagging"].get(name, [])
        if found:
            yield f"{says}: {len(found):,}; they score nothing, the most used first:"
            rows = [
                [
                    each[key],
                    f"{each['acts']:,}",
                    f"{each['people']:,}",
                    each["last_at"][:10],
                    ", ".join(each.get(last, ())),
                ]
                for each in found[:SHOWN]
            ]
            yield table((key, "acts", "people", "last", last), rows)


def _features(report: dict[str, Any]) -> Iterator[str]:
    usable, left_out = report["features"]["usable"], report["features"]["left_out"]
    yield f"Features: {len(usable)} usable, {len(left_out)} left out"
    yield from (f"  {each['feature']}: {each['why']}" for each in left_out[:SHOWN])
    if len(left_out) > SHOWN:
        yield f"  ... and {len(left_out) - SHOWN} more (--json lists all)"


def _feed(feed: dict[str, Any]) -> str:
    return f"{feed['table']} {feed['name']}" if feed["by"] else feed["table"]


def _volume(feed: dict[str, Any]) -> tuple[str, str]:
    week = "-" if feed["week"] is None else f"{feed['week']:,}"
    return week, "-" if feed["usual"] is None else f"{feed['usual'][0]:,} - {feed['usual'][2]:,}"


def _codes(codes: dict[str, int]) -> str:
    return ", ".join(f"{code} {count:,}" for code, count in codes.items())
