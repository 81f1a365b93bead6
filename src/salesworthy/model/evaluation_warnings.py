"""What a reader of an evaluation must be told, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from salesworthy.model.evaluation import Evaluation
    from salesworthy.model.metrics import Figure

FEW_POSITIVES = 50
MUCH_CENSORED = 0.2
RANDOM_ABOVE = 0.03
RATE_MOVED = 1.5
SLOPE_LIMITS = (0.8, 1.25)
CHANCE = 0.5
"""ROC AUC of a ranking by lot."""


def warnings_of(found: Evaluation) -> list[str]:
    """Warnings, the weightiest first; empty where there is nothing to warn of."""
    return [
        *_no_skill(found),
        *_not_better(found),
        *_random(found),
        *_rates(found),
        *_calibration(found),
        *_few(found),
        *_unseen(found),
        *found.selection.warnings(),
        *_left_out(found),
        *_notes(found),
    ]


def _no_skill(found: Evaluation) -> Iterator[str]:
    figure = found.within_period["salesworthy"]
    if _no_better_than_chance(figure):
        yield (
            f"no skill shown: among later leads of the same month ROC AUC of salesworthy is {figure.value:.3f} "
            f"({figure.low:.3f} to {figure.high:.3f}), and {CHANCE} is chance; do not decide by its probabilities"
        )


def _no_better_than_chance(figure: Figure) -> bool:
    return figure.low is not None and figure.low <= CHANCE


def _not_better(found: Evaluation) -> Iterator[str]:
    ours = found.pooled["salesworthy"]["log_loss"]
    for name in (name for name in found.pooled if name != "salesworthy"):
        other = found.pooled[name]["log_loss"]
        if ours.value is not None and other.value is not None and ours.value > other.value:
            yield (
                f"salesworthy is not better than {name} on these leads: log-loss {ours.value:.4f} against "
                f"{other.value:.4f}"
            )


def _random(found: Evaluation) -> Iterator[str]:
    for name, figure in found.random.items():
        if _no_better_than_chance(figure):
            continue
        later = found.pooled[name]["roc_auc"].value
        if figure.value is not None and later is not None and figure.value > later + RANDOM_ABOVE:
            yield (
                f"a random split would have shown ROC AUC {figure.value:.3f} for {name} instead of {later:.3f}: it "
                "lets the model see the future of the leads that it is tested on"
            )


def _rates(found: Evaluation) -> Iterator[str]:
    for window in found.windows:
        before, after = window.train_rate, float(window.label.mean())
        if min(before, after) > 0 and max(before, after) > RATE_MOVED * min(before, after):
            yield (
                f"the outcome rate moved from {before:.1%} in training to {after:.1%} in the window from "
                f"{_day(window.split.window.test_from)}: no model could have known the new level"
            )


def _calibration(found: Evaluation) -> Iterator[str]:
    slope: Figure = found.pooled["salesworthy"]["calibration_slope"]
    if slope.value is None or slope.low is None or slope.high is None or slope.low <= 1 <= slope.high:
        return
    if not SLOPE_LIMITS[0] <= slope.value <= SLOPE_LIMITS[1] and not any(_no_skill(found)):
        how = "too bold" if slope.value < 1 else "too timid"
        yield f"the probabilities were {how} on later leads: calibration slope {slope.value:.2f}"


def _few(found: Evaluation) -> Iterator[str]:
    positives = int(sum(window.label.sum() for window in found.windows))
    if positives < FEW_POSITIVES:
        yield f"only {positives} acceptances in all test windows: the intervals are wide, and mean what they say"
    censored = max(window.split.censored for window in found.windows)
    if censored > MUCH_CENSORED:
        yield f"up to {censored:.0%} of a test window's handoffs have no settled outcome yet; they are left out"


def _unseen(found: Evaluation) -> Iterator[str]:
    if found.unseen is None:
        return
    new, everyone = found.unseen["salesworthy"]["roc_auc"], found.pooled["salesworthy"]["roc_auc"]
    if new.value is not None and everyone.low is not None and new.value < everyone.low:
        yield (
            f"on accounts that were never learned from, ROC AUC is {new.value:.3f} instead of {everyone.value:.3f}: "
            "part of the skill is memory of known accounts"
        )


def _left_out(found: Evaluation) -> Iterator[str]:
    reasons: dict[str, str] = {}
    for window in found.windows:
        reasons.update(window.predictions["salesworthy"].left_out or {})
    for name, why in sorted(reasons.items()):
        yield f"salesworthy did not use {name}: {why}"


def _notes(found: Evaluation) -> Iterator[str]:
    """What the newest window's model says of how it was chosen."""
    recipe = found.windows[-1].predictions["salesworthy"].recipe or {}
    for note in recipe.get("notes", ()):
        yield f"in the newest window, {note}"


def _day(moment: int) -> str:
    return str(np.datetime64(moment, "us").astype("datetime64[D]"))
