"""``salesworthy check``: are the tables fit for use."""

from __future__ import annotations

from typing import Any

import typer

from salesworthy.cli.app import AsJson, app
from salesworthy.cli.terminal import now, print_result, progress_bar, table

SHOWN = 8
COUNTS = ("rows_in", "kept", "rejected", "suppressed", "merged")


@app.command(epilog="Example: salesworthy check --json")
def check(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Read and check the tables: rows kept and rejected with their reasons, findings, usable features."""
    from salesworthy.runs.check import check as check_workspace

    workspace = context.obj.open()
    with progress_bar() as progress:
        report = check_workspace(workspace, now=now(), progress=progress).as_dict()
    print_result(report, _text(report), as_json=as_json)


def _text(report: dict[str, Any]) -> str:
    rows = [
        [name, *(f"{each[count]:,}" for count in COUNTS), _codes(each["codes"])]
        for name, each in report["tables"].items()
    ]
    set_aside = [f"  {each['rejected_file']}" for each in report["tables"].values() if each["rejected_file"]]
    findings = [_finding(each) for each in report["findings"]]
    usable, left_out = report["features"]["usable"], report["features"]["left_out"]
    missing = [f"  {each['feature']}: {each['why']}" for each in left_out[:SHOWN]]
    more = [f"  ... and {len(left_out) - SHOWN} more (--json lists all)"] if len(left_out) > SHOWN else []
    return "\n".join(
        [
            table(["table", "rows", "kept", "rejected", "suppressed", "merged", ""], rows),
            *(["", "Rejected rows, with the reason of each:", *set_aside] if set_aside else []),
            "",
            f"Findings: {len(findings) or 'none'}",
            *findings,
            "",
            f"Features: {len(usable)} usable, {len(left_out)} left out",
            *missing,
            *more,
        ]
    )


def _finding(finding: dict[str, Any]) -> str:
    step = f" -> {finding['todo']}" if finding["todo"] else ""
    return f"  {finding['severity']:5} {finding['code']}: {finding['says']}{step}"


def _codes(codes: dict[str, int]) -> str:
    return ", ".join(f"{code} {count:,}" for code, count in codes.items())
