"""Tuning: which tree settings do better on later handoffs than the defaults, by more than luck.

The search sees the handoffs whose labels were settled before a given moment, and nothing else. Within them it works by
the same folds as the recipe of a model, the newest first. Penalty and half-life of the backbone are not searched: every
training chooses them anew on its own later handoffs.

The best settings are adopted when, at the learning rate of a final fit, their log-loss is lower than the defaults' by
more than one standard error over leads and over folds, and when the gain is still there if no fold takes part in the
choice that it judges. Otherwise the defaults stay.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from salesworthy.model.boosting import TreeSettings
from salesworthy.model.calibration import MIN_BLOCKS, clearly_lower
from salesworthy.model.columns import read_columns
from salesworthy.model.conversion import without_clocks
from salesworthy.model.dataset import Floats, LabelledFeatures
from salesworthy.model.folds import Rows, folds_of
from salesworthy.model.recipes import MIN_MINORITY_FOR_TREES, best_backbone
from salesworthy.model.tuning_folds import SharedFold, honest_gain
from salesworthy.model.tuning_study import Study, Trial, open_study

SPACE = 1
"""Raised with every change of what is searched or of how a trial is judged: then it is another study."""


@dataclass(frozen=True)
class FoldGain:
    """One block of later handoffs: first and last moment (microseconds), how many, and log-loss per lead."""

    first: int
    last: int
    leads: int
    default: float
    best: float


@dataclass(frozen=True)
class Tuned:
    """What a study found.

    Attributes:
        study: Its name; empty where nothing could be searched.
        why: Whether the settings are adopted, or why not, in words.
        settings: The best settings, at the learning rate of a final fit.
        adopted: Whether they are to be used.
        trials: Every trial, in order.
        folds: Later handoffs with the log-loss of defaults and best, at the rates of a final fit, oldest first.
        gain: Log-loss of the defaults less that of the best, per lead.
        error: Its standard error, paired, over leads and over folds, whichever is larger.
        honest_gain: The gain when no fold takes part in the choice that it judges, at the rate of the search.
        importance: Share per setting of what told the best trials from all.
    """

    study: str
    why: str
    settings: TreeSettings = field(default_factory=TreeSettings)
    adopted: bool = False
    trials: tuple[Trial, ...] = ()
    folds: tuple[FoldGain, ...] = ()
    gain: float = 0.0
    error: float = 0.0
    honest_gain: float = 0.0
    importance: Mapping[str, float] = field(default_factory=dict)


def tuning_rows(data: LabelledFeatures, *, until: int, directions: Mapping[str, str], seed: int) -> Rows:
    """What tuning may see: handoffs from before a moment whose labels were settled by then.

    Args:
        data: One row per handoff, later ones included.
        until: The moment, in microseconds.
        directions: ``increasing`` or ``decreasing`` per feature.
        seed: Of what is drawn per tree.
    """
    seen = data.take(data.judged & (data.handed_at < until) & (data.matured_at <= until))
    columns, _ = without_clocks(read_columns(seen.features), seen.handed_at)
    return Rows(columns, seen.label, seen.handed_at, seen.matured_at, dict(directions), seed)


def tune(
    rows: Rows,
    file: Path,
    *,
    trials: int,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[int], None] | None = None,
) -> Tuned:
    """Search settings on these rows; a study on the same rows is resumed.

    Args:
        rows: What tuning may see; see ``tuning_rows``. Their seed is the study's.
        file: SQLite file of the studies.
        trials: Trials of the study, earlier ones included.
        stop: Asked before each trial whether it is time to stop.
        progress: Told after each trial how many there are.
    """
    if rows.minority < MIN_MINORITY_FOR_TREES:
        few = f"only {rows.minority} handoffs of the rarer result, fewer than {MIN_MINORITY_FOR_TREES}"
        return Tuned("", f"{few}: no trees are grown, so there is nothing to tune; the defaults stay")
    folds = folds_of(rows)[::-1]
    if len(folds) < MIN_BLOCKS:
        return Tuned("", "too little history to judge settings on later handoffs: the defaults stay")
    with (
        threadpool_limits(limits=1, user_api="blas"),  # BLAS threads wait for each other on a busy machine
        open_study(file, study_name(rows), rows.seed) as study,
    ):
        backbone = best_backbone(folds)
        shared = [SharedFold(fold, *backbone) for fold in folds]
        study.run(shared, trials=trials, stop=stop, told=progress or _nobody_listens)
        return _judged(study, shared)


def _nobody_listens(done: int) -> None:
    pass


def study_name(rows: Rows) -> str:
    """Names the search by all that it depends on: rows, directions, seed and what is searched."""
    told = sha256(json.dumps([SPACE, sorted(rows.directions.items()), rows.seed]).encode())
    for values in (rows.y, rows.times, rows.matured):
        told.update(np.ascontiguousarray(values).tobytes())
    for name, values in rows.columns.values.items():
        told.update(name.encode())
        plain = values.tobytes() if isinstance(values, np.ndarray) else json.dumps(values.to_pylist()).encode()
        told.update(plain)
    return f"settings-{told.hexdigest()[:16]}"


def _judged(study: Study, folds: Sequence[SharedFold]) -> Tuned:
    trials = study.trials
    finished = [trial for trial in trials if trial.finished]
    if not finished:
        return Tuned(study.name, "no trial was finished: the defaults stay", trials=trials)
    best = min(finished, key=lambda trial: trial.losses.value)
    default, found = _per_lead(folds, TreeSettings()), _per_lead(folds, best.tree_settings)
    gain, error = _gain(default, found)
    honest = honest_gain([trial.losses for trial in finished], finished[0].losses)
    adopted = clearly_lower(found, default, shared_luck=True) and honest > 0
    return Tuned(
        study.name,
        _why(gain, error, honest, adopted=adopted),
        settings=best.tree_settings,
        adopted=adopted,
        trials=trials,
        folds=tuple(_fold_gain(*each) for each in zip(folds[::-1], default[::-1], found[::-1], strict=True)),
        gain=gain,
        error=error,
        honest_gain=honest,
        importance=study.importance(),
    )


def _per_lead(folds: Sequence[SharedFold], settings: TreeSettings) -> list[Floats]:
    """Log-loss per later lead, fold by fold, with the number of trees that is best over all."""
    losses = [fold.losses(settings) for fold in folds]
    stage = int(np.argmin(np.concatenate(losses, axis=1).mean(axis=1)))
    return [each[stage] for each in losses]


def _gain(default: Sequence[Floats], found: Sequence[Floats]) -> tuple[float, float]:
    """Gain per lead and its standard error, as ``clearly_lower`` counts it."""
    gains = [before - after for before, after in zip(default, found, strict=True)]
    everything, by_fold = np.concatenate(gains), np.array([gain.mean() for gain in gains])
    over_leads = float(everything.std()) / np.sqrt(len(everything))
    return float(everything.mean()), float(max(over_leads, by_fold.std(ddof=1) / np.sqrt(len(by_fold))))


def _fold_gain(fold: SharedFold, default: Floats, found: Floats) -> FoldGain:
    times = fold.fold.rows.times[fold.fold.after]
    return FoldGain(int(times.min()), int(times.max()), len(times), float(default.mean()), float(found.mean()))


def _why(gain: float, error: float, honest: float, *, adopted: bool) -> str:
    figures = f"log-loss on later handoffs {_change(gain)} than with the defaults (standard error {error:.4f})"
    if adopted:
        return f"adopted: {figures}"
    if gain > error:
        return f"not adopted, the defaults stay: {figures}, but {_change(honest)} where the choice had not seen them"
    return f"not adopted, the defaults stay: {figures}"


def _change(gain: float) -> str:
    return f"{abs(gain):.4f} {'lower' if gain >= 0 else 'higher'}"
