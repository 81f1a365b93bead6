"""The lock of a place that runs write to: one at a time, and free again whatever happens to its holder."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from salesworthy.domain.errors import RunLocked, UserError

LOCK_FILE = ".lock"


@contextmanager
def run_lock(folder: Path) -> Iterator[None]:
    """Hold a folder's lock, or refuse at once; the folder is created when needed.

    The operating system releases the lock when its holder ends, also by ``kill -9``. The file stays behind and means
    nothing by itself. A second attempt from the same process is refused as well.

    Raises:
        RunLocked: When another run holds it; the message names that process.
        UserError: When the folder cannot be written.
    """
    descriptor = _open(folder)
    try:
        _take(descriptor, folder)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()} on {socket.gethostname()}".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _open(folder: Path) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        todo = "name another place with --out, or mend its permissions"
        raise UserError(f"cannot write here: {error.strerror}", where=str(folder), todo=todo) from error


def _take(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(descriptor, 200, 0).decode(errors="replace") or "another process"
        todo = "wait until it is done, or name another place with --out"
        raise RunLocked(f"another run is writing here ({holder})", where=str(folder), todo=todo) from error
