"""Checked tables are found again while nothing changed, rebuilt when anything did, and never half written."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from hashlib import sha256

import pytest
from tests.unit.intake.conftest import LEADS, PLAIN

from salesworthy.intake.content_hashes import ContentHashes

ACTS = PLAIN + '[tables.engagements]\npath = "acts.csv"\n'
FILES = {"acts.csv": "lead_id,occurred_at,kind\nA,2024-01-01,x\n,2024-01-01,x\n"}


def hashes(found):
    return {name: sha256(path.read_bytes()).hexdigest() for name, path in found.tables.paths.items()}


@pytest.fixture
def built(monkeypatch):
    """How many times tables were built."""
    from salesworthy.intake import building

    calls = []
    original = building.build
    monkeypatch.setattr(building, "build", lambda *given, **named: calls.append(1) or original(*given, **named))
    return calls


def test_unchanged_tables_are_found_again(check, built):
    first = check(ACTS, FILES)
    again = check(ACTS, FILES)
    assert len(built) == 1
    assert again == first


def test_nothing_heavy_is_loaded_to_find_them(check, tmp_path):
    check(ACTS, FILES)
    program = (
        "import sys; from pathlib import Path; from datetime import UTC\n"
        "from salesworthy.runs.settings import load_settings; from salesworthy.intake.check import check_tables\n"
        "root = Path(sys.argv[1]); tables = load_settings(root, {}).tables\n"
        "from zoneinfo import ZoneInfo\n"
        "check_tables(tables, root=root, timezone=ZoneInfo('UTC'), folder=root / 'store', max_rejected_share=1.0)\n"
        "print(sorted({'polars', 'duckdb', 'pandera', 'ibis', 'pyarrow', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "change",
    [
        {"settings": ACTS + 'missing = ["x"]\n'},
        {"settings": '[workspace]\ntimezone = "Asia/Tokyo"\n' + ACTS},
        {"files": FILES | {"leads.csv": LEADS + "C,2024-01-03\n"}},
        {"refuse_undated": True},
    ],
    ids=["a spelling", "the zone", "a row", "undated outcomes"],
)
def test_a_change_builds_them_anew(check, built, change):
    first = check(ACTS, FILES)
    again = check(**({"settings": ACTS, "files": FILES} | change))
    assert len(built) == 2
    assert again.tables.fingerprint != first.tables.fingerprint
    assert check(ACTS, FILES) == first
    assert len(built) == 2


def test_a_file_that_was_packed_again_is_the_same_file(check):
    settings = '[tables.leads]\npath = "leads.csv.gz"\n'
    packed = [gzip.compress(LEADS.encode(), level, mtime=level) for level in (1, 9)]
    assert packed[0] != packed[1]
    first, again = (check(settings, {"leads.csv.gz": content}).tables.fingerprint for content in packed)
    assert again == first
    assert (
        check(settings, {"leads.csv.gz": gzip.compress(LEADS.encode() + b"C,2024-01-03\n")}).tables.fingerprint != first
    )


def test_the_fingerprint_does_not_depend_on_place_time_or_layout(check, tmp_path):
    first = check(ACTS, FILES).tables
    for name in ("leads.csv", "acts.csv"):
        os.utime(tmp_path / name, (1, 1))
    shutil.rmtree(tmp_path / "store")
    moved = (
        f'# a comment\n[tables.leads]\npath = "{tmp_path}/sub/leads.csv"\n[tables.engagements]\npath = "./acts.csv"\n'
    )
    second = check(moved, FILES | {"sub/leads.csv": LEADS}).tables
    assert second.fingerprint == first.fingerprint


def damage_text(place):
    (place / "leads.parquet").write_bytes(b"x")


def damage_quietly(place):
    """As a broken disk does: the same size, and a new time stamp or none."""
    path = place / "leads.parquet"
    content = bytearray(path.read_bytes())
    content[20] ^= 255
    path.write_bytes(content)


def remove_rejected(place):
    (place / "rejected" / "engagements.parquet").unlink()


def damage_manifest(place):
    (place / "manifest.json").write_text("{")


def lose_a_key(place):
    manifest = json.loads((place / "manifest.json").read_text())
    del manifest["reports"]
    (place / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize("damage", [damage_text, damage_quietly, remove_rejected, damage_manifest, lose_a_key])
def test_damaged_results_are_built_anew(check, built, tmp_path, damage):
    first = check(ACTS, FILES)
    before = hashes(first)
    damage(tmp_path / "store" / first.tables.fingerprint)
    again = check(ACTS, FILES)
    assert len(built) == 2
    assert hashes(again) == before
    assert again == first


def damage_unseen(place):
    """One bit, and the time stamp stays."""
    path = place / "leads.parquet"
    facts, content = path.stat(), bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def test_a_bit_that_a_disk_turned_is_seen_by_whoever_asks_for_hashes(check, built, tmp_path):
    first = check(ACTS, FILES)
    before = hashes(first)
    damage_unseen(tmp_path / "store" / first.tables.fingerprint)
    assert check(ACTS, FILES) == first
    assert len(built) == 1  # the price of speed
    again = check(ACTS, FILES, hashed=True)
    assert len(built) == 2
    assert hashes(again) == before


def test_a_figure_in_the_manifest_that_was_changed_is_not_believed(check, built, tmp_path):
    first = check(ACTS, FILES)
    manifest = tmp_path / "store" / first.tables.fingerprint / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"kept": 2', '"kept": 3', 1))
    assert check(ACTS, FILES) == first
    assert len(built) == 2


def test_a_copied_workspace_is_found_again(check, built, tmp_path):
    first = check(ACTS, FILES)
    place = tmp_path / "store" / first.tables.fingerprint
    for path in place.rglob("*.parquet"):
        os.utime(path, (1, 1))
    check(ACTS, FILES)
    assert len(built) == 1


def test_old_results_and_dead_stages_are_removed(check, tmp_path):
    dead = tmp_path / "store" / ".stage-1-dead"
    dead.mkdir(parents=True)
    os.utime(dead, (1, 1))
    for number in range(7):
        check(files={"leads.csv": LEADS + f"C{number},2024-01-01\n"})
    left = [each.name for each in (tmp_path / "store").iterdir() if each.is_dir()]
    assert len(left) == 4
    assert not dead.exists()


def test_hashes_are_remembered_only_of_settled_files(tmp_path):
    path, memory = tmp_path / "x", tmp_path / "memory.json"
    path.write_text("one")
    young = ContentHashes(memory)
    young.of(path)
    young.save()
    assert not memory.exists()
    os.utime(path, (1_000, 1_000))
    settled = ContentHashes(memory)
    first = settled.of(path)
    settled.save()
    path.write_text("two")
    os.utime(path, (1_000, 1_000))
    assert ContentHashes(memory).of(path) == first  # the price of speed: same size, same time stamp
    os.utime(path, (1_001, 1_001))
    assert ContentHashes(memory).of(path) != first
    memory.write_text("[]")
    assert ContentHashes(memory).of(path) != first


PROGRAM = """
import sys
from pathlib import Path
from zoneinfo import ZoneInfo
from salesworthy.runs.settings import load_settings
from salesworthy.intake.check import check_tables
root = Path(sys.argv[1])
print("go", flush=True)
tables = load_settings(root, {}).tables
found = check_tables(tables, root=root, timezone=ZoneInfo("UTC"), folder=root / "store", max_rejected_share=1.0)
from hashlib import sha256
print({name: sha256(path.read_bytes()).hexdigest() for name, path in sorted(found.paths.items())}, found.fingerprint)
print(found.findings)
"""


def start(folder, **environ):
    command = [sys.executable, "-c", PROGRAM, str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environ})


def write_workspace(folder):
    for name, content in ({"leads.csv": LEADS, "salesworthy.toml": ACTS} | FILES).items():
        (folder / name).write_text(content)


@pytest.mark.slow
def test_two_processes_at_once_give_the_same(tmp_path):
    write_workspace(tmp_path)
    outputs = set()
    for process in [start(tmp_path) for _ in range(3)]:
        outputs.add(process.communicate()[0])
        assert process.returncode == 0
    assert len(outputs) == 1
    assert not list((tmp_path / "store").glob(".stage-*"))


@pytest.mark.slow
def test_threads_and_the_machines_zone_do_not_matter(tmp_path):
    write_workspace(tmp_path)
    lines = [f"L{number % 5000},2024-01-01 02:30,x{number},{number % 7 or ''}" for number in range(9000)]
    (tmp_path / "leads.csv").write_text("\n".join(["lead_id,created_at,role,visits", *lines]))
    outputs = set()
    for threads, zone in (("1", "UTC"), ("2", "Asia/Tokyo"), ("7", "America/Los_Angeles")):
        shutil.rmtree(tmp_path / "store", ignore_errors=True)
        process = start(tmp_path, POLARS_MAX_THREADS=threads, OMP_NUM_THREADS=threads, TZ=zone)
        outputs.add(process.communicate()[0])
        assert process.returncode == 0
    assert len(outputs) == 1


@pytest.mark.slow
def test_kill_9_at_any_moment_leaves_nothing_half_written(check, tmp_path):
    write_workspace(tmp_path)
    for number in range(6):
        process = start(tmp_path)
        process.stdout.readline()
        time.sleep(0.2 + 0.5 * number)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert check(ACTS, FILES).report("engagements").rows_in == 2
