"""The pinned seams (requirements/README.md): what the bounds protect works, and a bound that can go is noticed."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.metadata import requires, version
from pathlib import Path

import ibis
import pyarrow as pa
import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]


@pytest.fixture
def backend() -> ibis.BaseBackend:
    return ibis.duckdb.connect()


def test_ibis_streams_batches_on_this_duckdb(backend: ibis.BaseBackend) -> None:
    backend.create_table("t", pa.table({"x": range(2_500)}))
    with backend.to_pyarrow_batches(backend.table("t").order_by("x"), chunk_size=1_000) as reader:
        batches = list(reader)
    assert pa.Table.from_batches(batches)["x"].to_pylist() == list(range(2_500))
    assert max(batch.num_rows for batch in batches) <= 2_048


def test_ibis_creates_replaces_and_drops_tables_from_memory_with_this_sqlglot(backend: ibis.BaseBackend) -> None:
    backend.create_table("t", pa.table({"x": [1, 2]}))
    backend.create_table("t", pa.table({"x": [3]}), overwrite=True)
    assert backend.table("t").to_pyarrow().to_pydict() == {"x": [3]}
    backend.drop_table("t")
    assert "t" not in backend.list_tables()


@pytest.mark.parametrize(
    ("package", "bound"),
    [("duckdb", "2"), ("sqlglot", "30.18"), ("mlflow", "3.18")],
)
def test_what_is_installed_keeps_to_the_bounds_that_are_documented(package: str, bound: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    specifier = next(
        requirement.specifier
        for requirement in map(Requirement, project["dependencies"])
        if requirement.name == package
    )
    assert f"<{bound}" in str(specifier).split(",")
    assert Version(version(package)) < Version(bound)
    assert f"| {package} < {bound} |" in (ROOT / "requirements" / "README.md").read_text()


def test_the_bounds_still_serve_the_ibis_they_were_made_for() -> None:
    """When Ibis 13 comes, try DuckDB 2 and a newer sqlglot, and lift the bounds that can go."""
    assert Version(version("ibis-framework")).major == 12


def test_mlflow_and_its_parts_are_of_one_version() -> None:
    """mlflow 3.18.0 asks for an mlflow-skinny that was never published."""
    parts = {name: Version(version(name)) for name in ("mlflow", "mlflow-skinny", "mlflow-tracing")}
    assert len(set(parts.values())) == 1
    asked = [each for each in map(Requirement, requires("mlflow") or []) if each.name in parts]
    assert len(asked) == 2
    assert all(parts[requirement.name] in requirement.specifier for requirement in asked)


def test_no_python_file_lives_in_the_mlflow_folder() -> None:
    """One there could shadow the package for everything that starts in the repository's root."""
    assert [str(path.relative_to(ROOT)) for path in (ROOT / "mlflow").rglob("*.py*")] == []


def test_the_mlflow_folder_does_not_shadow_the_package() -> None:
    """``python -m`` puts the root first on the path, as ``python -m pytest`` does."""
    script = "import importlib.util, sys; sys.path.insert(0, ''); print(importlib.util.find_spec('mlflow').origin)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()).name == "__init__.py"
    assert ROOT / "mlflow" not in Path(done.stdout.strip()).parents
