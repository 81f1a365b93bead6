"""Erase: one person out of everything that the product wrote, kept out from then on, with a receipt.

The order makes a crash harmless: what is found is written down first (by numbers, without the person), then the person
goes on the list of who stays out, then everything is taken away; each step can be repeated, and the same command again
finishes what was begun.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from salesworthy.domain.errors import UserError
from salesworthy.domain.moments import format_moment
from salesworthy.intake.suppression import FILE, FOLDER, Suppression, Why, as_document, read_suppression
from salesworthy.ledger.durable import sync
from salesworthy.ledger.records import named
from salesworthy.runs.erase_cells import People
from salesworthy.runs.erase_files import clean_file
from salesworthy.runs.erase_find import documents_of, found_anywhere, models_that_knew, people_of, twins_of
from salesworthy.runs.erase_held import ids_held
from salesworthy.runs.erase_places import all_locked, caches_of, places_of
from salesworthy.runs.erase_published import clean_exports, clean_run, heal, runs_of
from salesworthy.runs.erase_scan import scan
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.run_policy import policy_folder
from salesworthy.runs.workspace import Workspace

PENDING = "pending"
RECEIPTS = "receipts"
SOURCE = (
    "The source system and the raw exports still hold the person's rows: they belong to you, and are not changed. "
    "Intake keeps them out from now on, and counts them as suppressed."
)
BACKUPS = "Backups, files that people copied or named themselves, and an MLflow server elsewhere are not reached."


@dataclass(frozen=True)
class Receipt:
    """What an erasure found and did; ``document`` holds no personal data beyond a salted hash."""

    path: Path
    document: dict[str, Any]

    @property
    def complete(self) -> bool:
        """Whether the last look found nothing any more."""
        return not self.document["left"]

    def as_dict(self) -> dict[str, Any]:
        """The receipt as ``erase --json`` prints it."""
        return {**self.document, "receipt": str(self.path)}


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
        twins = twins_of(workspace, lead_id) | _twins_begun(workspace, places, listed, who)
        people = people_of(workspace, frozenset({lead_id, *twins}))
        case = _Case(workspace, places, people, who, actor, now, tuple(sorted(map(listed.hash_of, twins))))
        begun = _begin(case)
        write_suppression(workspace, listed.adding(people.ids, why=Why.ERASED, at=now))
        progress("taking away", 0.0)
        note = {"lead": case.who, "why": str(Why.ERASED), "at": format_moment(now)}
        remove(workspace, places, people, note=note, by=actor, now=now)
        progress("the last look", 0.0)
        return _finish(case, begun)


def remove(
    workspace: Workspace, places: tuple[Path, ...], people: People, *, note: dict[str, Any], by: str, now: int
) -> None:
    """Take persons out of caches, published runs, exports, documents and the ledger; each step can be repeated.

    Args:
        workspace: Whose.
        places: Where runs are published; locked by the caller.
        people: Whom.
        note: Goes into the manifests of the runs that change.
        by: Who says so.
        now: This moment, in microseconds.
    """
    wipe_caches(workspace)
    for place in places:
        for run in runs_of(place):
            clean_run(run, people, note)
        clean_exports(place, people)
    for path in documents_of(workspace):
        clean_file(path, people)
    for lead in sorted(people.ids):
        workspace.ledger.people.erase(lead, by=by, now=now)


def wipe_caches(workspace: Workspace) -> None:
    """Remove everything in the cache that may hold rows of leads; the next command makes it again."""
    for each in caches_of(workspace):
        if each.is_dir():
            dead = each.with_name(f".dead-{secrets.token_hex(4)}")
            each.rename(dead)  # a reader finds all of it or nothing
            shutil.rmtree(dead)
        else:
            each.unlink()


def write_suppression(workspace: Workspace, found: Suppression) -> None:
    """Put the list of who stays out in force: written whole, or not at all."""
    _write(workspace.folder / FOLDER / FILE, as_document(found))


def pending(workspace: Workspace) -> int:
    """Erasures that were begun and not finished."""
    return len(list((workspace.folder / FOLDER / PENDING).glob("*.json")))


@dataclass(frozen=True)
class _Case:
    """One erasure: where, whom, by what hash receipts know them (and their further entries), who says so, and when."""

    workspace: Workspace
    places: tuple[Path, ...]
    people: People
    who: str
    by: str
    now: int
    twins: tuple[str, ...]

    @property
    def journal(self) -> Path:
        """What is known of an erasure that is not finished."""
        return _journal(self.workspace, self.who)


def _journal(workspace: Workspace, who: str) -> Path:
    return workspace.folder / FOLDER / PENDING / f"{who}.json"


def _twins_begun(workspace: Workspace, places: tuple[Path, ...], listed: Suppression, who: str) -> frozenset[str]:
    """Further ids of the person that an interrupted attempt knew, as far as something still names them."""
    path = _journal(workspace, who)
    hashes = set(json.loads(path.read_text(encoding="utf-8"))["also"]) if path.is_file() else set()
    held = ids_held(workspace, places) if hashes else set()
    return frozenset(lead for lead in held if listed.hash_of(lead) in hashes)


def _salted(workspace: Workspace) -> Suppression:
    """The list of who stays out; its salt is on the disk before anything is named by it."""
    found = read_suppression(workspace.folder)
    if not found.salt:
        found = found.salted()
        write_suppression(workspace, found)
    return found


def _begin(case: _Case) -> dict[str, Any]:
    """What is found, written down before anything changes; what an interrupted attempt had found counts too."""
    found = found_anywhere(case.workspace, case.places, case.people)
    before: dict[str, Any] = {}
    if case.journal.is_file():
        before = json.loads(case.journal.read_text(encoding="utf-8"))
    document = {
        "lead": case.who,
        "also": sorted({*before.get("also", ()), *case.twins}),
        "begun_at": before.get("begun_at", format_moment(case.now)),
        "found": merged(before.get("found", {}), found),
        "models": before["models"] if before else models_that_knew(case.workspace, case.people),
    }
    _write(case.journal, document)
    return document


def _finish(case: _Case, begun: dict[str, Any]) -> Receipt:
    files, left = scan(case.workspace, case.places, case.people)
    found = {place: told for place, told in begun["found"].items() if told}
    document = {
        **begun,
        "found": found,
        "nothing_found": not found,
        "by": case.by,
        "at": format_moment(case.now),
        "looked_through": files,
        "left": left,
        "named_in_policy": _named_in_policy(case.workspace, case.people),
        "notes": [SOURCE, BACKUPS],
    }
    stamp = format_moment(case.now).translate(str.maketrans("", "", "-:."))
    path = case.workspace.folder / FOLDER / RECEIPTS / f"{stamp}-{case.who[:12]}.json"
    _write(path, document)
    case.journal.unlink(missing_ok=True)
    return Receipt(path, document)


def merged(one: Any, other: Any) -> Any:
    """Two counts of the same places: of each the larger, since an interrupted attempt took some away."""
    if isinstance(one, dict) and isinstance(other, dict):
        names = [*one, *(name for name in other if name not in one)]
        return {name: merged(one.get(name), other.get(name)) for name in names}
    return max(one or 0, other or 0) if not isinstance(one or other, dict) else one or other


def _named_in_policy(workspace: Workspace, people: People) -> list[str]:
    """Files of the policy that name the person: people signed them, so people change them."""
    folder = policy_folder(workspace)
    if folder is None:
        return []
    overrides = re.compile(rf"\blead:\s*['\"]?(?:{'|'.join(map(re.escape, sorted(people.ids)))})['\"]?\s*(?:[,}}\n]|$)")
    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.y*ml"))}
    return [name for name, text in texts.items() if overrides.search(text) or people.in_text(text)]


def _write(path: Path, document: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    stage = path.with_name(f".{path.name}.{os.getpid()}.stage")
    try:
        stage.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        sync(stage)
        stage.replace(path)
        sync(path.parent)
    except OSError as error:
        stage.unlink(missing_ok=True)
        todo = "make room, or mend its permissions, and repeat"
        raise UserError(f"this cannot be written: {error.strerror}", where=str(path), todo=todo) from error
