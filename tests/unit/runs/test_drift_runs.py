"""What published runs said: decisions per week, and the score behind each handoff."""

from __future__ import annotations

import json
import math

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesworthy.domain.errors import UserError
from salesworthy.domain.moments import MICROSECONDS_PER_DAY, format_moment
from salesworthy.drift.weeks import WEEK, Weeks
from salesworthy.runs.drift_runs import HOLDS, decisions_weekly, issued_scores, published_runs

MONDAY = 4 * MICROSECONDS_PER_DAY  # 1970-01-05


def weeks(count):
    return Weeks(MONDAY, count)


def publish(out, number, as_of, counts, scores=()):
    folder = out / "runs" / f"run{number}"
    (folder / "scores").mkdir(parents=True)
    manifest = {"as_of": format_moment(as_of), "counts": counts, "model_version": "v1", "policy_version": None}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    table = pa.table(
        {
            "lead_id": pa.array([lead for lead, _ in scores], pa.string()),
            "propensity": pa.array([p for _, p in scores], pa.float64()),
            "as_of": pa.array([as_of] * len(scores), pa.timestamp("us", tz="UTC")),
        }
    )
    pq.write_table(table, folder / "scores" / "part-0000.parquet")


def test_each_week_has_the_decisions_of_its_last_run(tmp_path):
    for number in range(12):
        publish(tmp_path, number, MONDAY + number * WEEK, {"MQL": 10 + number, "NURTURE": 90})
    publish(tmp_path, 99, MONDAY + 3 * WEEK + MICROSECONDS_PER_DAY, {"MQL": 40, "HELD": 60})
    runs = published_runs(tmp_path, until=MONDAY + 20 * WEEK)
    found = decisions_weekly(runs, weeks(14))
    level = {each.level: column for column, each in enumerate(found.watched)}
    assert sorted(level) == ["HELD", "MQL", "NURTURE"]
    assert found.hits[3, level["MQL"]] == 40
    assert found.hits[3, level["NURTURE"]] == 0
    assert list(found.totals[:, 0]) == [110 + w - 10 if w != 3 else 100 for w in range(12)] + [0, 0]
    assert decisions_weekly(runs[:6], weeks(14)) is None


def test_runs_of_later_days_are_not_seen(tmp_path):
    publish(tmp_path, 1, MONDAY, {"MQL": 1})
    publish(tmp_path, 2, MONDAY + WEEK, {"MQL": 2})
    assert [run.counts["MQL"] for run in published_runs(tmp_path, until=MONDAY + WEEK - 1)] == [1]
    assert published_runs(tmp_path / "nowhere", until=MONDAY) == []


def test_a_handoff_has_the_latest_score_given_before_it_and_none_that_is_too_old(tmp_path):
    publish(tmp_path, 1, MONDAY, {}, [("A", 0.1), ("B", 0.2)])
    publish(tmp_path, 2, MONDAY + WEEK, {}, [("A", 0.3), ("B", None)])
    runs = published_runs(tmp_path, until=MONDAY + 99 * WEEK)
    asked = [("A", 0), ("A", WEEK), ("A", WEEK - 1), ("B", 2 * WEEK), ("C", WEEK), ("A", -1), ("A", WEEK + HOLDS + 1)]
    found = issued_scores(runs, [lead for lead, _ in asked], [MONDAY + after for _, after in asked])
    expected = [0.1, 0.3, 0.1, 0.2, math.nan, math.nan, math.nan]
    assert np.array_equal(found, expected, equal_nan=True)


def test_a_manifest_that_cannot_be_read_is_named(tmp_path):
    publish(tmp_path, 1, MONDAY, {})
    (tmp_path / "runs" / "run1" / "manifest.json").write_text("{}")
    with pytest.raises(UserError, match="manifest of a run"):
        published_runs(tmp_path, until=MONDAY)
