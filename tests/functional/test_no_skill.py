"""Shuffled outcomes: nothing can be learned from them, and the system says so and stops there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from experiments.time_ordered_models.datasets import bank
from tests.functional.conftest import DAY, salesworthy

from salesworthy.model.differences import differences
from salesworthy.model.evaluation import evaluate

DATA = Path(__file__).parents[3] / "shared" / "data"
LEADS = 4_000
OURS = "salesworthy"

pytestmark = pytest.mark.slow


def shuffle_outcomes(market: Path, seed: int) -> None:
    """Give every handoff the outcome of another one, as long after the handoff as it was there, or its silence."""
    handoffs = pd.read_parquet(market / "handoffs.parquet")
    rows = handoffs[["lead_id", "handed_at"]].merge(
        pd.read_parquet(market / "outcomes.parquet"), on="lead_id", how="left"
    )
    order = np.random.default_rng(seed).permutation(len(rows))
    given = rows.iloc[order].reset_index(drop=True)
    moved = rows["handed_at"] - given["handed_at"]
    given["lead_id"] = rows["lead_id"]
    for moment in ("at", "first_contact_at"):
        given[moment] = given[moment] + moved
    kept = given[given["disposition"].notna()].drop(columns="handed_at")
    kept.to_parquet(market / "outcomes.parquet", index=False)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("null") / "demo"
    done = salesworthy("init", folder, "--example", "--leads", LEADS, "--seed", 5)
    assert done.code == 0, done.err
    shuffle_outcomes(folder / "data" / "market", seed=1)
    return folder


@pytest.fixture(scope="module")
def trained(workspace):
    done = salesworthy("train", "--as-of", DAY, "--json", workspace=workspace)
    assert done.code == 0, done.err
    return done.json


def test_the_evaluation_says_no_skill_before_all_else(trained):
    evaluation = trained["evaluation"]
    assert evaluation["warnings"][0].startswith("no skill shown"), evaluation["warnings"]
    figure = evaluation["within_period_auc"][OURS]
    assert figure["low"] <= 0.5 <= figure["high"]


def test_nearly_equal_probabilities_are_not_called_bold_or_timid(trained):
    assert not [each for each in trained["evaluation"]["warnings"] if "calibration slope" in each]


def test_the_model_falls_back_to_the_plain_end_of_its_ladder(trained):
    assert all(split["chosen"]["trees"] == 0 for split in trained["evaluation"]["splits"])


def test_promotion_is_refused(workspace, trained):
    done = salesworthy("promote", trained["version"], "--by", "a person", workspace=workspace)
    assert done.code == 5, done.err
    assert "SKILL" in done.err


@pytest.mark.skipif(not DATA.is_dir(), reason="the public data sets are not beside the repository (../shared/data)")
def test_shuffled_bank_outcomes_are_no_better_predicted_than_by_their_rate():
    calls = bank(DATA)
    calls = calls.take(np.arange(0, len(calls), 5))
    shuffled = replace(calls, label=np.random.default_rng(3).permutation(calls.label))
    found = evaluate(shuffled, splits=2, as_of=int(calls.matured_at.max()), directions={}, seed=1)
    assert found.to_json()["warnings"][0].startswith("no skill shown")
    label, accounts, ours, rate = (
        np.concatenate([each(window) for window in found.windows])
        for each in (
            lambda window: window.label,
            lambda window: window.accounts,
            lambda window: window.predictions[OURS].probability,
            lambda window: window.predictions["constant"].probability,
        )
    )
    apart = differences(label, ours, {"constant": rate}, np.unique(accounts, return_inverse=True)[1])["constant"]
    assert apart["log_loss"].high >= 0
    assert abs(apart["log_loss"].value) < 0.005
