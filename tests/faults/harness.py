"""Faults on purpose: a scoring run whose n-th write, sync, rename or mkdir fails or kills it, and what is left of it.

A small library, compiled from ``shim.c`` and loaded before libc, counts calls that touch the workspace, from Python,
DuckDB and Arrow alike, over all threads.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

OLD_DAY, DAY = "2026-06-24", "2026-07-01"
CALLS = {"write": "w", "sync": "s", "rename": "r", "mkdir": "m"}
KILLED = 0
COMMAND = (sys.executable, "-m", "salesworthy.cli.main")


@dataclass(frozen=True)
class Fault:
    """The ``nth`` call of a kind gives this ``errno``, or death when it is 0; ``lasts``: all later ones fail too."""

    call: str
    error: int
    nth: int
    lasts: bool = False

    def environ(self, workspace: Path) -> dict[str, str]:
        return {
            "FAULT_BELOW": f"{workspace}/",
            "FAULT_CALL": self.call,
            "FAULT_NTH": str(self.nth),
            "FAULT_ERROR": str(self.error),
            "FAULT_LASTS": str(int(self.lasts)),
        }


@dataclass(frozen=True)
class Left:
    """What a run left behind: which complete run is the newest, what is wrong, and what it said.

    ``newest`` is ``old``, ``new`` or ``broken``; ``faults`` names everything that must never be.
    """

    newest: str
    code: int
    message: str
    faults: tuple[str, ...] = field(default=())

    @property
    def outcome(self) -> str:
        """As the table of faults counts it."""
        if self.faults:
            return "; ".join(self.faults)
        said = "" if self.code in {0, -9} else ", clear error"
        return f"complete {self.newest} run{said}"


@cache
def shim() -> Path:
    """The compiled library."""
    target = Path(mkdtemp(prefix="salesworthy-faults-")) / "shim.so"
    source = Path(__file__).with_name("shim.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-O2", str(source), "-o", str(target), "-ldl"], check=True)
    return target


def can_compile() -> bool:
    """Whether faults can be made here."""
    return sys.platform == "linux" and shutil.which("gcc") is not None


def digests(folder: Path) -> dict[str, str]:
    """Path -> SHA-256 of every file below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


class Trial:
    """A workspace with a published run of an earlier day, copied anew for every fault.

    Args:
        trained: A workspace with a champion.
        scratch: A folder to work in.
    """

    def __init__(self, trained: Path, scratch: Path) -> None:
        self._start, self._scratch = scratch / "start", scratch
        shutil.copytree(trained, self._start, ignore=shutil.ignore_patterns("out", "mlflow", "reports"))
        self.old = self._published(self._start, OLD_DAY)
        finished = self.copy("finished")
        self.new = self._published(finished, DAY)
        self.calls = self._count()

    def copy(self, name: str) -> Path:
        """A fresh copy of the start, in the place of an earlier one of that name."""
        target = self._scratch / name
        shutil.rmtree(target, ignore_errors=True)
        return Path(shutil.copytree(self._start, target, symlinks=True))

    def run(self, workspace: Path, *, day: str = DAY, **environ: str) -> subprocess.CompletedProcess[str]:
        """``salesworthy score`` in a process of its own, with that environment."""
        command = [
            sys.executable,
            "-m",
            "salesworthy.cli.main",
            "-w",
            str(workspace),
            "score",
            "--as-of",
            day,
            "--json",
        ]
        preload = {"LD_PRELOAD": str(shim())} if environ else {}
        environ = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE", **preload, **environ}
        return subprocess.run(command, capture_output=True, text=True, env=environ, check=False)

    def fail(self, fault: Fault) -> Left:
        """Score with that fault, look at what is left, then score again without it and look again."""
        workspace = self.copy("faulty")
        done = self.run(workspace, **fault.environ(workspace))
        return self.look(workspace, done)

    def look(self, workspace: Path, done: subprocess.CompletedProcess[str]) -> Left:
        """What a run left, and whether the next one mends everything."""
        newest = self._newest(workspace)
        faults = [*self._torn(workspace, newest), *_unclear(done)]
        if done.returncode == 0 and newest != "new":
            faults.append("said done, and was not")
        faults += self._after_the_janitor(workspace)
        return Left(newest, done.returncode, done.stderr[-600:], tuple(faults))

    def _published(self, workspace: Path, day: str) -> tuple[str, dict[str, str]]:
        done = self.run(workspace, day=day)
        assert done.returncode == 0, done.stderr
        run_id = json.loads(done.stdout)["run_id"]
        return run_id, digests(workspace / "out" / "runs" / run_id)

    def _count(self) -> dict[str, int]:
        workspace, log = self.copy("counted"), self._scratch / "calls"
        self.run(workspace, FAULT_BELOW=f"{workspace}/", FAULT_LOG=str(log))
        seen = Counter(log.read_text())
        return {call: seen[letter] for call, letter in CALLS.items()}

    def _newest(self, workspace: Path) -> str:
        latest = workspace / "out" / "latest"
        names = {self.old[0]: "old", self.new[0]: "new"}
        return names.get(latest.resolve().name, "broken") if latest.exists() else "broken"

    def _torn(self, workspace: Path, newest: str) -> list[str]:
        expected = dict([self.old, self.new])
        found = {path.name: digests(path) for path in (workspace / "out" / "runs").iterdir() if path.name[0] != "."}
        torn = [f"torn run {name}" for name, files in found.items() if files != expected.get(name)]
        lost = [] if self.old[0] in found else ["the old run is lost"]
        return [*torn, *lost, *(["no newest run"] if newest == "broken" else [])]

    def _after_the_janitor(self, workspace: Path) -> list[str]:
        again = self.run(workspace)
        if again.returncode != 0:
            return [f"the next run fails with {again.returncode}: {again.stderr[-300:]}"]
        newest = self._newest(workspace)
        stray = [path.name for path in (workspace / "out").rglob(".*") if path.name != ".lock"]
        verified = subprocess.run(
            [*COMMAND, "-w", str(workspace), "audit", "verify"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return [
            *self._torn(workspace, newest),
            *([] if newest == "new" else ["the next run is not the newest"]),
            *(f"stray file {name}" for name in stray),
            *([] if verified.returncode == 0 else [f"the ledger does not verify: {verified.stdout[-200:]}"]),
        ]


def _unclear(done: subprocess.CompletedProcess[str]) -> list[str]:
    """A run may end well, be killed, or say what was wrong; never a traceback, never an internal error."""
    if done.returncode in {0, -9}:
        return []
    is_clear = done.returncode in {2, 3, 4, 5, 6} and "Traceback" not in done.stderr
    return [] if is_clear else [f"unclear: code {done.returncode}"]
