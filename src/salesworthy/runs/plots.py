"""Pictures for notebooks: why one lead scores as it does, and what a model looks at in many.

A chart shows itself, without a network; ``chart.to_altair()`` gives it to those who want to change it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from salesworthy.domain.errors import WrongUsage
from salesworthy.features.sentences import title
from salesworthy.model.columns import as_table
from salesworthy.qualification.reason_waterfall import MOST, reason_chart
from salesworthy.reporting.share_charts import Part, Swarm, steps, waterfall
from salesworthy.reporting.share_charts import beeswarm as swarms
from salesworthy.runs.report_shares import MOST_FEATURES, feature_shares

if TYPE_CHECKING:
    from salesworthy.model.fitted import FittedModel
    from salesworthy.reporting.chart_parts import Chart


def reason_waterfall(lead: Mapping[str, Any], *, most: int = MOST) -> Chart:
    """From the average lead to this one, reason by reason.

    Args:
        lead: What ``sw.explain`` told.
        most: Reasons shown one by one.

    Raises:
        WrongUsage: When the lead was decided without a model.
    """
    if lead["base_log_odds"] is None:
        raise WrongUsage("there is no model behind this lead", where=str(lead["lead_id"]), todo="promote a model first")
    return reason_chart(lead["base_log_odds"], lead["reasons"], most=most)


def feature_waterfall(model: FittedModel, features: object, *, most: int = 12) -> Chart:
    """From the average lead to one lead, feature by feature: what the reasons are made of.

    Args:
        model: The model, such as ``sw.load_model(workspace, "v2").bundle.model``.
        features: One row with its features.
        most: Features shown one by one.

    Raises:
        WrongUsage: When it is not one row.
    """
    row = as_table(features).select(list(model.feature_names_in_))
    if row.num_rows != 1:
        raise WrongUsage(f"{row.num_rows} rows", where="features", todo="give the features of one lead")
    shares = model.explain(row).contributions[0]
    values = (row.column(name)[0].as_py() for name in model.feature_names_in_)
    named = [
        Part(f"{title(name)}: {_shown(value)}", float(share))
        for name, value, share in zip(model.feature_names_in_, values, shares, strict=True)
    ]
    rest = "{count} smaller features"
    told = steps(model.base_log_odds_, named, most=most, first="The average lead", last="This lead", rest=rest)
    return waterfall(told)


def beeswarm(model: FittedModel, features: object, *, most: int = MOST_FEATURES) -> Chart:
    """What the heaviest features add to many leads: one dot for a lead, its colour the place of the lead's value.

    Args:
        model: The model.
        features: A table with its features, one row per lead.
        most: How many features.
    """
    shares = model.explain(features).contributions
    found = feature_shares(model, features, shares, most=most)
    return swarms([Swarm(each["title"], each["shares"], each["ranks"]) for each in found])


def shap_explanation(model: FittedModel, features: object) -> Any:
    """The model's exact shares as ``shap.Explanation``, for all of shap's own plots.

    Args:
        model: The model.
        features: A table with its features, one row per lead.

    Returns:
        Values in log-odds. Categories have no number, so that shap draws them in grey; their names are displayed.
    """
    import shap

    table = as_table(features).select(list(model.feature_names_in_))
    told = model.explain(table)
    shown = np.array([[_shown(value) for value in column.to_pylist()] for column in table.columns], dtype=object).T
    return shap.Explanation(
        values=told.contributions,
        base_values=np.full(table.num_rows, model.base_log_odds_),
        data=np.array([[_number(value) for value in column.to_pylist()] for column in table.columns]).T,
        display_data=shown,
        feature_names=list(model.feature_names_in_),
    )


def _number(value: object) -> float:
    return float(value) if isinstance(value, bool | int | float) else float("nan")


def _shown(value: object) -> str:
    if value is None:
        return "not known"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
