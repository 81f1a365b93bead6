"""Rows follow the key that survives: nothing is lost, nothing is known too early, an objection holds for all."""

from __future__ import annotations

import polars as pl
import pytest

from salesworthy.intake.duplicates_groups import MERGES
from salesworthy.intake.duplicates_merging import drop_merged, follow, join_consents

B_FOLLOWS_A = pl.DataFrame([("B", "A", "A", 0.97, "probability", 50)], MERGES, orient="row")
CONSENT = {"lead_id": pl.String, "at": pl.Int64, "state": pl.String} | dict.fromkeys(
    ("channel", "purpose", "content_type"), pl.String
)


def stored(folder, name, rows, schema=None):
    path = folder / f"{name}.parquet"
    pl.DataFrame(rows, schema=schema, orient="row").write_parquet(path)
    return path


def test_merged_rows_are_kept_with_their_lineage(tmp_path):
    path = stored(tmp_path, "leads", {"lead_id": ["B", "C", "A"], "role": ["nurse", None, "head"]})
    away = tmp_path / "merged" / "leads.parquet"
    assert drop_merged(path, away, "lead_id", B_FOLLOWS_A) == 1
    assert pl.read_parquet(path).rows() == [("C", None), ("A", "head")]
    assert pl.read_parquet(away).to_dicts() == [
        {
            "lead_id": "B", "merged.survivor": "A", "merged.partner": "A", "merged.probability": 0.97,
            "merged.because": "probability", "merged.joined_at": 50, "role": "nurse",
        }
    ]  # fmt: skip


def test_acts_follow_and_are_known_once_the_entries_were_linked(tmp_path):
    rows = {"lead_id": ["B", "A", "B", None], "known_at": [10, 20, 60, 5], "survivor": ["x", "y", "z", "w"]}
    path = stored(tmp_path, "engagements", rows)
    assert follow(path, "engagements", "lead_id", B_FOLLOWS_A).moved == 2
    found = [("A", 50, "x"), ("A", 20, "y"), ("A", 60, "z"), (None, 5, "w")]
    assert pl.read_parquet(path).rows() == found


def test_other_moments_stay_as_they_are(tmp_path):
    path = stored(tmp_path, "handoffs", {"lead_id": ["B"], "handed_at": [10]})
    follow(path, "handoffs", "lead_id", B_FOLLOWS_A)
    assert pl.read_parquet(path).rows() == [("A", 10)]


YES, NO = "opt_in", "Objected"
CONSENTS = {
    "a yes follows": ([("B", 60, YES)], [("A", 60, YES)], 0),
    "nobody knew before the link": ([("B", 10, YES), ("A", 20, "none")], [("A", 50, YES), ("A", 20, "none")], 0),
    "a twin's no holds": ([("A", 10, YES), ("B", 60, NO)], [("A", 10, YES), ("A", 60, NO)], 0),
    "a twin's no from before the link holds since then": ([("B", 10, NO)], [("A", 50, NO)], 0),
    "a twin's yes lifts no other's no": ([("A", 60, NO), ("B", 70, YES)], [("A", 60, NO)], 1),
    "not from before the link either": ([("A", 20, NO), ("B", 10, YES)], [("A", 20, NO)], 1),
    "one's own yes lifts one's own no": ([("A", 60, NO), ("A", 70, YES)], [("A", 60, NO), ("A", 70, YES)], 0),
    "then a twin's yes counts too": (
        [("A", 60, NO), ("A", 70, YES), ("B", 80, YES)], [("A", 60, NO), ("A", 70, YES), ("A", 80, YES)], 0,
    ),
    "two objectors": ([("A", 60, NO), ("B", 61, NO), ("A", 70, YES)], [("A", 60, NO), ("A", 61, NO)], 1),
    "others are left alone": ([("C", 60, NO), ("C", 70, YES)], [("C", 60, NO), ("C", 70, YES)], 0),
}  # fmt: skip


@pytest.mark.parametrize("case", CONSENTS)
def test_consents(tmp_path, case):
    rows, expected, held = CONSENTS[case]
    path = stored(tmp_path, "consents", [(*row, "mail", "marketing", "all") for row in rows], CONSENT)
    away = tmp_path / "merged" / "consents.parquet"
    moved = join_consents(path, away, B_FOLLOWS_A, ("objected",))
    assert moved.merged == held
    assert pl.read_parquet(path).select("lead_id", "at", "state").rows() == expected
    if held:
        gone = pl.read_parquet(away)
        assert (gone["merged.survivor"].to_list(), len(gone)) == (["A"], held)


def test_an_objection_to_one_channel_holds_for_that_channel(tmp_path):
    rows = [("A", 60, NO, "mail", None, None), ("B", 70, YES, "phone", None, None), ("B", 70, YES, "mail", None, None)]
    path = stored(tmp_path, "consents", rows, CONSENT)
    join_consents(path, tmp_path / "away.parquet", B_FOLLOWS_A, ("objected",))
    assert pl.read_parquet(path).select("state", "channel").rows() == [(NO, "mail"), (YES, "phone")]
