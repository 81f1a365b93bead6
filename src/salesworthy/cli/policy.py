"""``salesworthy policy``: check, try, compare, replay, sign and print the policy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from salesworthy.cli.app import AsJson, AsOf, app
from salesworthy.cli.policy_audit_text import audit_text
from salesworthy.cli.policy_text import (
    cases_text,
    check_text,
    diff_text,
    replay_text,
    signed_text,
)
from salesworthy.cli.terminal import now, print_result, progress_bar, say
from salesworthy.domain.errors import ExitCode

policy = typer.Typer(
    name="policy",
    help="Govern the policy: check it, try its cases, compare and replay versions, sign it, print its handbook.",
    epilog="Example: salesworthy policy check",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(policy)

Folder = Annotated[
    Path | None,
    typer.Option("--policy", metavar="DIR", help="A policy in another folder, such as a proposal."),
]
Signer = Annotated[str, typer.Option("--by", metavar="NAME", help="Who signs; written to approvals.yaml.")]


@policy.command(epilog="Example: salesworthy policy check --policy policy-next")
def check(context: typer.Context, *, as_of: AsOf = None, folder: Folder = None, as_json: AsJson = False) -> None:
    """Check every rule against the workspace; tell who signed, what is overdue, expired or stale, and latest alarms."""
    from salesworthy.runs.governance_check import check_policy

    workspace = context.obj.open()
    moment = now() if as_of is None else workspace.moment(as_of)
    with progress_bar() as progress:
        report = check_policy(workspace, as_of=moment, folder=folder, progress=progress)
    document = report.as_dict()
    print_result(document, check_text(document), as_json=as_json)
    if report.stale_overrides:
        for finding in report.stale_overrides:
            say(f"error: {finding.says}\n  -> {finding.todo}")
        raise typer.Exit(int(ExitCode.GATE_REFUSED))


@policy.command(epilog="Example: salesworthy policy cases WEBINAR_THEN_EVIDENCE")
def cases(
    context: typer.Context,
    codes: Annotated[list[str] | None, typer.Argument(metavar="[CASE]...", help="Only these; all by default.")] = None,
    *,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Run the worked cases through rules, decision, route and packet; exit code 5 when one does not hold."""
    from salesworthy.runs.governance import named, try_cases

    workspace = context.obj.open()
    with progress_bar() as progress:
        opened, results = try_cases(workspace, codes or (), folder=folder, progress=progress)
    failed = sum(1 for each in results if not each.holds)
    document = {
        **named(opened.policy, opened.folder),
        "cases": [
            {
                **each.as_dict(),
                "decision": each.outcome.get("decision") if each.outcome.get("scored", True) else None,
                "decided_by": each.outcome.get("decided_by") if each.outcome.get("scored", True) else None,
            }
            for each in results
        ],
        "hold": len(results) - failed,
        "fail": failed,
    }
    print_result(document, cases_text(document), as_json=as_json)
    if failed:
        raise typer.Exit(int(ExitCode.GATE_REFUSED))


@policy.command(epilog="Example: salesworthy policy diff policy policy-next")
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="Folder of the earlier policy.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Folder of the later one.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Say in plain sentences what differs between two policies; needs no workspace."""
    from salesworthy.runs.governance import compare, named

    found = compare(old, new)
    document = {
        "old": named(found.old, old),
        "new": named(found.new, new),
        "differences": [each.as_dict() for each in found.differences],
    }
    print_result(document, diff_text(document), as_json=as_json)


@policy.command(epilog="Example: salesworthy policy replay policy-next --from 2026-03-01 --to 2026-05-31")
def replay(
    context: typer.Context,
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Folder of the policy to try.")],
    *,
    start: Annotated[str, typer.Option("--from", metavar="DAY", help="First day of the window.")],
    end: Annotated[str, typer.Option("--to", metavar="DAY", help="Last day of the window.")],
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="MOMENT", help="Outcomes known by then count. Default: now.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Decide past weeks, every Monday, under the policy in force and under NEW: who changes, and what sales gains."""
    from salesworthy.runs.check import default_moment
    from salesworthy.runs.replay import replay as replay_policy

    workspace = context.obj.open()
    first, last = workspace.moment(start, option="--from"), workspace.moment(end, option="--to")
    moment = default_moment(workspace, now()) if as_of is None else workspace.moment(as_of)
    with progress_bar() as progress:
        found = replay_policy(workspace, new, start=first, end=last, as_of=moment, progress=progress)
    print_result(found, replay_text(found), as_json=as_json)


@policy.command(epilog="Example: salesworthy policy audit --as-of 2026-07-01")
def audit(context: typer.Context, *, as_of: AsOf = None, folder: Folder = None, as_json: AsJson = False) -> None:
    """What became of leads that each negative rule speaks against, where they were sent at random nevertheless."""
    from salesworthy.runs.check import default_moment
    from salesworthy.runs.rule_audit import audit_rules

    workspace = context.obj.open()
    moment = default_moment(workspace, now()) if as_of is None else workspace.moment(as_of)
    with progress_bar() as progress:
        found = audit_rules(workspace, as_of=moment, folder=folder, progress=progress)
    print_result(found, audit_text(found), as_json=as_json)


@policy.command(epilog='Example: salesworthy policy approve --role compliance --by "C. Brandt"')
def approve(
    context: typer.Context,
    *,
    role: Annotated[
        str, typer.Option("--role", metavar="ROLE", help="sales_leadership, marketing_operations or compliance.")
    ],
    by: Signer,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Sign the present content of the policy in a role; three roles are three people."""
    from salesworthy.runs.governance import sign

    workspace = context.obj.open()
    with progress_bar() as progress:
        signed = sign(workspace, role=role, by=by, now=now(), folder=folder, progress=progress)
    document = signed.as_dict()
    print_result(document, signed_text(document), as_json=as_json)


@policy.command(epilog="Example: salesworthy policy handbook --out handbook.html")
def handbook(
    context: typer.Context,
    *,
    as_of: AsOf = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write it there; a page where the name ends in .html.")
    ] = None,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Print the policy as a document for people, generated from the policy itself."""
    from salesworthy.policy.loading import load_policy
    from salesworthy.runs.governance import folder_of, handbook_text, named, shown_day, write_text

    workspace = context.obj.open()
    moment = now() if as_of is None else workspace.moment(as_of)
    place = folder_of(workspace, folder)
    loaded = load_policy(place)
    text = handbook_text(loaded, as_of=moment, page=out is not None and out.suffix.lower() in (".html", ".htm"))
    document = {**named(loaded, place), "day": shown_day(moment)}
    if out is None:
        print_result({**document, "handbook": text}, text, as_json=as_json)
        return
    write_text(out, text)
    print_result({**document, "out": str(out)}, f"Wrote {out}", as_json=as_json)
