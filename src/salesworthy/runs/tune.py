"""Tune: search tree settings on what was settled before the first test window, and store what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from salesworthy.domain.errors import DataLimitExceeded
from salesworthy.domain.moments import format_moment
from salesworthy.runs.evaluate import DEFAULT_SPLITS, SEED
from salesworthy.runs.leakage import audit_training_set, without_blocked
from salesworthy.runs.lock import run_lock
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.training_set import TrainingSet, training_set
from salesworthy.runs.tuned_settings import FOLDER, STUDIES, learned, write_tuned
from salesworthy.runs.workspace import Workspace

if TYPE_CHECKING:
    from salesworthy.model.tuning import Tuned


def tune(
    workspace: Workspace,
    *,
    as_of: int,
    trials: int,
    stop: Callable[[], bool] = lambda: False,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Search tree settings and store the outcome in ``tuning/best.json``, as ``tune --json`` prints it.

    The search sees labels that were settled before the first test day of the default rolling windows at ``as_of``, and
    nothing later. It is kept in ``tuning/study.db``: the same search is resumed, and is the same whether it was stopped
    or ran through. Every trial is recorded in MLflow before the outcome is put in force.

    Args:
        workspace: Whose tables and catalogue.
        as_of: Labels are those settled at this moment (microseconds).
        trials: Trials of the study, earlier ones included.
        stop: Asked before each trial whether it is time to stop.
        progress: Told about the steps.

    Raises:
        DataLimitExceeded: When there is no test window, or nothing to learn from.
        RunLocked: When another search is running here.
    """
    from salesworthy.runs.tuning_record import record_tuning

    found = training_set(workspace, as_of=as_of, progress=progress)
    until = first_test_moment(found)
    data = found.data
    seen = data.judged & (data.handed_at < until) & (data.matured_at <= until)
    audit = audit_training_set(workspace, found, rows=seen, progress=progress)
    found = without_blocked(found, audit)
    with run_lock(workspace.folder / FOLDER):
        tuned = _search(workspace, found, until=until, trials=trials, stop=stop, progress=progress)
        document = {**_document(tuned, until=until, as_of=as_of), **learned(workspace, found), "seed": SEED}
        document["warnings"] = audit.warnings()
        progress("recording", 0.0)
        run_id = record_tuning(workspace, tuned, document) if tuned.trials else None
        write_tuned(workspace, document)
        progress("recording", 1.0)
    return {**document, "file": f"{FOLDER}/best.json", "mlflow_run_id": run_id}


def first_test_moment(found: TrainingSet) -> int:
    """The first test day of the default rolling windows; what tuning sees was settled by then.

    Raises:
        DataLimitExceeded: When there are too few mature labels for a test window.
    """
    from salesworthy.model.splits import rolling_windows

    windows = rolling_windows(found.data, splits=DEFAULT_SPLITS, as_of=found.as_of)
    if not windows:
        raise DataLimitExceeded(
            f"{found.judged} mature labels are too few for test windows in order of time, so nothing can be tuned",
            where="tune",
            todo="wait for more outcomes, or check label.window_days",
        )
    return windows[0].test_from


def _search(
    workspace: Workspace,
    found: TrainingSet,
    *,
    until: int,
    trials: int,
    stop: Callable[[], bool],
    progress: Progress,
) -> Tuned:
    from salesworthy.model import tuning

    names = set(found.data.features.column_names)
    directions = {name: way for name, way in found.loaded.catalogue.directions.items() if name in names}
    rows = tuning.tuning_rows(found.data, until=until, directions=directions, seed=SEED)
    progress("trials", 0.0)
    tuned = tuning.tune(
        rows,
        workspace.folder / FOLDER / STUDIES,
        trials=trials,
        stop=stop,
        progress=lambda done: progress("trials", done / trials),
    )
    progress("trials", 1.0)
    return tuned


def _document(tuned: Tuned, *, until: int, as_of: int) -> dict[str, Any]:
    default = sum(fold.leads * fold.default for fold in tuned.folds)
    best = sum(fold.leads * fold.best for fold in tuned.folds)
    leads = sum(fold.leads for fold in tuned.folds)
    folds = [
        {**asdict(fold), "first": format_moment(fold.first), "last": format_moment(fold.last)} for fold in tuned.folds
    ]
    return {
        "adopted": tuned.adopted,
        "why": tuned.why,
        "settings": asdict(tuned.settings),
        "tuned_until": format_moment(until),
        "as_of": format_moment(as_of),
        "study": tuned.study,
        "trials": len(tuned.trials),
        "finished": sum(trial.finished for trial in tuned.trials),
        "log_loss": {
            "default": default / leads if leads else None,
            "best": best / leads if leads else None,
            "gain": tuned.gain if leads else None,
            "standard_error": tuned.error if leads else None,
            "gain_where_not_chosen": tuned.honest_gain if leads else None,
        },
        "folds": folds,
        "importance": dict(tuned.importance),
        "summary": summary(tuned, folds),
    }


def summary(tuned: Tuned, folds: list[dict[str, Any]]) -> list[str]:
    """What a study found, in sentences: the verdict, each block of later handoffs, and what mattered."""
    if not tuned.trials:
        return [tuned.why]
    given_up = sum(not trial.finished for trial in tuned.trials)
    return [
        tuned.why,
        f"{len(tuned.trials)} trials, {given_up} of them given up after the newest handoffs spoke against them",
        *(_fold_sentence(fold) for fold in folds),
        _mattered(tuned.importance),
    ]


def _fold_sentence(fold: Mapping[str, Any]) -> str:
    gain = fold["default"] - fold["best"]
    return (
        f"{fold['leads']:,} handoffs from {fold['first'][:10]} to {fold['last'][:10]}: log-loss {fold['default']:.4f} "
        f"with the defaults, {abs(gain):.4f} {'lower' if gain >= 0 else 'higher'} with the best settings"
    )


def _mattered(importance: Mapping[str, float]) -> str:
    from salesworthy.model.tuning_study import IMPORTANCE_FROM, SETTINGS

    if not importance:
        return f"what mattered cannot be said: it takes {IMPORTANCE_FROM} finished trials"
    return "what told the best trials from the others: " + ", ".join(
        f"{SETTINGS[name]} ({share:.0%})" for name, share in importance.items()
    )
