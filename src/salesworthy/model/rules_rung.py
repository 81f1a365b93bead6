"""The rung of the present rules: their score as a probability, and whether a model does better on later handoffs.

The score is not a feature: scoring with a policy lets points decide by itself (``runs/deciders.py``), and a model that
needed the points would change with every change of the policy. What is found here is said, in words, and a person acts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from salesworthy.model.backbone import smoothed_log_odds
from salesworthy.model.calibration import LaterPredictions, clearly_lower, log_loss
from salesworthy.model.dataset import Floats
from salesworthy.model.folds import Fold

LET_POINTS_DECIDE = "let points decide: leave no model in force, or raise the policy's minimum of outcomes"


def rules_log_odds(learned: Floats, label: Floats, asked: Floats) -> Floats:
    """Log-odds by a straight line on the score of the rules; flat where the score points the wrong way.

    Args:
        learned: Scores of training rows.
        label: 1.0 or 0.0 per training row.
        asked: Scores of the rows that are asked about.
    """
    from sklearn.linear_model import LogisticRegression

    spread = float(learned.std()) or 1.0
    centre = float(learned.mean())
    model = LogisticRegression().fit(((learned - centre) / spread)[:, None], label)
    if model.coef_[0, 0] <= 0:
        return np.full(len(asked), smoothed_log_odds(label, np.ones(len(label))))
    return np.asarray(model.decision_function(((asked - centre) / spread)[:, None]), dtype=np.float64)


def rules_losses(folds: Sequence[Fold]) -> list[Floats] | None:
    """Log-loss of the rules on the later rows of each fold; None where the rules give no score."""
    losses = []
    for fold in folds:
        score = fold.rows.score
        if score is None:
            return None
        log_odds = rules_log_odds(score[fold.earlier], fold.y, score[fold.after])
        losses.append(log_loss(log_odds, fold.later_y))
    return losses or None


def rules_verdict(blocks: Sequence[LaterPredictions], rules: Sequence[Floats]) -> tuple[bool, str]:
    """Whether the model clearly did better than the rules on the same later handoffs, and what to say, in words.

    Args:
        blocks: What the model said, block after block.
        rules: Log-loss of the rules on the same rows.
    """
    model = [log_loss(block.log_odds, block.y) for block in blocks]
    figures = f"log-loss of the rules {_mean(rules):.4f}, of the model {_mean(model):.4f}"
    if clearly_lower(rules, model, shared_luck=False):
        return False, f"the present rules do better than the model on later handoffs ({figures}); {LET_POINTS_DECIDE}"
    if clearly_lower(model, rules, shared_luck=False):
        return True, f"the model does better than the present rules on later handoffs ({figures})"
    return False, f"the model does not clearly do better than the present rules on later handoffs ({figures})"


def _mean(losses: Sequence[Floats]) -> float:
    return float(np.concatenate(losses).mean())
