"""``salesworthy review``: open, show, propose, vote, adopt, roll back, and the minutes of a calibration review."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from salesworthy.cli.app import AsJson, AsOf, By, app
from salesworthy.cli.review_text import review_text
from salesworthy.cli.terminal import now, print_result, progress_bar

review = typer.Typer(
    name="review",
    help="The calibration review: evidence, a proposal with its replay, votes unseen until all are in, adoption.",
    epilog='Example: salesworthy review open --as-of 2026-07-01 --by "M. Weber"',
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(review)

Name = Annotated[str | None, typer.Argument(metavar="[REVIEW]", help="Which review; the newest by default.")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why, in words; stands in the minutes.")]


@review.command("open", epilog='Example: salesworthy review open --as-of 2026-07-01 --by "M. Weber"')
def open_command(
    context: typer.Context,
    *,
    by: By,
    as_of: AsOf = None,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="Its name. Default: the day.")] = None,
    as_json: AsJson = False,
) -> None:
    """Open a review: drift, grading, negative rules and response are collected, and frozen as the evidence."""
    from salesworthy.runs.check import default_moment
    from salesworthy.runs.review import open_review

    workspace = context.obj.open()
    moment = default_moment(workspace, now()) if as_of is None else workspace.moment(as_of)
    with progress_bar() as progress:
        found = open_review(workspace, as_of=moment, by=by, now=now(), name=name, progress=progress)
    print_result(found, review_text(found), as_json=as_json)


@review.command(epilog="Example: salesworthy review show 2026-07-01 --votes")
def show(
    context: typer.Context,
    name: Name = None,
    *,
    votes: Annotated[bool, typer.Option("--votes", help="Show the votes; refused before all are in.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show a review: its state, whose move it is, the evidence, the proposal and its replay."""
    from salesworthy.runs.review import show as shown

    found = shown(context.obj.open(), name, votes=votes)
    print_result(found, review_text(found), as_json=as_json)


@review.command(epilog='Example: salesworthy review propose --policy draft --by "M. Weber" --why "fewer cold leads"')
def propose(
    context: typer.Context,
    name: Name = None,
    *,
    by: By,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="What the change is for.")],
    policy: Annotated[
        Path | None,
        typer.Option("--policy", metavar="DIR", help="Folder of a draft policy: thresholds, weights, rules."),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", metavar="VERSION", help="A model version to promote with it, or alone.")
    ] = None,
    recalibrate: Annotated[
        bool, typer.Option("--recalibrate", help="Propose the champion with its level moved to the latest outcomes.")
    ] = False,
    start: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="First day to replay. Default: eight weeks before.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="DAY", help="Last day to replay. Default: the review's.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Propose a change: it is checked, its worked cases are run, and past weeks are decided again under it."""
    from salesworthy.runs.review_proposal import propose as propose_change

    workspace = context.obj.open()
    with progress_bar() as progress:
        found = propose_change(
            workspace,
            name,
            by=by,
            now=now(),
            why=why,
            policy=policy,
            model=model,
            recalibrated=recalibrate,
            start=None if start is None else workspace.moment(start, option="--from"),
            end=None if end is None else workspace.moment(end, option="--to"),
            progress=progress,
        )
    print_result(found, review_text(found), as_json=as_json)


@review.command(epilog='Example: salesworthy review vote --role compliance --vote approve --by "C. Brandt"')
def vote(
    context: typer.Context,
    name: Name = None,
    *,
    role: Annotated[
        str, typer.Option("--role", metavar="ROLE", help="sales_leadership, marketing_operations or compliance.")
    ],
    said: Annotated[str, typer.Option("--vote", metavar="VOTE", help="approve, reject or changes.")],
    by: By,
    note: Note = "",
    as_json: AsJson = False,
) -> None:
    """Vote on the proposal, once per role and person; nobody sees a vote before all are in, and no author votes."""
    from salesworthy.runs.review import vote as give_vote

    found = give_vote(context.obj.open(), name, role=role, said=said, by=by, now=now(), note=note)
    print_result(found, review_text(found), as_json=as_json)


@review.command(epilog='Example: salesworthy review adopt --by "M. Weber"')
def adopt(
    context: typer.Context,
    name: Name = None,
    *,
    by: By,
    note: Note = "",
    despite: Annotated[
        str, typer.Option("--despite", metavar="CODE,...", help="Gate conditions that may fail: you answer for them.")
    ] = "",
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why they may; goes with --despite.")] = "",
    as_json: AsJson = False,
) -> None:
    """Put the proposal in force, once all three approve: a signed policy, a promoted model, or both."""
    from salesworthy.runs.review_adoption import adopt as put_in_force

    with progress_bar() as progress:
        found = put_in_force(
            context.obj.open(),
            name,
            by=by,
            now=now(),
            note=note,
            despite=tuple(code.strip().upper() for code in despite.split(",") if code.strip()),
            because=because,
            progress=progress,
        )
    print_result(found, review_text(found), as_json=as_json)


@review.command(epilog='Example: salesworthy review rollback --by "M. Weber" --note "complaints from sales"')
def rollback(context: typer.Context, *, by: By, note: Note = "", as_json: AsJson = False) -> None:
    """Take the latest adoption back: the policy and the model before it are in force again."""
    from salesworthy.runs.review_adoption import roll_back

    found = roll_back(context.obj.open(), by=by, now=now(), note=note)
    print_result(found, review_text(found), as_json=as_json)


@review.command(epilog="Example: salesworthy review minutes --out minutes.html")
def minutes(
    context: typer.Context,
    name: Name = None,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write them there; a page where it ends in .html.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the minutes: evidence, proposal, replay, votes with names, decision, versions before and after."""
    from salesworthy.runs.review import minutes_of, write_minutes

    text = minutes_of(context.obj.open(), name)
    if out is None:
        print_result({"minutes": text}, text, as_json=as_json)
        return
    write_minutes(text, out)
    print_result({"out": str(out)}, f"Wrote {out}", as_json=as_json)
