"""What an evaluation report says, as plain values: ``evaluation_page`` puts it into words and pictures.

It holds counts, rates and curves over many leads; no lead, no person and nobody of sales can be told from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from salesworthy.domain.moments import format_moment
from salesworthy.model import at_capacity as capacity
from salesworthy.model.curves import calibration_bins, gain_curve, precision_recall_curve, roc_curve
from salesworthy.model.dataset import account_numbers
from salesworthy.model.differences import differences
from salesworthy.model.metrics import Figure, figures
from salesworthy.model.promotion_gate import conditions_of
from salesworthy.model.segments import segments
from salesworthy.runs.evaluate import SEED
from salesworthy.runs.report_capacity import Capacity
from salesworthy.runs.report_segments import segment_columns
from salesworthy.runs.report_shares import share_summary

if TYPE_CHECKING:
    from salesworthy.model.dataset import Floats, Integers
    from salesworthy.model.evaluation import Evaluation, Tested
    from salesworthy.model.fitted import FittedModel
    from salesworthy.runs.training_set import TrainingSet
    from salesworthy.runs.workspace import Workspace

OURS = "salesworthy"


def evaluation_report(
    workspace: Workspace,
    found: TrainingSet,
    evaluation: Evaluation,
    *,
    record: Mapping[str, Any],
    model: FittedModel,
    can_work: Capacity,
) -> dict[str, Any]:
    """Everything that the page of an evaluation shows.

    Args:
        workspace: Whose tables; campaigns and the like are read from them for segments.
        found: Features and labels, one row per handoff.
        evaluation: All contenders on test windows of it.
        record: What is written down of it: ``evaluation`` in the shape of ``evaluate --json``, with every warning,
            ``leakage`` in that of ``leakage --json``, and for a registered model ``reasons``, their checks.
        model: Whose reasons are shown: the model trained, or that of the latest window.
        can_work: How many leads sales can work.
    """
    pooled = _Pooled(found, evaluation)
    return {
        "about": _about(found, pooled, evaluation),
        "label": _label(workspace),
        "evaluation": dict(record["evaluation"]),
        "leakage": dict(record["leakage"]),
        "gate": [each.to_json() for each in conditions_of(record)] if "reasons" in record else [],
        "reason_checks": list(record.get("reasons", [])),
        "differences": _differences(pooled),
        "curves": _curves(pooled),
        "calibration": _calibration(pooled),
        "capacity": _capacity(evaluation, pooled, can_work),
        "seen_accounts": _seen(found, evaluation, pooled),
        "segments": _segments(workspace, found, pooled),
        "shares": share_summary(model, found.data.take(pooled.rows), found.loaded.catalogue),
    }


class _Pooled:
    """The tested leads of all windows, one after the other."""

    def __init__(self, found: TrainingSet, evaluation: Evaluation) -> None:
        windows = evaluation.windows
        self.rows = _all(evaluation, lambda each: each.split.test)
        self.y = _all(evaluation, lambda each: each.label)
        numbers = account_numbers(found.data.account_id)[self.rows]
        self.groups: Integers = np.unique(numbers, return_inverse=True)[1].astype(np.int64)
        self.p: dict[str, Floats] = {
            name: np.concatenate([each.predictions[name].probability for each in windows])
            for name in windows[0].predictions
        }


def _all(evaluation: Evaluation, of: Callable[[Tested], Any]) -> Any:
    return np.concatenate([of(each) for each in evaluation.windows])


def _about(found: TrainingSet, pooled: _Pooled, evaluation: Evaluation) -> dict[str, Any]:
    first, last = evaluation.windows[0].split.window, evaluation.windows[-1].split.window
    return {
        "as_of": format_moment(found.as_of),
        "data_fingerprint": found.fingerprint,
        "handoffs": len(found.data),
        "judged": found.judged,
        "accepted": found.positives,
        "features": found.data.features.num_columns,
        "windows": len(evaluation.windows),
        "tested": len(pooled.y),
        "tested_accepted": int(pooled.y.sum()),
        "tested_accounts": int(pooled.groups.max()) + 1 if found.data.accounts_known else None,
        "test_from": format_moment(first.test_from),
        "test_until": format_moment(last.test_until),
    }


def _label(workspace: Workspace) -> dict[str, Any]:
    rule = workspace.label_rule
    return {"positive": list(rule.positive), "window_days": rule.window_days}


def _differences(pooled: _Pooled) -> dict[str, Any]:
    others = {name: p for name, p in pooled.p.items() if name != OURS}
    measured = differences(pooled.y, pooled.p[OURS], others, pooled.groups, seed=SEED)
    return {name: _plain(each) for name, each in measured.items()}


def _curves(pooled: _Pooled) -> dict[str, Any]:
    kinds = {"roc": roc_curve, "precision_recall": precision_recall_curve, "gain": gain_curve}
    return {name: {kind: curve(pooled.y, p).to_json() for kind, curve in kinds.items()} for name, p in pooled.p.items()}


def _calibration(pooled: _Pooled) -> dict[str, Any]:
    return {
        name: [
            {"leads": each.leads, "predicted": each.predicted, "accepted": each.accepted.to_json()}
            for each in calibration_bins(pooled.y, p, pooled.groups)
        ]
        for name, p in pooled.p.items()
    }


def _capacity(evaluation: Evaluation, pooled: _Pooled, can_work: Capacity) -> dict[str, Any]:
    found = {}
    for name in pooled.p:
        windows, at = [], 0
        for each in evaluation.windows:
            groups = pooled.groups[at : at + len(each.label)]
            at += len(each.label)
            days = capacity.days_of(each.split.window.test_from, each.split.window.test_until)
            windows.append(capacity.Window(each.label, each.predictions[name].probability, groups, days))
        picked = capacity.at_capacity(windows, a_week=can_work.a_week, seed=SEED)
        found[name] = {
            "leads": picked.leads,
            "expected": picked.expected,
            "found": picked.found,
            "precision": picked.precision.to_json(),
            "captured": picked.captured.to_json(),
        }
    return {"leads_a_week": can_work.a_week, "says": can_work.says, "contenders": found}


def _seen(found: TrainingSet, evaluation: Evaluation, pooled: _Pooled) -> dict[str, Any] | None:
    """Figures on leads of accounts that were learned from, and of accounts that were not; None where not known."""
    if not found.data.accounts_known:
        return None
    seen = _all(evaluation, lambda each: each.split.seen)
    told = {}
    for name, rows in {"seen": seen, "unseen": ~seen}.items():
        places = np.flatnonzero(rows)
        groups = np.unique(pooled.groups[places], return_inverse=True)[1].astype(np.int64)
        told[name] = {
            "leads": len(places),
            "accepted": int(pooled.y[places].sum()),
            "contenders": {
                contender: _plain(figures(pooled.y[places], p[places], groups, seed=SEED))
                for contender, p in pooled.p.items()
            },
        }
    return told


def _segments(workspace: Workspace, found: TrainingSet, pooled: _Pooled) -> list[dict[str, Any]]:
    columns = segment_columns(workspace, found, pooled.rows)
    told = segments(columns, pooled.y, pooled.p[OURS], pooled.groups, seed=SEED)
    return [
        {
            "column": name,
            "segments": [{**asdict(each), "verdict": each.verdict} for each in levels],
        }
        for name, levels in told.items()
    ]


def _plain(measured: Mapping[str, Figure]) -> dict[str, Any]:
    return {name: figure.to_json() for name, figure in measured.items()}
