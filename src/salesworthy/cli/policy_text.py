"""What ``salesworthy policy`` prints for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from salesworthy.cli.terminal import table

SHOWN = 5
"""Findings of a code, and facts of the form-capture report, that are shown; ``--json`` lists all."""
Document = Mapping[str, Any]


def check_text(report: Document) -> str:
    """The report of ``policy check``: findings that block come first."""
    kinds = [[kind, each["rules"], each["in_force"]] for kind, each in report["rules"].items()]
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in report["counts"].items())
    return "\n".join(
        [
            f"{_name(report)}: no mistakes, every condition fits this workspace",
            f"{report['status']}.",
            f"In force from {report['starts']} on; looked at for {report['day']}",
            "",
            table(["rules", "written", "in force"], kinds),
            f"Beside them: {counts}",
            "",
            f"Findings: {len(report['findings']) or 'none'}",
            *_findings(report["findings"]),
            *_latest_lines(report["latest_run"]),
        ]
    )


def _latest_lines(run: Document | None) -> list[str]:
    if run is None:
        return ["", "No run under a policy has been published yet, so there are no alarms about rules."]
    other = "" if run["same_content"] else ", which had other content"
    capture = run["form_capture"]
    return [
        "",
        f"Alarms of run {run['run_id']}, as of {run['as_of']}, policy {run['policy_version']}{other}: "
        f"{len(run['alarms']) or 'none'}",
        *_findings(run["alarms"]),
        *(["", "Facts whose absence leaves verdicts open; ask for them:"] if capture else []),
        *(f"  {each['fact']}: {each['unknown']:,} verdicts, of {_some(each['rules'])}" for each in capture[:SHOWN]),
        *_more(capture),
    ]


def _findings(found: list[Document]) -> Iterable[str]:
    """Findings that block first, all of them; of every other code so many as help."""
    order = {"block": 0, "warn": 1, "info": 2}
    by_kind: dict[tuple[str, str], list[Document]] = {}
    for each in found:
        by_kind.setdefault((each["severity"], each["code"]), []).append(each)
    for (severity, code), group in sorted(by_kind.items(), key=lambda item: order[item[0][0]]):
        shown = group if severity == "block" else group[:SHOWN]
        yield from map(_finding, shown)
        if len(group) > len(shown):
            yield f"        ... and {len(group) - len(shown)} more {code} (--json lists all)"


def _some(rules: list[str]) -> str:
    rest = f" and {len(rules) - 3} more" if len(rules) > 3 else ""
    return ", ".join(rules[:3]) + rest


def _more(listed: list[Any]) -> list[str]:
    return [f"  ... and {len(listed) - SHOWN} more (--json lists all)"] if len(listed) > SHOWN else []


def _finding(finding: Document) -> str:
    step = f" -> {finding['todo']}" if finding["todo"] else ""
    severity = "BLOCK" if finding["severity"] == "block" else finding["severity"]
    return f"  {severity:5} {finding['code']}: {finding['says']}{step}"


def cases_text(found: Document) -> str:
    """The worked cases as a table in words; below each that does not hold, what differs."""
    lines = [line for each in found["cases"] for line in _case_lines(each)]
    summary = f"{found['hold']} of {len(found['cases'])} worked cases hold"
    fails = f"; {found['fail']} do not" if found["fail"] else ""
    return "\n".join([f"{_name(found)}. {found['status']}.", "", *lines, "", f"{summary}{fails}."])


def _case_lines(case: Document) -> Iterable[str]:
    came = f"{case['decision']} by {case['decided_by']}" if case["decision"] else "not scored"
    yield f"{'holds' if case['holds'] else 'FAILS'}  {case['case']}: {came}"
    yield f"       {case['says']}"
    yield from (f"       - {each}" for each in case["failures"])


def diff_text(found: Document) -> str:
    """The differences, one sentence a line."""
    old, new = found["old"], found["new"]
    count = len(found["differences"])
    says = {0: "nothing differs in what people sign", 1: "1 difference"}.get(count, f"{count} differences")
    return "\n".join(
        [
            f"From {old['version']} ({old['folder']}) to {new['version']} ({new['folder']}): {says}",
            *(f"  - {each['says']}" for each in found["differences"]),
            f"{new['version']}: {new['status']}.",
        ]
    )


def signed_text(signed: Document) -> str:
    """Who signed what, and who is still missing."""
    role = signed["role"].replace("_", " ")
    how = "had signed already" if signed["stood_already"] else "signed"
    missing = signed["missing"]
    next_up = f"Still missing: {', '.join(missing)}" if missing else "All three have signed: the policy may decide."
    return "\n".join(
        [
            f"{signed['by']} {how} {_name(signed)} for {role}, on {signed['on']}",
            f"Content {signed['content_sha256']}, in {signed['file']}",
            next_up,
        ]
    )


def replay_text(found: Document) -> str:
    """The replay: the headline, then decisions per week, pair and region, what sales gains, and examples."""
    weeks = [[each["week"], each["leads"], each["changed"], *each["mqls"].values()] for each in found["weeks"]]
    pairs = [[f"{each['from']} -> {each['to']}", each["leads"], each["lead_weeks"]] for each in found["pairs"]]
    regions = [
        [name, each["changed"], each["mqls_gained"], each["mqls_lost"]] for name, each in found["regions"].items()
    ]
    return "\n".join(
        [
            found["headline"],
            "",
            f"{_name(found['old'])} against {_name(found['new'])}, {found['moments']}",
            table(["week", "leads", "change", "MQLs before", "MQLs after"], weeks),
            "",
            *([table(["decision", "leads", "lead-weeks"], pairs), ""] if pairs else []),
            *([table(["region", "leads that change", "MQLs gained", "MQLs lost"], regions), ""] if regions else []),
            *_sales_lines(found["mqls"]),
            "",
            *_example_lines(found["examples"]),
            *(f"Note: {note}" for note in found["notes"]),
        ]
    )


def _sales_lines(mqls: Document) -> list[str]:
    titles = {"old": "before", "new": "after", "gained": "gained", "lost": "lost"}
    rows = [[title, *_sales_cells(mqls[name])] for name, title in titles.items()]
    header = ["MQLs", "leads", "outcome known", "of them SQL", "estimated", "SQL expected", "unknown", "SQL per 100"]
    return [
        table(header, rows),
        f"MQLs sooner than before: {mqls['sooner']:,}; later than before: {mqls['later']:,}",
    ]


def _sales_cells(group: Document) -> list[str]:
    rate = group["sql_per_100"]
    return [
        f"{group['leads']:,}",
        f"{group['known']:,}",
        f"{group['sql_known']:,}",
        f"{group['estimated']:,}",
        f"{group['sql_estimated']:,.1f}",
        f"{group['unknown']:,}",
        "-" if rate is None else f"{rate:.1f}",
    ]


def _example_lines(examples: list[Document]) -> list[str]:
    lines = [line for each in examples for line in _example(each)]
    return ["Examples:", *lines, ""] if lines else []


def _example(each: Document) -> Iterable[str]:
    yield f"  {each['lead_id']}, {each['week']}: {each['from']} -> {each['to']} ({each['rule']})"
    yield f"    before: {each['before']}"
    yield f"    after:  {each['after']}"


def _name(policy: Document) -> str:
    return f"policy {policy['version']} ({policy['title']}, in {policy['folder']})"
