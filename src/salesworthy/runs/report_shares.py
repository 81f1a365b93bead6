"""What a model looks at: the shares of features and reasons over many leads, as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from salesworthy.features.sentences import title
from salesworthy.model.columns import ColumnKind, as_table, read_columns
from salesworthy.qualification.reasons import ReasonMap

if TYPE_CHECKING:
    from salesworthy.features.catalogue import Catalogue
    from salesworthy.model.columns import FeatureColumns
    from salesworthy.model.dataset import Floats, LabelledFeatures
    from salesworthy.model.fitted import FittedModel

MOST_LEADS = 2_000
MOST_DOTS = 160
"""Leads drawn as dots; sums are over all of ``MOST_LEADS``."""
MOST_FEATURES = 12


def share_summary(model: FittedModel, rows: LabelledFeatures, catalogue: Catalogue) -> dict[str, Any]:
    """Mean shares per reason and per feature over the newest of these handoffs, and dots of some of them.

    Shares are in log-odds, from the average lead of the training data.

    Args:
        model: Whose shares.
        rows: Handoffs with their features, in order of time.
        catalogue: Which feature belongs to which reason.
    """
    newest = rows.take(np.arange(max(0, len(rows) - MOST_LEADS), len(rows)))
    shares = model.explain(newest.features).contributions
    gone = [name for name in catalogue.names if name not in model.feature_names_in_]
    reasons = ReasonMap(catalogue.without(gone))
    return {
        "leads": len(newest),
        "base_log_odds": model.base_log_odds_,
        "reasons": _reasons(reasons.sums(shares), reasons),
        "features": feature_shares(model, newest.features, shares),
    }


def feature_shares(
    model: FittedModel, features: object, shares: Floats, *, most: int = MOST_FEATURES
) -> list[dict[str, Any]]:
    """The heaviest features, with the shares and the places of some leads.

    Args:
        model: Whose shares.
        features: A table with the model's features.
        shares: Leads x features, in the model's order.
        most: How many features.
    """
    columns = read_columns(as_table(features).select(list(model.feature_names_in_)))
    weight = np.abs(shares).mean(axis=0)
    order = np.argsort(-weight, kind="stable")[:most]
    dots = np.unique(np.linspace(0, len(shares) - 1, MOST_DOTS).astype(np.int64))
    return [
        {
            "name": model.feature_names_in_[at],
            "title": title(model.feature_names_in_[at]),
            "mean_share": round(float(weight[at]), 5),
            "quantiles": [round(float(each), 4) for each in np.quantile(shares[:, at], [0.05, 0.5, 0.95])],
            "shares": [round(float(each), 3) for each in shares[dots, at]],
            "ranks": _ranks(columns, model.feature_names_in_[at], dots),
        }
        for at in order.tolist()
        if weight[at] > 0
    ]


def _reasons(sums: Floats, reasons: ReasonMap) -> list[dict[str, Any]]:
    weight = np.abs(sums).mean(axis=0)
    order = np.argsort(-weight, kind="stable")
    return [
        {
            "code": reasons.codes[at].code,
            "title": reasons.codes[at].title,
            "family": str(reasons.codes[at].family),
            "mean_share": round(float(weight[at]), 5),
            "top_for": round(float((np.abs(sums).argmax(axis=1) == at).mean()), 5),
        }
        for at in order.tolist()
        if weight[at] > 0
    ]


def _ranks(columns: FeatureColumns, name: str, dots: Any) -> list[float | None]:
    """Where the values of these leads stand among all of the feature, from 0 to 1; None for categories and unknown."""
    if columns.kinds[name] is ColumnKind.CATEGORY:
        return [None] * len(dots)
    values = np.asarray(columns.values[name], dtype=np.float64)
    known = np.sort(values[~np.isnan(values)])
    if not len(known) or known[0] == known[-1]:
        return [None] * len(dots)
    low, high = np.searchsorted(known, values[dots], "left"), np.searchsorted(known, values[dots], "right")
    middle = (low + high) / 2 / len(known)
    return [None if np.isnan(value) else round(float(at), 3) for value, at in zip(values[dots], middle, strict=True)]
