"""The calibration review: opened on evidence, proposed with a replay, voted on unseen, and written down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from salesworthy.domain.errors import GateRefused, WrongUsage
from salesworthy.domain.moments import format_moment
from salesworthy.domain.names import nearest
from salesworthy.ledger.records import named
from salesworthy.ledger.reviews import VOTE_WORDS, Review, Vote
from salesworthy.review.minutes import minutes
from salesworthy.review.permissions import check_can_see_votes, check_can_vote
from salesworthy.runs.lock import run_lock
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.review_case import finish_what_was_cut_off, the_case, told
from salesworthy.runs.review_evidence import evidence
from salesworthy.runs.review_files import EVIDENCE, check_name, folder_of_review, folder_of_reviews, write_document
from salesworthy.runs.workspace import Workspace


def open_review(
    workspace: Workspace, *, as_of: int, by: str, now: int, name: str | None = None, progress: Progress = silent
) -> dict[str, Any]:
    """Open a review: collect the evidence and freeze it.

    Args:
        workspace: Whose.
        as_of: What was known by then is the evidence, in microseconds.
        by: Who opens it.
        now: When, in microseconds.
        name: What it is called; the day by default.
        progress: Told about the steps.

    Returns:
        The review as ``review show --json`` prints it.

    Raises:
        WrongUsage: When the name cannot be one, or nobody is named.
        GateRefused: When there is a review of that name.
    """
    named(by)
    with run_lock(folder_of_reviews(workspace)):
        finish_what_was_cut_off(workspace)
        chosen = _free_name(workspace, as_of) if name is None else _new_name(workspace, name)
        found = evidence(workspace, as_of=as_of, progress=progress)
        sha256 = write_document(folder_of_review(workspace, chosen) / EVIDENCE, found)
        workspace.ledger.reviews.open(Review(chosen, as_of, sha256, by, now))
    return show(workspace, chosen)


def show(workspace: Workspace, review_id: str | None = None, *, votes: bool = False) -> dict[str, Any]:
    """A review, or the newest, with everything that may be seen of it now.

    Args:
        workspace: Whose.
        review_id: Which.
        votes: Whether the votes are asked for.

    Raises:
        WrongUsage: When there is no such review.
        GateRefused: When votes are asked for before all are in.
    """
    case = the_case(workspace, review_id)
    if votes:
        check_can_see_votes(case)
    return told(workspace, case)


def vote(
    workspace: Workspace, review_id: str | None, *, role: str, said: str, by: str, now: int, note: str = ""
) -> dict[str, Any]:
    """Vote on the newest proposal of a review.

    Args:
        workspace: Whose.
        review_id: Which; the newest by default.
        role: In which role.
        said: ``approve``, ``reject`` or ``changes``.
        by: Who votes.
        now: When, in microseconds.
        note: Why, in words; seen with the votes.

    Raises:
        WrongUsage: When there is no such review, role or vote.
        GateRefused: When this person may not vote, or not any more.
    """
    if said not in VOTE_WORDS:
        raise WrongUsage(f"{said!r} is no vote", where="--vote", todo=nearest(said, VOTE_WORDS))
    case = the_case(workspace, review_id)
    check_can_vote(case, role=role, by=by)
    workspace.ledger.reviews.vote(Vote(case.proposals[-1].proposal_id, role, said, note.strip(), by, now))
    return show(workspace, case.review.review_id)


def minutes_of(workspace: Workspace, review_id: str | None = None) -> str:
    """The minutes of a review, or of the newest, as Markdown.

    Raises:
        WrongUsage: When there is no such review.
    """
    return minutes(show(workspace, review_id))


def minutes_page(text: str) -> str:
    """Minutes as an HTML page that needs nothing else."""
    from salesworthy.reporting.markdown import from_markdown
    from salesworthy.reporting.page import page

    return page(text.partition("\n")[0].removeprefix("# "), [from_markdown(text)])


def write_minutes(text: str, path: Path) -> None:
    """Write minutes to a file; a page where its name ends in ``.html``."""
    from salesworthy.runs.governance import write_text

    write_text(path, minutes_page(text) if path.suffix.lower() in (".html", ".htm") else text)


def _new_name(workspace: Workspace, name: str) -> str:
    if any(each.review_id == check_name(name) for each in workspace.ledger.reviews.all()):
        raise GateRefused(f"there is a review {name} already", where="--name", todo="take another name")
    return name


def _free_name(workspace: Workspace, as_of: int) -> str:
    taken = {each.review_id for each in workspace.ledger.reviews.all()}
    day = format_moment(as_of)[:10]
    return next(name for number in range(1, len(taken) + 2) if (name := _numbered(day, number)) not in taken)


def _numbered(day: str, number: int) -> str:
    return day if number == 1 else f"{day}-{number}"
