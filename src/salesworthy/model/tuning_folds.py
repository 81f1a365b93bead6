"""What a set of tree settings is worth: log-loss on later handoffs, fold by fold, on bins that all trials share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from salesworthy.model.boosting import TreeSettings, binned, staged_log_odds
from salesworthy.model.calibration import log_loss
from salesworthy.model.dataset import Floats
from salesworthy.model.folds import Fold, weights


class SharedFold:
    """A fold whose backbone is fitted and whose rows are binned once, for any settings.

    Args:
        fold: Earlier rows and the block after them.
        strength: Penalty of the backbone.
        half_life: Of a handoff's weight.
    """

    def __init__(self, fold: Fold, strength: float, half_life: float | None) -> None:
        backbone = fold.backbone(strength, half_life)
        weight = weights(fold.times, half_life)
        start = backbone.log_odds(fold.encoded)
        self.fold = fold
        self.before = backbone.log_odds(fold.block)
        self.bins = binned(fold.encoded, fold.y, weight, start, fold.encoder, shared=True)

    def losses(self, settings: TreeSettings) -> Floats:
        """Stages x later rows: log-loss with the first so many trees (``settings.stages``)."""
        import lightgbm

        fold = self.fold
        params = settings.params(fold.encoder, fold.rows.directions, len(fold.y), fold.rows.seed)
        # What made the bins is part of the parameters: LightGBM refuses others than those of the bins.
        params["feature_pre_filter"] = False
        booster = lightgbm.train(params, self.bins, num_boost_round=settings.stages[-1])
        added = staged_log_odds(booster, fold.block, settings.stages)
        return np.array([log_loss(self.before + each, fold.later_y) for each in added])


@dataclass(frozen=True)
class FoldLosses:
    """Mean log-loss of one trial per fold (the newest first) and stage.

    Attributes:
        means: Folds x stages.
        leads: Later handoffs per fold.
    """

    means: Floats
    leads: Floats

    @property
    def stage(self) -> int:
        """The stage with the lowest log-loss over all folds; the fewest trees of several."""
        return int(np.argmin(self.leads @ self.means))

    @property
    def value(self) -> float:
        """Log-loss per lead at that stage."""
        return float(self.leads @ self.means[:, self.stage] / self.leads.sum())

    @property
    def per_fold(self) -> Floats:
        """Log-loss per fold at that stage."""
        return np.asarray(self.means[:, self.stage])

    def without(self, fold: int) -> FoldLosses:
        """The other folds."""
        return FoldLosses(np.delete(self.means, fold, axis=0), np.delete(self.leads, fold))


def honest_gain(trials: Sequence[FoldLosses], default: FoldLosses) -> float:
    """Gain over the defaults per lead, each fold judged with the trial and stage that the other folds chose.

    The best of many trials looks better than it is on the folds that it was chosen on; here no fold takes part in the
    choice that it judges.

    Args:
        trials: Finished trials.
        default: The defaults, on the same folds.
    """
    gains = []
    for fold in range(len(default.leads)):
        others = [trial.without(fold) for trial in trials]
        best = min(range(len(trials)), key=lambda place: others[place].value)
        chosen = trials[best].means[fold, others[best].stage]
        gains.append(default.means[fold, default.without(fold).stage] - chosen)
    return float(default.leads @ np.array(gains) / default.leads.sum())
