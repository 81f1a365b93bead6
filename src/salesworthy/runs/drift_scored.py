"""What the model makes of watched leads, and of handoffs with what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from salesworthy.domain.moments import parse_moment
from salesworthy.drift.histograms import WEEK_COLUMN
from salesworthy.drift.outcome_watch import Handed
from salesworthy.drift.scores import Scored
from salesworthy.features.catalogue import Catalogue
from salesworthy.outcomes.labels import label_handoffs
from salesworthy.runs.drift_runs import PublishedRun, issued_scores
from salesworthy.runs.lead_rows import scorable
from salesworthy.runs.objections import ON_RECORD

if TYPE_CHECKING:
    import pyarrow as pa

    from salesworthy.runs.champion import LoadedModel
    from salesworthy.runs.features import OpenTables
    from salesworthy.runs.run_policy import RunPolicy


def scored(sample: pa.Table, model: LoadedModel) -> Scored:
    """Sampled leads as the model scores them; the sample has every feature of the model."""
    features = sample.select(list(model.catalogue.names))
    told = model.bundle.model.explain(features)
    reasons = model.reason_map
    return Scored(
        week=sample[WEEK_COLUMN].to_numpy().astype(np.int64),
        propensity=told.propensity,
        reasons=reasons.sums(told.contributions),
        codes=tuple(each.code for each in reasons.codes),
        names=model.catalogue.names,
        contributions=told.contributions,
    )


def handed_over(
    data: OpenTables,
    model: LoadedModel | None,
    runs: Sequence[PublishedRun],
    *,
    as_of: int,
    policy: RunPolicy | None = None,
) -> Handed:
    """Every handoff with its label, and with what was said of it: by a run at the time, or else by the model.

    Leads whose objection is on record are left out.

    Args:
        data: Checked tables.
        model: The model in force; None where there is none.
        runs: Published runs.
        as_of: Labels settled by then count, in microseconds.
        policy: Says which states are objections; None where there is none.
    """
    labels = label_handoffs(data.tables, data.workspace.label_rule, until=as_of)
    labels = scorable(data, labels, policy, as_of=ON_RECORD)
    labels = data.engine.materialise("drift_labels", labels).rename(as_of="handed_at")
    catalogue = Catalogue() if model is None else model.catalogue
    found = data.engine.to_arrow(data.features(labels, catalogue, until=as_of).order_by("as_of", "lead_id"))
    label = np.array(found["label"].cast("float64").to_numpy())
    label[~found["settled"].to_numpy()] = np.nan
    handed_at = found["as_of"].to_numpy().astype(np.int64)
    issued = issued_scores(runs, found["lead_id"].to_pylist(), handed_at.tolist())
    rows, fresh = found.num_rows, np.zeros(found.num_rows, np.bool_)
    propensity, reasons, codes = np.full(rows, np.nan), np.zeros((rows, 0)), tuple[str, ...]()
    if model is not None and rows:
        told = model.bundle.model.explain(found.select(list(model.catalogue.names)))
        propensity, reasons = told.propensity, model.reason_map.sums(told.contributions)
        codes = tuple(each.code for each in model.reason_map.codes)
        fresh = handed_at > parse_moment(model.bundle.metadata["training"]["as_of"])
    was_issued = np.isfinite(issued)
    return Handed(
        handed_at,
        found["matured_at"].to_numpy().astype(np.int64),
        label,
        np.where(was_issued, issued, propensity),
        was_issued | fresh,
        reasons,
        codes,
        was_issued,
    )
