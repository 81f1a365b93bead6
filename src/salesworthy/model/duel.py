"""A duel: the challenger's way of learning against the champion, on leads that neither has learned from.

The champion stands as it is. The challenger is fitted anew on what the champion knew, with its own features and
settings, so that both are judged on the same leads with the same knowledge; what newer labels add comes on top.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from salesworthy.model.conversion import ConversionModel
from salesworthy.model.dataset import LabelledFeatures, account_numbers
from salesworthy.model.differences import differences
from salesworthy.model.fitted import FittedModel
from salesworthy.model.promotion_gate import Duel

FEWEST_OF_EACH = 10
"""Acceptances, and refusals, below which a duel says nothing."""


def duel(
    data: LabelledFeatures,
    champion_features: pa.Table,
    champion: FittedModel,
    *,
    version: str,
    knew_until: int,
    learned_until: int,
    challenger: ConversionModel,
) -> tuple[Duel | None, str]:
    """Compare on the handoffs that were judged since the champion was trained.

    Args:
        data: Every handoff with the challenger's features, its label as far as it is settled today.
        champion_features: The champion's features of the same rows.
        champion: The model in force.
        version: Its version.
        knew_until: The moment at which its labels were settled (microseconds).
        learned_until: The latest handoff that it learned from.
        challenger: The estimator with the challenger's settings, not fitted.

    Returns:
        The duel and an empty text, or None and why there is none.
    """
    later = np.flatnonzero(data.judged & (data.handed_at > learned_until))
    earlier = np.flatnonzero(data.judged & (data.handed_at <= learned_until) & (data.matured_at <= knew_until))
    won, lost = int(data.label[later].sum()), int((1 - data.label[later]).sum())
    if min(won, lost) < FEWEST_OF_EACH:
        return None, (
            f"since {version} was trained {len(later):,} of its later leads were judged ({won:,} accepted): fewer than "
            f"{FEWEST_OF_EACH} of each result, too few to compare on"
        )
    known = data.take(earlier)
    if not 0 < known.label.sum() < len(known):
        return None, f"what {version} learned from is no longer in the tables"
    challenger.fit(known.features, known.label, times=known.handed_at, matured=known.matured_at)
    theirs = champion.predict_proba(champion_features.take(later))[:, 1]
    ours = challenger.predict_proba(data.features.take(later))[:, 1]
    accounts = account_numbers(data.account_id[later])
    told = differences(data.label[later], ours, {version: theirs}, accounts, seed=challenger.seed)[version]["log_loss"]
    return Duel(version, len(later), won, told), ""
