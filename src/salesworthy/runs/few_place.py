"""Where the SQL about a few leads is kept, and what it hangs on.

It lies in the workspace's cache, under a name made of everything that decides it but the day: settings, definitions,
policy, model, the columns of the tables, and the versions of what wrote it. What of the policy holds on a day is looked
at beside it.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from salesworthy.policy.dated import DatedNumber
from salesworthy.policy.parts import Day, Part, Spell
from salesworthy.policy.raw import policy_files
from salesworthy.runs.few_script import Script

if TYPE_CHECKING:
    from salesworthy.intake.checked import CheckedTables
    from salesworthy.policy.document import Policy
    from salesworthy.runs.champion import LoadedModel
    from salesworthy.runs.workspace import Workspace

FOLDER = "few_leads"
KEPT = 8
"""Scripts that are kept; the oldest go."""
_WRITERS = ("duckdb", "ibis-framework", "sqlglot", "pyarrow")
_SOURCES = ("domain", "engines", "features", "outcomes", "qualification", "rules", "runs")


def key_of(workspace: Workspace, checked: CheckedTables, model: LoadedModel | None) -> str:
    """The name of the script for a workspace as it is now.

    Args:
        workspace: Whose leads.
        checked: Its tables: their columns count, not their rows.
        model: The model in force; None where there is none.
    """
    found = hashlib.sha256(_of_software())
    columns = {
        table: [[name, each.kind, each.present] for name, each in of_table.items()]
        for table, of_table in checked.schema.items()
    }
    settings = workspace.settings.model_dump(mode="json", exclude={"scoring", "engine", "ledger", "mlflow"})
    parts = [columns, settings, None if model is None else model.bundle.sha256]
    found.update(json.dumps(parts, sort_keys=True, default=str).encode())
    for path in _written_by_people(workspace):
        found.update(path.read_bytes() if path.is_file() else b"-")
    return found.hexdigest()[:32]


def find(workspace: Workspace, key: str) -> Script | None:
    """The script of that name; None where none is kept, or it is damaged."""
    try:
        return Script.from_json(_place(workspace, key).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def keep(workspace: Workspace, key: str, script: Script) -> None:
    """Keep a script under its name; complete or not at all."""
    place = _place(workspace, key)
    place.parent.mkdir(parents=True, exist_ok=True)
    stage = place.with_name(f".{key}.{os.getpid()}-{secrets.token_hex(4)}")
    try:
        stage.write_text(script.to_json(), encoding="utf-8")
        stage.replace(place)
    finally:
        stage.unlink(missing_ok=True)
    others = sorted(place.parent.glob("*.json"), key=lambda each: each.stat().st_mtime, reverse=True)
    for old in others[KEPT:]:
        old.unlink(missing_ok=True)


def state_on(policy: Policy, day: Day) -> str:
    """What of a policy holds on a day, as a hash: every dated number, and whether every dated part is in force."""
    return hashlib.sha256(json.dumps(list(_state(policy, day))).encode()).hexdigest()


def _state(part: object, day: Day) -> Iterator[float | bool | None]:
    if isinstance(part, Spell):
        yield part.is_in_force(day)
    if isinstance(part, DatedNumber):
        yield part.at(day)
    elif isinstance(part, Part):
        for name in type(part).model_fields:
            yield from _state(getattr(part, name), day)
    elif isinstance(part, list | tuple):
        for each in part:
            yield from _state(each, day)
    elif isinstance(part, dict):
        for key in sorted(part, key=str):
            yield from _state(part[key], day)


def _place(workspace: Workspace, key: str) -> Path:
    return workspace.cache / FOLDER / f"{key}.json"


def _written_by_people(workspace: Workspace) -> Iterator[Path]:
    for name in workspace.settings.features.catalogue:
        yield workspace.folder / name
    yield from policy_files(workspace.folder / workspace.settings.policy.path)


@cache
def _of_software() -> bytes:
    """A hash of whatever writes SQL."""
    found = hashlib.sha256("".join(f"{name} {version(name)}\n" for name in _WRITERS).encode())
    package = Path(__file__).parent.parent
    for folder in _SOURCES:
        for path in sorted(package.joinpath(folder).rglob("*")):
            if path.suffix in (".py", ".yaml"):
                found.update(path.read_bytes())
    return found.digest()
