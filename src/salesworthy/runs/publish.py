"""Publishing a run: staged, hashed, synced, and given its name in one step; complete or absent.

``OUT/runs/RUN_ID/`` holds a run with its ``manifest.json``. ``OUT/latest`` is a relative symbolic link to the newest:
it can be used as a folder (``OUT/latest/manifest.json``), and reading the link gives the run's name.

Only the holder of the place's lock (``runs.lock``) stages, publishes and cleans.

A long run can be continued after a crash: its stage then has a journal of finished parts beside it (``runs.journal``).
"""

from __future__ import annotations

import errno
import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from hashlib import file_digest
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow.parquet as pq

from salesworthy.domain.errors import UserError
from salesworthy.ledger.durable import sync, sync_tree
from salesworthy.runs.journal import JOURNAL, Journal

MANIFEST = "manifest.json"
LATEST = "latest"

_STAGE = ".stage-"
_FILES, _WORK = ".files", ".work"
"""Endings of the two folders of a stage that can be continued."""
_PENDING = ".latest-"
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}


class RunStage:
    r"""A folder to write a run into, until ``publish`` gives it its name.

    Left without publishing, for whatever reason, the stage is removed and nothing was published.

    Args:
        out: The place that runs are published to.
        run_id: Name of the run.
        newest: Whether ``OUT/latest`` names this run from then on.
        work: Names everything that decides the run's bytes, where it can be continued after a crash; what an earlier
            process finished of the same work is there then.

    Attributes:
        folder: Write files here, in folders if you like.
        journal: Where ``work`` is named, the parts that are finished, with room for what is not published.

    Raises:
        UserError: When the disk is full or the place cannot be written.

    Example:
        >>> out = Path(tempfile.mkdtemp())
        >>> with RunStage(out, "20260701-ab") as stage:
        ...     _ = (stage.folder / "packets.jsonl").write_text("{}\n")
        ...     manifest = stage.publish({"counts": {"MQL": 1}})
        >>> manifest["files"]["packets.jsonl"]["rows"]
        1
        >>> (out / "latest" / "manifest.json").is_file()
        True
    """

    folder: Path
    journal: Journal

    def __init__(self, out: Path, run_id: str, *, newest: bool = True, work: str = "") -> None:
        if not _RUN_ID.fullmatch(run_id):
            raise ValueError(f"{run_id!r} cannot name a run")
        self._out = out
        self._run_id = run_id
        self._newest = newest
        self._work = work
        self._pending = out / f"{_PENDING}{run_id}"
        self._has_name = False

    def __enter__(self) -> RunStage:
        latest = self._out / LATEST
        if latest.exists() and not latest.is_symlink():
            todo = "move it away, or name another place with --out"
            raise UserError("it is in the way of the link to the newest run", where=str(latest), todo=todo)
        try:
            (self._out / "runs").mkdir(parents=True, exist_ok=True)
            if self._work:
                self._open_continued()
            else:
                self.folder = Path(tempfile.mkdtemp(prefix=f"{_STAGE}{self._run_id}-", dir=self._out / "runs"))
            self.folder.chmod(0o755)  # mkdtemp's 0o700 would follow the run to its readers
        except OSError as error:
            raise _explained(error, self._out) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not (self._work and error is not None and _can_go_on(error)):
            shutil.rmtree(self.folder, ignore_errors=True)
            shutil.rmtree(self._beside, ignore_errors=True)
        if not self._has_name:  # else the link is still to be finished by whoever comes next
            self._pending.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in _DISK_ERRORS:
            raise _explained(error, self._out, has_name=self._has_name) from error

    @property
    def _beside(self) -> Path:
        return self._out / "runs" / f"{_STAGE}{self._run_id}{_WORK}"

    def _open_continued(self) -> None:
        self.folder = self._out / "runs" / f"{_STAGE}{self._run_id}{_FILES}"
        self.folder.mkdir(exist_ok=True)
        self.journal = Journal(self._beside, self._work, beside=[self.folder])

    def publish(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        """Write the manifest, sync everything, and give the run its name.

        Args:
            manifest: What the run is; ``run_id`` and ``files`` (SHA-256, bytes and rows of each) are added. The same
                run must give the same manifest, so it holds nothing of when or where it was made.

        Returns:
            The manifest as written.

        Raises:
            UserError: When a run of that name stands already.
        """
        complete = {**manifest, "run_id": self._run_id, "files": _files(self.folder)}
        text = json.dumps(complete, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
        (self.folder / MANIFEST).write_text(f"{text}\n", encoding="utf-8")
        sync_tree(self.folder)
        self._give_name()
        return complete

    def _give_name(self) -> None:
        # The link is prepared before the run gets its name: whoever comes after a crash in between finishes the step.
        self._pending.unlink(missing_ok=True)
        if self._newest:
            self._pending.symlink_to(Path("runs") / self._run_id)
            sync(self._out)
        target = self._out / "runs" / self._run_id
        try:
            self.folder.rename(target)
        except OSError as error:
            if error.errno not in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}:
                raise
            raise UserError("a run of that name stands already", where=str(target), todo="remove it first") from error
        self._has_name = True
        sync(target.parent)
        if self._newest:
            self._pending.rename(self._out / LATEST)
            sync(self._out)


def clean_stages(out: Path) -> None:
    """Finish or remove what runs that died left behind; only for the holder of the lock.

    A run that got its name becomes the newest; a stage that did not is removed, unless it can be continued.
    """
    for pending in sorted(out.glob(f"{_PENDING}*")):
        if (pending / MANIFEST).is_file():
            pending.rename(out / LATEST)
        else:
            pending.unlink()
    for stage in sorted((out / "runs").glob(f"{_STAGE}*")):
        if not _is_continuable(stage):
            shutil.rmtree(stage)


def drop_unfinished(out: Path, *, but: str | None = None) -> None:
    """Remove stages that could be continued, of all runs but this; only for the holder of the lock."""
    for stage in sorted((out / "runs").glob(f"{_STAGE}*")):
        if but is None or _run_of(stage) != but:
            shutil.rmtree(stage)


def _run_of(stage: Path) -> str:
    """The run that a stage which can be continued belongs to; empty where it is of the other sort."""
    for ending in (_FILES, _WORK):
        if stage.name.endswith(ending):
            return stage.name.removeprefix(_STAGE).removesuffix(ending)
    return ""


def _is_continuable(stage: Path) -> bool:
    run_id = _run_of(stage)
    has_journal = stage.with_name(f"{_STAGE}{run_id}{_WORK}").joinpath(JOURNAL).is_file()
    return bool(run_id) and has_journal and not stage.with_name(run_id).exists()


def _can_go_on(error: BaseException) -> bool:
    """Whether the same command may get further another time: somebody stopped it, or memory was short."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    return not isinstance(error, Exception) or bool(kinds & {"MemoryError", "OutOfMemoryException"})


def published(out: Path, run_id: str) -> dict[str, Any] | None:
    """The manifest of that run, its files checked against it; None when no such run was published.

    Raises:
        UserError: When the run is damaged: a file changed, vanished, or came in.
    """
    folder = out / "runs" / run_id
    if not folder.is_dir():
        return None
    manifest = _read_manifest(folder)
    found = {name: file["sha256"] for name, file in _files(folder, rows=False).items()}
    written = {name: file["sha256"] for name, file in manifest["files"].items()}
    differing = sorted(name for name in found.keys() | written.keys() if found.get(name) != written.get(name))
    if differing or manifest["run_id"] != run_id:
        raise _damaged(folder, ", ".join(differing) or MANIFEST)
    return manifest


def latest_run(out: Path) -> tuple[Path, dict[str, Any]] | None:
    """Folder and manifest of the newest run; None when there is none. Its files are not checked.

    Raises:
        UserError: When its manifest cannot be read.
    """
    if not (out / LATEST / MANIFEST).is_file():
        return None
    folder = (out / LATEST).resolve()
    return folder, _read_manifest(folder)


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _damaged(folder, MANIFEST) from error
    if not isinstance(manifest, dict) or not {"run_id", "files"} <= manifest.keys():
        raise _damaged(folder, MANIFEST)
    return manifest


def _damaged(folder: Path, what: str) -> UserError:
    todo = "find out who wrote there, remove the folder, and score again"
    return UserError(f"this published run has been changed since: {what}", where=str(folder), todo=todo)


def _explained(error: OSError, out: Path, *, has_name: bool = False) -> UserError:
    done = "the run is complete, and the next one makes it the newest" if has_name else "nothing was published"
    todo = f"make room or mend permissions, then repeat; {done}"
    return UserError(f"the run cannot be written: {error.strerror or error}", where=str(out), todo=todo)


def _files(folder: Path, *, rows: bool = True) -> dict[str, dict[str, Any]]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / MANIFEST)
    return {path.relative_to(folder).as_posix(): file_facts(path, rows=rows) for path in files}


def file_facts(path: Path, *, rows: bool = True) -> dict[str, Any]:
    """What a manifest says of a file: SHA-256, bytes, and rows where it has any."""
    with path.open("rb") as file:
        facts: dict[str, Any] = {"sha256": file_digest(file, "sha256").hexdigest(), "bytes": path.stat().st_size}
    count = _rows(path) if rows else None
    return facts if count is None else {**facts, "rows": count}


def _rows(path: Path) -> int | None:
    if path.suffix == ".parquet":
        return int(pq.read_metadata(path).num_rows)
    if path.suffix == ".jsonl":
        with path.open("rb") as file:
            return sum(1 for _ in file)
    return None
