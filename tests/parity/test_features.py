"""Features on DuckDB and on Spark: equal row for row, bit for bit, with the same types.

The histories are those of the feature tests: facts that became known late or never, acts and handoffs at the same
moment, times before 1970, ids that lead nowhere, nulls in every column that may hold them. Many of them lie in one
set of tables here, since Spark takes as long for one as for all.
"""

from __future__ import annotations

import pytest
from histories import FEATURES, TABLES, histories, spines, told_results
from hypothesis import HealthCheck, Phase, given, settings
from small_tables import answers, load

pytestmark = pytest.mark.slow

IDS = ("lead_id", "account_id", "content_id", "campaign_id")
HISTORIES = 40


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    more = "- {name: score_kind, column: leads.score, type: category}\n"
    return load(FEATURES + more, tmp_path_factory.mktemp("catalogue"), tables=TABLES).catalogue


@pytest.fixture(scope="module")
def world():
    """Tables, spine and results of many histories, whose ids are told apart by the history's number."""
    tables, spine, results = {name: [] for name in TABLES}, [], []
    for number, (told, asked, known) in enumerate(_generated(HISTORIES)):
        for name, rows in told.items():
            tables[name] += [_named(row, number) for row in rows]
        spine += [(f"{number}.{lead}", moment) for lead, moment in asked]
        results += [_named(row, number) for row in known]
    tables["engagements"] += tables["engagements"][::7]  # an act that was written down twice
    spine += spine[::9]  # and a question that is asked twice
    odd = (float("nan"), float("inf"), -0.0, 1e300, 1e15, 0.1)
    for lead, value in zip(tables["leads"], odd, strict=False):
        lead["score"] = value
    for act, value in zip(tables["engagements"], (*odd, 1e22, 123456.789), strict=False):
        act["value"] = value
    return tables, spine, results


def _generated(count):
    found = []

    @settings(
        max_examples=count, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(told=histories, asked=spines, known=told_results)
    def gather(told, asked, known):
        found.append((told, asked, known))

    gather()
    return found


def _named(row, number):
    return {key: f"{number}.{value}" if key in IDS and value is not None else value for key, value in row.items()}


def test_every_kind_of_feature_is_the_same(spark, duckdb, catalogue, world):
    tables, spine, results = world
    expected = answers(duckdb, tables, spine, catalogue, results)
    found = answers(spark, tables, spine, catalogue, results)
    assert found.schema == expected.schema
    differing = {
        name: [
            (question, one, other)
            for question, one, other in zip(spine, expected[name].to_pylist(), found[name].to_pylist(), strict=True)
            if one != other
        ][:3]
        for name in expected.column_names
        if not found[name].equals(expected[name])
    }
    assert differing == {}
    nulls = [column.null_count for column in expected.columns]
    assert len(spine) > 200 and sum(0 < count < len(spine) for count in nulls) > 25
