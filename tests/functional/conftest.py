"""One trained workspace on the synthetic market, made once; tests that change it take a copy."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.functional.forked import finished

LEADS = 6_000
DAY = "2026-07-01"


@dataclass(frozen=True)
class Finished:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


def environment(**environ: str) -> dict[str, str]:
    """What commands find around them; SQL about single leads is kept where a test says so."""
    return {**os.environ, "OMP_WAIT_POLICY": "PASSIVE", "SALESWORTHY__SCORING__SINGLE_LEADS": "false", **environ}


def salesworthy(*arguments, workspace: Path | None = None, anew: bool = False, **environ: str) -> Finished:
    """Run the command line in a process of its own; in a Python of its own where ``anew``, as users do."""
    given = [*(["-w", workspace] if workspace else []), *arguments]
    if not anew:
        return Finished(*finished(given, environ=environment(**environ)))
    done = subprocess.run(
        [sys.executable, "-m", "salesworthy.cli.main", *map(str, given)],
        capture_output=True,
        text=True,
        env=environment(**environ),
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def trained(made_once) -> Path:
    """A workspace with a champion; not to be changed."""

    def make(place: Path) -> None:
        folder = place / "demo"
        for command in (
            ("init", folder, "--example", "--leads", LEADS, "--seed", 3),
            ("-w", folder, "train", "--as-of", DAY, "--json"),
            ("-w", folder, "promote", "v1", "--by", "a person"),
        ):
            done = salesworthy(*command)
            assert done.code == 0, done.err

    return made_once("trained", make) / "demo"


@dataclass(frozen=True)
class Published:
    """A workspace with a published run, and what ``score --json`` said of the run."""

    workspace: Path
    run: Mapping[str, Any]

    @property
    def folder(self) -> Path:
        """Where the run lies."""
        return self.workspace / "out" / "runs" / self.run["run_id"]

    def copy(self, place: Path) -> Published:
        return Published(shutil.copytree(self.workspace, place, symlinks=True), self.run)


@pytest.fixture(scope="session")
def scored(made_once, trained) -> Published:
    """The trained workspace after ``score``; not to be changed."""

    def make(place: Path) -> None:
        shutil.copytree(trained, place / "demo", ignore=shutil.ignore_patterns("out"))
        done = salesworthy("score", "--as-of", DAY, "--json", workspace=place / "demo")
        assert done.code == 0, done.err
        (place / "score.json").write_text(done.out)

    place = made_once("scored", make)
    return Published(place / "demo", json.loads((place / "score.json").read_text()))


@pytest.fixture
def published(scored, tmp_path) -> Published:
    """A copy of the workspace after ``score``, to do with as a test likes."""
    return scored.copy(tmp_path / "demo")


@pytest.fixture
def workspace(trained, tmp_path) -> Path:
    """A copy of the trained workspace, to do with as a test likes."""
    return shutil.copytree(trained, tmp_path / "demo", ignore=shutil.ignore_patterns("out"))
