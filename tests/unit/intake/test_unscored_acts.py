"""Acts that score nothing: which they are, by a slow plain reference; since when others count; what is said of them."""

from __future__ import annotations

from collections import Counter

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.intake.small_acts import ACTS, NOON, SECOND, click, judge

from salesworthy.domain.approved_use import NoScore, names_transfer_of_value, why_no_score
from salesworthy.intake.care import Care
from salesworthy.intake.unscored_acts import Unscored, mark_unscored
from salesworthy.intake.unscored_findings import unscored_findings

CONTENT = {"content_id": pl.String, "topic": pl.String, "approved_use": pl.String}
CAMPAIGNS = {"campaign_id": pl.String, "type": pl.String, "approved_at": pl.Int64}


def marked(folder, acts, content=(), campaigns=None, *, approvals=True) -> tuple[pl.DataFrame, Unscored]:
    """The acts with what was found, in their order."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = {"engagements": (acts, ACTS), "content": (content, CONTENT)}
    if campaigns is not None:
        rows["campaigns"] = (campaigns, CAMPAIGNS)
    paths = {name: folder / f"{name}.parquet" for name in rows}
    for name, (frame, schema) in rows.items():
        pl.DataFrame(list(frame), schema=schema, orient="row").write_parquet(paths[name])
    found = mark_unscored(paths, approvals=approvals)
    return pl.read_parquet(paths["engagements"]), found


def campaign(name, approved=0, sort="fair"):
    return {"campaign_id": name, "type": sort, "approved_at": approved}


def item(name, topic="evidence", status=None):
    return {"content_id": name, "topic": topic, "approved_use": status}


@pytest.mark.parametrize(
    ("kind", "topic", "sort", "status", "why"),
    [
        ("view", "clinical_evidence", "webinar_series", None, None),
        ("view", "off_label_dosing", None, None, NoScore.OFF_LABEL),
        ("form", "Off-Label", None, "approved", None),
        ("view", "clinical_evidence", None, "off_label", NoScore.OFF_LABEL),
        ("view", "clinical_evidence", None, "transfer_of_value", NoScore.TRANSFER_OF_VALUE),
        ("meal", None, None, None, NoScore.TRANSFER_OF_VALUE),
        ("SpeakerRole", None, None, None, NoScore.TRANSFER_OF_VALUE),
        ("view", None, "speaker_program", None, NoScore.TRANSFER_OF_VALUE),
        ("form", "sample", None, None, None),
        ("form", "sample_fee", None, None, NoScore.TRANSFER_OF_VALUE),
        ("meal", "x", None, "approved", NoScore.TRANSFER_OF_VALUE),
    ],
)
def test_why_an_act_scores_nothing(kind, topic, sort, status, why):
    assert why_no_score(kind, topic, sort, status) == why


@pytest.mark.parametrize(
    ("column", "names"),
    [
        ("Speaker_Fee__c", True), ("HonorariumTotal", True), ("open_payments_2025", True), ("Travel expenses", True),
        ("meals", True), ("consulting_fees", True), ("license_fee", False), ("travel_distance", False),
        ("grants_pass", False), ("value", False), ("gift_of_life_centre", True),
    ],
)  # fmt: skip
def test_columns_that_hold_transfers_of_value_by_their_names(column, names):
    assert names_transfer_of_value(column) is names


rows_of_acts = st.lists(
    st.builds(
        lambda kind, link, campaign, at, given: click(at, link, kind=kind, campaign_id=campaign, no_score=given),
        st.sampled_from(["click", "meal", "form", "Off label"]),
        st.sampled_from([None, "plain", "off", "fee", "cleared", "lost"]),
        st.sampled_from([None, "C1", "C2", "C3", "C4"]),
        st.integers(-3, 3),
        st.sampled_from([None, None, None, "off_label"]),
    ),
    max_size=12,
)
ITEMS = [item("plain"), item("off", "off-label"), item("fee", "fees"), item("cleared", "fees", "approved")]
SORTS = [campaign("C1", NOON), campaign("C2", None), campaign("C3", NOON - 9 * SECOND, "speaker_program")]


@settings(deadline=None, max_examples=40)
@given(acts=rows_of_acts, approvals=st.booleans())
def test_the_same_as_one_act_after_the_other(tmp_path_factory, acts, approvals):
    found, told = marked(tmp_path_factory.mktemp("acts"), acts, ITEMS, SORTS, approvals=approvals)
    content = {each["content_id"]: each for each in ITEMS}
    campaigns = {each["campaign_id"]: each for each in SORTS}
    counts, later = Counter(), 0
    for before, after in zip(acts, found.to_dicts(), strict=True):
        known = content.get(before["content_id"], item("", None))
        mine = campaigns.get(before["campaign_id"], campaign("", None, None))
        why = before["no_score"] or why_no_score(before["kind"])
        why = why or why_no_score(None, known["topic"], approved_use=known["approved_use"])
        why = why or why_no_score(None, campaign_type=mine["type"])
        known_at = before["known_at"]
        if approvals and before["campaign_id"] is not None:
            if mine["approved_at"] is None:
                why = why or NoScore.UNAPPROVED_CAMPAIGN
            else:
                known_at = max(known_at, mine["approved_at"])
        assert after == {**before, "no_score": why, "known_at": known_at}
        counts[why] += why is not None
        later += known_at > before["known_at"]
    assert (told.by_why, told.later) == (+counts, later)


def test_campaigns_without_a_day_of_approval_are_taken_as_they_are(tmp_path):
    found, told = marked(tmp_path, [click(0, campaign_id="C2"), click(1, campaign_id="C9")], approvals=False)
    assert (found["no_score"].to_list(), told) == ([None, None], Unscored({}))
    listed, told = marked(tmp_path / "listed", [click(0, campaign_id="C1")], campaigns=[campaign("C1")])
    assert (listed["known_at"].to_list(), told) == ([NOON], Unscored({}))


def test_what_scores_nothing_is_no_evidence_of_machines(tmp_path):
    people = [click(0, "T1"), click(3600, "T2")]
    burst = [click(1, "T3", no_score="off_label"), click(2, "T4", no_score="off_label")]
    alone, _ = judge(tmp_path / "alone", people)
    among, found = judge(tmp_path / "among", [people[0], *burst, people[1]])
    assert found.machines == 0
    assert among.filter(pl.col("no_score").is_null()).equals(alone)


def test_each_reason_is_told_and_says_what_to_do():
    told = unscored_findings(Unscored({NoScore.OFF_LABEL: 3, NoScore.UNAPPROVED_CAMPAIGN: 1}, later=2))
    assert [(each.code, each.count) for each in told] == [
        ("NO_SCORE_OFF_LABEL", 3),
        ("NO_SCORE_UNAPPROVED_CAMPAIGN", 1),
        ("APPROVED_LATER", 2),
    ]
    assert "medical information" in told[0].todo
    assert unscored_findings(Unscored({})) == []


def test_it_is_part_of_what_names_checked_tables():
    assert Care().identity != Care(unscored=False).identity
