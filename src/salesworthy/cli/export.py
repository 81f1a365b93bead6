"""``salesworthy export``: upload files for a CRM."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from salesworthy.cli.app import AsJson, Out, app
from salesworthy.cli.terminal import print_result, progress_bar, table


@app.command(epilog="Example: salesworthy export --map salesforce --changed-since 20260701-0123456789abcdef")
def export(
    context: typer.Context,
    *,
    field_map: Annotated[
        str, typer.Option("--map", metavar="NAME", help="A CRM (salesforce, hubspot, dynamics) or a field map.")
    ],
    changed_since: Annotated[
        str | None, typer.Option("--changed-since", metavar="RUN", help="Only leads that changed since that run.")
    ] = None,
    out: Out = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be written; write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the newest published run as upload files for a CRM, into the folder `exports` beside the runs."""
    from salesworthy.runs.export import export as export_run

    workspace = context.obj.open()
    with progress_bar() as progress:
        found = export_run(
            workspace, field_map, changed_since=changed_since, out=out, dry_run=dry_run, progress=progress
        ).as_dict()
    print_result(found, _text(found), as_json=as_json)


def _text(found: dict[str, Any]) -> str:
    since = f", changed since {found['changed_since']}" if found["changed_since"] else ""
    lines = [f"{found['object']} records for {found['map']}, run {found['run_id']}{since}: {found['rows']:,} row(s)"]
    if found["decisions"]:
        lines.append(table(["decision", "leads"], [[name, f"{count:,}"] for name, count in found["decisions"].items()]))
    if found["changed_since"]:
        lines.append(f"New: {found['new']:,}; without a change, left out: {found['unchanged']:,}")
        lines += [f"  {name.replace('_', ' ')} differs: {count:,}" for name, count in found["changed"].items()]
        lines.append(f"No longer scored: {found['no_longer_scored']:,}; empty their fields in the CRM")
    lines.append(f"Key: {found['key']}; fields: {', '.join(found['fields'].values())}")
    lines += [f"Wrote {each['path']} ({each['rows']:,} row(s))" for each in found["files"]]
    if found["dry_run"]:
        lines.append("Dry run: nothing was written.")
    return "\n".join(lines)
