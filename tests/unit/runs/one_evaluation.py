"""A small evaluation with hostile texts in it, for the tests of its report and its page."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from tests.unit.model.handoffs import DAY, handoffs

from salesworthy.features.catalogue import Catalogue, Dtype, Feature
from salesworthy.features.loading import LoadedCatalogue
from salesworthy.model.conversion import ConversionModel
from salesworthy.model.dataset import LabelledFeatures
from salesworthy.model.evaluation import evaluate
from salesworthy.runs.evaluation_report import evaluation_report
from salesworthy.runs.report_capacity import Capacity
from salesworthy.runs.training_set import TrainingSet
from salesworthy.runs.workspace import open_workspace

HOSTILE = '<img src=x onerror="alert(1)">'
AS_OF = 400 * DAY
FEATURES = (
    Feature("visits", "count", "engagements", reason="SITE_ACTIVITY"),
    Feature("days_since_visit", "recency", "engagements", reason="RECENT_ACTIVITY"),
    Feature("attended", "column", "leads", "attended", type="yes_no", reason="WEBINAR", dtype=Dtype.YES_NO),
    Feature("role", "column", "leads", "role", type="category", reason="ROLE_FIT", dtype=Dtype.CATEGORY),
    Feature("source", "column", "leads", HOSTILE, type="category", reason=HOSTILE, dtype=Dtype.CATEGORY),
)


def data(rows=1_200) -> LabelledFeatures:
    made = handoffs(rows)
    source = np.random.default_rng(5).choice([HOSTILE, "web", "fair"], rows)
    table = made.features.append_column("source", pa.array(source))
    return LabelledFeatures(table, made.lead_id, made.account_id, made.handed_at, made.matured_at, made.label)


def reported(folder, *, accounts=True):
    """The report of two windows, of a workspace with nothing but its settings."""
    (folder / "salesworthy.toml").write_text('[workspace]\nname = "t"\n')
    rows = data()
    if not accounts:
        nobody = np.full(len(rows), None, dtype=object)
        rows = LabelledFeatures(rows.features, rows.lead_id, nobody, rows.handed_at, rows.matured_at, rows.label)
    found = TrainingSet(rows, LoadedCatalogue(Catalogue(FEATURES)), AS_OF, "f" * 64)
    evaluation = evaluate(rows, splits=2, as_of=AS_OF, directions={}, seed=1)
    known = rows.take(rows.judged)
    model = ConversionModel(seed=1).fit(known.features, known.label, times=known.handed_at).fitted_
    told = evaluation.to_json()
    told["warnings"] = [f"mind {HOSTILE}", *told["warnings"]]
    leak = {"column": HOSTILE, "code": "TOO_PREDICTIVE", "evidence": HOSTILE, "severity": "warn", "waived": HOSTILE}
    record = {"evaluation": told, "leakage": {"findings": [leak], "checked": 5}}
    return evaluation_report(
        open_workspace(folder, environ={}), found, evaluation, record=record, model=model,
        can_work=Capacity(30.0, "30 leads a week"),
    )  # fmt: skip
