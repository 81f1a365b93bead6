"""Folds inside training rows: what was settled before a block of handoffs, and how models of it do on that block."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from salesworthy.model.backbone import Backbone, fit_backbone, smoothed_log_odds
from salesworthy.model.boosting import GrowingTrees, TreeSettings, binned
from salesworthy.model.columns import FeatureColumns
from salesworthy.model.dataset import Floats, Integers
from salesworthy.model.encoding import Encoder
from salesworthy.model.flips import turning_features
from salesworthy.model.splits import forward_folds

FOLDS = 4


@dataclass(frozen=True)
class Rows:
    """Training rows before encoding.

    Attributes:
        columns: Features that may be used.
        y: 1.0 or 0.0 per row.
        times: When each was handed over.
        matured: Since when its label counts.
        directions: ``increasing`` or ``decreasing`` per feature.
        seed: Of what is drawn per tree.
        settings: How trees are grown.
        score: What the present rules say of each row: the higher the better; None where there are none.
    """

    columns: FeatureColumns
    y: Floats
    times: Integers
    matured: Integers
    directions: Mapping[str, str]
    seed: int
    settings: TreeSettings = field(default_factory=TreeSettings)
    score: Floats | None = None

    @property
    def minority(self) -> int:
        """Handoffs of the rarer result."""
        return int(min(self.y.sum(), len(self.y) - self.y.sum()))


def weights(times: Integers, half_life: float | None) -> Floats:
    """Weight per row, averaging 1: halved for every half-life before the newest row."""
    if half_life is None or times.min() == times.max():
        return np.ones(len(times))
    age = (times.max() - times) / (half_life * float(times.max() - times.min()))
    weight = 0.5**age
    return np.asarray(weight * (len(weight) / weight.sum()))


class Fold:
    """Earlier rows to learn from and the block after them. Fits are kept: each is asked for several times."""

    def __init__(self, rows: Rows, earlier: Integers, later: Integers, *, without: Collection[str] = ()) -> None:
        self.rows, self.earlier, self.after = rows, earlier, later
        self.y, self.later_y = rows.y[earlier], rows.y[later]
        self.times = rows.times[earlier]
        self.usable = 0 < self.y.sum() < len(self.y)
        columns = rows.columns.without(without)
        self.encoder = Encoder.fit(columns.take(earlier))
        self.encoded = self.encoder.encode(columns.take(earlier))
        self.block = self.encoder.encode(columns.take(later))
        self.backbones: dict[tuple[float, float | None], Backbone] = {}
        self.trees: dict[tuple[float, float | None], GrowingTrees] = {}

    def backbone(self, strength: float, half_life: float | None) -> Backbone:
        """The backbone of the earlier rows."""
        key = (strength, half_life)
        if key not in self.backbones:
            start = next((fit for (_, other), fit in reversed(self.backbones.items()) if other == half_life), None)
            self.backbones[key] = fit_backbone(
                self.encoded, self.y, weights(self.times, half_life), self.encoder,
                strength=strength, directions=self.rows.directions, start=start,
            )  # fmt: skip
        return self.backbones[key]

    def constant_log_odds(self) -> Floats:
        """Per later row the same: the rate of the earlier rows."""
        return np.full(len(self.later_y), smoothed_log_odds(self.y, np.ones(len(self.y))))

    def backbone_log_odds(self, strength: float, half_life: float | None) -> Floats:
        """Per later row, without trees."""
        return self.backbone(strength, half_life).log_odds(self.block)

    def with_trees(self, strength: float, half_life: float | None, place: int) -> Floats:
        """Per later row: log-odds with the trees of a stage (a place in ``TreeSettings.stages``)."""
        key = (strength, half_life)
        if key not in self.trees:
            start = self.backbone(*key).log_odds(self.encoded)
            settings = self.rows.settings
            params = settings.params(self.encoder, self.rows.directions, len(self.y), self.rows.seed)
            weight = weights(self.times, half_life)
            data = binned(self.encoded, self.y, weight, start, self.encoder, params=params)
            self.trees[key] = GrowingTrees(data, params, self.block, settings.stages)
        return self.backbone_log_odds(*key) + self.trees[key].added(place)

    @cached_property
    def turning(self) -> Mapping[str, str]:
        """Features whose effect turned round within the earlier rows, each with how."""
        return turning_features(self.encoder, self.encoded, self.y, self.times)

    def steadier(self) -> Fold:
        """The same fold without the features whose effect turned round before the block began."""
        return Fold(self.rows, self.earlier, self.after, without=self.turning) if self.turning else self


def folds_of(rows: Rows) -> list[Fold]:
    """The folds that choices on these rows are judged by, the oldest first; none where there is too little history."""
    found = [Fold(rows, earlier, later) for earlier, later in forward_folds(rows.times, rows.matured, folds=FOLDS)]
    return [fold for fold in found if fold.usable]
