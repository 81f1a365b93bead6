"""The documentation says what the code does: its table is the set's, its example is a catalogue."""

from __future__ import annotations

import re
from pathlib import Path

from small_tables import CARRIED, Facts, load, schema_of

from salesworthy.domain.tables import TABLES, Kind
from salesworthy.features.condition_syntax import FUNCTIONS
from salesworthy.features.documentation import feature_table
from salesworthy.features.loading import load_catalogue

PAGE = (Path(__file__).parents[3] / "docs" / "features.md").read_text(encoding="utf-8")
MARKET_CARRIES = {
    "leads": {"beds_reported": Kind.NUMBER, "competitor_installed": Kind.YES_NO, "form_fields_filled": Kind.NUMBER,
              "email_kind": Kind.TEXT},
    "accounts": {"existing_customer": Kind.YES_NO},
}  # fmt: skip


def test_the_table_is_that_of_the_medtech_set(tmp_path):
    schema = schema_of(TABLES)
    for table, columns in MARKET_CARRIES.items():
        schema[table] |= {name: Facts(kind, carried=True) for name, kind in columns.items()}
    found = load_catalogue(["medtech"], root=tmp_path, schema=schema)
    assert found.left_out == ()
    assert PAGE.endswith(feature_table(found.catalogue) + "\n"), "paste what feature_table gives at the end of the page"


def test_the_example_is_a_catalogue(tmp_path, monkeypatch):
    monkeypatch.setitem(CARRIED, "leads", {"employees": Kind.NUMBER})
    text = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1]
    acts = "\n- {name: acts_30d, count: engagements}\n- {name: acts_90d, count: engagements}\n"
    found = load(text + acts, tmp_path).catalogue
    assert {feature.kind for feature in found} == {"column", "count", "recency", "distinct", "sum", "share",
                                                   "expression", "history"}  # fmt: skip


def test_every_function_is_named():
    assert not [name for name in FUNCTIONS.values() if name not in PAGE]
