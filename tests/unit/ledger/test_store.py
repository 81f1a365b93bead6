"""The ledger: what it records, what it refuses, and what it never loses."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesworthy.domain.errors import ExitCode, GateRefused, WrongUsage
from salesworthy.ledger.records import ChampionChanged
from salesworthy.ledger.store import Ledger

VERSIONS = ("v1", "v2", "v3")


def register(ledger: Ledger, *versions: str, quality: float = 0.5) -> None:
    for version in versions:
        ledger.register_model(
            version,
            bundle_sha256=f"hash of {version}",
            trained_as_of=10,
            data_fingerprint="data",
            figures={"salesworthy": {"log_loss": {"value": quality, "low": None, "high": None}}},
            now=20,
        )


def record_run(ledger: Ledger, run_id: str = "run", *, manifest: str = "m", now: int = 5) -> object:
    return ledger.record_run(
        run_id,
        kind="score",
        as_of=1,
        model_version="v1",
        policy_version=None,
        data_fingerprint="data",
        manifest_sha256=manifest,
        counts={"SCORED": 3},
        now=now,
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger("sqlite:///ledger.db", tmp_path)


def test_a_registered_model_is_read_back_as_it_was_written(ledger: Ledger, tmp_path: Path) -> None:
    written = ledger.register_model(
        "v1",
        bundle_sha256="ab",
        trained_as_of=-1,
        data_fingerprint="cd",
        figures={"ü": [0.1 + 0.2, None]},
        now=2**60,
        mlflow_run_id="run",
    )
    assert Ledger("sqlite:///ledger.db", tmp_path).model("v1") == written == ledger.models()[0]


def test_a_version_is_registered_once(ledger: Ledger) -> None:
    register(ledger, "v1")
    with pytest.raises(GateRefused, match="already registered"):
        register(ledger, "v1")
    assert [model.version for model in ledger.models()] == ["v1"]


def test_there_is_no_champion_before_a_person_promotes_one(ledger: Ledger) -> None:
    register(ledger, "v1")
    assert ledger.champion() is None
    event = ledger.promote("v1", "J. Doe", 30, note="first")
    assert event.as_dict() == {
        "sequence": 1,
        "version": "v1",
        "previous_version": None,
        "by": "J. Doe",
        "at": 30,
        "action": "promote",
        "note": "first",
    }
    assert ledger.champion() == ledger.model("v1")


def test_promoting_the_champion_again_writes_nothing(ledger: Ledger) -> None:
    register(ledger, "v1")
    first = ledger.promote("v1", "a", 1)
    assert ledger.promote("v1", "b", 2) == first
    assert ledger.promotions() == (first,)


def test_rollbacks_walk_back_and_stop_at_the_first_champion(ledger: Ledger) -> None:
    register(ledger, *VERSIONS)
    for version in VERSIONS:
        ledger.promote(version, "a", 1)
    assert [ledger.rollback("b", 2).version for _ in range(2)] == ["v2", "v1"]
    with pytest.raises(GateRefused, match="no earlier champion") as refused:
        ledger.rollback("b", 2)
    assert refused.value.exit_code == ExitCode.GATE_REFUSED
    assert [(each.action, each.version, each.previous_version) for each in ledger.promotions()[3:]] == [
        ("rollback", "v2", "v3"),
        ("rollback", "v1", "v2"),
    ]


def test_a_rollback_after_a_rollback_and_a_promotion_returns_to_what_stood_before(ledger: Ledger) -> None:
    register(ledger, *VERSIONS)
    ledger.promote("v1", "a", 1)
    ledger.promote("v2", "a", 1)
    ledger.rollback("a", 1)
    ledger.promote("v3", "a", 1)
    assert ledger.rollback("a", 1).version == "v1"


@pytest.mark.parametrize("refused", ["promote", "rollback"])
def test_an_unexpected_champion_stops_a_change(ledger: Ledger, refused: str) -> None:
    register(ledger, *VERSIONS)
    ledger.promote("v1", "a", 1, expected=None)
    ledger.promote("v2", "a", 1, expected="v1")
    before = ledger.promotions()
    with pytest.raises(ChampionChanged, match="now v2, not v1"):
        if refused == "promote":
            ledger.promote("v3", "a", 1, expected="v1")
        else:
            ledger.rollback("a", 1, expected="v1")
    with pytest.raises(ChampionChanged, match="not nobody"):
        ledger.promote("v3", "a", 1, expected=None)
    assert ledger.promotions() == before


def test_unknown_versions_and_nameless_persons_are_wrong_usage(ledger: Ledger) -> None:
    with pytest.raises(WrongUsage, match="no model version 'v9'"):
        ledger.promote("v9", "a", 1)
    with pytest.raises(WrongUsage, match="no model version 'v9'"):
        ledger.model("v9")
    register(ledger, "v1")
    with pytest.raises(WrongUsage, match="nobody is named"):
        ledger.promote("v1", "  ", 1)
    assert ledger.audit_events()[-1].action == "register_model"


def test_a_run_is_recorded_once(ledger: Ledger) -> None:
    first = record_run(ledger, now=5)
    assert record_run(ledger, now=6) == first == ledger.run("run")
    assert ledger.runs() == (first,)
    assert len(ledger.audit_events()) == 1
    assert ledger.run("other") is None


def test_the_same_run_with_other_content_is_refused(ledger: Ledger) -> None:
    record_run(ledger, manifest="m")
    with pytest.raises(GateRefused, match="run run: it is already recorded with other content"):
        record_run(ledger, manifest="n")


def test_a_figure_that_json_cannot_write_leaves_nothing_behind(ledger: Ledger) -> None:
    with pytest.raises(Exception, match=r"not JSON compliant|Out of range"):
        register(ledger, "v1", quality=float("nan"))
    assert ledger.models() == ()
    assert ledger.audit_events() == ()


@pytest.mark.parametrize("table", ["model_versions", "promotions", "runs", "audit"])
def test_no_program_updates_deletes_or_replaces_a_row(ledger: Ledger, tmp_path: Path, table: str) -> None:
    register(ledger, "v1")
    ledger.promote("v1", "a", 1)
    record_run(ledger)
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        for statement in (
            f"UPDATE {table} SET sequence = sequence + 100",
            f"DELETE FROM {table}",
            f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)
    ledger.verify_audit()


class PlainRegistry:
    """The same rules, kept in two lists."""

    def __init__(self) -> None:
        self.standing: list[str] = []

    def promote(self, version: str) -> None:
        if not self.standing or self.standing[-1] != version:
            self.standing.append(version)

    def rollback(self) -> bool:
        if len(self.standing) < 2:
            return False
        self.standing.pop()
        return True


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([*VERSIONS, "back"]), max_size=12))
def test_any_order_of_promotions_and_rollbacks_ends_where_a_plain_stack_ends(steps: list[str]) -> None:
    plain = PlainRegistry()
    with TemporaryDirectory() as folder:
        ledger = Ledger("sqlite:///ledger.db", Path(folder))
        register(ledger, *VERSIONS)
        for step in steps:
            if step != "back":
                plain.promote(step)
                ledger.promote(step, "a", 1)
            elif plain.rollback():
                ledger.rollback("a", 1)
            else:
                with pytest.raises(GateRefused):
                    ledger.rollback("a", 1)
            champion = ledger.champion()
            assert (champion.version if champion else None) == (plain.standing[-1] if plain.standing else None)
        ledger.verify_audit()


def promote_if_better(folder: Path, version: str, quality: dict[str, int]) -> None:
    """What a careful promoter does: look, compare, set if nothing changed, else look again."""
    ledger = Ledger("sqlite:///ledger.db", folder)
    while True:
        champion = ledger.champion()
        if champion is not None and quality[champion.version] >= quality[version]:
            return
        try:
            ledger.promote(version, version, 1, expected=champion.version if champion else None)
        except ChampionChanged:
            continue
        return


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4, 5), (5, 4, 3, 2, 1, 0), (3, 5, 0, 2, 4, 1)])
def test_of_six_promoters_at_once_the_best_stands(tmp_path: Path, order: tuple[int, ...]) -> None:
    ledger = Ledger("sqlite:///ledger.db", tmp_path)
    with ThreadPoolExecutor(6) as promoters:
        for round_ in range(4):
            quality = {f"v{round_}.{place}": 10 * round_ + place for place in order}
            known = {**quality, **{model.version: -1 for model in ledger.models()}}
            register(ledger, *quality)
            list(promoters.map(lambda version, known=known: promote_if_better(tmp_path, version, known), quality))
            champion = ledger.champion()
            assert champion is not None
            assert champion.version == f"v{round_}.5"
    chain = ledger.promotions()
    assert [each.sequence for each in chain] == list(range(1, len(chain) + 1))
    assert [each.previous_version for each in chain[1:]] == [each.version for each in chain[:-1]]
    ledger.verify_audit()
