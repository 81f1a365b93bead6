"""Published runs without a person: rows and packets go, the manifest says so, and its hashes hold again.

A run is written anew beside itself and put in its place in one step, so a reader finds the run before or after, and a
crash leaves one of them.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from salesworthy.ledger.durable import sync, sync_tree
from salesworthy.runs.erase_cells import GONE, People
from salesworthy.runs.erase_files import STAGE, clean_file, count, files_below, write_without
from salesworthy.runs.publish import MANIFEST, clean_stages, drop_unfinished, file_facts

NOTES = "erasures"
"""Key of a manifest: what was taken out of the run since it was published."""
OLD = ".before-erasure-"
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def runs_of(place: Path) -> list[Path]:
    """The published runs of a place, the shadows among them."""
    folders = [place / "runs", place / "shadow" / "runs"]
    return [run for folder in folders for run in sorted(folder.glob("[!.]*")) if (run / MANIFEST).is_file()]


def heal(place: Path) -> None:
    """Finish or remove what an erasure, or a run, that died left behind; for the holder of the place's lock.

    A run that could be continued is not: its stage holds rows of people, and nobody looks there for a person.
    """
    for each in (place, place / "shadow"):
        clean_stages(each)
        drop_unfinished(each)
    for folder in (place / "runs", place / "shadow" / "runs"):
        for old in sorted(folder.glob(f"{OLD}*")):
            run = folder / old.name.removeprefix(OLD)
            if not run.exists():
                folder.joinpath(f"{STAGE}{run.name}").rename(run)
            shutil.rmtree(old)
        for stage in sorted(folder.glob(f"{STAGE}*")):
            shutil.rmtree(stage)


def found_in(run: Path, people: People) -> dict[str, int]:
    """File of a run -> rows and parts in it that are about these persons."""
    paths = {path.relative_to(run).as_posix(): path for path in files_below(run)}
    return {name: found for name, path in paths.items() if (found := count(path, people))}


def clean_run(run: Path, people: People, note: Mapping[str, Any]) -> dict[str, int]:
    """Take these persons out of a published run.

    Counts of decisions follow; what is said of all leads together (thresholds, alarms, a comparison) stays as it was
    published. Files that were damaged before stay visibly so.

    Args:
        run: Its folder.
        people: Whom.
        note: Goes into the manifest, with the files and the hash of the manifest before.

    Returns:
        File -> rows and parts that went; nothing where nothing was found, and then the run is as it was.
    """
    found = found_in(run, people)
    if not found:
        return {}
    stage = run.with_name(f"{STAGE}{run.name}")
    shutil.rmtree(stage, ignore_errors=True)
    _copy(run, stage, found, people)
    manifest = _manifest(run, stage, found, people, note)
    text = json.dumps(manifest, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
    (stage / MANIFEST).write_text(f"{text}\n", encoding="utf-8")
    shutil.copystat(run, stage)
    sync_tree(stage)
    exchange(stage, run)
    shutil.rmtree(stage, ignore_errors=True)
    sync(run.parent)
    return found


def clean_exports(place: Path, people: People) -> dict[str, int]:
    """Take these persons out of upload files that lie where runs are published."""
    paths = list(files_below(place / "exports"))
    return {f"exports/{path.name}": found for path in paths if (found := clean_file(path, people))}


def _copy(run: Path, stage: Path, found: Mapping[str, int], people: People) -> None:
    for path in files_below(run):
        name = path.relative_to(run).as_posix()
        target = stage / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if name == MANIFEST:
            continue
        if name in found:
            write_without(path, target, people)
        else:
            _same(path, target)


def _same(path: Path, target: Path) -> None:
    try:
        os.link(path, target)
    except OSError:
        shutil.copy2(path, target)


def _manifest(
    run: Path, stage: Path, found: Mapping[str, int], people: People, note: Mapping[str, Any]
) -> dict[str, Any]:
    before = (run / MANIFEST).read_bytes()
    cleaned, _ = people.cleaned(json.loads(before))
    manifest: dict[str, Any] = {} if cleaned is GONE else cleaned
    files = dict(manifest["files"])
    for name in found.keys() & files.keys():
        if files[name]["sha256"] == file_facts(run / name)["sha256"]:
            files[name] = file_facts(stage / name)
    counts = Counter(manifest.get("counts", {}))
    counts.subtract(_decisions(run, people))
    told = {**note, "files": dict(found), "manifest_before": hashlib.sha256(before).hexdigest()}
    return {
        **manifest,
        "files": files,
        "counts": {name: number for name, number in counts.items() if number > 0},
        NOTES: [*manifest.get(NOTES, []), told],
    }


def _decisions(run: Path, people: People) -> Counter[str]:
    """Decisions of these persons in a run."""
    found: Counter[str] = Counter()
    for path in sorted((run / "scores").glob("*.parquet")):
        if not {"lead_id", "decision"} <= set(pq.read_schema(path).names):
            continue
        rows = pq.read_table(path, columns=["lead_id", "decision"], filters=pc.field("lead_id").isin(list(people.ids)))
        found.update(rows["decision"].to_pylist())
    return found


def exchange(one: Path, other: Path) -> None:
    """Let two folders change names in one step; in two where the system cannot, and ``heal`` knows of the middle."""
    swap = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if swap is not None:
        paths = (os.fsencode(one), os.fsencode(other))
        if swap(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0:
            return
        if ctypes.get_errno() not in {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP}:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(other))
    aside = other.with_name(f"{OLD}{other.name}")
    other.rename(aside)
    one.rename(other)
    shutil.rmtree(aside, ignore_errors=True)
