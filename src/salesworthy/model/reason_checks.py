"""Checks of reasons at every retraining: do they add up, do they matter, and are they the same in an equal model?

===============  =============================================================================================
ADDITIVE         base + shares is the score that the model gives, on every lead
DELETION         taking the top reason's features away moves a score more than the second's, far more than any
                 other's (faithfulness by deletion, DeYoung et al. 2020)
STABLE           two models retrained on resampled accounts name the same top reason for most leads
RANDOM_LABELS    a model of shuffled outcomes agrees about top reasons no more than chance (Adebayo et al. 2018)
COVERED          the reasons that are shown hold most of what moved the score
DIFFERENT        leads differ in their reasons
===============  =============================================================================================

Reasons are groups of features: ``groups`` gives each feature its code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from salesworthy.model.dataset import Floats, Integers, LabelledFeatures, account_numbers
from salesworthy.model.fitted import FittedModel
from salesworthy.model.refitting import refitted

SAMPLE = 1_000
"""Leads that the checks look at, the latest ones."""
SHOWN_FOR, SHOWN_AGAINST = 4, 2
MOST_ERROR = 1e-6
LEAST_STABLE, LEAST_COVERED = 0.8, 0.8
MOST_ABOVE_CHANCE = 0.15
MOST_ALIKE = 0.5
FAR_MORE = 2.0
BACKGROUND = 5
"""Other leads whose values stand in, one after the other, for the features taken away."""


@dataclass(frozen=True)
class ReasonCheck:
    """One check: its code, whether it holds (None: cannot be judged), and its figure as a sentence."""

    code: str
    holds: bool | None
    says: str

    def to_json(self) -> dict[str, Any]:
        """The check as plain values."""
        return {"code": self.code, "holds": self.holds, "says": self.says}


def check_reasons(
    model: FittedModel,
    data: LabelledFeatures,
    *,
    groups: Mapping[str, str],
    directions: Mapping[str, str],
    seed: int,
) -> tuple[ReasonCheck, ...]:
    """All checks of a model's reasons, on the latest of the leads that it learned from.

    Args:
        model: The fitted model.
        data: The judged handoffs that it was fitted on, in order of time.
        groups: Feature -> code of its reason.
        directions: Direction constraints that retraining keeps to.
        seed: Of everything that is drawn.
    """
    leads = data.features.slice(max(0, len(data) - SAMPLE))
    told = _Told(model, leads, groups)
    if not told.sums.any():
        return (ReasonCheck("ADDITIVE", True, "the rate alone decides: there are no reasons to check"),)
    rng = np.random.default_rng(seed)
    return (
        _additive(told),
        _deletion(told, rng),
        _stable(told, data, directions, rng),
        _random_labels(told, data, directions, rng),
        _covered(told.sums),
        _different(told),
    )


class _Told:
    """What a model says of some leads: their shares, summed per code."""

    def __init__(self, model: FittedModel, leads: pa.Table, groups: Mapping[str, str]) -> None:
        self.model, self.leads, self.groups = model, leads, groups
        self.codes = tuple(dict.fromkeys(groups[name] for name in model.feature_names_in_))
        self.explained = model.explain(leads)
        self.sums = np.zeros((leads.num_rows, len(self.codes)))
        for column, name in enumerate(model.feature_names_in_):
            self.sums[:, self.codes.index(groups[name])] += self.explained.contributions[:, column]
        self.ranked: Integers = np.argsort(-np.abs(self.sums), axis=1, kind="stable")

    @property
    def top(self) -> Integers:
        """Per lead: the code with the heaviest share; -1 where nothing moved the score."""
        return np.where(self.sums.any(axis=1), self.ranked[:, 0], -1)

    def by(self, model: FittedModel) -> _Told:
        """What another model says of the same leads."""
        return _Told(model, self.leads, self.groups)


def _additive(told: _Told) -> ReasonCheck:
    error = np.abs(told.explained.log_odds - told.model.log_odds(told.leads)).max()
    return ReasonCheck("ADDITIVE", bool(error <= MOST_ERROR), f"largest difference {error:.1e} in log-odds")


def _deletion(told: _Told, rng: np.random.Generator) -> ReasonCheck:
    """How far scores move when a reason's features are those of other leads."""
    moved = np.zeros_like(told.sums)
    before = told.model.log_odds(told.leads)
    for _ in range(BACKGROUND):
        others = told.leads.take(pa.array(rng.permutation(told.leads.num_rows)))
        for column, code in enumerate(told.codes):
            moved[:, column] += np.abs(told.model.log_odds(_exchanged(told, others, code)) - before) / BACKGROUND
    if len(told.codes) < 3:
        return ReasonCheck("DELETION", None, f"there are only {len(told.codes)} reasons")
    by_rank = np.take_along_axis(moved, told.ranked, axis=1).mean(axis=0)
    top, second, others = by_rank[0], by_rank[1], by_rank[2:].mean()
    says = f"scores move by {top:.3f} without the top reason, {second:.3f} without the second, {others:.3f} by another"
    return ReasonCheck("DELETION", bool(top > second and top >= FAR_MORE * others), says)


def _exchanged(told: _Told, others: pa.Table, code: str) -> pa.Table:
    columns = {
        name: (others if told.groups[name] == code else told.leads)[name] for name in told.model.feature_names_in_
    }
    return pa.table(columns)


def _stable(
    told: _Told, data: LabelledFeatures, directions: Mapping[str, str], rng: np.random.Generator
) -> ReasonCheck:
    accounts = account_numbers(data.account_id)
    one, two = (
        told.by(refitted(told.model, data.take(_resampled(accounts, rng)), directions=directions, seed=place))
        for place in range(2)
    )
    share = float((one.top == two.top).mean())
    return ReasonCheck("STABLE", share >= LEAST_STABLE, f"two retrained models agree on the top reason of {share:.0%}")


def _resampled(accounts: Integers, rng: np.random.Generator) -> Integers:
    """Rows of accounts drawn with replacement, in order of time."""
    drawn = np.bincount(rng.integers(0, accounts.max() + 1, accounts.max() + 1), minlength=accounts.max() + 1)
    return np.repeat(np.arange(len(accounts)), drawn[accounts])


def _random_labels(
    told: _Told, data: LabelledFeatures, directions: Mapping[str, str], rng: np.random.Generator
) -> ReasonCheck:
    shuffled = LabelledFeatures(
        data.features, data.lead_id, data.account_id, data.handed_at, data.matured_at, rng.permutation(data.label)
    )
    other = told.by(refitted(told.model, shuffled, directions=directions, seed=0))
    spoken = (told.top >= 0) & (other.top >= 0)
    if not spoken.any():
        return ReasonCheck("RANDOM_LABELS", True, "a model of shuffled outcomes gives no reasons")
    mine, theirs = told.top[spoken], other.top[spoken]
    agreed = float((mine == theirs).mean())
    chance = float(_shares(mine, told.codes) @ _shares(theirs, told.codes))
    says = f"a model of shuffled outcomes agrees on the top reason of {agreed:.0%}, where chance is {chance:.0%}"
    return ReasonCheck("RANDOM_LABELS", agreed <= chance + MOST_ABOVE_CHANCE, says)


def _shares(top: Integers, codes: Sequence[str]) -> Floats:
    return np.bincount(top, minlength=len(codes)) / len(top)


def _covered(sums: Floats) -> ReasonCheck:
    heaviest: Callable[[Floats, int], Floats] = lambda values, most: -np.sort(-values, axis=1)[:, :most].sum(axis=1)  # noqa: E731
    shown = heaviest(np.maximum(sums, 0), SHOWN_FOR) + heaviest(np.maximum(-sums, 0), SHOWN_AGAINST)
    everything = np.abs(sums).sum(axis=1)
    share = float(np.median(shown[everything > 0] / everything[everything > 0]))
    says = f"the reasons shown hold {share:.0%} of what moved the score, in the median"
    return ReasonCheck("COVERED", share >= LEAST_COVERED, says)


def _different(told: _Told) -> ReasonCheck:
    depth = min(3, len(told.codes))
    _, counts = np.unique(told.ranked[:, :depth], axis=0, return_counts=True)
    share = float(counts.max() / counts.sum())
    if len(told.codes) < 4:
        return ReasonCheck("DIFFERENT", None, f"there are only {len(told.codes)} reasons")
    return ReasonCheck("DIFFERENT", share <= MOST_ALIKE, f"{share:.0%} of leads share the commonest three reasons")
