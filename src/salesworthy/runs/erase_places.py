"""Everywhere that the product writes for a workspace: known places, and those that somebody named with ``--out``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from salesworthy.intake.rejected_rows import FOLDER as CHECKS
from salesworthy.intake.suppression import FOLDER
from salesworthy.ledger.durable import sync
from salesworthy.runs.lock import run_lock
from salesworthy.runs.workspace import Workspace

REMEMBERED = "places"
PROFILES = "profiles"
KEPT_CACHES = frozenset({PROFILES})
"""Folders of the cache that hold nothing about leads: how long a run's steps took."""
DOCUMENTS = ("feedback", "reports", "mlflow", "tuning", CHECKS)
"""Folders of a workspace that hold documents of ours, beside what is published."""
PAIRS = "duplicates.csv"
"""What people said of pairs of entries."""
SEALED = ("models", "mlflow")
"""Folders that hold model bundles, whose files a hash in the ledger names: they are looked through, never changed."""
REVIEWS = "reviews"
"""Documents of reviews, which name nobody by design, and policies, which people signed: never changed either."""


def remember(workspace: Workspace, place: Path) -> None:
    """Note a place that somebody named with ``--out``, so that an erasure finds it."""
    place = place.resolve()
    if place == workspace.default_out.resolve():
        return
    folder = workspace.folder / FOLDER / REMEMBERED
    note = folder / hashlib.sha256(str(place).encode()).hexdigest()[:16]
    if not note.exists():
        folder.mkdir(parents=True, exist_ok=True)
        stage = note.with_name(f".{note.name}.stage")
        stage.write_text(f"{place}\n", encoding="utf-8")
        sync(stage)
        stage.replace(note)
        sync(folder)


def places_of(workspace: Workspace, more: tuple[Path, ...] = ()) -> tuple[Path, ...]:
    """Places where runs of a workspace are published, as far as they are there."""
    notes = sorted((workspace.folder / FOLDER / REMEMBERED).glob("[!.]*"))
    named = [Path(note.read_text(encoding="utf-8").rstrip("\n")) for note in notes]
    every = [workspace.default_out, *named, *more]
    return tuple(dict.fromkeys(place.resolve() for place in every if place.is_dir()))


@contextmanager
def all_locked(workspace: Workspace, places: tuple[Path, ...]) -> Iterator[None]:
    """Nobody else erases here, records rows set aside or publishes to any of the places, while this is open.

    Raises:
        RunLocked: When somebody does at this moment.
    """
    with ExitStack() as locks:
        for folder in (workspace.folder / FOLDER, workspace.folder / CHECKS, *places):
            locks.enter_context(run_lock(folder))
        yield


def caches_of(workspace: Workspace) -> list[Path]:
    """What lies in the cache and may hold rows of leads; all of it can be made again."""
    if not workspace.cache.is_dir():
        return []
    return [each for each in sorted(workspace.cache.iterdir()) if each.name not in KEPT_CACHES]


def is_sealed(path: Path, workspace: Workspace) -> bool:
    """Whether a file belongs to a model bundle, here or in the local MLflow store."""
    inside = path.relative_to(workspace.folder).parts
    return inside[0] in SEALED and (inside[0] == "models" or "bundle" in inside or "model" in inside)


def place_name(place: Path, workspace: Workspace) -> str:
    """A place as receipts name it."""
    return place.relative_to(workspace.folder).as_posix() if place.is_relative_to(workspace.folder) else str(place)
