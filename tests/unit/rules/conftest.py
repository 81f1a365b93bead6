"""A workspace's columns, the example policy checked against them, and an engine."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pytest

from salesworthy.domain.tables import TABLES, Kind
from salesworthy.engines.duckdb import DuckDBEngine
from salesworthy.features.catalogue import Catalogue
from salesworthy.features.loading import load_catalogue
from salesworthy.features.vocabulary import Vocabulary
from salesworthy.intake.checked import ColumnFacts
from salesworthy.policy.document import Policy
from salesworthy.rules.checking import load_checked_policy
from salesworthy.rules.columns import RuleColumns, rule_columns

EXAMPLE = Path(str(files("salesworthy.runs") / "templates" / "policy"))
CARRIED = {
    "accounts": {"existing_customer": Kind.YES_NO},
    "leads": {
        "beds_reported": Kind.NUMBER,
        "email_kind": Kind.TEXT,
        "form_fields_filled": Kind.NUMBER,
        "competitor_installed": Kind.YES_NO,
    },
}
"""Columns of the synthetic market beside the vocabulary."""


@dataclass(frozen=True)
class World:
    """What a policy is checked against and run on."""

    schema: dict[str, dict[str, ColumnFacts]]
    catalogue: Catalogue
    columns: RuleColumns
    policy: Policy


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    schema = {
        name: {column.name: ColumnFacts(column.kind, present=True, carried=False) for column in table.columns}
        | {key: ColumnFacts(kind, present=True, carried=True) for key, kind in CARRIED.get(name, {}).items()}
        for name, table in TABLES.items()
    }
    root = tmp_path_factory.mktemp("world")
    catalogue = load_catalogue(["medtech"], root=root, schema=schema).catalogue
    columns = rule_columns(catalogue, Vocabulary(schema))
    return World(schema, catalogue, columns, load_checked_policy(EXAMPLE, columns))


@pytest.fixture(scope="module")
def engine():
    with DuckDBEngine(threads=1) as found:
        yield found
