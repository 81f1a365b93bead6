"""Commands of the product in a process of their own, with faults, at the price of a fork.

One process loads what a command needs and stays; every command is a fork of it, with its own environment, its own limit
of memory and its own end. Most of what a command costs on a small market is loading, which is so paid once.
"""

from __future__ import annotations

import importlib
import json
import os
import queue
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

PATIENCE_SECONDS = 3600
"""A command that takes longer hangs; on a busy machine one of seconds can take many minutes."""
QUICK = {"SALESWORTHY__SCORING__SINGLE_LEADS": "false", "OMP_WAIT_POLICY": "PASSIVE"}
"""Environment of every command: SQL about single leads costs as much as the rest, and is left out."""


class Runner:
    """Processes that wait for commands; as many at a time as there are ``workers``.

    Args:
        shim: The library of faults, loaded before libc.
        workers: How many.
    """

    def __init__(self, shim: Path, *, workers: int = 1) -> None:
        self._scratch = TemporaryDirectory(prefix="salesworthy-runner-")
        environ = {**os.environ, **QUICK, "LD_PRELOAD": str(shim)}
        self._all = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.faults.runner", self._scratch.name],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ,
            )
            for _ in range(workers)
        ]  # fmt: skip
        self._free: queue.SimpleQueue[subprocess.Popen[str]] = queue.SimpleQueue()
        for process in self._all:
            self._free.put(process)

    def close(self) -> None:
        """End the waiting processes."""
        for process in self._all:
            process.communicate()
        self._scratch.cleanup()

    def run(
        self, arguments: Sequence[object], *, memory_mb: int | None = None, environ: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """A command line of the product, to its end.

        Args:
            arguments: Without the name of the command.
            memory_mb: So much more address space than was in use at its start; no limit when None.
            environ: Beside the environment that all share.
        """
        asked = {"arguments": [str(each) for each in arguments], "memory_mb": memory_mb, "environ": dict(environ)}
        process = self._free.get()
        try:
            return self._ask(process, asked)
        finally:
            self._free.put(process)

    def _ask(self, process: subprocess.Popen[str], asked: Mapping[str, object]) -> subprocess.CompletedProcess[str]:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(asked) + "\n")
        process.stdin.flush()
        told = json.loads(process.stdout.readline())
        return subprocess.CompletedProcess(asked["arguments"], told["code"], told["out"], told["err"])


def serve(scratch: Path) -> None:
    """Answer every line of standard input with one line."""
    out, err, loaded = (scratch / f"{os.getpid()}.{name}" for name in ("out", "err", "loaded"))
    from salesworthy.cli import main  # noqa: F401  # what every command loads

    for line in sys.stdin:
        child = os.fork()
        if not child:
            _command(json.loads(line), out, err, loaded)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        told = {"code": code, "out": out.read_text(), "err": err.read_text(errors="replace")}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        if loaded.exists():
            _load(loaded.read_text().split())


def _load(names: Sequence[str]) -> None:
    """What a command has loaded, so that the next need not."""
    for name in names:
        if name not in sys.modules:
            importlib.import_module(name)


def _command(asked: Mapping[str, object], out: Path, err: Path, loaded: Path) -> None:
    """The command, in the fork; never returns."""
    from salesworthy.cli.main import main

    for path, descriptor in ((out, 1), (err, 2)):
        opened = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
        os.dup2(opened, descriptor)
        os.close(opened)
    signal.alarm(PATIENCE_SECONDS)
    os.environ.update(asked["environ"])  # type: ignore[call-overload]
    if asked["memory_mb"] is not None:
        limit = _address_space() + int(asked["memory_mb"]) * 2**20  # type: ignore[call-overload]
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    code = 70
    try:
        main(asked["arguments"])  # type: ignore[arg-type]
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        if code == 0:
            loaded.write_text("\n".join(sys.modules))
        os._exit(code)


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


@contextmanager
def held_by_another(database: Path, *, seconds: float) -> Iterator[None]:
    """SQLite's lock for writing, held by another process for so long from the start of the block."""
    program = (
        "import sqlite3, sys; held = sqlite3.connect(sys.argv[1], isolation_level=None); "
        "held.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read(); held.execute('ROLLBACK')"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.readline()
    release = threading.Timer(seconds, process.stdin.close)
    release.start()
    try:
        yield
    finally:
        release.cancel()
        process.stdin.close()
        process.wait()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
