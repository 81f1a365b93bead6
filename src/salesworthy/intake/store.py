"""The store of checked tables: written whole or not at all, found again by fingerprint, rebuilt when damaged."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from salesworthy.domain.findings import Finding, Severity
from salesworthy.domain.marks import ColumnMark, MarkKind
from salesworthy.domain.tables import Kind
from salesworthy.intake.checked import CheckedTables, ColumnFacts, TableReport
from salesworthy.intake.content_hashes import sha256
from salesworthy.ledger.durable import sealed, sync_tree, unsealed

MANIFEST = "manifest.json"
STAGE = ".stage-"
KEPT_RESULTS = 4
STALE_SECONDS = 24 * 3600
FILES = ("paths", "rejected", "merged", "uncertain")
"""Groups of files that belong to checked tables."""


def new_stage(folder: Path) -> Path:
    """A folder to write checked tables to."""
    stage = folder / f"{STAGE}{os.getpid()}-{secrets.token_hex(4)}"
    stage.mkdir(parents=True)
    return stage


def find(folder: Path, fingerprint: str, *, hashed: bool = False) -> CheckedTables | None:
    """Checked tables that are stored already; None where there are none, or they are damaged.

    Args:
        folder: The store.
        fingerprint: Of the tables.
        hashed: Whether files are held against their hashes also where their time stamps are as they were written: a
            disk that errs leaves no time stamp. It reads them once, at about a gigabyte a second.
    """
    place = folder / fingerprint
    try:
        manifest = unsealed((place / MANIFEST).read_text(encoding="utf-8"))
        if manifest["fingerprint"] != fingerprint or not all(
            _is_whole(place / name, facts, hashed=hashed) for name, facts in manifest["files"].items()
        ):
            return None
        found = _read(place, manifest)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    os.utime(place)
    return found


def _is_whole(path: Path, facts: Mapping[str, Any], *, hashed: bool) -> bool:
    stat = path.stat()
    if stat.st_size != facts["size"]:
        return False
    if stat.st_mtime_ns == facts["mtime_ns"] and not hashed:
        return True
    return bool(sha256(path) == facts["sha256"])


def put(folder: Path, stage: Path, checked: CheckedTables) -> CheckedTables:
    """Store checked tables that lie in a stage; where another process was faster, its equal result stands.

    Args:
        folder: The store.
        stage: Where the tables lie now.
        checked: What they are, with paths inside the stage.
    """
    (stage / MANIFEST).write_text(sealed(_manifest(stage, checked)), encoding="utf-8")
    sync_tree(stage)
    place = folder / checked.fingerprint
    for _ in range(5):
        try:
            stage.rename(place)
        except OSError:
            found = find(folder, checked.fingerprint, hashed=True)
            if found is not None:
                shutil.rmtree(stage, ignore_errors=True)
                return found
            _move_away(place)
        else:
            break
    stored = find(folder, checked.fingerprint)
    if stored is None:
        raise OSError(f"{place} cannot be written")
    return stored


def _move_away(place: Path) -> None:
    dead = place.with_name(f"{STAGE}dead-{secrets.token_hex(4)}")
    try:
        place.rename(dead)
    except OSError:
        return
    shutil.rmtree(dead, ignore_errors=True)


def clean(folder: Path, *, keep: str) -> None:
    """Remove dead stages and all but the most recently used results."""
    results = []
    for each in folder.iterdir() if folder.is_dir() else ():
        try:
            age = time.time() - each.stat().st_mtime
        except OSError:
            continue
        if each.name.startswith(STAGE) and age > STALE_SECONDS:
            shutil.rmtree(each, ignore_errors=True)
        elif (each / MANIFEST).exists() and each.name != keep:
            results.append((age, each))
    for _, each in sorted(results)[KEPT_RESULTS - 1 :]:
        shutil.rmtree(each, ignore_errors=True)


def _manifest(stage: Path, checked: CheckedTables) -> dict[str, Any]:
    files = {
        str(path.relative_to(stage)): {
            "size": path.stat().st_size,
            "mtime_ns": path.stat().st_mtime_ns,
            "sha256": sha256(path),
        }
        for path in sorted(path for group in _files(checked).values() for path in group.values())
    }
    return {
        "fingerprint": checked.fingerprint,
        "files": files,
        "schema": {
            table: [
                [name, facts.kind.value, facts.present, facts.carried, _mark(facts.mark)]
                for name, facts in columns.items()
            ]
            for table, columns in checked.schema.items()
        },
        "tables": list(checked.paths),
        **{
            group: {table: str(path.relative_to(stage)) for table, path in paths.items()}
            for group, paths in _files(checked).items()
        },
        "reports": [asdict(each) for each in checked.reports],
        "findings": [each.as_dict() for each in checked.findings],
    }


def _files(checked: CheckedTables) -> dict[str, Mapping[str, Path]]:
    return {group: getattr(checked, group) for group in FILES}


def _mark(mark: ColumnMark | None) -> list[str] | None:
    return None if mark is None else [mark.kind.value, mark.by]


def _read(place: Path, manifest: Mapping[str, Any]) -> CheckedTables:
    tables = manifest["tables"]
    return CheckedTables(
        schema={
            table: {
                name: ColumnFacts(Kind(kind), present, carried, mark and ColumnMark(MarkKind(mark[0]), mark[1]))
                for name, kind, present, carried, mark in manifest["schema"][table]
            }
            for table in tables
        },
        **{
            group: {table: place / manifest[group][table] for table in tables if table in manifest[group]}
            for group in FILES
        },
        reports=tuple(TableReport(**each) for each in manifest["reports"]),
        findings=tuple(Finding(**{**each, "severity": Severity(each["severity"])}) for each in manifest["findings"]),
        fingerprint=manifest["fingerprint"],
    )
