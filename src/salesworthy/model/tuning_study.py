"""The study: Optuna's record of trials on disk, resumed where it stopped, the same whoever stopped it.

Trial ``n`` is drawn by a sampler of seed ``seed + n`` from the finished trials before it. So a study that was stopped
and resumed holds the same trials as one that ran through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from salesworthy.model.boosting import MAX_DEPTH, TreeSettings
from salesworthy.model.tuning_folds import FoldLosses, SharedFold

if TYPE_CHECKING:
    import optuna

SEARCH_RATE = 0.15
"""Learning rate while searching: a third of the trees, and nothing is won by searching it (``traps.md`` 17)."""
FINAL_RATE = 0.03
"""Learning rate of the settings that are stored; the number of trees rises with it."""
STARTUP_TRIALS = 10
"""Drawn at random before the sampler learns from them."""
PRUNED_AFTER = 8
"""Finished trials, before one that is worse than their median on the newest folds is given up."""
IMPORTANCE_FROM = 20
"""Finished trials that saying what mattered takes."""
BEST_SHARE = 0.25
"""A setting mattered as far as its values among this share of best trials differ from those of all."""
LOSSES = "fold_losses"
SETTINGS = {
    "leaves": "leaves per tree",
    "depth": "depth of trees",
    "min_leaf_share": "share of the handoffs that a leaf must hold",
    "ridge": "penalty on leaf values",
    "columns_per_tree": "share of the features per tree",
    "rows_per_tree": "share of the handoffs per tree",
}
"""What is searched, in words."""


@dataclass(frozen=True)
class Trial:
    """One trial.

    Attributes:
        number: Among the trials that ended, from 0; 0 are the defaults.
        settings: What was tried, by name.
        losses: Per fold; fewer folds where it was given up.
        finished: Whether it was judged on every fold.
    """

    number: int
    settings: Mapping[str, Any]
    losses: FoldLosses
    finished: bool

    @property
    def tree_settings(self) -> TreeSettings:
        """The settings, at the rate of a final fit."""
        return TreeSettings(rate=FINAL_RATE, **self.settings)

    @property
    def trees(self) -> int:
        """Trees at the stage that was best, at the rate of the search."""
        return TreeSettings(rate=SEARCH_RATE).stages[self.losses.stage]


class Study:
    """A study on disk.

    Args:
        file: SQLite file; created when needed. It can hold several studies.
        name: Names what is searched and on which data: another name is another study.
        seed: Of all that is drawn.
    """

    def __init__(self, file: Path, name: str, seed: int) -> None:
        import optuna

        self.name, self.seed = name, seed
        self.storage = optuna.storages.RDBStorage(f"sqlite:///{file.resolve()}")
        pruner = optuna.pruners.MedianPruner(n_startup_trials=PRUNED_AFTER)
        self.study = optuna.create_study(storage=self.storage, study_name=name, pruner=pruner, load_if_exists=True)
        self._forget_torn_trials()

    def _forget_torn_trials(self) -> None:
        """Trials that were running when their process ended are tried again."""
        from optuna.trial import TrialState

        for trial in self.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            self.study.tell(trial.number, state=TrialState.FAIL)

    def run(
        self,
        folds: Sequence[SharedFold],
        *,
        trials: int,
        stop: Callable[[], bool],
        told: Callable[[int], None],
    ) -> None:
        """Try settings until the study holds so many trials, or it is time to stop; resumes where it stood.

        Args:
            folds: The newest first.
            trials: Trials of the study, earlier ones included.
            stop: Asked before each trial.
            told: Told after each how many there are.
        """
        import optuna

        done = len(self.trials)
        while done < trials and not stop():
            self.study.sampler = optuna.samplers.TPESampler(seed=self.seed + done, n_startup_trials=STARTUP_TRIALS)
            if not done:
                self.study.enqueue_trial(_defaults())
            self._try(folds)
            done += 1
            told(done)

    def _try(self, folds: Sequence[SharedFold]) -> None:
        from optuna.trial import TrialState

        trial = self.study.ask(fixed_distributions=_space())
        settings = TreeSettings(rate=SEARCH_RATE, **trial.params)
        means: list[list[float]] = []
        for place, fold in enumerate(folds):
            means.append(fold.losses(settings).mean(axis=1).tolist())
            losses = _losses(means, folds)
            trial.report(losses.value, place)
            if place + 1 < len(folds) and trial.should_prune():
                break
        trial.set_user_attr(LOSSES, {"means": means, "leads": losses.leads.tolist()})
        pruned = len(means) < len(folds)
        self.study.tell(trial, None if pruned else losses.value, state=TrialState.PRUNED if pruned else None)

    @property
    def trials(self) -> tuple[Trial, ...]:
        """Every trial that ended, in order."""
        from optuna.trial import TrialState

        ended = self.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))
        return tuple(_trial(number, each) for number, each in enumerate(ended))

    def importance(self) -> dict[str, float]:
        """Share per setting of what told the best trials from all (PED-ANOVA, Watanabe et al. 2023), largest first.

        Empty while too few trials are finished.
        """
        from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

        if sum(trial.finished for trial in self.trials) < IMPORTANCE_FROM:
            return {}
        found = get_param_importances(self.study, evaluator=PedAnovaImportanceEvaluator(target_quantile=BEST_SHARE))
        return {name: float(share) for name, share in found.items()}

    def close(self) -> None:
        """Let go of the file."""
        self.storage.remove_session()
        self.storage.engine.dispose()


@contextmanager
def open_study(file: Path, name: str, seed: int) -> Iterator[Study]:
    """A study, with Optuna's messages held back meanwhile; see ``Study``."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        study = Study(file, name, seed)
        try:
            yield study
        finally:
            study.close()
    finally:
        optuna.logging.set_verbosity(before)


def _space() -> dict[str, optuna.distributions.BaseDistribution]:
    from optuna.distributions import FloatDistribution, IntDistribution

    return {
        "leaves": IntDistribution(3, 63, log=True),
        "depth": IntDistribution(2, MAX_DEPTH),
        "min_leaf_share": FloatDistribution(0.0005, 0.03, log=True),
        "ridge": FloatDistribution(0.1, 100.0, log=True),
        "columns_per_tree": FloatDistribution(0.3, 1.0),
        "rows_per_tree": FloatDistribution(0.5, 1.0),
    }


def _defaults() -> dict[str, Any]:
    plain = asdict(TreeSettings())
    return {name: plain[name] for name in SETTINGS}


def _losses(means: Sequence[Sequence[float]], folds: Sequence[SharedFold]) -> FoldLosses:
    leads = [len(fold.fold.later_y) for fold in folds[: len(means)]]
    return FoldLosses(np.array(means), np.array(leads, dtype=np.float64))


def _trial(number: int, found: optuna.trial.FrozenTrial) -> Trial:
    told = found.user_attrs[LOSSES]
    losses = FoldLosses(np.array(told["means"]), np.array(told["leads"]))
    return Trial(number, dict(found.params), losses, found.value is not None and found.state.name == "COMPLETE")
