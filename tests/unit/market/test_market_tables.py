"""What the written tables promise: keys, references, moments, and a market that looks like one."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from salesworthy.domain.tables import TABLES
from salesworthy.market.handoffs import weekly_capacity
from salesworthy.market.scenarios import Scenario
from salesworthy.market.vocabulary import PEOPLE_AGENTS, SCANNER_AGENTS

START, END = dt.datetime(2024, 7, 1, tzinfo=dt.UTC), dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
WEAK_ROLES = ["student", "researcher", "other"]
AFTER_THE_OUTCOME = ["lead_status", "sales_notes_length", "opportunity_amount", "last_sales_touch_at"]
REFERENCES = [
    ("leads", "account_id", "accounts"),
    ("leads", "campaign_id", "campaigns"),
    ("engagements", "lead_id", "leads"),
    ("engagements", "content_id", "content"),
    ("engagements", "campaign_id", "campaigns"),
    ("consents", "lead_id", "leads"),
    ("handoffs", "lead_id", "leads"),
    ("outcomes", "lead_id", "handoffs"),
    ("truth", "lead_id", "leads"),
    ("true_people", "lead_id", "leads"),
    ("true_people", "person_id", "leads"),
]
KEYS = {
    **{table.name: list(table.key) for table in TABLES.values() if table.key},
    "handoffs": ["lead_id"],
    "outcomes": ["lead_id"],
    "truth": ["lead_id", "as_of"],
    "true_people": ["lead_id"],
}


@pytest.mark.parametrize(("table", "column", "target"), REFERENCES)
def test_every_reference_points_somewhere(market, table, column, target):
    key = "lead_id" if target in ("leads", "handoffs") else KEYS[target][0]
    pointing = market[table][column].drop_nulls()
    assert len(pointing) > 0
    assert set(pointing.unique()) <= set(market[target][key])


@pytest.mark.parametrize("table", KEYS)
def test_keys_are_unique(market, table):
    assert not market[table].select(KEYS[table]).is_duplicated().any()


NOT_RECORDED = {("engagements", "machine"), ("engagements", "no_score"), ("content", "approved_use")}
"""What the checks find, and a status that nobody set."""


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_tables_follow_the_vocabulary(market, table):
    written = market[table.name]
    for column in table.columns:
        if (table.name, column.name) in NOT_RECORDED:
            continue
        assert column.name in written.columns
        if column.required:
            assert written[column.name].null_count() == 0
        if column.allowed:
            assert set(written[column.name].drop_nulls().unique()) <= set(column.allowed)


@pytest.mark.parametrize("scenario", Scenario)
def test_nothing_is_dated_after_the_end(drifted, scenario):
    for name in (*TABLES, "truth", "true_people"):
        table = drifted(scenario)[name]
        for column, kind in table.schema.items():
            if kind.is_temporal() and name != "truth":
                assert table[column].drop_nulls().max() < END, (name, column)
    assert drifted(scenario)["truth"]["as_of"].max() == END


def test_leads_arrive_over_two_years_and_in_order(market):
    created = market["leads"]["created_at"]
    assert created.is_sorted()
    assert created.min() >= START
    assert created.min() < START + dt.timedelta(days=5)
    assert created.max() > END - dt.timedelta(days=5)


def test_summary_tells_what_was_written(market):
    assert {name: len(market[name]) for name in market.summary.rows} == market.summary.rows
    assert market.summary.handoffs == len(market["handoffs"])
    assert market.summary.outcomes == len(market["outcomes"])
    assert market.summary.end == "2026-07-01"


def test_sites_look_like_health_systems(market):
    accounts = market["accounts"]
    types = accounts["facility_type"]
    hospitals = types.str.ends_with("hospital")
    assert hospitals.mean() == pytest.approx(0.36, abs=0.04)
    assert (types == "ambulatory_surgery_centre").mean() == pytest.approx(0.32, abs=0.04)
    assert (types.filter(hospitals) == "critical_access_hospital").mean() == pytest.approx(0.25, abs=0.05)
    assert (accounts["beds"].is_not_null() == hospitals).all()
    in_systems = accounts["parent_account_id"].drop_nulls()
    assert len(in_systems) == pytest.approx(0.6 * len(accounts), rel=0.1)
    assert 4 < len(in_systems) / in_systems.n_unique() < 15
    assert (accounts["specialties"].str.len_chars() > 0).all()


def test_about_twenty_engagements_per_lead(market):
    assert 18 < len(market["engagements"]) / len(market["leads"]) < 22


def test_acts_are_known_when_they_happen_or_later_and_never_before_the_lead(market):
    acts = market["engagements"].join(market["leads"].select("lead_id", "created_at"), on="lead_id")
    assert (acts["known_at"] >= acts["occurred_at"]).all()
    assert (acts["known_at"] >= acts["created_at"]).all()
    late = acts.filter(pl.col("known_at") > pl.col("occurred_at"))
    assert 0.02 < len(late) / len(acts) < 0.12
    assert set(late["kind"].unique()) == {"webinar", "booth", "form"}


def test_content_that_is_not_tagged_has_no_tag_at_all(market):
    content = market["content"]
    untagged = content["topic"].is_null()
    assert 0 < untagged.sum() < 20
    for column in ("buying_step", "tagged_at"):
        assert (content[column].is_null() == untagged).all()


def test_most_but_not_all_machine_clicks_say_so(market):
    clicks = market["engagements"].filter(pl.col("kind") == "click").sort("lead_id", "occurred_at")
    near = pl.col("occurred_at").diff().over("lead_id") < pl.duration(seconds=4)
    burst = (near | near.shift(-1).over("lead_id")).fill_null(False)
    marked = clicks.with_columns(burst=burst, named=pl.col("agent").is_in(SCANNER_AGENTS).fill_null(False))
    assert 0.84 < marked.filter("burst")["named"].mean() < 0.93
    assert marked.filter("named")["burst"].mean() == 1.0
    others = market["engagements"].filter(pl.col("kind") != "click")
    assert set(others["agent"].unique()) == {*PEOPLE_AGENTS, None}


def test_duplicates_are_recorded(market):
    people = market["true_people"].join(market["leads"], on="lead_id")
    second = people.filter(pl.col("lead_id") != pl.col("person_id"))
    assert 0.02 < len(second) / len(people) < 0.04
    pairs = second.join(market["leads"], left_on="person_id", right_on="lead_id", suffix="_first")
    assert (pairs["created_at"] >= pairs["created_at_first"]).all()
    for column in ("account_id", "role", "job_title", "department"):
        assert pairs[column].eq_missing(pairs[f"{column}_first"]).all()
    same_mail = (pairs["email_key"] == pairs["email_key_first"]).mean()
    assert 0.45 < same_mail < 0.65
    assert 0.2 < (pairs["full_name"] == pairs["full_name_first"]).mean() < 0.45
    firsts = people.filter(pl.col("lead_id") == pl.col("person_id"))
    assert not firsts["email_key"].is_duplicated().any()


def test_sales_takes_as_many_leads_as_it_can(market):
    weeks = market["handoffs"].group_by(week=(pl.col("handed_at") - START).dt.total_days() // 7).len()
    for week, handed in weeks.iter_rows():
        assert handed == weekly_capacity(20_000, week)
    assert len(market["handoffs"]) == pytest.approx(0.3 * 20_000, abs=2)


def test_handoffs_come_after_the_lead_and_on_working_days(market):
    handed = market["handoffs"].join(market["leads"], on="lead_id")
    assert (handed["handed_at"] > handed["created_at"]).all()
    assert (handed["handed_at"].dt.weekday() <= 5).all()


def test_a_random_sample_is_logged_with_its_probability(market):
    handoffs = market["handoffs"]
    random = handoffs["path"] == "exploration"
    assert 0.04 < random.mean() < 0.08
    assert (handoffs["probability"].is_not_null() == random).all()
    assert handoffs["probability"].drop_nulls().is_between(0, 1, closed="right").all()


def test_who_is_drawn_at_random_is_like_those_who_are_never_sent(market):
    leads = market["leads"].join(market["handoffs"], on="lead_id", how="left")
    weak = leads.group_by("path").agg(pl.col("role").is_in(WEAK_ROLES).mean()).rows()
    share = dict(weak)
    assert share["rule"] < 0.8 * share[None]
    assert share["exploration"] == pytest.approx(share[None], abs=0.06)


def test_nobody_is_handed_over_after_an_objection(market):
    objected = market["consents"].filter(pl.col("state") == "objected").group_by("lead_id").agg(pl.col("at").min())
    handed = market["handoffs"].join(objected, on="lead_id")
    assert len(handed) > 0
    assert (handed["handed_at"] < handed["at"]).all()


def test_every_lead_has_a_first_consent_state_in_its_region(market):
    consents = market["consents"].filter(pl.col("channel") == "email")
    leads = market["leads"].join(market["accounts"].select("account_id", "region"), on="account_id", how="left")
    first = consents.group_by("lead_id", maintain_order=True).first().join(leads, on="lead_id")
    assert len(first) == len(leads)
    assert (first["at"] == first["created_at"]).all()
    assert first["region"].eq_missing(first["region_right"]).all()
    assert set(consents["notice_version"].unique()) == {"v1", "v2"}


def test_outcomes_take_their_time(market):
    told = market["outcomes"].join(market["handoffs"], on="lead_id")
    assert (told["at"] > told["handed_at"]).all()
    contacted = told.filter(pl.col("first_contact_at").is_not_null())
    assert (contacted["at"] >= contacted["first_contact_at"]).all()
    assert (contacted["first_contact_at"] > contacted["handed_at"]).all()
    days = (told["at"] - told["handed_at"]).dt.total_seconds() / 86_400
    accepted = days.filter(told["disposition"] == "accepted")
    assert 10 < accepted.median() < 45
    assert accepted.max() > 95
    assert 0.005 < (accepted > 90).mean() < 0.2


def test_dispositions_are_mixed(market):
    shares = dict(market["outcomes"]["disposition"].value_counts(normalize=True).rows())
    assert 0.15 < shares["accepted"] < 0.3
    assert 0.5 < shares["rejected"] < 0.75
    for rare in ("open", "unreachable", "untouched", "duplicate"):
        assert 0.005 < shares[rare] < 0.1
    outcomes = market["outcomes"]
    assert (outcomes["reason"].is_not_null() == (outcomes["disposition"] == "rejected")).all()
    assert len(outcomes) < len(market["handoffs"])


def test_most_second_entries_are_found_out(market):
    handed = market["handoffs"].join(market["true_people"], on="lead_id").sort("handed_at", "lead_id")
    second = handed.filter(pl.col("person_id").is_duplicated() & ~pl.col("person_id").is_first_distinct())
    told = second.join(market["outcomes"], on="lead_id").filter(~pl.col("disposition").is_in(["untouched", "open"]))
    assert (told["disposition"] == "duplicate").mean() > 0.7
    rest = market["outcomes"].join(second, on="lead_id", how="anti")
    assert (rest["disposition"] == "duplicate").mean() < 0.01


def mature_with_label(market):
    """Judged handoffs whose 90 days are over, with leads' and sites' columns, and ``won``."""
    mature = market["handoffs"].filter(pl.col("handed_at") < END - dt.timedelta(days=90))
    found = mature.join(market["outcomes"], on="lead_id", how="left")
    found = found.filter(~pl.col("disposition").is_in(["unreachable", "duplicate", "untouched"]).fill_null(False))
    in_time = pl.col("at") - pl.col("handed_at") <= dt.timedelta(days=90)
    won = ((pl.col("disposition") == "accepted") & in_time).fill_null(False)
    return found.select("lead_id", won=won).join(market["leads"], on="lead_id")


def separation(column: pl.Series, won: pl.Series) -> float:
    """AUC of a column alone: numbers by size, words by their rate of success; missing as a word of its own."""
    if column.dtype == pl.String:
        frame = pl.DataFrame({"word": column.fill_null("?"), "won": won})
        score = frame.select(pl.col("won").mean().over("word"))["won"]
    else:
        score = column.to_physical().cast(float).fill_null(-1.0)
    auc = roc_auc_score(won, score)
    return max(auc, 1 - auc)


def test_fields_filled_after_the_outcome_leak_it(market):
    found = mature_with_label(market)
    for column in AFTER_THE_OUTCOME[:3]:
        assert separation(found[column], found["won"]) > 0.9, column
    touched = found.join(market["handoffs"], on="lead_id").filter(pl.col("last_sales_touch_at").is_not_null())
    since_handoff = touched["last_sales_touch_at"] - touched["handed_at"]
    assert len(touched) > 0.95 * len(found)
    assert (since_handoff > dt.timedelta()).all()
    assert separation(since_handoff, touched["won"]) > 0.7


def test_no_other_column_knows_too_much(market):
    found = mature_with_label(market).join(market["accounts"], on="account_id", how="left", suffix="_of_site")
    keys = ["lead_id", "account_id", "email_key", "full_name", "name", "parent_account_id"]
    honest = found.drop("won", *keys, *AFTER_THE_OUTCOME)
    assert len(honest.columns) > 15
    for column in honest.columns:
        assert separation(honest[column], found["won"]) < 0.7, column


def test_a_clock_and_an_identity_tempt_careless_models(market):
    leads = market["leads"]
    assert leads["import_batch"].is_sorted()
    assert leads["import_batch"].n_unique() > 100
    assert leads["email_key"].n_unique() > 0.95 * len(leads)
    assert np.unique(leads["email_key"].str.len_chars()).tolist() == [16]
