"""A sample of the experiment in experiments/ledger: random changes of a ledger with a row of every sort are found."""

from __future__ import annotations

import importlib.util
import random
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from salesworthy.ledger.audit import LINKED, TOLD
from salesworthy.ledger.records import LedgerDamaged
from salesworthy.ledger.store import Ledger
from salesworthy.ledger.tables import METADATA, PERSONAL, WORKING

EXPERIMENT = Path(__file__).parents[3] / "experiments" / "ledger" / "mutations.py"


@pytest.fixture(scope="module")
def mutations() -> ModuleType:
    spec = importlib.util.spec_from_file_location("ledger_mutations", EXPERIMENT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def intact(mutations: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("intact")
    mutations.build(folder)
    return folder


@pytest.fixture
def exposed(mutations: ModuleType, intact: Path, tmp_path: Path) -> Path:
    shutil.copyfile(intact / "ledger.db", tmp_path / "ledger.db")
    mutations.without_triggers(tmp_path / "ledger.db")
    return tmp_path


def verify(folder: Path, **options: str) -> None:
    Ledger("sqlite:///ledger.db", folder).verify_audit(**options)


def test_the_ledger_of_the_experiment_has_a_row_in_every_table_and_holds(mutations: ModuleType, exposed: Path) -> None:
    import sqlite3

    with sqlite3.connect(exposed / "ledger.db") as connection:
        assert set(mutations.tables(connection)) == set(METADATA.tables) - {table.name for table in WORKING}
    record = {*TOLD.values(), *LINKED.values(), *PERSONAL, METADATA.tables["audit"]}
    assert record == set(METADATA.tables.values()) - set(WORKING)
    verify(exposed)


@pytest.mark.parametrize("kind", ["flip", "delete", "reorder", "truncate", "forge"])
def test_random_changes_are_all_found(mutations: ModuleType, exposed: Path, kind: str) -> None:
    rng = random.Random(kind)  # noqa: S311
    path = exposed / "ledger.db"
    bare = path.read_bytes()
    for _ in range(16):
        told = mutations.mutate(path, kind, rng)
        with pytest.raises(LedgerDamaged, match="ledger, "):
            print(told, verify(exposed))
        path.write_bytes(bare)


def test_an_end_cut_off_with_all_its_rows_shows_only_against_the_old_head(
    mutations: ModuleType, tmp_path: Path
) -> None:
    ledger = Ledger("sqlite:///ledger.db", tmp_path)
    for version in ("v1", "v2", "v3"):
        ledger.register_model(version, bundle_sha256="", trained_as_of=0, data_fingerprint="", figures={}, now=0)
    head = ledger.verify_audit().head
    mutations.without_triggers(tmp_path / "ledger.db")
    mutations.cut(tmp_path / "ledger.db", random.Random(1))  # noqa: S311
    verify(tmp_path)
    with pytest.raises(LedgerDamaged, match="no longer part"):
        verify(tmp_path, head=head)


def test_a_head_that_was_passed_since_still_stands(intact: Path) -> None:
    ledger = Ledger("sqlite:///ledger.db", intact)
    verify(intact, head=ledger.audit_events()[3].hash)


def test_the_first_bad_row_of_a_linked_table_is_named(mutations: ModuleType, exposed: Path) -> None:
    import sqlite3

    with sqlite3.connect(exposed / "ledger.db") as connection:
        connection.execute("UPDATE decisions SET owner = 'somebody' WHERE sequence IN (9, 4)")
    with pytest.raises(LedgerDamaged, match="decisions row 4"):
        verify(exposed)


def test_an_erased_id_that_comes_back_is_found(mutations: ModuleType, exposed: Path) -> None:
    import sqlite3

    with sqlite3.connect(exposed / "ledger.db") as connection:
        key = connection.execute("SELECT lead_key FROM erasures").fetchone()[0]
        connection.execute("INSERT INTO lead_ids VALUES (?, 'salt', 'L2')", (key,))
    with pytest.raises(LedgerDamaged, match=f"lead_ids row {key}"):
        verify(exposed)
