"""The shipped set on a market: a table cut at a moment gives the features that the whole table gives for it."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from salesworthy.domain.tables import TABLES, Kind
from salesworthy.features.as_of import features_as_of
from salesworthy.features.loading import load_catalogue
from salesworthy.market.generate import write_market
from salesworthy.outcomes.labels import LabelRule, label_handoffs, results

KNOWN_BY = {
    "accounts": "created_at",
    "leads": "created_at",
    "engagements": "known_at",
    "content": "tagged_at",
    "campaigns": "approved_at",
    "consents": "at",
    "handoffs": "handed_at",
    "outcomes": "at",
}
RULE = LabelRule()
NOW = 1_767_225_600_000_000  # 2026-01-01: three quarters through the market's two years


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    folder = tmp_path_factory.mktemp("market")
    write_market(folder, leads=1_200, seed=11)
    return {name: _checked(pq.read_table(folder / f"{name}.parquet")) for name in KNOWN_BY}


def _checked(table: pa.Table) -> pa.Table:
    for place, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            table = table.set_column(place, field.name, table[field.name].cast(pa.int64()))
    return table


def _schema(tables):
    from small_tables import Facts

    carried = {pa.string(): Kind.TEXT, pa.float64(): Kind.NUMBER, pa.bool_(): Kind.YES_NO, pa.int64(): Kind.MOMENT}
    return {
        name: {field.name: Facts(carried[field.type], carried=True) for field in table.schema}
        | {column.name: Facts(column.kind) for column in TABLES[name].columns}
        for name, table in tables.items()
    }


def _features(engine, tables, catalogue, spine, name):
    opened = {table: engine.from_arrow(f"{name}_{table}", rows) for table, rows in tables.items()}
    told = results(label_handoffs(opened, RULE, until=NOW), RULE)
    asked = engine.from_arrow(f"{name}_spine", spine)
    found = features_as_of(engine, opened, asked, catalogue, results=told)
    return engine.to_arrow(found.order_by("lead_id", "as_of"))


def test_what_was_not_known_yet_does_not_matter(engine, market):
    catalogue = load_catalogue(["medtech"], root=None, schema=_schema(market)).catalogue
    cut = {
        name: rows.filter(pc.or_kleene(pc.is_null(rows[by]), pc.less_equal(rows[by], NOW)))
        for name, rows in market.items()
        for by in [KNOWN_BY[name]]
    }
    assert sum(rows.num_rows for rows in cut.values()) < 0.9 * sum(rows.num_rows for rows in market.values())
    known = cut["leads"]["lead_id"]
    earlier = pc.subtract(NOW, pc.multiply(pa.array(range(len(known))), 86_400_000_000 // 4))
    spine = pa.table({"lead_id": pa.concat_arrays([*known.chunks, *known.chunks]),
                      "as_of": pa.concat_arrays([pa.array([NOW] * len(known), pa.int64()), earlier])})  # fmt: skip
    whole = _features(engine, market, catalogue, spine, "whole")
    assert _features(engine, cut, catalogue, spine, "cut").equals(whole)
    assert whole.num_rows == 2 * len(known)
    constant = [name for name in catalogue.names if pc.count_distinct(whole[name], mode="only_valid").as_py() < 2]
    assert constant == []
