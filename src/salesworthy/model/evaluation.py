"""Evaluation: every contender on the same leads, later than what it learned from, with intervals on every figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from salesworthy.domain.errors import DataLimitExceeded
from salesworthy.domain.moments import format_moment
from salesworthy.model.contenders import Prediction, Task, contenders_for
from salesworthy.model.dataset import Flags, Floats, Integers, LabelledFeatures, account_numbers
from salesworthy.model.evaluation_warnings import warnings_of
from salesworthy.model.metrics import RESAMPLES, Figure, Figures, auc_figure, figures, within_periods
from salesworthy.model.selection import Selection, joined, selection_of
from salesworthy.model.splits import Split, SplitWindow, random_split, rolling_windows, split_by
from salesworthy.model.tuned_settings import TunedSettings, settings_at

Progress = Callable[[str, float], None]
WORKERS = 2
MIN_UNSEEN = 20
"""With fewer leads of unseen accounts there is nothing to say about them."""


@dataclass(frozen=True)
class Tested:
    """One window's test rows with every contender's probabilities."""

    split: Split
    label: Floats
    accounts: Integers
    handed_at: Integers
    train_rate: float
    predictions: Mapping[str, Prediction]
    figures: Mapping[str, Figures]


@dataclass(frozen=True)
class Evaluation:
    """Figures of all contenders, per window, over all windows, within months, on unseen accounts and at random.

    ``selection`` says what can be known of leads that were never sent.
    """

    windows: tuple[Tested, ...]
    pooled: Mapping[str, Figures]
    within_period: Mapping[str, Figure]
    unseen: Mapping[str, Figures] | None
    random: Mapping[str, Figure]
    selection: Selection

    def to_json(self) -> dict[str, Any]:
        """The evaluation as ``evaluate --json`` prints it."""
        unseen = None if self.unseen is None else _by_name(self.unseen)
        return {
            "splits": [_window_json(window) for window in self.windows],
            "pooled": _by_name(self.pooled),
            "within_period_auc": {name: figure.to_json() for name, figure in self.within_period.items()},
            "unseen_accounts": unseen,
            "random_split": {name: {"roc_auc": figure.to_json()} for name, figure in self.random.items()},
            "selection": self.selection.to_json(),
            "warnings": warnings_of(self),
        }


def evaluate(
    data: LabelledFeatures,
    *,
    window: SplitWindow | None = None,
    splits: int = 5,
    as_of: int,
    directions: Mapping[str, str],
    seed: int,
    tuned: TunedSettings | None = None,
    max_rows: int | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Evaluate all contenders.

    Args:
        data: One row per handoff.
        window: One given window; rolling windows by default.
        splits: How many rolling windows.
        as_of: Labels are those settled at this moment.
        directions: ``increasing`` or ``decreasing`` per feature.
        seed: Of everything that is drawn.
        tuned: Settings of our model, for windows that begin after what tuning saw; the defaults elsewhere.
        max_rows: From how many rows our model learns at most; it is tested on all, as the others are.
        progress: Told about the steps.

    Raises:
        DataLimitExceeded: When there is too little to learn from or to test on.
    """
    windows = (window,) if window is not None else rolling_windows(data, splits=splits, as_of=as_of)
    found = [split_by(data, each, as_of=as_of) for each in windows]
    _refuse_hopeless(data, found)
    train, test = random_split(data, seed=seed)
    tasks = [
        Task(
            data.take(each.train),
            data.take(each.test),
            directions,
            seed,
            settings_at(tuned, each.window.test_from),
            max_rows,
        )
        for each in found
    ]
    tasks.append(Task(data.take(train), data.take(test), directions, seed, max_rows=max_rows))
    predicted = _predict_all(tasks, progress or _nobody_listens)
    accounts = account_numbers(data.account_id)
    tested = tuple(
        _tested(data, accounts, split, predictions, seed)
        for split, predictions in zip(found, predicted[:-1], strict=True)
    )
    at_random = {
        name: auc_figure(data.label[test], each.probability, accounts[test], seed=seed)
        for name, each in predicted[-1].items()
    }
    in_tests = joined([(each.split.test, _probabilities(each)) for each in tested])
    return Evaluation(
        tested,
        _pooled(tested, seed),
        _within(tested, seed),
        _unseen(data, tested, seed),
        at_random,
        selection_of(data, in_tests, seed=seed),
    )


def _nobody_listens(step: str, share: float) -> None:
    pass


def _predict_all(tasks: Sequence[Task], progress: Progress) -> list[dict[str, Prediction]]:
    """Every contender on every task. Fits run beside each other, each on one thread of its own."""
    contenders = contenders_for(tasks[0].train)
    jobs = [(place, name) for place in range(len(tasks)) for name in contenders]
    results: list[dict[str, Prediction]] = [{} for _ in tasks]
    progress("evaluation", 0.0)
    with threadpool_limits(limits=1), ThreadPoolExecutor(WORKERS) as pool:
        futures = [pool.submit(contenders[name], tasks[place]) for place, name in jobs]
        for done, ((place, name), future) in enumerate(zip(jobs, futures, strict=True), start=1):
            results[place][name] = future.result()
            progress("evaluation", done / len(jobs))
    return results


def _tested(
    data: LabelledFeatures, accounts: Integers, split: Split, predictions: Mapping[str, Prediction], seed: int
) -> Tested:
    label, groups = data.label[split.test], accounts[split.test]
    measured = {name: figures(label, each.probability, _dense(groups), seed=seed) for name, each in predictions.items()}
    rate = float(data.label[split.train].mean())
    return Tested(split, label, groups, data.handed_at[split.test], rate, predictions, measured)


def _probabilities(tested: Tested) -> dict[str, Floats]:
    return {name: each.probability for name, each in tested.predictions.items()}


def _dense(groups: Integers) -> Integers:
    return np.unique(groups, return_inverse=True)[1].astype(np.int64)


def _joined(tested: Sequence[Tested], of: Callable[[Tested], Any]) -> Any:
    return np.concatenate([of(window) for window in tested])


def _probability(tested: Sequence[Tested], name: str) -> Floats:
    return np.asarray(_joined(tested, lambda window: window.predictions[name].probability))


def _pooled(tested: Sequence[Tested], seed: int) -> dict[str, Figures]:
    if len(tested) == 1:
        return dict(tested[0].figures)
    label, groups = _joined(tested, lambda each: each.label), _dense(_joined(tested, lambda each: each.accounts))
    return {name: figures(label, _probability(tested, name), groups, seed=seed) for name in tested[0].predictions}


def _within(tested: Sequence[Tested], seed: int) -> dict[str, Figure]:
    label, groups = _joined(tested, lambda each: each.label), _dense(_joined(tested, lambda each: each.accounts))
    months = _months(_joined(tested, lambda each: each.handed_at))
    return {
        name: within_periods(label, _probability(tested, name), months, groups, resamples=RESAMPLES, seed=seed)
        for name in tested[0].predictions
    }


def _months(moments: Integers) -> Integers:
    days = np.asarray(moments, dtype="datetime64[us]").astype("datetime64[M]")
    return np.asarray(days.astype(np.int64))


def _unseen(data: LabelledFeatures, tested: Sequence[Tested], seed: int) -> dict[str, Figures] | None:
    """Figures on leads of accounts that were never learned from; None where accounts are not known."""
    if not data.accounts_known:
        return None
    new: Flags = np.asarray(_joined(tested, lambda each: ~each.split.seen))
    label, groups = _joined(tested, lambda each: each.label), _joined(tested, lambda each: each.accounts)
    if new.sum() < MIN_UNSEEN:
        return None
    return {
        name: figures(label[new], _probability(tested, name)[new], _dense(groups[new]), seed=seed)
        for name in tested[0].predictions
    }


def _refuse_hopeless(data: LabelledFeatures, found: Sequence[Split]) -> None:
    if not found:
        raise DataLimitExceeded(
            f"{int(data.judged.sum())} mature labels are too few for test windows in order of time",
            where="evaluate",
            todo="wait for more outcomes, ask for fewer --splits, or check label.window_days",
        )
    for split in found:
        labels = data.label[split.train]
        if not len(split.test) or not 0 < labels.sum() < len(labels):
            first, last = format_moment(split.window.test_from), format_moment(split.window.test_until)
            raise DataLimitExceeded(
                f"the window tested from {first} until {last} has {len(split.train)} handoffs to learn from, "
                f"{int(labels.sum())} of them accepted, and {len(split.test)} with a mature label to be tested on",
                where="evaluate",
                todo="move the days; training labels count only if they were settled on the first test day",
            )


def _by_name(measured: Mapping[str, Figures]) -> dict[str, dict[str, dict[str, float | None]]]:
    return {name: {key: figure.to_json() for key, figure in each.items()} for name, each in measured.items()}


def _window_json(tested: Tested) -> dict[str, Any]:
    split, window = tested.split, tested.split.window
    return {
        "train_from": None if window.train_from is None else format_moment(window.train_from),
        "train_until": format_moment(window.train_until),
        "test_from": format_moment(window.test_from),
        "test_until": format_moment(window.test_until),
        "n_train": len(split.train),
        "n_test": len(split.test),
        "positive_rate_train": tested.train_rate,
        "positive_rate_test": float(tested.label.mean()),
        "censored_share": split.censored,
        "unseen_account_share": float((~split.seen).mean()),
        "chosen": dict(tested.predictions["salesworthy"].recipe or {}),
        "contenders": _by_name(tested.figures),
    }
