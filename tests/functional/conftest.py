"""One trained workspace on the synthetic market, made once per worker; tests that change it take a copy."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

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


def salesworthy(*arguments, workspace: Path | None = None, **environ: str) -> Finished:
    """Run the command line in its own process, as users do; SQL about single leads is kept where a test says so."""
    place = ["-w", str(workspace)] if workspace else []
    done = subprocess.run(
        [sys.executable, "-m", "salesworthy.cli.main", *place, *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_WAIT_POLICY": "PASSIVE", "SALESWORTHY__SCORING__SINGLE_LEADS": "false", **environ},
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def trained(tmp_path_factory) -> Path:
    """A workspace with a champion; not to be changed."""
    folder = tmp_path_factory.mktemp("market") / "demo"
    for command in (
        ("init", folder, "--example", "--leads", LEADS, "--seed", 3),
        ("-w", folder, "train", "--as-of", DAY, "--json"),
        ("-w", folder, "promote", "v1", "--by", "a person"),
    ):
        done = salesworthy(*command)
        assert done.code == 0, done.err
    return folder


@pytest.fixture
def workspace(trained, tmp_path) -> Path:
    """A copy of the trained workspace, to do with as a test likes."""
    copy = tmp_path / "demo"
    shutil.copytree(trained, copy, ignore=shutil.ignore_patterns("out"))
    return copy
