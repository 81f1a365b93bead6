"""A run in parts: what was finished before a crash is not done again, and the bytes never depend on how it was done."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pyarrow.dataset as ds
import pytest
from tests.functional.conftest import salesworthy

pytestmark = pytest.mark.slow

DAY = "2026-07-01"
LEADS = 1_200
FOUND_ELSEWHERE = {"data_fingerprint", "fingerprint"}
"""What a manifest says of the input files themselves."""


@pytest.fixture(scope="module")
def small(trained, tmp_path_factory) -> Path:
    """A small market with the champion of the large one."""
    folder = tmp_path_factory.mktemp("parts") / "small"
    done = salesworthy("init", folder, "--example", "--leads", LEADS, "--seed", 5)
    assert done.code == 0, done.err
    for name in ("models", "mlflow"):
        shutil.copytree(trained / name, folder / name)
    shutil.copy(trained / "ledger.db", folder)
    return folder


def scored(folder, *, kill_after=0, run_id="-", **environ):
    command = [sys.executable, "-m", "tests.functional.parts_runner", str(kill_after), run_id, "-w", str(folder)]
    every = {"OMP_WAIT_POLICY": "PASSIVE", "SALESWORTHY__SCORING__SINGLE_LEADS": "false"}
    every["SALESWORTHY__SCORING__LEADS"] = "all"
    return subprocess.run(
        [*command, "score", "--as-of", DAY, "--json"],
        capture_output=True, text=True, env={**os.environ, **every, **environ}, check=False,
    )  # fmt: skip


def copy_of(folder, target):
    return Path(shutil.copytree(folder, target, ignore=shutil.ignore_patterns("out")))


def files(folder):
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}


def digests(run):
    """SHA-256 of every file of a run; of the manifest without what it says of the input files."""
    found = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files(run).items()}
    manifest = json.loads((run / "manifest.json").read_text())
    return {**found, "manifest.json": {key: each for key, each in manifest.items() if key not in FOUND_ELSEWHERE}}


@pytest.fixture(scope="module")
def undisturbed(small, tmp_path_factory):
    """The folder of a run that nothing happened to, and in how many parts it was made."""
    folder = copy_of(small, tmp_path_factory.mktemp("undisturbed") / "small")
    done = scored(folder, SALESWORTHY__SCORING__BATCH_ROWS="10000", SALESWORTHY__ENGINE__THREADS="2", TZ="UTC")
    assert done.returncode == 0, done.stderr
    return Path(json.loads(done.stdout)["folder"]), int(done.stderr.split("\n")[-2].removesuffix(" parts"))


def parts_of(run):
    return [name for name in files(run) if name.startswith("scores/")]


def test_after_a_crash_at_nine_tenths_only_the_rest_is_done(small, undisturbed, tmp_path):
    whole, parts = undisturbed
    folder = copy_of(small, tmp_path / "small")
    died = scored(folder, kill_after=int(0.9 * parts))
    assert died.returncode == -9
    runs = folder / "out" / "runs"
    assert not (folder / "out" / "latest").exists()
    assert not list(runs.glob("[!.]*")), "a stage is no run"
    (journal,) = runs.glob(".*/journal.jsonl")
    finished = [json.loads(line) for line in journal.read_text().splitlines()][1:]
    kept = {name for line in finished for name in line["files"]}
    (stage,) = (path for path in runs.glob(".stage-*") if path != journal.parent)
    before = {
        name: (path.stat().st_ino, path.stat().st_mtime_ns)
        for name, path in files(stage).items()
        if os.path.relpath(path, journal.parent) in kept
    }
    done = scored(folder)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["taken_over"] == [line["part"] for line in finished]
    assert len(told["taken_over"]) == int(0.9 * parts) > 15
    assert int(done.stderr.split("\n")[-2].removesuffix(" parts")) == parts - int(0.9 * parts)
    run = runs / told["run_id"]
    after = {name: (path.stat().st_ino, path.stat().st_mtime_ns) for name, path in files(run).items()}
    assert len(before) > 2 * len(parts_of(whole))
    assert {name: after[name] for name in before} == before, "a finished file was written again"
    assert digests(run) == digests(whole)
    assert not list((folder / "out").rglob(".stage-*"))


def test_many_parts_say_what_one_part_says(small, undisturbed, tmp_path):
    folder = copy_of(small, tmp_path / "small")
    done = salesworthy("score", "--as-of", DAY, "--json", workspace=folder, SALESWORTHY__SCORING__LEADS="all")
    assert done.code == 0, done.err
    one, many = Path(done.json["folder"]), undisturbed[0]
    assert (len(parts_of(one)), len(parts_of(many))) == (1, 4)
    for table in ("scores", "reasons", "verdicts"):
        rows = [ds.dataset(run / table).to_table() for run in (one, many)]
        assert rows[0].num_rows > 0
        assert rows[0].equals(rows[1]), table
    packets = [b"".join(path.read_bytes() for path in sorted(run.glob("packets/*"))) for run in (one, many)]
    assert packets[0] == packets[1] != b""
    about = [json.loads((run / "manifest.json").read_text()) for run in (one, many)]
    assert [name for name in about[0] if about[0][name] != about[1][name]] == ["files"]


def test_what_a_crash_left_of_another_question_is_thrown_away(small, tmp_path):
    folder = copy_of(small, tmp_path / "small")
    assert scored(folder, kill_after=4).returncode == -9
    done = scored(folder, SALESWORTHY__SCORING__LEADS="open")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["taken_over"] == []
    assert not list((folder / "out").rglob(".stage-*"))


def test_bytes_depend_on_neither_batches_nor_threads_nor_zones_nor_the_order_of_rows(small, tmp_path):
    """Rows in another order are other files, which a run's name speaks of: it is given one here."""
    ways = {
        "as they came": {"SALESWORTHY__SCORING__BATCH_ROWS": "10000", "SALESWORTHY__ENGINE__THREADS": "2", "TZ": "UTC"},
        "shuffled": {"SALESWORTHY__SCORING__BATCH_ROWS": "37", "SALESWORTHY__ENGINE__THREADS": "1", "TZ": "Asia/Tokyo"},
        "shuffled again": {
            "SALESWORTHY__SCORING__BATCH_ROWS": "10000",
            "SALESWORTHY__ENGINE__THREADS": "2",
            "TZ": "America/Los_Angeles",
        },
    }
    found = {}
    for seed, (name, environ) in enumerate(ways.items()):
        folder = copy_of(small, tmp_path / name.replace(" ", "-"))
        for path in (folder / "data" / "market").glob("*.parquet") if seed else ():
            pl.read_parquet(path).sample(fraction=1.0, shuffle=True, seed=seed).write_parquet(path)
        done = scored(folder, run_id="the-run", **environ)
        assert done.returncode == 0, done.stderr
        found[name] = digests(folder / "out" / "runs" / "the-run")
    assert len(parts_of(tmp_path / "shuffled" / "out" / "runs" / "the-run")) > 3
    assert found["shuffled"] == found["as they came"]
    assert found["shuffled again"] == found["as they came"]
