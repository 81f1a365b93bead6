"""Refitting: the same recipe on other rows, to see how much of a model is luck."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from threadpoolctl import threadpool_limits

from salesworthy.model.boosting import TreeSettings
from salesworthy.model.columns import read_columns
from salesworthy.model.dataset import LabelledFeatures
from salesworthy.model.fitted import FittedModel
from salesworthy.model.folds import Rows
from salesworthy.model.recipes import Recipe, fit_parts
from salesworthy.model.trees import Trees


def refitted(model: FittedModel, data: LabelledFeatures, *, directions: Mapping[str, str], seed: int) -> FittedModel:
    """A model of the same recipe, features and calibration, fitted on other rows; nothing is chosen anew.

    Args:
        model: Whose recipe.
        data: Judged handoffs, in order of time.
        directions: Direction constraints.
        seed: Of the trees.
    """
    told = model.recipe
    settings = TreeSettings() if told["settings"] is None else TreeSettings(**told["settings"])
    recipe = Recipe(told["kind"], told["strength"], told["half_life"], told["trees"])
    columns = read_columns(data.features, model.encoder.kinds)
    rows = Rows(columns, data.label, data.handed_at, data.matured_at, directions, seed, settings=settings)
    with threadpool_limits(limits=1, user_api="blas"):  # BLAS threads wait for each other on a busy machine
        parts = fit_parts(rows, recipe)
    return replace(model, encoder=parts.encoder, backbone=parts.backbone, trees=Trees.of(parts.booster))
