"""Recipes: how strong the penalty, how many trees, how much the recent months count; chosen on later handoffs.

Every choice is made inside the training rows, by folds that learn from what came before and are judged on the block
that follows. A test window never takes part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from salesworthy.model.backbone import Backbone, constant_backbone, fit_backbone, smoothed_log_odds
from salesworthy.model.boosting import TreeSettings, grow, staged_log_odds
from salesworthy.model.calibration import MIN_BLOCKS, LaterPredictions, clearly_lower, log_loss
from salesworthy.model.columns import FeatureColumns
from salesworthy.model.dataset import Floats, Integers
from salesworthy.model.encoding import Encoded, Encoder
from salesworthy.model.splits import forward_folds

FOLDS = 4
STRENGTHS = (1.0, 10.0, 100.0, 1000.0)
HALF_LIVES = (None, 0.25)
"""Of the weight of a handoff, as shares of the training span; None weighs all alike."""
STAGES = (0, 10, 20, 30, 50, 75, 100, 150, 200, 300)
MIN_MINORITY = 25
"""With fewer acceptances, or fewer refusals, than this nothing but their rate is learned."""
MIN_MINORITY_FOR_TREES = 200


@dataclass(frozen=True)
class Recipe:
    """How a final model is fitted.

    Attributes:
        kind: ``constant``, ``logistic`` or ``boosted``.
        strength: Penalty of the backbone, in rows.
        half_life: Of a handoff's weight, as a share of the training span; None weighs all alike.
        trees: How many trees stand on the backbone.
        why: The choice in words.
    """

    kind: str
    strength: float = STRENGTHS[-1]
    half_life: float | None = None
    trees: int = 0
    why: str = ""

    def to_json(self) -> dict[str, Any]:
        """The recipe as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Rows:
    """Training rows before encoding."""

    columns: FeatureColumns
    y: Floats
    times: Integers
    matured: Integers
    directions: Mapping[str, str]
    seed: int
    settings: TreeSettings = field(default_factory=TreeSettings)


@dataclass(frozen=True)
class Parts:
    """A fitted encoder, backbone and, where the recipe has trees, a booster."""

    encoder: Encoder
    backbone: Backbone
    booster: Any | None


def weights(times: Integers, half_life: float | None) -> Floats:
    """Weight per row, averaging 1: halved for every half-life before the newest row."""
    if half_life is None or times.min() == times.max():
        return np.ones(len(times))
    age = (times.max() - times) / (half_life * float(times.max() - times.min()))
    weight = 0.5**age
    return np.asarray(weight * (len(weight) / weight.sum()))


def choose_recipe(rows: Rows) -> tuple[Recipe, tuple[LaterPredictions, ...]]:
    """The recipe that did best on later blocks of the training rows, and what it predicted there."""
    minority = int(min(rows.y.sum(), len(rows.y) - rows.y.sum()))
    if minority < MIN_MINORITY:
        why = f"only {minority} handoffs of the rarer result, fewer than {MIN_MINORITY}: the rate alone"
        return Recipe("constant", why=why), ()
    folds = [_Fold(rows, earlier, later) for earlier, later in forward_folds(rows.times, rows.matured, folds=FOLDS)]
    folds = [fold for fold in folds if fold.usable]
    if not folds:
        return Recipe("logistic", why="too little history to judge choices on: the backbone as it stands"), ()
    strength, half_life = _best_backbone(folds)
    if minority < MIN_MINORITY_FOR_TREES:
        why = f"only {minority} handoffs of the rarer result, fewer than {MIN_MINORITY_FOR_TREES}: no trees"
        recipe = Recipe("logistic", strength, half_life, why=why)
        return recipe, tuple(fold.later(recipe) for fold in folds)
    recipe = _best_trees(folds, strength, half_life)
    return recipe, tuple(fold.later(recipe) for fold in folds)


def fit_parts(rows: Rows, recipe: Recipe) -> Parts:
    """Fit a recipe on rows."""
    encoder = Encoder.fit(rows.columns)
    encoded = encoder.encode(rows.columns)
    weight = weights(rows.times, recipe.half_life)
    if recipe.kind == "constant":
        return Parts(encoder, constant_backbone(encoder, smoothed_log_odds(rows.y, weight)), None)
    backbone = fit_backbone(encoded, rows.y, weight, encoder, strength=recipe.strength, directions=rows.directions)
    booster = None
    if recipe.trees:
        booster = _grow(rows, encoder, encoded, y=rows.y, weight=weight, backbone=backbone, trees=recipe.trees)
    return Parts(encoder, backbone, booster)


def _grow(
    rows: Rows, encoder: Encoder, encoded: Encoded, *, y: Floats, weight: Floats, backbone: Backbone, trees: int
) -> Any:
    return grow(
        encoded, y, weight, backbone.log_odds(encoded), encoder,
        trees=trees, settings=rows.settings, directions=rows.directions, seed=rows.seed,
    )  # fmt: skip


class _Fold:
    """Earlier rows to learn from and the block after them."""

    def __init__(self, rows: Rows, earlier: Integers, later: Integers) -> None:
        self.rows = rows
        self.y, self.later_y = rows.y[earlier], rows.y[later]
        self.times = rows.times[earlier]
        self.usable = 0 < self.y.sum() < len(self.y)
        self.encoder = Encoder.fit(rows.columns.take(earlier))
        self.encoded = self.encoder.encode(rows.columns.take(earlier))
        self.block = self.encoder.encode(rows.columns.take(later))
        self.backbones: dict[tuple[float, float | None], Backbone] = {}
        self.stages: dict[tuple[float, float | None], Floats] = {}

    def backbone(self, strength: float, half_life: float | None) -> Backbone:
        key = (strength, half_life)
        if key not in self.backbones:
            start = next((fit for (_, other), fit in reversed(self.backbones.items()) if other == half_life), None)
            self.backbones[key] = fit_backbone(
                self.encoded, self.y, weights(self.times, half_life), self.encoder,
                strength=strength, directions=self.rows.directions, start=start,
            )  # fmt: skip
        return self.backbones[key]

    def backbone_log_odds(self, strength: float, half_life: float | None) -> Floats:
        return self.backbone(strength, half_life).log_odds(self.block)

    def staged(self, strength: float, half_life: float | None) -> Floats:
        """Stages x later rows: log-odds with the first so many trees."""
        key = (strength, half_life)
        if key not in self.stages:
            weight = weights(self.times, half_life)
            backbone = self.backbone(*key)
            booster = _grow(
                self.rows, self.encoder, self.encoded, y=self.y, weight=weight, backbone=backbone, trees=STAGES[-1]
            )
            self.stages[key] = backbone.log_odds(self.block) + staged_log_odds(booster, self.block, STAGES)
        return self.stages[key]

    def later(self, recipe: Recipe) -> LaterPredictions:
        if recipe.kind == "boosted":
            log_odds = self.staged(recipe.strength, recipe.half_life)[STAGES.index(recipe.trees)]
        else:
            log_odds = self.backbone_log_odds(recipe.strength, recipe.half_life)
        return LaterPredictions(log_odds, self.later_y)


def _best_backbone(folds: Sequence[_Fold]) -> tuple[float, float | None]:
    """The best penalty; recent months count more only where that clearly helped."""
    best: dict[float | None, tuple[float, list[Floats]]] = {}
    for half_life in HALF_LIVES if len(folds) >= MIN_BLOCKS else HALF_LIVES[:1]:
        losses = {strength: _losses(folds, strength, half_life) for strength in STRENGTHS}
        strength = min(losses, key=lambda each: _mean(losses[each]))
        best[half_life] = (strength, losses[strength])
    chosen: float | None = None
    for half_life in list(best)[1:]:
        if clearly_lower(best[half_life][1], best[chosen][1], shared_luck=True):
            chosen = half_life
    return best[chosen][0], chosen


def _losses(folds: Sequence[_Fold], strength: float, half_life: float | None) -> list[Floats]:
    return [log_loss(fold.backbone_log_odds(strength, half_life), fold.later_y) for fold in folds]


def _mean(losses: Sequence[Floats]) -> float:
    return float(np.concatenate(losses).mean())


def _best_trees(folds: Sequence[_Fold], strength: float, half_life: float | None) -> Recipe:
    """Trees on the best backbone, or on the next stronger penalty, where they clearly gain; none otherwise."""
    plain = _losses(folds, strength, half_life)
    best, lowest = Recipe("logistic", strength, half_life), plain
    for penalty in (each for each in STRENGTHS if each in (strength, 10 * strength)):
        staged = [fold.staged(penalty, half_life) for fold in folds]
        for place, trees in enumerate(STAGES[1:], start=1):
            losses = [log_loss(each[place], fold.later_y) for each, fold in zip(staged, folds, strict=True)]
            if _mean(losses) < _mean(lowest):
                best, lowest = Recipe("boosted", penalty, half_life, trees), losses
    if best.kind == "boosted" and clearly_lower(lowest, plain, shared_luck=False):
        gain = _mean(plain) - _mean(lowest)
        return replace(best, why=f"{best.trees} trees lowered log-loss on later handoffs by {gain:.4f}")
    why = "no number of trees clearly lowered log-loss on later handoffs: the backbone alone"
    return Recipe("logistic", strength, half_life, why=why)
