"""What a model looks at: the shares of features and reasons over many leads, as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from salesworthy.features.sentences import title
from salesworthy.model.columns import ColumnKind, read_columns
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
    asked = newest.features.select(list(model.feature_names_in_))
    shares = model.explain(asked).contributions
    used = ReasonMap(catalogue.without([name for name in catalogue.names if name not in model.feature_names_in_]))
    return {
        "leads": len(newest),
        "base_log_odds": model.base_log_odds_,
        "reasons": _reasons(used.sums(shares), used),
        "features": _features(shares, read_columns(asked, model.encoder.kinds | _unused(model, asked)), used.catalogue),
    }


def _unused(model: FittedModel, asked: Any) -> dict[str, ColumnKind]:
    """Kinds of the features that the model does not use, so that every column can be read."""
    left = [name for name in model.feature_names_in_ if name not in model.encoder.kinds]
    return dict(read_columns(asked.select(left)).kinds) if left else {}


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


def _features(shares: Floats, columns: FeatureColumns, catalogue: Catalogue) -> list[dict[str, Any]]:
    weight = np.abs(shares).mean(axis=0)
    order = np.argsort(-weight, kind="stable")[:MOST_FEATURES]
    dots = np.unique(np.linspace(0, len(shares) - 1, MOST_DOTS).astype(np.int64))
    return [
        {
            "name": catalogue.names[at],
            "title": title(catalogue.names[at]),
            "mean_share": round(float(weight[at]), 5),
            "quantiles": [round(float(each), 4) for each in np.quantile(shares[:, at], [0.05, 0.5, 0.95])],
            "shares": [round(float(each), 3) for each in shares[dots, at]],
            "ranks": _ranks(columns, catalogue.names[at], dots),
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
