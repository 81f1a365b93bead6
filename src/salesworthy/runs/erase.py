"""Erase: one person out of everything that the product wrote, kept out from then on, with a receipt.

The order makes a crash harmless: what is found is written down first (by numbers, without the person), then the person
goes on the list of who stays out, then everything is taken away; each step can be repeated, and the same command again
finishes what was begun.
"""

from __future__ import annotations

from pathlib import Path

from salesworthy.domain.moments import format_moment
from salesworthy.intake.suppression import Suppression, Why, read_suppression
from salesworthy.ledger.records import named
from salesworthy.runs.erase_find import people_of, twins_of
from salesworthy.runs.erase_places import all_locked, places_of
from salesworthy.runs.erase_published import heal
from salesworthy.runs.erase_receipt import Case, Receipt, begin, finish, twins_begun
from salesworthy.runs.erase_rejected import without_rejected
from salesworthy.runs.erase_removal import remove, write_suppression
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.workspace import Workspace


def erase(
    workspace: Workspace, lead_id: str, *, by: str, now: int, more: tuple[Path, ...] = (), progress: Progress = silent
) -> Receipt:
    """Erase a person from everything that the product wrote, and write a receipt.

    Further entries of the person, where duplicates were joined, go with them.

    A lead that nobody knows gets a receipt that says so, and stays out from then on all the same. The same erasure
    again finds nothing, or finishes one that was interrupted.

    Args:
        workspace: Whose.
        lead_id: Whom.
        by: Who says so.
        now: This moment, in microseconds.
        more: Places where runs were published, beside those that the workspace remembers.
        progress: Told about the steps.

    Raises:
        WrongUsage: When nobody is named.
        RunLocked: When somebody publishes or erases at this moment.
        UserError: When a file that may hold the person cannot be read.
    """
    actor = named(by)
    places = places_of(workspace, more)
    with all_locked(workspace, places):
        for place in places:
            heal(place)
        progress("looking", 0.0)
        listed = _salted(workspace)
        who = listed.hash_of(lead_id)
        twins = twins_of(workspace, frozenset({lead_id})) | twins_begun(workspace, places, listed, who)
        people = people_of(workspace, frozenset({lead_id, *twins}))
        case = Case(workspace, places, people, who, actor, now, tuple(sorted(map(listed.hash_of, twins))))
        begun = begin(case)
        listed = without_rejected(listed.adding(people.ids, why=Why.ERASED, at=now), workspace, people, at=now)
        write_suppression(workspace, listed)
        progress("taking away", 0.0)
        note = {"lead": case.who, "why": str(Why.ERASED), "at": format_moment(now)}
        remove(workspace, places, people, note=note, by=actor, now=now)
        progress("the last look", 0.0)
        return finish(case, begun)


def _salted(workspace: Workspace) -> Suppression:
    """The list of who stays out; its salt is on the disk before anything is named by it."""
    found = read_suppression(workspace.folder)
    if not found.salt:
        found = found.salted()
        write_suppression(workspace, found)
    return found
