"""A hundred thousand leads against what the synthetic market knows and no model may see: its ``truth`` table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.dataset as ds
import pytest
from tests.functional.conftest import DAY, salesworthy

import salesworthy as sw
from salesworthy.domain.reasons import SUBJECTS, TAXONOMY

LEADS = 100_000

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> tuple[Path, dict]:
    """A market, a champion, and a run over every lead: open, judged, and never handed over."""
    folder = tmp_path_factory.mktemp("large") / "market"
    done = salesworthy("init", folder, "--example", "--leads", LEADS, "--seed", 11)
    assert done.code == 0, done.err
    workspace = sw.open_workspace(folder, environ={})
    sw.train(workspace, as_of=DAY, splits=1)  # the model is the same however often it was evaluated
    workspace.ledger.promote("v1", "a person", 1)
    scored = salesworthy("score", "--as-of", DAY, "--json", workspace=folder, SALESWORTHY__SCORING__LEADS="all")
    assert scored.code == 0, scored.err
    return folder, scored.json


@pytest.fixture(scope="module")
def scores(run) -> pd.DataFrame:
    return ds.dataset(Path(run[1]["folder"]) / "scores").to_table().to_pandas().set_index("lead_id")


@pytest.fixture(scope="module")
def reasons(run) -> pd.DataFrame:
    return ds.dataset(Path(run[1]["folder"]) / "reasons").to_table().to_pandas()


@pytest.fixture(scope="module")
def truth(run) -> pd.DataFrame:
    found = pd.read_parquet(run[0] / "data/market/truth.parquet")
    return found[found["as_of"] == pd.Timestamp(DAY, tz="UTC")].set_index("lead_id")


def test_base_and_reasons_are_the_log_odds_of_every_lead(run, scores, reasons, capsys):
    total = run[1]["base_log_odds"] + reasons.groupby("lead_id")["log_odds"].sum().reindex(scores.index).fillna(0.0)
    errors = (total - scores["log_odds"]).abs() / scores["log_odds"].abs()
    with capsys.disabled():
        print(f"\nlargest relative error of base + reasons = log-odds, {len(scores):,} leads: {errors.max():.1e}")
    assert len(scores) > 0.95 * LEADS
    assert errors.max() <= 1e-9


def slope_against(log_odds: pd.Series, probability: pd.Series) -> float:
    """Slope of the logistic regression of the true probability on our log-odds, by Newton's steps."""
    terms = np.column_stack([np.ones(len(log_odds)), log_odds])
    found = np.zeros(2)
    for _ in range(30):
        fitted = 1 / (1 + np.exp(-terms @ found))
        curve = (terms * (fitted * (1 - fitted))[:, None]).T @ terms
        found += np.linalg.solve(curve, terms.T @ (probability - fitted))
    return float(found[1])


def test_probabilities_are_calibrated_against_the_truth(scores, truth, capsys):
    known = truth.reindex(scores.index)
    slope = slope_against(scores["log_odds"], known["probability"])
    with capsys.disabled():
        print(f"\ncalibration slope against the truth, all leads: {slope:.3f}")
    assert 0.9 <= slope <= 1.1


def test_the_top_reason_is_among_the_three_true_largest(scores, reasons, truth, capsys):
    of_subjects = truth.reindex(scores.index)
    of_reasons = {code: [each for each, subject in SUBJECTS.items() if subject.reason == code] for code in TAXONOMY}
    shares = pd.DataFrame({code: of_subjects[subjects].sum(axis=1) for code, subjects in of_reasons.items()}).abs()
    rank = shares.rank(axis=1, ascending=False, method="min")
    of_the_model = reasons[reasons["degree"] != "decided"].sort_values("rank").drop_duplicates("lead_id")
    top = of_the_model.set_index("lead_id")["code"].reindex(scores.index)
    places = rank.to_numpy()[np.arange(len(rank)), [rank.columns.get_loc(code) for code in top]]
    hit = float((places <= 3).mean())
    with capsys.disabled():
        print(f"\ntop reason among the three true largest: {hit:.1%} of leads")
    assert hit >= 0.85
