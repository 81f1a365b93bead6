"""Each drift scenario changes what its sentence says, and nothing that came before it."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from salesworthy.domain.errors import WrongUsage
from salesworthy.domain.reasons import SUBJECTS
from salesworthy.market.scenarios import SCENARIOS, Scenario, scenario_called
from salesworthy.market.vocabulary import SCANNER_AGENTS

DRIFTS, END = dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
CHANGES = [scenario for scenario in Scenario if scenario is not Scenario.NONE]
FILLED_IN_LATER = ["lead_status", "sales_notes_length", "opportunity_amount", "last_sales_touch_at"]
DATED_BY = {
    "leads": "created_at",
    "engagements": "known_at",
    "consents": "at",
    "handoffs": "handed_at",
    "outcomes": "at",
    "truth": "as_of",
    "accounts": "created_at",
}
WEAK_ROLES = ["student", "researcher", "other"]
NEW, OLD = pl.col("created_at") >= DRIFTS, pl.col("created_at") < DRIFTS


def before(market, table: str) -> pl.DataFrame:
    rows = market[table].filter(pl.col(DATED_BY[table]) < DRIFTS)
    return rows.drop(FILLED_IN_LATER) if table == "leads" else rows


@pytest.mark.parametrize("scenario", CHANGES)
@pytest.mark.parametrize("table", DATED_BY)
def test_nothing_changes_before_the_drift(drifted, scenario, table):
    assert len(before(drifted("none"), table)) > 100
    assert before(drifted(scenario), table).equals(before(drifted("none"), table))


@pytest.mark.parametrize("scenario", CHANGES)
def test_something_changes_after_the_drift(drifted, scenario):
    tables = ("leads", "engagements", "consents", "truth", "outcomes")
    assert any(not drifted(scenario)[table].equals(drifted("none")[table]) for table in tables)


def share(leads: pl.DataFrame, condition: pl.Expr) -> float:
    return leads.select(condition.fill_null(False).mean()).item()


def test_mis_tagged_campaign(drifted):
    market = drifted("mis_tagged_campaign")
    leads = market["leads"].join(market["campaigns"], on="campaign_id", how="left")
    syndicated = leads.filter(pl.col("source") == "content_syndication")
    assert share(syndicated.filter(NEW), pl.col("type") == "executive_briefing") > 0.9
    assert share(syndicated.filter(OLD), pl.col("type") == "executive_briefing") == 0
    assert market["truth"].equals(drifted("none")["truth"])


def test_new_product(drifted):
    leads = drifted("new_product")["leads"]
    assert 0.3 < share(leads.filter(NEW), pl.col("product") == "surgical_robot") < 0.4
    assert share(leads.filter(OLD), pl.col("product") == "surgical_robot") == 0
    asking = leads.filter(pl.col("product") == "surgical_robot").select("lead_id")
    at_end = [drifted(name)["truth"].filter(pl.col("as_of") == END).join(asking, on="lead_id") for name in SCENARIOS]
    odds = {name: part["log_odds"].mean() for name, part in zip(SCENARIOS, at_end, strict=True)}
    assert odds["new_product"] < odds["none"] - 0.6


def test_region_on(drifted):
    market = drifted("region_on")
    leads = market["leads"].join(market["accounts"].select("account_id", "region"), on="account_id")
    assert 0.15 < share(leads.filter(NEW), pl.col("region") == "asia_pacific") < 0.35
    assert share(leads.filter(OLD), pl.col("region") == "asia_pacific") == 0
    sisters = market["accounts"].filter(pl.col("region") == "asia_pacific")
    assert (sisters["created_at"] == DRIFTS).all()
    assert set(sisters["country"].unique()) == {"AU", "SG", "JP"}


def test_outcome_rate_fall(drifted):
    fallen, usual = drifted("outcome_rate_fall")["truth"], drifted("none")["truth"]
    later = (fallen["as_of"] >= DRIFTS).to_numpy()
    assert np.allclose((fallen["log_odds"] - usual["log_odds"]).to_numpy(), np.where(later, -0.9, 0))
    assert np.allclose((fallen["base_log_odds"] - usual["base_log_odds"]).to_numpy(), np.where(later, -0.9, 0))

    def accepted(name: str) -> int:
        told = drifted(name)["outcomes"].join(drifted(name)["handoffs"], on="lead_id")
        return told.filter(pl.col("handed_at") >= DRIFTS, pl.col("disposition") == "accepted").height

    assert accepted("outcome_rate_fall") < 0.75 * accepted("none")


def test_quiet_feed(drifted):
    def webinars(name: str, since: pl.Expr) -> int:
        acts = drifted(name)["engagements"]
        return acts.filter(pl.col("kind") == "webinar", since).height

    later = pl.col("known_at") >= DRIFTS
    assert webinars("quiet_feed", later) == 0
    assert webinars("none", later) > 500
    truth, usual = (drifted(name)["truth"].filter(pl.col("as_of") == END) for name in ("quiet_feed", "none"))
    assert truth["log_odds"].equals(usual["log_odds"])
    others = pl.col("kind") != "webinar"
    assert drifted("quiet_feed")["engagements"].filter(others).equals(drifted("none")["engagements"].filter(others))


def test_role_mix_change(drifted):
    leads = drifted("role_mix_change")["leads"]
    weak = pl.col("role").is_in(WEAK_ROLES)
    assert share(leads.filter(NEW), weak) > 0.42
    assert share(leads.filter(OLD), weak) < 0.2
    titles = leads.filter(NEW, pl.col("role") == "student")["job_title"].unique()
    assert set(titles) == {"Student", "Resident"}


def test_consent_change(drifted):
    def opted_in(name: str) -> float:
        market = drifted(name)
        first = market["consents"].join(
            market["leads"].filter(NEW), left_on=["lead_id", "at"], right_on=["lead_id", "created_at"]
        )
        return share(first.filter(pl.col("channel") == "email"), pl.col("state") == "opt_in")

    assert opted_in("consent_change") == pytest.approx(opted_in("none") / 2, abs=0.06)
    notices = drifted("consent_change")["consents"]
    assert notices.filter(pl.col("at") >= DRIFTS)["notice_version"].unique().to_list() == ["v3"]


def test_scanner_wave(drifted):
    def machine_clicks(name: str) -> int:
        acts = drifted(name)["engagements"].filter(pl.col("occurred_at") >= DRIFTS)
        return acts["agent"].is_in(SCANNER_AGENTS).sum()

    assert machine_clicks("scanner_wave") > 6 * machine_clicks("none")
    waved, usual = (drifted(name)["truth"].filter(pl.col("as_of") == END) for name in ("scanner_wave", "none"))
    assert waved["log_odds"].equals(usual["log_odds"])


def test_concept_shift(drifted):
    shifted, usual = (drifted(name)["truth"].filter(pl.col("as_of") == END) for name in ("concept_shift", "none"))
    assert shifted["DEMO_REQUEST"].std() == pytest.approx(0)
    assert usual["DEMO_REQUEST"].std() > 0.05
    assert shifted["CLINICAL_EVIDENCE"].std() > 1.5 * usual["CLINICAL_EVIDENCE"].std()
    same = [
        code for code in SUBJECTS if code not in ("EVALUATION_REQUEST", "DEMO_REQUEST", "CLINICAL_EVIDENCE", "WEBINAR")
    ]
    assert shifted.select(same).equals(usual.select(same))
    assert drifted("concept_shift")["engagements"].equals(drifted("none")["engagements"])


def test_every_scenario_has_a_sentence():
    assert list(SCENARIOS) == list(Scenario)
    assert len(set(SCENARIOS.values())) == len(Scenario)


def test_no_name_means_no_drift():
    assert scenario_called(None) is Scenario.NONE


def test_an_unknown_scenario_is_wrong_usage_and_names_the_nearest():
    with pytest.raises(WrongUsage, match="no drift scenario called 'new_produkt'") as raised:
        scenario_called("new_produkt")
    assert raised.value.exit_code == 2
    assert "did you mean 'new_product'?" in str(raised.value)
