"""The rows of a few leads and of their sites, taken from memory: the same as a search through the tables finds."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesworthy.runs.few_memory import holds_nan, in_memory

LEADS = [("L1", "S1"), ("L2", "S1"), ("L3", None), ("L4", "S2"), ("L5", "nowhere"), ("L6", None)]
ACTS = [("L4", 1), ("L1", 2), ("L3", 3), ("L1", 4), ("gone", 5), ("L2", 6), ("L1", 7)]
SITES = [("S2", 10.0), ("S1", None), ("S3", 5.0)]


@pytest.fixture(scope="module")
def memory(tmp_path_factory):
    folder, paths = tmp_path_factory.mktemp("tables"), {}
    for name, columns, rows in (
        ("leads", ["lead_id", "account_id"], LEADS),
        ("engagements", ["lead_id", "n"], ACTS),
        ("accounts", ["account_id", "beds"], SITES),
        ("consents", ["lead_id", "at"], []),
        ("content", ["content_id"], [("C1",)]),
    ):
        values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
        types = [pa.string() if each.endswith("_id") else None for each in columns]
        pq.write_table(
            pa.table([pa.array(*each) for each in zip(values, types, strict=True)], names=columns),
            folder / f"{name}.parquet",
        )
        paths[name] = folder / f"{name}.parquet"
    return in_memory(paths)


@given(asked=st.lists(st.sampled_from([*(lead for lead, _ in LEADS), "nobody"]), unique=True))
def test_rows_of_leads_and_of_everybody_at_their_sites(memory, asked):
    sites = {site for lead, site in LEADS if lead in asked and site is not None}
    people = {*asked, *(lead for lead, site in LEADS if site in sites)}
    found = memory.of(asked)
    assert set(found) == {"leads", "engagements", "accounts", "consents"}
    assert sorted(found["leads"], key=str) == sorted((row for row in LEADS if row[0] in people), key=str)
    assert sorted(found["engagements"]) == sorted(row for row in ACTS if row[0] in people)
    assert sorted(found["accounts"]) == sorted(row for row in SITES if row[0] in sites)
    assert found["consents"] == []


def test_acts_of_a_lead_keep_their_order(memory):
    assert [n for _, n in memory.of(["L1"])["engagements"] if _ == "L1"] == [2, 4, 7]


def test_a_number_that_is_none_is_found():
    numbers = [pa.table({"x": pa.array(each), "s": ["a", "b"]}) for each in ([1.0, None], [float("nan"), 1.0])]
    assert [holds_nan(each) for each in numbers] == [False, True]
