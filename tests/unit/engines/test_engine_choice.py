"""Which engine a workspace opens, and what it may use; Spark itself is not started here."""

from __future__ import annotations

import pytest

from salesworthy.cli.app import Chosen, EngineKind
from salesworthy.domain.errors import ConfigurationMistakes, UserError
from salesworthy.engines.duckdb import DuckDBEngine
from salesworthy.runs.workspace import open_workspace


def workspace(folder, text=""):
    (folder / "salesworthy.toml").write_text(text)
    return open_workspace(folder, environ={})


def setting(engine, name):
    return engine.backend.raw_sql(f"SELECT current_setting('{name}')").fetchone()[0]


def test_memory_threads_and_spill_come_from_the_settings(tmp_path):
    text = '[engine]\nmemory_limit = "512MiB"\nthreads = 3\nspill = "elsewhere/spill"\n'
    with workspace(tmp_path, text).open_engine() as engine:
        assert isinstance(engine, DuckDBEngine)
        assert setting(engine, "memory_limit") == "256.0 MiB"  # its share: the job has the rest
        assert setting(engine, "threads") == 3
        assert setting(engine, "temp_directory") == str(tmp_path / "elsewhere" / "spill")
        assert setting(engine, "TimeZone") == "UTC"


def test_spill_lies_with_the_other_intermediate_files_where_nothing_is_said(tmp_path):
    assert workspace(tmp_path).spill == tmp_path / ".salesworthy" / "spill"
    assert workspace(tmp_path, '[engine]\nspill = "/large/disk"\n').spill.as_posix() == "/large/disk"


def test_a_query_larger_than_the_limit_spills_and_ends(tmp_path):
    """A million groups of text under 40 of 80 MiB: they do not fit, and still all of them come out."""
    with workspace(tmp_path, '[engine]\nmemory_limit = "80MiB"\nthreads = 1\n').open_engine() as engine:
        engine.backend.raw_sql(
            "CREATE VIEW many AS SELECT 'a lead with a rather long name ' || (range * 7919 % 1000000) AS lead_id "
            "FROM range(1000000)"
        )
        many = engine.backend.table("many")
        counted = engine.materialise("counted", many.group_by("lead_id").agg(n=many.count()))
        assert engine.to_arrow(counted.count().as_table())[0][0].as_py() == 1_000_000


def test_the_option_wins_over_the_settings(tmp_path, monkeypatch):
    (tmp_path / "salesworthy.toml").write_text(
        '[engine]\nkind = "duckdb"\n[engine.spark]\n"spark.master" = "local[4]"\n'
    )
    monkeypatch.delenv("SALESWORTHY__ENGINE__KIND", raising=False)
    assert Chosen(tmp_path).open().settings.engine.kind == "duckdb"
    found = Chosen(tmp_path).open(EngineKind.SPARK).settings.engine
    assert (found.kind, found.spark) == ("spark", {"spark.master": "local[4]"})


def test_unknown_engines_and_settings_are_named(tmp_path):
    with pytest.raises(ConfigurationMistakes, match="kind"):
        workspace(tmp_path, '[engine]\nkind = "dask"\n')
    with pytest.raises(ConfigurationMistakes, match="spark"):
        workspace(tmp_path, '[engine.spark]\n"spark.cores.max" = 4\n')


def test_without_java_the_next_step_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(UserError, match=r"Spark needs Java[^\n]*\n.*install Java 17"):
        workspace(tmp_path, '[engine]\nkind = "spark"\n').open_engine()
