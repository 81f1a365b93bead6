"""Evaluate: every contender on the same leads, in order of time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from salesworthy.domain.errors import WrongUsage
from salesworthy.runs.leakage import audit_training_set, without_blocked
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.training_set import TrainingSet, training_set
from salesworthy.runs.tuned_settings import read_tuned
from salesworthy.runs.workspace import Workspace

if TYPE_CHECKING:
    from salesworthy.model.dataset import Flags
    from salesworthy.model.evaluation import Evaluation
    from salesworthy.model.fitted import FittedModel
    from salesworthy.model.tuned_settings import TunedSettings
    from salesworthy.runs.leakage import LeakageAudit

DEFAULT_SPLITS = 5
SEED = 20260101


@dataclass(frozen=True)
class Window:
    """One given window, as the options name it; moments in microseconds, ``until`` exclusive."""

    train_from: int | None
    train_until: int
    test_from: int
    test_until: int

    def __post_init__(self) -> None:
        ordered = [self.train_from, self.train_until, self.test_from, self.test_until]
        given = [moment for moment in ordered if moment is not None]
        if given != sorted(given) or self.train_from == self.train_until or self.test_from == self.test_until:
            raise WrongUsage(
                "the days of the window are not in order",
                where="--train-from, --train-until, --test-from, --test-until",
                todo="training must end before the test begins",
            )


def given_window(
    workspace: Workspace, train_from: str | None, train_until: str | None, test_from: str | None, test_until: str | None
) -> Window | None:
    """The window that the options describe, or None when none was given.

    Raises:
        WrongUsage: When some of them are missing, cannot be read or are out of order.
    """
    needed = {"--train-until": train_until, "--test-from": test_from, "--test-until": test_until}
    if not any([train_from, *needed.values()]):
        return None
    moments: dict[str, int] = {}
    for option, text in needed.items():
        if text is None:
            raise WrongUsage(
                f"{option} is missing",
                where="evaluate",
                todo="give --train-until, --test-from and --test-until together",
            )
        moments[option] = workspace.moment(text, option=option)
    start = None if train_from is None else workspace.moment(train_from, option="--train-from")
    return Window(start, moments["--train-until"], moments["--test-from"], moments["--test-until"])


def evaluate_training_set(
    found: TrainingSet,
    *,
    window: Window | None = None,
    splits: int = DEFAULT_SPLITS,
    tuned: TunedSettings | None = None,
    progress: Progress = silent,
) -> Evaluation:
    """Evaluate all contenders on one given window, or on rolling ones; with tuned settings where they may be used."""
    from salesworthy.model.evaluation import evaluate as evaluate_contenders
    from salesworthy.model.splits import SplitWindow

    chosen = None
    if window is not None:
        chosen = SplitWindow(window.train_from, window.train_until, window.test_from, window.test_until)
    return evaluate_contenders(
        found.data,
        window=chosen,
        splits=splits,
        as_of=found.as_of,
        directions=found.loaded.catalogue.directions,
        seed=SEED,
        tuned=tuned,
        max_rows=found.max_rows,
        progress=progress,
    )


def evaluate(
    workspace: Workspace,
    *,
    as_of: int,
    window: Window | None = None,
    splits: int = DEFAULT_SPLITS,
    report: Path | None = None,
    capacity: float | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """The evaluation of a workspace's model against its contenders, as ``evaluate --json`` prints it.

    Columns that give the outcome away are left out, unless somebody answers for them; its warnings say so.

    Args:
        workspace: Whose tables and catalogue.
        as_of: Labels are those settled at this moment (microseconds).
        window: One given window; rolling windows by default.
        splits: How many rolling windows.
        report: Where to write its page; nowhere by default.
        capacity: Leads a week that sales can take, for the page; as the policy says by default.
        progress: Told about the steps.

    Raises:
        WrongUsage: When the page would take the place of a folder.
    """
    if report is not None and report.is_dir():
        raise WrongUsage("this is a folder", where="--report", todo="name a file, such as evaluation.html")
    found = training_set(workspace, as_of=as_of, progress=progress)
    seen = learned_from(found, window=window, splits=splits)
    audit = audit_training_set(workspace, found, rows=seen, progress=progress)
    found = without_blocked(found, audit)
    file = read_tuned(workspace, found)
    tuned = file.tuned if file else None
    evaluation = evaluate_training_set(found, window=window, splits=splits, tuned=tuned, progress=progress)
    told, settings = evaluation.to_json(), file.notes(evaluation) if file else []
    told["warnings"] = [*audit.warnings(), *found.notes, *settings, *told["warnings"]]
    if report is not None:
        progress("report", 0.0)
        model = _latest_model(found, evaluation, tuned)
        _write_report(workspace, found, evaluation, told, audit, model=model, capacity=capacity, path=report)
        progress("report", 1.0)
    return told


def _write_report(
    workspace: Workspace,
    found: TrainingSet,
    evaluation: Evaluation,
    told: dict[str, Any],
    audit: LeakageAudit,
    *,
    model: FittedModel,
    capacity: float | None,
    path: Path,
) -> None:
    from salesworthy.reporting.page import write_page
    from salesworthy.runs.evaluation_page import evaluation_page
    from salesworthy.runs.evaluation_report import evaluation_report
    from salesworthy.runs.report_capacity import capacity_of

    can_work = capacity_of(workspace, as_of=found.as_of, asked=capacity)
    record = {"evaluation": told, "leakage": audit.to_json()}
    said = evaluation_report(workspace, found, evaluation, record=record, model=model, can_work=can_work)
    write_page(evaluation_page(said), path)


def _latest_model(found: TrainingSet, evaluation: Evaluation, tuned: TunedSettings | None) -> FittedModel:
    """Our model of the latest window once more: an evaluation keeps what models say, not the models."""
    from salesworthy.model.tuned_settings import settings_at
    from salesworthy.runs.train import fit

    latest = evaluation.windows[-1].split
    rows = replace(found, data=found.data.take(latest.train))
    return fit(rows, settings_at(tuned, latest.window.test_from))


def learned_from(found: TrainingSet, *, window: Window | None, splits: int) -> Flags:
    """Rows that the evaluation may learn from, the latest window's: what its leakage audit sees."""
    from salesworthy.model.splits import rolling_windows

    data = found.data
    last = window or next(reversed(rolling_windows(data, splits=splits, as_of=found.as_of)), None)
    if last is None:
        return data.judged
    start = data.handed_at.min() if last.train_from is None else last.train_from
    before = (data.handed_at >= start) & (data.handed_at < min(last.train_until, last.test_from))
    return np.asarray(data.judged & before & (data.matured_at <= last.test_from))
