"""What an erasure or a purge does: persons out of everything that was written, step by step, each repeatable."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from salesworthy.domain.errors import UserError
from salesworthy.intake.suppression import FILE, FOLDER, Suppression, as_document
from salesworthy.ledger.durable import sync
from salesworthy.runs.erase_cells import People
from salesworthy.runs.erase_files import clean_file
from salesworthy.runs.erase_find import documents_of
from salesworthy.runs.erase_places import caches_of
from salesworthy.runs.erase_published import clean_exports, clean_run, runs_of
from salesworthy.runs.erase_rejected import take_rejected_away
from salesworthy.runs.workspace import Workspace


def remove(
    workspace: Workspace, places: tuple[Path, ...], people: People, *, note: dict[str, Any], by: str, now: int
) -> None:
    """Take persons out of caches, the record of rows set aside, published runs, exports, documents and the ledger.

    Each step can be repeated.

    Args:
        workspace: Whose.
        places: Where runs are published; locked by the caller.
        people: Whom.
        note: Goes into the manifests of the runs that change.
        by: Who says so.
        now: This moment, in microseconds.
    """
    wipe_caches(workspace)
    take_rejected_away(workspace, people)
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
    write_document(workspace.folder / FOLDER / FILE, as_document(found))


def write_document(path: Path, document: dict[str, Any]) -> None:
    """Write a JSON document of ours: whole, or not at all.

    Raises:
        UserError: When the disk is full, or the place cannot be written.
    """
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
