"""The truth table: additive, centred, calibrated against the product's own labels, and learnable from the tables."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from scipy.special import expit, logit
from scipy.stats import chi2
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from salesworthy.domain.reasons import SUBJECTS
from salesworthy.engines.duckdb import DuckDBEngine
from salesworthy.market.calendar import DRIFT_START, END
from salesworthy.market.terms import TERMS
from salesworthy.market.vocabulary import SCANNER_AGENTS
from salesworthy.outcomes.labels import LabelRule, label_handoffs

CODES = list(SUBJECTS)
ENDS = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
DRIFTS = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def in_micros(frame: pl.DataFrame, *columns: str) -> pa.Table:
    """Columns as the engine reads them: moments as integers."""
    return frame.select(pl.col(pl.Datetime).to_physical(), ~pl.selectors.temporal()).select(columns).to_arrow()


@pytest.fixture(scope="module")
def judged(market) -> pl.DataFrame:
    """Truth and label of each handoff whose label is settled, by the product's own rule."""
    with DuckDBEngine() as engine:
        tables = {
            "leads": in_micros(market["leads"], "lead_id", "account_id", "created_at"),
            "handoffs": in_micros(market["handoffs"], "lead_id", "handed_at"),
            "outcomes": in_micros(market["outcomes"], "lead_id", "at", "disposition"),
        }
        read = {name: engine.from_arrow(name, table) for name, table in tables.items()}
        labels = pl.from_arrow(engine.to_arrow(label_handoffs(read, LabelRule(), until=END)))
    truth = market["truth"].with_columns(pl.col("as_of").to_physical())
    settled = labels.filter(pl.col("settled") & pl.col("label").is_not_null())
    return settled.join(truth, left_on=["lead_id", "handed_at"], right_on=["lead_id", "as_of"])


@pytest.fixture(scope="module")
def at_end(market) -> pl.DataFrame:
    return market["truth"].filter(pl.col("as_of") == ENDS).sort("lead_id")


def test_columns_are_those_of_the_taxonomy(market):
    assert market["truth"].columns == ["lead_id", "as_of", "probability", "log_odds", "base_log_odds", *CODES]
    assert {term.code for term in TERMS} == set(CODES) - {"OTHER"}


def test_base_plus_contributions_is_the_log_odds(market):
    truth = market["truth"]
    total = truth["base_log_odds"] + truth.select(pl.sum_horizontal(CODES)).to_series()
    assert np.abs(total - truth["log_odds"]).max() < 1e-12
    assert np.abs(logit(truth["probability"]) - truth["log_odds"]).max() < 1e-9


def test_every_handoff_and_every_lead_at_the_end_has_a_row(market, at_end):
    assert at_end["lead_id"].to_list() == market["leads"]["lead_id"].to_list()
    handed = market["handoffs"].join(market["truth"], left_on=["lead_id", "handed_at"], right_on=["lead_id", "as_of"])
    assert len(handed) == len(market["handoffs"])
    assert len(market["truth"]) == len(at_end) + len(handed)


def test_contributions_are_deviations_from_the_mean_handoff_before_the_drift(market):
    before = market["handoffs"].filter(pl.col("handed_at") < DRIFTS)
    truth = before.join(market["truth"], left_on=["lead_id", "handed_at"], right_on=["lead_id", "as_of"])
    means = truth.select(pl.col(CODES).mean()).row(0)
    assert np.abs(means).max() < 1e-12
    assert truth["log_odds"].mean() == pytest.approx(market["truth"]["base_log_odds"][0])


def test_labels_come_true_as_often_as_the_truth_says(judged):
    probability, label = judged["probability"].to_numpy(), judged["label"].to_numpy()
    tenth = np.argsort(np.argsort(probability)) * 10 // len(probability)
    surprise = np.bincount(tenth, label - probability) ** 2 / np.bincount(tenth, probability * (1 - probability))
    assert surprise.sum() < chi2.ppf(0.999, 10)
    spread = np.sqrt((probability * (1 - probability)).sum())
    assert abs((label - probability).sum()) / spread < 3.3


def test_task_is_neither_easy_nor_hopeless(judged):
    assert 0.15 < judged["label"].mean() < 0.28
    assert 0.8 < roc_auc_score(judged["label"], judged["probability"]) < 0.87


def test_some_handoffs_have_no_label(market, judged):
    mature = (market["handoffs"]["handed_at"] < ENDS - dt.timedelta(days=90)).sum()
    assert 0.85 < len(judged) / mature < 0.95


def test_scoring_meets_another_population_than_training(market, judged, at_end):
    waiting = at_end.join(market["handoffs"], on="lead_id", how="anti")
    assert waiting["probability"].mean() < 0.25 * judged["probability"].mean()
    assert (waiting["probability"] > 0.2).sum() > 100


def acts_before(market, moment: dt.datetime, days: int) -> pl.DataFrame:
    """What a catalogue can see: known acts of the window, without clicks that name a scanner."""
    acts = market["engagements"].join(market["content"].select("content_id", "topic"), on="content_id", how="left")
    by_people = ~pl.col("agent").is_in(SCANNER_AGENTS).fill_null(False)
    age = moment - pl.col("occurred_at")
    return acts.filter(by_people, pl.col("known_at") <= moment, age >= pl.duration(), age < pl.duration(days=days))


def log_count(acts: pl.DataFrame, leads: pl.DataFrame, condition: pl.Expr) -> np.ndarray:
    counts = acts.filter(condition).group_by("lead_id").len()
    return np.log1p(leads.join(counts, on="lead_id", how="left").sort("lead_id")["len"].fill_null(0).to_numpy())


def test_true_contributions_can_be_computed_from_the_tables(market, at_end):
    month, quarter = acts_before(market, ENDS, 30), acts_before(market, ENDS, 90)
    kind, topic, leads = pl.col("kind"), pl.col("topic"), market["leads"].select("lead_id", "account_id")
    read = kind.is_in(["open", "download", "view"])
    asked_price = (kind == "form") & (topic == "pricing")
    onwards = topic.is_in(["implementation", "training"])
    computed = {
        "DEMO_REQUEST": 0.6 * log_count(month, leads, (kind == "form") & (topic == "demo"))
        + 0.35 * log_count(quarter, leads, (kind == "form") & (topic == "demo")),
        "SAMPLE_REQUEST": 0.35 * log_count(quarter, leads, (kind == "form") & (topic == "sample")),
        "EVENT": 0.35 * log_count(quarter, leads, kind == "booth"),
        "SITE_ACTIVITY": 0.15 * log_count(month, leads, kind == "view"),
        "PROCUREMENT": 0.7 * log_count(month, leads, asked_price)
        + 0.25 * log_count(quarter, leads, read & topic.is_in(["procurement", "pricing"])),
        "IMPLEMENTATION": 0.3 * log_count(quarter, leads, (read | (kind == "webinar")) & onwards),
    }
    for code, values in computed.items():
        assert np.std(values) > 0
        assert np.ptp(at_end[code].to_numpy() - values) < 1e-9, code


def test_clicks_without_a_hint_are_all_that_hides_from_the_tables(market, at_end):
    month, leads = acts_before(market, ENDS, 30), market["leads"].select("lead_id")
    error = at_end["EMAIL_ENGAGEMENT"].to_numpy() - 0.15 * log_count(month, leads, pl.col("kind") == "click")
    wrong = np.abs(error - np.median(error)) > 1e-9
    assert 0 < wrong.mean() < 0.03


def test_buying_group_counts_the_people_of_the_site(market, at_end):
    leads = market["leads"].select("lead_id", "account_id")
    active = acts_before(market, ENDS, 90).join(leads, on="lead_id").group_by("account_id")
    people = leads.join(active.agg(pl.col("lead_id").n_unique().alias("people")), on="account_id", how="left")
    error = at_end["BUYING_GROUP"] - 0.3 * people.sort("lead_id")["people"].fill_null(0).log1p()
    error = np.abs(error - error.median())
    assert 0.001 < (error > 1e-9).mean() < 0.2
    assert error.mean() < 0.01


def design(market, moment_of: pl.DataFrame) -> tuple[np.ndarray, list[str]]:
    """What a plain model may know of leads at moments (lead_id, as_of): columns, and the reason code of each."""
    asked = (
        moment_of.with_row_index()
        .join(market["leads"], on="lead_id")
        .join(market["accounts"], on="account_id", how="left")
    )
    asked = asked.join(market["campaigns"], on="campaign_id", how="left")
    acts = market["engagements"].join(market["content"].select("content_id", "topic"), on="content_id", how="left")
    acts = acts.filter(~pl.col("agent").is_in(SCANNER_AGENTS).fill_null(False)).join(moment_of, on="lead_id")
    age = (pl.col("as_of") - pl.col("occurred_at")).dt.total_seconds() / 86_400
    acts = acts.with_columns(age=age).filter(pl.col("known_at") <= pl.col("as_of"), pl.col("age") >= 0)
    form, kind, topic = pl.col("kind") == "form", pl.col("kind"), pl.col("topic")
    read = kind.is_in(["open", "download", "view"])
    counted = {
        "EVALUATION_REQUEST": form & (topic == "evaluation"),
        "DEMO_REQUEST": form & (topic == "demo"),
        "PROCUREMENT": topic.is_in(["procurement", "pricing"]),
        "CLINICAL_EVIDENCE": read & topic.is_in(["clinical_evidence", "clinical_outcomes"]),
        "WEBINAR": kind == "webinar",
        "IMPLEMENTATION": topic.is_in(["implementation", "training"]),
        "SITE_ACTIVITY": kind == "view",
    }
    numbers = acts.group_by("lead_id").agg(
        *[
            (condition & (pl.col("age") < days)).sum().log1p().alias(f"{code}.{days}")
            for code, condition in counted.items()
            for days in (30, 90)
        ],
        pl.col("age").min().log1p().alias("RECENT_ACTIVITY"),
    )
    asked = (
        asked.join(numbers, on="lead_id", how="left")
        .with_columns(
            pl.col("RECENT_ACTIVITY").fill_null(np.log1p(365)).clip(upper_bound=np.log1p(365)),
            pl.col([name for name in numbers.columns if "." in name]).fill_null(0.0),
        )
        .sort("index")
    )
    words = {
        "ROLE_FIT": "role", "FACILITY_TYPE": "facility_type", "USE_CASE": "use_case", "REGION_FIT": "region",
        "TIMEFRAME": "timeframe", "LEAD_SOURCE": "source", "CAMPAIGN": "type", "FORM_DETAIL": "email_kind",
    }  # fmt: skip
    columns, codes = [], []
    for code, name in words.items():
        for word in sorted(market_words(market, name)):
            columns.append((asked[name].fill_null("?") == word).cast(float).to_numpy())
            codes.append(code)
    for name in numbers.columns[1:]:
        columns.append(asked[name].to_numpy())
        codes.append(name.partition(".")[0])
    columns.append(asked["existing_customer"].fill_null(False).cast(float).to_numpy())
    columns.append(asked["competitor_installed"].fill_null(False).cast(float).to_numpy())
    return np.column_stack(columns), [*codes, "ACCOUNT_HISTORY", "ACCOUNT_HISTORY"]


def market_words(market, column: str) -> set[str]:
    for table in ("leads", "accounts", "campaigns"):
        if column in market[table].columns:
            return {*market[table][column].drop_nulls(), "?"}
    raise AssertionError(column)


def test_a_plain_model_learns_the_truth_and_its_reasons(market, judged, at_end):
    moments = market["handoffs"].select("lead_id", as_of="handed_at")
    spine = moments.join(judged.select("lead_id", "label"), on="lead_id")
    X, codes = design(market, spine.select("lead_id", "as_of"))
    middle, scale = X.mean(axis=0), X.std(axis=0) + 1e-9
    model = LogisticRegression(C=0.03, max_iter=1000).fit((X - middle) / scale, spine["label"].to_numpy())
    waiting = at_end.join(market["handoffs"], on="lead_id", how="anti")
    parts = (design(market, waiting.select("lead_id", "as_of"))[0] - middle) / scale * model.coef_[0]
    score = parts.sum(axis=1) + model.intercept_[0]
    assert np.corrcoef(score, waiting["log_odds"])[0, 1] > 0.9
    assert expit(score).mean() == pytest.approx(waiting["probability"].mean(), rel=0.35)
    found = np.column_stack([parts[:, np.array(codes) == code].sum(axis=1) for code in CODES])
    largest = np.argsort(-np.abs(waiting.select(CODES).to_numpy()), axis=1)[:, :3]
    assert (largest == np.abs(found).argmax(axis=1)[:, None]).any(axis=1).mean() > 0.8


def test_drift_start_is_the_moment_documented():
    assert dt.datetime.fromtimestamp(DRIFT_START / 1e6, dt.UTC) == DRIFTS
