"""Faults on purpose: a scoring run that something happens to, and what is left of it.

A small library, compiled from ``shim.c`` and loaded before libc, counts calls that touch the workspace, from Python,
DuckDB and Arrow alike, over all threads, and fails the n-th of a kind.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from tests.faults.damage import Damage
from tests.faults.runner import Runner, held_by_another

from salesworthy.runs.workspace import Workspace, open_workspace

OLD_DAY, DAY = "2026-06-24", "2026-07-01"
CALLS = {"write": "w", "sync": "s", "rename": "r", "mkdir": "m"}
KILLED = 0
CLEAR = {2, 3, 4, 5, 6}
NO_LOADER = 127
"""The C library ends a process that gets no memory for a thread: nothing of ours can run any more."""
CHECKED = ".salesworthy"
NOBODY = "http://127.0.0.1:9"
"""An address at which nobody answers."""
Finished = subprocess.CompletedProcess[str]


def nothing() -> None:
    """Nothing happens between two runs."""


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

    ``newest`` is ``old``, ``new``, ``another`` or ``broken``; ``faults`` names everything that must never be.
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
        said = f", ended by signal {-self.code}" if self.code < 0 and self.code != -9 else ""
        said = ", ended by the C library" if self.code == NO_LOADER else said
        return f"complete {self.newest} run{', clear error' if self.code in CLEAR else said}"


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
        workers: How many commands may run at once.
    """

    def __init__(self, trained: Path, scratch: Path, *, workers: int = 1) -> None:
        self._start, self._scratch = scratch / "start", scratch
        self._numbers = itertools.count()
        self._runner = Runner(shim(), workers=workers)
        self.workers = workers
        shutil.copytree(trained, self._start, ignore=shutil.ignore_patterns("out", "mlflow", "reports", CHECKED))
        self.old = self._published(self._start, OLD_DAY)
        with self.workspace() as finished:
            self.new = self._published(finished, DAY)
        self.calls = self._count()

    def close(self) -> None:
        """End the processes that wait for commands."""
        self._runner.close()

    @contextmanager
    def workspace(self, *, cold: bool = True) -> Iterator[Path]:
        """A fresh copy of the start; ``cold``: its tables are not checked yet, as on the night after an export."""
        target = self._scratch / f"copy-{next(self._numbers)}"
        left_out = shutil.ignore_patterns(CHECKED) if cold else None
        shutil.copytree(self._start, target, symlinks=True, ignore=left_out)
        try:
            yield target
        finally:
            shutil.rmtree(target)

    def run(self, workspace: Path, *, day: str = DAY, memory_mb: int | None = None, **environ: str) -> Finished:
        """``salesworthy score`` in a process of its own, with that environment."""
        return self.command(workspace, "score", "--as-of", day, "--json", memory_mb=memory_mb, **environ)

    def command(self, workspace: Path, *arguments: object, memory_mb: int | None = None, **environ: str) -> Finished:
        """Any command on a workspace, in a process of its own."""
        return self._runner.run(["-w", workspace, *arguments], memory_mb=memory_mb, environ=environ)

    def fail(self, fault: Fault) -> Left:
        """Score with that fault, look at what is left, then score again without it and look again."""
        with self.workspace() as workspace:
            return self.look(workspace, self.run(workspace, **fault.environ(workspace)))

    def with_little_memory(self, memory_mb: int) -> Left:
        """Score with so much address space on top of what a process has before it begins."""
        with self.workspace() as workspace:
            return self.look(workspace, self.run(workspace, memory_mb=memory_mb))

    def with_damage(self, damage: Damage) -> Left:
        """Score with a damaged file; then with the sound one in its place, or, of a cache, with what became of it.

        A source that was damaged and can still be read is another source: its run is another, and must be complete.
        """
        is_cache = damage.path.startswith(CHECKED)
        is_source = not is_cache and not damage.path.startswith("models")
        with self.workspace(cold=not is_cache) as workspace:
            held = damage.do(workspace)
            done = self.run(workspace)
            then = nothing if is_cache else lambda: _restore(workspace / damage.path, held)
            return self.look(workspace, done, then=then, may_be_another=is_source)

    def with_a_busy_ledger(self, *, seconds: float) -> Left:
        """Score while another process writes to the ledger for so long."""
        with self.workspace() as workspace:
            with held_by_another(workspace / "ledger.db", seconds=seconds):
                done = self.run(workspace)
            return self.look(workspace, done)

    def with_the_clock_back(self) -> Left:
        """Score on a machine whose clock was set back by a day after the last run."""
        with self.workspace() as workspace:
            return self.look(workspace, self.run(workspace, FAULT_CLOCK="-86400"))

    def without_a_registry(self) -> Left:
        """Score while nobody answers at the address of MLflow: the model lies in the workspace."""
        with self.workspace() as workspace:
            return self.look(workspace, self.run(workspace, SALESWORTHY__MLFLOW__TRACKING_URI=NOBODY))

    def two_at_once(self) -> tuple[Left, Left]:
        """Score twice at the same time in one place; needs two workers."""
        with self.workspace() as workspace:
            with ThreadPoolExecutor(2) as pool:
                first, second = pool.map(lambda _: self.run(workspace), range(2))
            return self.look(workspace, first), self.look(workspace, second)

    def promoted_meanwhile(self) -> Left:
        """Score, and promote a second version as soon as the run writes; the run must be the first version's."""
        with self.workspace() as workspace:
            made = _with_a_second_version(workspace)
            with ThreadPoolExecutor(1) as pool:
                running = pool.submit(self.run, workspace, SALESWORTHY__SCORING__SHADOW="false")
                while not running.done() and not list((workspace / "out" / "runs").glob(".stage-*")):
                    time.sleep(0.005)
                made.ledger.promote("v2", "a person", 2, expected="v1")
            return self.look(
                workspace, running.result(), then=lambda: made.ledger.promote("v1", "a person", 3, expected="v2")
            )

    def files(self, folder: str) -> list[str]:
        """Paths of the files below a folder of the workspace, in order."""
        return sorted(
            str(path.relative_to(self._start)) for path in (self._start / folder).rglob("*") if path.is_file()
        )

    def look(
        self, workspace: Path, done: Finished, *, then: Callable[[], object] = nothing, may_be_another: bool = False
    ) -> Left:
        """What a run left, and whether the next one mends everything.

        Args:
            workspace: Where.
            done: The run.
            then: Called before the next run.
            may_be_another: Whether a run besides the old and the new one may be published.
        """
        expected = dict([self.old, self.new])
        if may_be_another and done.returncode == 0:
            expected |= self._another(workspace, json.loads(done.stdout)["run_id"])
        newest = self._newest(workspace, expected)
        faults = [*self._torn(workspace, newest, expected), *_unclear(done)]
        if done.returncode == 0 and newest not in {"new", "another"}:
            faults.append("said done, and was not")
        then()
        faults += self._after_the_janitor(workspace, expected)
        return Left(newest, done.returncode, done.stderr[-600:], tuple(faults))

    def _published(self, workspace: Path, day: str) -> tuple[str, dict[str, str]]:
        done = self.run(workspace, day=day)
        assert done.returncode == 0, done.stderr
        run_id = json.loads(done.stdout)["run_id"]
        return run_id, digests(workspace / "out" / "runs" / run_id)

    def _count(self) -> dict[str, int]:
        log = self._scratch / "calls"
        with self.workspace() as workspace:
            self.run(workspace, FAULT_BELOW=f"{workspace}/", FAULT_LOG=str(log))
        seen = Counter(log.read_text())
        return {call: seen[letter] for call, letter in CALLS.items()}

    def _another(self, workspace: Path, run_id: str) -> dict[str, dict[str, str]]:
        """A run that the manifest vouches for, every file with its hash."""
        folder = workspace / "out" / "runs" / run_id
        files = json.loads((folder / "manifest.json").read_text())["files"]
        vouched = {name: facts["sha256"] for name, facts in files.items()}
        return {run_id: vouched | {"manifest.json": digests(folder)["manifest.json"]}}

    def _newest(self, workspace: Path, expected: dict[str, dict[str, str]]) -> str:
        latest = workspace / "out" / "latest"
        names = {**dict.fromkeys(expected, "another"), self.old[0]: "old", self.new[0]: "new"}
        return names.get(latest.resolve().name, "broken") if latest.exists() else "broken"

    def _torn(self, workspace: Path, newest: str, expected: dict[str, dict[str, str]]) -> list[str]:
        found = {path.name: digests(path) for path in (workspace / "out" / "runs").iterdir() if path.name[0] != "."}
        torn = [f"torn run {name}" for name, files in found.items() if files != expected.get(name)]
        lost = [] if self.old[0] in found else ["the old run is lost"]
        return [*torn, *lost, *(["no newest run"] if newest == "broken" else [])]

    def _after_the_janitor(self, workspace: Path, expected: dict[str, dict[str, str]]) -> list[str]:
        again = self.run(workspace)
        if again.returncode != 0:
            return [f"the next run fails with {again.returncode}: {' / '.join(again.stderr.splitlines()[-2:])}"]
        newest = self._newest(workspace, expected)
        stray = [path.name for path in (workspace / "out").rglob(".*") if path.name != ".lock"]
        verified = self.command(workspace, "audit", "verify")
        return [
            *self._torn(workspace, newest, expected),
            *([] if newest == "new" else ["the next run is not the newest"]),
            *(f"stray file {name}" for name in stray),
            *([] if verified.returncode == 0 else [f"the ledger does not verify: {verified.stdout[-200:]}"]),
        ]


def _with_a_second_version(workspace: Path) -> Workspace:
    """A workspace with a second version, which is the champion's bundle once more."""
    made = open_workspace(workspace, environ={})
    first = made.registry.get("v1")
    made.registry.register(
        made.registry.bundle_folder("v1"), bundle_sha256=first.bundle_sha256, trained_as_of=0, data_fingerprint="",
        figures={}, now=1,
    )  # fmt: skip
    return made


def _restore(path: Path, held: bytes) -> None:
    path.write_bytes(held)


def _unclear(done: Finished) -> Sequence[str]:
    """A run may end well, be killed, or say what was wrong; never a traceback, never an internal error."""
    if done.returncode in {0, -9}:
        return []
    is_clear = done.returncode in CLEAR and "Traceback" not in done.stderr
    is_ended = (done.returncode < 0 and done.returncode != -signal.SIGALRM) or done.returncode == NO_LOADER
    return [] if is_clear or is_ended else [f"unclear: code {done.returncode}"]
