"""Erasures on paper: what was found before anything changed, and the receipt at the end; nobody is named in either."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from salesworthy.domain.moments import format_moment
from salesworthy.intake.suppression import FOLDER, Suppression
from salesworthy.runs.erase_cells import People
from salesworthy.runs.erase_files import files_below
from salesworthy.runs.erase_find import found_anywhere, models_that_knew
from salesworthy.runs.erase_held import ids_held
from salesworthy.runs.erase_places import REVIEWS, place_name
from salesworthy.runs.erase_removal import write_document
from salesworthy.runs.erase_scan import POLICY_FILES, scan
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


@dataclass(frozen=True)
class Case:
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


def twins_begun(workspace: Workspace, places: tuple[Path, ...], listed: Suppression, who: str) -> frozenset[str]:
    """Further ids of the person that an interrupted attempt knew, as far as something still names them."""
    path = _journal(workspace, who)
    hashes = set(json.loads(path.read_text(encoding="utf-8"))["also"]) if path.is_file() else set()
    held = ids_held(workspace, places) if hashes else set()
    return frozenset(lead for lead in held if listed.hash_of(lead) in hashes)


def begin(case: Case) -> dict[str, Any]:
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
    write_document(case.journal, document)
    return document


def finish(case: Case, begun: dict[str, Any]) -> Receipt:
    """Look through everything once more, and write the receipt."""
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
    write_document(path, document)
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
    overrides = re.compile(rf"\blead:\s*['\"]?(?:{'|'.join(map(re.escape, sorted(people.ids)))})['\"]?\s*(?:[,}}\n]|$)")
    folders = [workspace.folder / REVIEWS, *([] if folder is None else [folder])]
    paths = [path for each in folders for path in files_below(each) if path.suffix in POLICY_FILES]
    texts = {place_name(path, workspace): path.read_text(encoding="utf-8") for path in paths}
    return [name for name, text in texts.items() if overrides.search(text) or people.in_text(text)]


def pending(workspace: Workspace) -> int:
    """Erasures that were begun and not finished."""
    return len(list((workspace.folder / FOLDER / PENDING).glob("*.json")))
