"""How alike the reasons of two retrained models are on synthetic markets: by history, by margin, and for luck alone.

python -m experiments.reasons.stability 20000:21 20000:22 60000:21                    # leads:seed of a market
python -m experiments.reasons.stability 200000:31 --latest 5000 10000 20000 40000     # the latest so many handoffs
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from experiments.reasons.kinds import DAY, _true_shares

from salesworthy.model.conversion import ConversionModel
from salesworthy.model.dataset import LabelledFeatures, account_numbers
from salesworthy.model.logistic import expit
from salesworthy.model.reason_checks import SAMPLE, _resampled, _stable, _Told
from salesworthy.model.refitting import refitted
from salesworthy.runs.check import check
from salesworthy.runs.init import write_workspace
from salesworthy.runs.training_set import TrainingSet, training_set
from salesworthy.runs.workspace import open_workspace

AGAIN = 4
"""Retrained models behind the figures by margin, of the truth's weights, and of shuffled outcomes."""


def main() -> None:
    """Print what is found of each market."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("markets", nargs="+", help="leads:seed")
    given.add_argument("--latest", type=int, nargs="*", default=[], help="handoffs to learn from; all by default")
    given.add_argument("--more", action="store_true", help="also by margin, of the truth's weights and of luck")
    asked = given.parse_args()
    for market in asked.markets:
        leads, seed = map(int, market.split(":"))
        found, truth = learned_from(leads, seed)
        rows = found.data.take(found.data.judged)
        for most in asked.latest or [len(rows)]:
            tell(market, found, rows.take(np.arange(max(0, len(rows) - most), len(rows))), truth, more=asked.more)


def learned_from(leads: int, seed: int) -> tuple[TrainingSet, pd.DataFrame]:
    """The training set of a market, and what the market knows of it."""
    with TemporaryDirectory() as place:
        folder = Path(place) / "market"
        write_workspace(folder, example=True, leads=leads, seed=seed)
        workspace = open_workspace(folder, environ={})
        check(workspace)
        found = training_set(workspace, as_of=workspace.moment(DAY))
        return found, pd.read_parquet(folder / "data" / "market" / "truth.parquet")


def tell(market: str, found: TrainingSet, data: LabelledFeatures, truth: pd.DataFrame, *, more: bool) -> None:
    """Fit the product's model and print how stable its reasons are."""
    catalogue = found.loaded.catalogue
    model = ConversionModel(directions=catalogue.directions)
    model.fit(data.features, data.label, times=data.handed_at, matured=data.matured_at)
    groups = {feature.name: feature.reason for feature in catalogue.features}
    told = _Told(model.fitted_, data.features.slice(max(0, len(data) - SAMPLE)), groups)
    recipe = model.recipe_
    stable = _stable(told, data, catalogue.directions, np.random.default_rng(0))
    how = f"{recipe['kind']}, penalty {recipe['strength']:g}, {recipe['trees']} trees"
    print(f"{market}  {len(data):,} handoffs, {how}")
    print(f"  {stable.says}", flush=True)
    if more:
        _by_margin(told, data, catalogue.directions)
        _of_the_truth(data, truth)
        _of_luck(told, data, catalogue.directions)


def _by_margin(told: _Told, data: LabelledFeatures, directions) -> None:
    sums = _again(told, data, directions)
    weights = -np.sort(-np.abs(told.sums), axis=1)
    margin = weights[:, 0] - weights[:, 1]
    alike = _alike(np.abs(sums).argmax(axis=2))
    deviation = dict(zip(told.codes, sums.std(axis=0, ddof=1).mean(axis=0).round(2).tolist(), strict=True))
    print(f"  standard deviation of a share: {deviation}")
    edges = np.quantile(margin, [0, 0.2, 0.5, 0.7, 1])
    for low, high in pairwise(edges):
        inside = (margin >= low) & (margin <= high)
        print(f"  first and second {low:.2f} to {high:.2f} apart: {alike[inside].mean():.0%} equal")


def _of_the_truth(data: LabelledFeatures, truth: pd.DataFrame) -> None:
    """A model that is given the market's own shares, and learns nothing but a weight for each of them."""
    shares = _true_shares(truth, data.lead_id, data.handed_at).drop(columns="OTHER").to_numpy()
    accounts, rng = account_numbers(data.account_id), np.random.default_rng(0)
    tops = []
    for _ in range(AGAIN):
        rows = _resampled(accounts, rng)
        spoken = (shares - shares[rows].mean(axis=0)) * _weights(shares[rows], data.label[rows])
        tops.append(np.abs(spoken[-SAMPLE:]).argmax(axis=1))
    equal = _alike(np.array(tops)).mean()
    print(f"  with the market's own shares, each with a weight that is learned: {equal:.0%} equal")


def _weights(shares: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Slopes of a logistic regression, by Newton's steps."""
    terms = np.column_stack([np.ones(len(shares)), shares])
    found = np.zeros(terms.shape[1])
    for _ in range(20):
        fitted = expit(terms @ found)
        curve = (terms * (fitted * (1 - fitted))[:, None]).T @ terms + 1e-6 * np.eye(len(found))
        found += np.linalg.solve(curve, terms.T @ (label - fitted))
    return found[1:]


def _of_luck(told: _Told, data: LabelledFeatures, directions) -> None:
    """Models of one shuffle of the outcomes, retrained on resamples of the same rows."""
    found = []
    for seed in range(3):
        shuffled = replace(data, label=np.random.default_rng(seed).permutation(data.label))
        found.append(_alike(np.abs(_again(told, shuffled, directions)).argmax(axis=2)).mean())
    print(f"  of shuffled outcomes: {', '.join(f'{each:.0%}' for each in found)} equal", flush=True)


def _again(told: _Told, data: LabelledFeatures, directions) -> np.ndarray:
    """Models x leads x reasons: the shares by models that were retrained on resampled accounts."""
    accounts, rng = account_numbers(data.account_id), np.random.default_rng(0)
    again = (
        refitted(told.model, data.take(_resampled(accounts, rng)), directions=directions, seed=place)
        for place in range(AGAIN)
    )
    return np.stack([told.by(each).sums for each in again])


def _alike(tops: np.ndarray) -> np.ndarray:
    """Per lead: how many of the pairs of models name the same reason."""
    return np.mean([one == two for one, two in combinations(tops, 2)], axis=0)


if __name__ == "__main__":
    main()
