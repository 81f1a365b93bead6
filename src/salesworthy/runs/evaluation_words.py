"""An evaluation in words: how the contenders are called, what a difference says, what was evaluated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from salesworthy.model.differences import HIGHER_IS_BETTER
from salesworthy.reporting.chart_parts import Look
from salesworthy.reporting.html import Html, html
from salesworthy.reporting.numbers import number, percent, with_interval

OURS = "salesworthy"
NAMES = {
    "constant": "the rate alone",
    "rules": "the present rules",
    "logistic": "logistic regression",
    "lightgbm_default": "LightGBM as it comes",
    OURS: "salesworthy",
}
LOOKS = {
    "constant": Look("plain", (2, 3), 1.4),
    "rules": Look("fourth", (8, 3, 2, 3)),
    "logistic": Look("second", (6, 3)),
    "lightgbm_default": Look("third", (3, 2)),
    OURS: Look("ours", (), 2.6),
}
FIGURES = {
    "log_loss": "log-loss",
    "roc_auc": "ROC AUC",
    "average_precision": "average precision",
    "brier": "Brier score",
    "ece": "calibration error",
    "calibration_slope": "calibration slope",
    "calibration_intercept": "calibration intercept",
    "lift_at_10": "lift in the best tenth",
}
MEANINGS = {
    "log-loss": "How wrong probabilities are on average; sure errors cost most. Less is better.",
    "ROC AUC": "The chance that an accepted lead stands above one that was not. 0.5 is a coin, 1 is perfect.",
    "average precision": "The share of accepted leads among those taken, averaged down the list. More is better.",
    "Brier score": "The mean squared error of the probabilities. Less is better.",
    "calibration error": "How far expected and accepted shares lie apart, on average over ten steps of probability.",
    "calibration slope": "1 is right; below 1 the probabilities are too bold, above 1 too timid.",
    "calibration intercept": "0 is right; above 0 more was accepted than expected, below 0 less.",
    "lift in the best tenth": "How many times more accepted leads the best tenth holds than the average tenth.",
}


def name_of(contender: str) -> str:
    """A contender as people call it."""
    return NAMES.get(contender, contender)


def verdict(difference: Mapping[str, float | None], figure: str) -> str:
    """What a difference (ours minus theirs) says: ``better``, ``worse``, ``equal`` or ``unknown``.

    It is better or worse only where the whole interval says so.

    Example:
        >>> verdict({"value": -0.01, "low": -0.016, "high": -0.004}, "log_loss")
        'better'
        >>> verdict({"value": -0.01, "low": -0.016, "high": 0.002}, "log_loss")
        'equal'
    """
    low, high = difference["low"], difference["high"]
    if low is None or high is None:
        return "unknown"
    if low <= 0 <= high:
        return "equal"
    return "better" if (low > 0) == HIGHER_IS_BETTER[figure] else "worse"


def compared(contender: str, difference: Mapping[str, float | None], figure: str) -> str:
    """How ours stands against another contender on one figure, as a sentence.

    Example:
        >>> compared("logistic", {"value": -0.01, "low": -0.016, "high": -0.004}, "log_loss")
        'better than logistic regression on log-loss by 0.010 (95 % 0.004 to 0.016)'
    """
    found, name, title = verdict(difference, figure), name_of(contender), FIGURES[figure]
    if found == "unknown":
        return f"cannot be compared with {name} on {title}"
    if found == "equal":
        return f"not told apart from {name} on {title}: difference {_bounds(difference)}"
    value, low, high = (abs(difference[each] or 0.0) for each in ("value", "low", "high"))
    return (
        f"{found} than {name} on {title} by {number(value)} (95 % {number(min(low, high))} to {number(max(low, high))})"
    )


def against(contender: str, measured: Mapping[str, Mapping[str, float | None]]) -> str:
    """How ours stands against another contender on log-loss and on order, as a sentence."""
    ranked = compared(contender, measured["roc_auc"], "roc_auc").replace(f" than {name_of(contender)}", "")
    ranked = ranked.replace(f" from {name_of(contender)}", "").replace(f" with {name_of(contender)}", "")
    return f"{compared(contender, measured['log_loss'], 'log_loss')}; {ranked}"


def _bounds(difference: Mapping[str, float | None]) -> str:
    return with_interval(difference, sign=True).replace("(", "(95 % ")


def verdicts(report: Mapping[str, Any], figure: str = "log_loss") -> dict[str, list[str]]:
    """Which contenders ours is better than, worse than, or not told apart from, on one figure."""
    found: dict[str, list[str]] = {"better": [], "equal": [], "worse": [], "unknown": []}
    for name, measured in report["differences"].items():
        found[verdict(measured[figure], figure)].append(name)
    return found


def headline(report: Mapping[str, Any]) -> str:
    """The verdict in a sentence, by log-loss: the figure that rewards order and honest probabilities alike."""
    found = verdicts(report)
    parts = {
        "better": "better than {}",
        "equal": "not told apart from {}",
        "worse": "worse than {}",
        "unknown": "not comparable with {}",
    }
    told = [text.format(listed([name_of(each) for each in found[kind]])) for kind, text in parts.items() if found[kind]]
    about = report["about"]
    return (
        f"On {about['tested']:,} later leads, by log-loss, salesworthy is {listed(told)}. Of these leads "
        f"{percent(about['tested_accepted'] / about['tested'], 1)} were accepted."
    )


def sentence(text: str) -> Html:
    """A remark as a sentence: a capital at its start, a full stop at its end.

    Example:
        >>> sentence("it is < 5 %")
        'It is &lt; 5 %.'
    """
    return html(text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else "."))


def judged(condition: Mapping[str, Any]) -> list[str]:
    """A condition or check as a row: its name, whether it holds, its figure.

    Example:
        >>> judged({"code": "RANDOM_LABELS", "holds": None, "says": "too few"})
        ['random labels', 'cannot be judged', 'too few']
    """
    marks = {True: "holds", False: "fails", None: "cannot be judged"}
    return [condition["code"].replace("_", " ").lower(), marks[condition["holds"]], condition["says"]]


def listed(words: list[str]) -> str:
    """Words as a list in a sentence.

    Example:
        >>> listed(["a", "b", "c"])
        'a, b and c'
    """
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def evaluated(report: Mapping[str, Any]) -> Iterator[str]:
    """What was evaluated, sentence by sentence."""
    about, label, splits = report["about"], report["label"], report["evaluation"]["splits"]
    windows = "one window" if about["windows"] == 1 else f"{about['windows']} windows, one after the other"
    accounts = "" if about["tested_accounts"] is None else f" of {about['tested_accounts']:,} accounts"
    yield (
        f"Tested were {about['tested']:,} leads{accounts}, handed to sales from {about['test_from']} until before "
        f"{about['test_until']}, in {windows}. In each window every contender learned only from handoffs whose outcome "
        "was settled on its first day, and saw the same leads."
    )
    yield (
        f"A lead counts as accepted when sales said {listed(label['positive'])} within {label['window_days']:g} days. "
        f"Labels are those settled on {about['as_of']}: {about['judged']:,} of {about['handoffs']:,} handoffs have "
        f"one, {about['accepted']:,} of them accepted."
    )
    censored = max(each["censored_share"] for each in splits)
    if censored:
        yield (
            f"In one window {percent(censored)} of the handoffs are so young that their outcome is still open. They "
            "are left out, and count neither as won nor as lost."
        )
    else:
        yield "Every handoff of the test windows is old enough for its outcome to be settled."
