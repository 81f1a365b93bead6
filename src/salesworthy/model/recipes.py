"""Recipes: how strong the penalty, how many trees, how much the recent months count; chosen on later handoffs.

Every choice is made inside the training rows, by folds that learn from what came before and are judged on the block
that follows. A test window never takes part. The ladder has a rung for the rate alone, the backbone, and the backbone
with trees; the present rules, where they give a score, are weighed beside it and told (``rules_rung``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from salesworthy.model.backbone import Backbone, constant_backbone, fit_backbone, smoothed_log_odds
from salesworthy.model.boosting import TreeSettings, grow
from salesworthy.model.calibration import MIN_BLOCKS, LaterPredictions, clearly_lower, log_loss
from salesworthy.model.dataset import Floats
from salesworthy.model.encoding import Encoder
from salesworthy.model.flips import turning_features
from salesworthy.model.folds import Fold, Rows, folds_of, weights
from salesworthy.model.rules_rung import LET_POINTS_DECIDE, rules_losses, rules_verdict

STRENGTHS = (1.0, 10.0, 100.0, 1000.0)
HALF_LIVES = (None, 0.25)
"""Of the weight of a handoff, as shares of the training span; None weighs all alike."""
MIN_MINORITY = 25
"""With fewer acceptances, or fewer refusals, than this nothing but their rate is learned."""
MIN_MINORITY_FOR_TREES = 200
PATIENCE = 3
"""Stages of trees without a lower log-loss after which no more trees are grown."""
TOLD = 5
"""Names of features that one sentence tells."""


@dataclass(frozen=True)
class Recipe:
    """How a final model is fitted.

    Attributes:
        kind: ``constant``, ``logistic`` or ``boosted``.
        strength: Penalty of the backbone, in rows.
        half_life: Of a handoff's weight, as a share of the training span; None weighs all alike.
        trees: How many trees stand on the backbone.
        why: The choice in words.
        settings: How the trees are grown; None without trees.
        ladder: Log-loss on later handoffs per rung, those that were tried.
        notes: What else a person should know of the choice, in words.
        left_out: Features that are not used, each with why.
    """

    kind: str
    strength: float = STRENGTHS[-1]
    half_life: float | None = None
    trees: int = 0
    why: str = ""
    settings: TreeSettings | None = None
    ladder: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The recipe as plain values, but for the features left out: the model tells those."""
        plain = asdict(self)
        del plain["left_out"]
        return plain | {"notes": list(self.notes)}


@dataclass(frozen=True)
class Parts:
    """A fitted encoder, backbone and, where the recipe has trees, a booster."""

    encoder: Encoder
    backbone: Backbone
    booster: Any | None


def choose_recipe(rows: Rows) -> tuple[Recipe, tuple[LaterPredictions, ...]]:
    """The recipe that did best on later blocks of the training rows, and what it predicted there."""
    if rows.minority < MIN_MINORITY:
        why = f"only {rows.minority} handoffs of the rarer result, fewer than {MIN_MINORITY}: the rate alone"
        note = f"too few outcomes to weigh a model against the present rules; {LET_POINTS_DECIDE}"
        return Recipe("constant", why=why, notes=() if rows.score is None else (note,)), ()
    folds = folds_of(rows)
    if not folds:
        return Recipe("logistic", why="too little history to judge choices on: the backbone as it stands"), ()
    folds, left_out, notes = _without_turning(rows, folds)
    recipe = replace(_best_rung(folds, rows), left_out=left_out)
    blocks = tuple(later_predictions(fold, recipe) for fold in folds)
    rules = rules_losses(folds)
    if rules is not None:
        model_better, says = rules_verdict(blocks, rules)
        why = f"{recipe.why}; {says}" if model_better else recipe.why
        recipe = replace(recipe, why=why, ladder={**recipe.ladder, "rules": _mean(rules)})
        notes = notes if model_better else (*notes, says)
    return replace(recipe, notes=notes), blocks


def fit_parts(rows: Rows, recipe: Recipe) -> Parts:
    """Fit a recipe on rows."""
    columns = rows.columns.without(recipe.left_out)
    encoder = Encoder.fit(columns)
    encoded = encoder.encode(columns)
    weight = weights(rows.times, recipe.half_life)
    if recipe.kind == "constant":
        return Parts(encoder, constant_backbone(encoder, smoothed_log_odds(rows.y, weight)), None)
    backbone = fit_backbone(encoded, rows.y, weight, encoder, strength=recipe.strength, directions=rows.directions)
    booster = None
    if recipe.trees:
        booster = grow(
            encoded, rows.y, weight, backbone.log_odds(encoded), encoder,
            trees=recipe.trees, settings=rows.settings, directions=rows.directions, seed=rows.seed,
        )  # fmt: skip
    return Parts(encoder, backbone, booster)


def later_predictions(fold: Fold, recipe: Recipe) -> LaterPredictions:
    """What a recipe, fitted on the earlier rows of a fold, says of its later ones."""
    if recipe.kind == "constant":
        log_odds = fold.constant_log_odds()
    elif recipe.kind == "boosted":
        stage = fold.rows.settings.stages.index(recipe.trees)
        log_odds = fold.with_trees(recipe.strength, recipe.half_life, stage)
    else:
        log_odds = fold.backbone_log_odds(recipe.strength, recipe.half_life)
    return LaterPredictions(log_odds, fold.later_y)


def _without_turning(rows: Rows, folds: list[Fold]) -> tuple[list[Fold], dict[str, str], tuple[str, ...]]:
    """Folds, features left out because their effect turned round, and notes on those that are kept all the same.

    The rule is judged as it would have been used: each fold leaves out what had turned round before its block began.
    """
    encoder = Encoder.fit(rows.columns)
    turned = turning_features(encoder, encoder.encode(rows.columns), rows.y, rows.times)
    if not turned or len(turned) == len(encoder.names):
        return folds, {}, ()
    steadier = [fold.steadier() for fold in folds]
    if len(folds) >= MIN_BLOCKS and all(fold.encoder.names for fold in steadier):
        plain, without = (_losses(each, *best_backbone(each)) for each in (folds, steadier))
        if clearly_lower(without, plain, shared_luck=True):
            says = "later handoffs were predicted better without it"
            return steadier, {name: f"{how}; {says}" for name, how in turned.items()}, ()
    some = ", ".join(list(turned)[:TOLD]) + (" ..." if len(turned) > TOLD else "")
    kept = "kept, because later handoffs were not clearly predicted better without"
    return folds, {}, (f"the effect of {len(turned)} feature(s) turned round between periods ({some}): {kept}",)


def _best_rung(folds: Sequence[Fold], rows: Rows) -> Recipe:
    """The rate alone where it clearly did better than what would be chosen else: the backbone, or trees on it."""
    recipe = _best_model(folds, rows)
    rate = [log_loss(fold.constant_log_odds(), fold.later_y) for fold in folds]
    ladder = {"constant": _mean(rate), **recipe.ladder}
    chosen = [later_predictions(fold, recipe) for fold in folds]
    if clearly_lower(rate, [log_loss(each.log_odds, each.y) for each in chosen], shared_luck=True):
        why = "no model did better on later handoffs than their rate so far: the rate alone"
        return Recipe("constant", why=why, ladder=ladder)
    return replace(recipe, ladder=ladder)


def _best_model(folds: Sequence[Fold], rows: Rows) -> Recipe:
    strength, half_life = best_backbone(folds)
    if rows.minority < MIN_MINORITY_FOR_TREES:
        why = f"only {rows.minority} handoffs of the rarer result, fewer than {MIN_MINORITY_FOR_TREES}: no trees"
        ladder = {"logistic": _mean(_losses(folds, strength, half_life))}
        return Recipe("logistic", strength, half_life, why=why, ladder=ladder)
    return _best_trees(folds, strength, half_life)


def best_backbone(folds: Sequence[Fold]) -> tuple[float, float | None]:
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


def _losses(folds: Sequence[Fold], strength: float, half_life: float | None) -> list[Floats]:
    return [log_loss(fold.backbone_log_odds(strength, half_life), fold.later_y) for fold in folds]


def _mean(losses: Sequence[Floats]) -> float:
    return float(np.concatenate(losses).mean())


def _best_trees(folds: Sequence[Fold], strength: float, half_life: float | None) -> Recipe:
    """Trees on the best backbone, or on the next stronger penalty, where they clearly gain; none otherwise."""
    settings = folds[0].rows.settings
    plain = _losses(folds, strength, half_life)
    best, lowest = Recipe("logistic", strength, half_life), plain
    tried = float("inf")
    for penalty in (each for each in STRENGTHS if each in (strength, 10 * strength)):
        trees, losses = _best_stage(folds, penalty, half_life)
        tried = min(tried, _mean(losses))
        if _mean(losses) < _mean(lowest):
            best, lowest = Recipe("boosted", penalty, half_life, trees, settings=settings), losses
    ladder = {"logistic": _mean(plain), "boosted": tried}
    if best.kind == "boosted" and clearly_lower(lowest, plain, shared_luck=False):
        gain = _mean(plain) - _mean(lowest)
        why = f"{best.trees} trees lowered log-loss on later handoffs by {gain:.4f}"
        return replace(best, why=why, ladder=ladder)
    why = "no number of trees clearly lowered log-loss on later handoffs: the backbone alone"
    return Recipe("logistic", strength, half_life, why=why, ladder=ladder)


def _best_stage(folds: Sequence[Fold], strength: float, half_life: float | None) -> tuple[int, list[Floats]]:
    """The number of trees with the lowest log-loss on the later blocks, and the losses; no more are grown in vain."""
    stages = folds[0].rows.settings.stages
    best, lowest = 1, float("inf")
    found: list[Floats] = []
    for place in range(1, len(stages)):
        losses = [log_loss(fold.with_trees(strength, half_life, place), fold.later_y) for fold in folds]
        if _mean(losses) < lowest:
            best, lowest, found = place, _mean(losses), losses
        elif place - best >= PATIENCE:
            break
    return stages[best], found
