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

Each has an aim. Where an aim is missed the model card and ``train`` say so; where a figure shows that reasons are
untrue, the check is ``untrue``, and nobody promotes the model without answering for it. How many reasons it takes to
hold a score, and how alike two retrained models are, depends on how much history there is and how many features say the
same; untrue are reasons of another score, reasons of which the second matters more than the first, reasons that are
luck, and reasons of which two retrained models name another one for most leads.

Reasons are groups of features: ``groups`` gives each feature its code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa

from salesworthy.model.dataset import Flags, Floats, Integers, LabelledFeatures, account_numbers
from salesworthy.model.fitted import FittedModel
from salesworthy.model.refitting import refitted

SAMPLE = 1_000
"""Leads that the checks look at, the latest ones."""
SHOWN_FOR, SHOWN_AGAINST = 4, 2
MOST_ERROR = 1e-6
LEAST_STABLE, LEAST_COVERED = 0.8, 0.8
FEWEST_STABLE = 0.5
"""Retrained models that disagree on most leads tell luck; docs/reasons.md says what shuffled outcomes reach."""
MOST_ABOVE_CHANCE = 0.15
RETRAINED = 3
"""Models that are retrained on other rows, and on shuffled outcomes: a single one, or a single pair, says little."""
MOST_ALIKE = 0.5
FAR_MORE = 2.0
BACKGROUND = 5
"""Other leads whose values stand in, one after the other, for the features taken away."""


@dataclass(frozen=True)
class ReasonCheck:
    """One check.

    Attributes:
        code: Its name.
        holds: Whether its aim is met; None where it cannot be judged.
        says: Its figure as a sentence.
        figure: What the aim is about; None where there is none.
        untrue: Whether it shows that reasons are untrue.
        further: Other figures, by name; no aim is about them.
    """

    code: str
    holds: bool | None
    says: str
    figure: float | None = None
    untrue: bool = False
    further: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The check as plain values."""
        return asdict(self)


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
    stable = _stable(told, data, directions, rng)
    return (
        _additive(told),
        _deletion(told, rng),
        stable,
        _random_labels(told, data, directions, rng, as_retrained=stable.figure),
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
    holds = bool(error <= MOST_ERROR)
    says = f"largest difference {error:.1e} in log-odds"
    return ReasonCheck("ADDITIVE", holds, says, float(error), untrue=not holds)


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
    holds = bool(top > second and top >= FAR_MORE * others)
    return ReasonCheck("DELETION", holds, says, float(top / max(others, MOST_ERROR)), untrue=bool(top < second))


def _exchanged(told: _Told, others: pa.Table, code: str) -> pa.Table:
    columns = {
        name: (others if told.groups[name] == code else told.leads)[name] for name in told.model.feature_names_in_
    }
    return pa.table(columns)


def _stable(
    told: _Told, data: LabelledFeatures, directions: Mapping[str, str], rng: np.random.Generator
) -> ReasonCheck:
    """How often two models that were retrained on resampled accounts name the same top reason."""
    accounts = account_numbers(data.account_id)
    again = [
        told.by(refitted(told.model, data.take(_resampled(accounts, rng)), directions=directions, seed=place))
        for place in range(RETRAINED)
    ]
    pairs = list(combinations([each.top for each in again], 2))
    alike = np.mean([one == two for one, two in pairs], axis=0)
    share = float(alike.mean())
    chance = float(np.mean([_chance(one, two, told.codes) for one, two in pairs]))
    says = f"two retrained models agree on the top reason of {_percent(share)}, where chance is {chance:.0%}"
    clear = _clear(told, again)
    further = {"clear_leads": float(clear.mean())}
    if clear.any():
        further["where_clear"] = float(alike[clear].mean())
        says += (
            f"; of {_percent(further['where_clear'])} where the first reason outweighs the second by more than "
            f"retraining moves the two apart, which are {_percent(further['clear_leads'])} of the leads"
        )
    return ReasonCheck("STABLE", share >= LEAST_STABLE, says, share, untrue=share < FEWEST_STABLE, further=further)


def _clear(told: _Told, again: Sequence[_Told]) -> Flags:
    """Leads whose first reason outweighs the second by more than one standard deviation of that lead over retrainings.

    The deviation is that of the average lead: three models say little of a single one.
    """
    if len(told.codes) < 2:
        return np.ones(len(told.sums), dtype=bool)

    def apart(sums: Floats) -> Floats:
        of_two = np.take_along_axis(sums * np.sign(told.sums), told.ranked[:, :2], axis=1)
        return np.asarray(of_two[:, 0] - of_two[:, 1])

    noise = float(np.sqrt(np.var([apart(each.sums) for each in again], axis=0, ddof=1).mean()))
    return np.asarray(apart(told.sums) > noise)


def _resampled(accounts: Integers, rng: np.random.Generator) -> Integers:
    """Rows of accounts drawn with replacement, in order of time."""
    drawn = np.bincount(rng.integers(0, accounts.max() + 1, accounts.max() + 1), minlength=accounts.max() + 1)
    return np.repeat(np.arange(len(accounts)), drawn[accounts])


def _random_labels(
    told: _Told,
    data: LabelledFeatures,
    directions: Mapping[str, str],
    rng: np.random.Generator,
    *,
    as_retrained: float | None,
) -> ReasonCheck:
    """Whether top reasons come from the outcomes: those of shuffled outcomes should agree with them by chance alone.

    Values that few leads have weigh much in any model, so that honest reasons agree a little more than by chance; they
    are untrue where a model of shuffled outcomes is nearer to a retrained one than to chance.
    """
    found = [_agreement_of_shuffled(told, data, directions, rng.permutation(data.label)) for _ in range(RETRAINED)]
    if all(each is None for each in found):
        return ReasonCheck("RANDOM_LABELS", True, "models of shuffled outcomes give no reasons")
    agreed, chance = (float(each) for each in np.mean([each for each in found if each is not None], axis=0))
    says = f"a model of shuffled outcomes agrees on the top reason of {agreed:.0%}, where chance is {chance:.0%}"
    by_luck = as_retrained is not None and len(told.codes) > 2 and agreed - chance >= as_retrained - agreed
    return ReasonCheck("RANDOM_LABELS", agreed <= chance + MOST_ABOVE_CHANCE, says, agreed - chance, untrue=by_luck)


def _agreement_of_shuffled(
    told: _Told, data: LabelledFeatures, directions: Mapping[str, str], label: Floats
) -> tuple[float, float] | None:
    """How often a model of other labels names the same top reason, and chance; None where it gives no reasons."""
    shuffled = LabelledFeatures(data.features, data.lead_id, data.account_id, data.handed_at, data.matured_at, label)
    other = told.by(refitted(told.model, shuffled, directions=directions, seed=0))
    spoken = (told.top >= 0) & (other.top >= 0)
    if not spoken.any():
        return None
    mine, theirs = told.top[spoken], other.top[spoken]
    return float((mine == theirs).mean()), _chance(mine, theirs, told.codes)


def _chance(mine: Integers, theirs: Integers, codes: Sequence[str]) -> float:
    """How often two models with as many leads per top reason would agree if they chose leads at random."""
    one, two = (np.bincount(top[top >= 0], minlength=len(codes)) / len(top) for top in (mine, theirs))
    return float(one @ two)


def _percent(share: float) -> str:
    """A share cut, not rounded, to a whole per cent: 79.9 % is not 80 %."""
    return f"{int(100 * share + 1e-9)}%"


def _covered(sums: Floats) -> ReasonCheck:
    heaviest: Callable[[Floats, int], Floats] = lambda values, most: -np.sort(-values, axis=1)[:, :most].sum(axis=1)  # noqa: E731
    shown = heaviest(np.maximum(sums, 0), SHOWN_FOR) + heaviest(np.maximum(-sums, 0), SHOWN_AGAINST)
    everything = np.abs(sums).sum(axis=1)
    share = float(np.median(shown[everything > 0] / everything[everything > 0]))
    says = f"the reasons shown hold {_percent(share)} of what moved the score, in the median"
    return ReasonCheck("COVERED", share >= LEAST_COVERED, says, share)


def _different(told: _Told) -> ReasonCheck:
    depth = min(3, len(told.codes))
    _, counts = np.unique(told.ranked[:, :depth], axis=0, return_counts=True)
    share = float(counts.max() / counts.sum())
    if len(told.codes) < 4:
        return ReasonCheck("DIFFERENT", None, f"there are only {len(told.codes)} reasons")
    says = f"{share:.0%} of leads share the commonest three reasons"
    return ReasonCheck("DIFFERENT", share <= MOST_ALIKE, says, share)
