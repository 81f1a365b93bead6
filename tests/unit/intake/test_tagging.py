"""Content that waits for tags and campaigns that wait for an approval: listed by how much people use them."""

from __future__ import annotations

import polars as pl
from tests.unit.intake.small_acts import ACTS, click

from salesworthy.intake.tagging import tagging, tagging_findings

CONTENT = {"content_id": pl.String, "topic": pl.String, "buying_step": pl.String}


def listed(folder, acts, content=None):
    frames = {"engagements": pl.DataFrame(acts, schema=ACTS, orient="row")}
    if content is not None:
        frames["content"] = pl.DataFrame(content, schema=CONTENT, orient="row")
    paths = {name: folder / f"{name}.parquet" for name in frames}
    for name, frame in frames.items():
        frame.write_parquet(paths[name])
    return tagging(paths)


ITEMS = [
    {"content_id": "TAGGED", "topic": "evidence", "buying_step": "awareness"},
    {"content_id": "HALF", "topic": "evidence", "buying_step": None},
    {"content_id": "BARE", "topic": None, "buying_step": None},
    {"content_id": "UNUSED", "topic": None, "buying_step": None},
]


def test_untagged_content_by_the_acts_of_people(tmp_path):
    acts = [
        *(click(each, "TAGGED") for each in range(9)),
        *(click(each, "HALF", f"L{each}") for each in range(3)),
        *(click(each, "BARE", f"L{each % 2}", kind="view") for each in range(5)),
        *(click(each, "NOT LISTED") for each in range(5)),
        *(click(each, "SCANNED", machine=True) for each in range(7)),
        *(click(each, "OFF", no_score="off_label") for each in range(7)),
        click(0, None),
    ]
    found = listed(tmp_path, acts, ITEMS)["untagged_content"]
    assert [(each["content_id"], each["acts"], each["people"], each["lacks"]) for each in found] == [
        ("BARE", 5, 2, ["topic", "buying_step"]),
        ("NOT LISTED", 5, 1, ["row"]),
        ("HALF", 3, 3, ["buying_step"]),
    ]
    assert found[2]["last_at"].startswith("2026-03-02T12:00:02")
    (told,) = tagging_findings(found)
    assert (told.code, told.count) == ("UNTAGGED_CONTENT", 13)
    assert "3 item(s) without tags" in told.says
    assert "BARE (5 acts), NOT LISTED (5 acts), HALF (3 acts)" in told.says
    assert list(tagging_findings([])) == []


def test_without_a_table_of_content_everything_waits(tmp_path):
    assert [each["lacks"] for each in listed(tmp_path, [click(0, "A")])["untagged_content"]] == [["row"]]
    assert tagging({}) == {"untagged_content": [], "unapproved_campaigns": []}


def test_campaigns_whose_acts_score_nothing_because_nobody_approved_them(tmp_path):
    acts = [
        *(click(each, campaign_id="SMALL", no_score="unapproved_campaign") for each in range(2)),
        *(click(each, campaign_id="LARGE", no_score="unapproved_campaign") for each in range(3)),
        click(0, campaign_id="OFF", no_score="off_label"),
        click(0, campaign_id="FINE"),
    ]
    found = listed(tmp_path, acts)["unapproved_campaigns"]
    assert [(each["campaign_id"], each["acts"]) for each in found] == [("LARGE", 3), ("SMALL", 2)]
