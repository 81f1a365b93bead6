"""The stories as a notebook tells them: days as text, tables as pandas frames or Arrow tables, the clock read here."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesworthy.domain.moments import to_micros
from salesworthy.runs.check import CheckReport
from salesworthy.runs.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from salesworthy.runs.champion import LoadedModel
    from salesworthy.runs.drift import DriftReport
    from salesworthy.runs.few_leads import ScoredLeads
    from salesworthy.runs.score import ScoreRun
    from salesworthy.runs.train import TrainedModel

Moment = str | date | datetime | None


def _now() -> int:
    return time.time_ns() // 1_000


def _micros(workspace: Workspace, moment: Moment) -> int:
    """Microseconds of a day or moment; now when there is none."""
    if moment is None:
        return _now()
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return to_micros(moment)
    return workspace.moment(moment if isinstance(moment, str) else moment.isoformat(), option="as_of")


def check(workspace: Workspace) -> CheckReport:
    """Check a workspace's tables: rows kept and rejected, findings, usable features."""
    from salesworthy.runs.check import check as check_workspace

    return check_workspace(workspace, now=_now())


def features_as_of(workspace: Workspace, spine: pd.DataFrame | pa.Table) -> pd.DataFrame | pa.Table:
    """Point-in-time features of a spine with ``lead_id`` and ``as_of``; a frame for a frame, Arrow for Arrow.

    Grain: one row per row of the spine, in its order.

    Raises:
        UserError: When the spine lacks a column or a moment cannot be read.
    """
    import pyarrow as pa

    from salesworthy.runs.features import features_for_spine

    if isinstance(spine, pa.Table):
        return features_for_spine(workspace, spine)
    return features_for_spine(workspace, pa.Table.from_pandas(spine, preserve_index=False)).to_pandas()


def past_handoffs(workspace: Workspace, *, as_of: Moment = None, model: str | None = None) -> pd.DataFrame:
    """Every past handoff with what was known on its day and what became of it.

    Grain: one row per handoff, in order of time.

    Args:
        workspace: Whose handoffs.
        as_of: Labels are those settled by then; now by default.
        model: Features are those of this version; those of the workspace's catalogue by default.

    Returns:
        ``lead_id``, ``account_id``, ``handed_at``, ``matured_at`` (when its label is settled), ``label`` (1 accepted,
        0 not, missing while not settled), and one column per feature.
    """
    import pandas as pd

    from salesworthy.runs.champion import load_model as load_version
    from salesworthy.runs.features import opened
    from salesworthy.runs.label_rule import rule_as_recorded
    from salesworthy.runs.training_set import labelled_handoffs

    moment = _micros(workspace, as_of)
    with opened(workspace) as data:
        catalogue = load_version(workspace, model).catalogue if model else workspace.catalogue(data.checked).catalogue
        found = labelled_handoffs(data, catalogue, rule_as_recorded(data, as_of=moment), as_of=moment)
    moments = {name: pd.to_datetime(getattr(found, name), unit="us", utc=True) for name in ("handed_at", "matured_at")}
    keys = pd.DataFrame({"lead_id": found.lead_id, "account_id": found.account_id, **moments, "label": found.label})
    return pd.concat([keys, found.features.to_pandas()], axis=1)


def load_model(workspace: Workspace, version: str | None = None) -> LoadedModel:
    """A version with its bundle, or the champion; ``.bundle.model`` predicts and explains.

    Raises:
        UserError: When there is no such version, or a file of its bundle has changed.
    """
    from salesworthy.runs.champion import load_model as load_version

    return load_version(workspace, version)


def evaluate(
    workspace: Workspace, *, as_of: Moment = None, splits: int = 5, report: Path | None = None
) -> dict[str, Any]:
    """All contenders on rolling windows, in the shape of ``evaluate --json``; ``report`` names a page to write."""
    from salesworthy.runs.evaluate import evaluate as evaluate_workspace

    return evaluate_workspace(workspace, as_of=_micros(workspace, as_of), splits=splits, report=report)


def train(workspace: Workspace, *, as_of: Moment = None, splits: int = 5) -> TrainedModel:
    """Train and register a challenger; see ``salesworthy train``."""
    from salesworthy.runs.train import train as train_model

    return train_model(workspace, as_of=_micros(workspace, as_of), now=_now(), splits=splits)


def score(
    workspace: Workspace,
    *,
    as_of: Moment = None,
    leads: Sequence[str] | None = None,
    out: Path | None = None,
    model: str | None = None,
    draft: bool = False,
) -> ScoreRun | ScoredLeads:
    """Score every open lead and publish the run, or score a few named leads and publish nothing.

    Returns:
        The published run; for named leads their scores and reasons as Arrow tables, and the packets of MQLs.
    """
    from salesworthy.runs import score as scoring

    moment = _micros(workspace, as_of)
    if leads is not None:
        return scoring.score_leads(workspace, leads, as_of=moment, model=model, out=out, draft=draft)
    return scoring.score(workspace, as_of=moment, out=out, model=model, draft=draft, now=_now())


def decide(workspace: Workspace, leads: Sequence[str], *, as_of: Moment = None, draft: bool = False) -> pd.DataFrame:
    """What becomes of a few leads: one row per lead with the columns of a run's ``scores``; nothing is published.

    Raises:
        WrongUsage: When a lead is not known as of that moment.
        GateRefused: When a lead objected, or the policy is not approved.
    """
    from salesworthy.runs.score import score_leads

    found = score_leads(workspace, leads, as_of=_micros(workspace, as_of), draft=draft)
    return found.scores.to_pandas()


def drift_report(workspace: Workspace, *, as_of: Moment = None, every: float = 52.0) -> DriftReport:
    """What has changed, week by week; see ``salesworthy drift``.

    Args:
        workspace: Whose tables, champion and published runs.
        as_of: Facts known by then count; now by default.
        every: A false finding once in so many weeks is accepted, over everything that is watched.
    """
    from salesworthy.runs.drift import drift_report as watch

    return watch(workspace, as_of=_micros(workspace, as_of), every=every)


def open_review(workspace: Workspace, *, by: str, as_of: Moment = None, name: str | None = None) -> dict[str, Any]:
    """Open a calibration review on the evidence of a day; see ``salesworthy review open``.

    Args:
        workspace: Whose.
        by: Who opens it.
        as_of: What was known by then is the evidence; now by default.
        name: What it is called; the day by default.

    Returns:
        The review, in the shape of ``review show --json``.
    """
    from salesworthy.runs.review import open_review as open_it

    return open_it(workspace, as_of=_micros(workspace, as_of), by=by, now=_now(), name=name)


def explain(workspace: Workspace, lead_id: str, *, as_of: Moment = None, model: str | None = None) -> dict[str, Any]:
    """What stands behind one lead's score, in the shape of ``explain --json``."""
    from salesworthy.runs.explain import explain as explain_lead

    moment = None if as_of is None else _micros(workspace, as_of)
    return explain_lead(workspace, lead_id, now=_now(), as_of=moment, model=model)
