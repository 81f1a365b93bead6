"""The promotion gate: what must hold before a challenger may become champion, each condition with its figure.

A condition is decided by an interval, never by a value alone: it fails where the evidence is clear, and where evidence
is missing it says so. A person promotes, and may answer for a condition that fails.

============  ==========================================================================================
SKILL         it ranks later leads better than chance, and its log-loss is not clearly above the rate's
CALIBRATION   its expected calibration error in the latest window is within the limit, or no contender's
              is clearly smaller; it cannot be judged where the outcome rate moved by more than half
LEAKAGE       no column gave the outcome away without somebody answering for it
REASONS       no check of them shows that they are untrue
CHAMPION      on leads that neither has learned from it is not clearly worse than the champion
============  ==========================================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from salesworthy.model.metrics import Figure

OURS = "salesworthy"
ECE_LIMIT = 0.15
CHANCE = 0.5
RATE_MOVED = 1.5
FEWEST_WON = 30
"""With fewer acceptances in the test windows skill cannot be told from luck either way."""


@dataclass(frozen=True)
class Condition:
    """One condition of the gate.

    Attributes:
        code: Its name; people answer for a failing condition by it.
        holds: Whether it holds; None where it cannot be judged, which refuses nothing.
        says: The figure it rests on, as a sentence.
    """

    code: str
    holds: bool | None
    says: str

    def to_json(self) -> dict[str, Any]:
        """The condition as plain values."""
        return {"code": self.code, "holds": self.holds, "says": self.says}


@dataclass(frozen=True)
class Duel:
    """Challenger against champion on the same leads, which came after what the champion learned from.

    Attributes:
        champion: Its version.
        leads: How many leads both were judged on.
        positives: How many of them were accepted.
        difference: Log-loss of the challenger minus that of the champion, in nats: below 0 the challenger is better.
    """

    champion: str
    leads: int
    positives: int
    difference: Figure


def conditions_of(record: Mapping[str, Any]) -> tuple[Condition, ...]:
    """The conditions that a model's own record decides.

    Args:
        record: What the bundle says of its model: ``evaluation`` in the shape of ``evaluate --json``, ``leakage`` in
            that of ``leakage --json``, and ``reasons``, the checks of ``reason_checks``.
    """
    evaluation = record["evaluation"]
    return _skill(evaluation), _calibration(evaluation), _leakage(record["leakage"]), _reasons(record["reasons"])


def champion_condition(duel: Duel | None, *, why_not: str = "") -> Condition:
    """Whether the challenger is at least as good as the champion.

    Args:
        duel: Their comparison, where there is one.
        why_not: Why there is none, as a sentence.
    """
    if duel is None:
        return Condition("CHAMPION", None, why_not)
    leads = f"{duel.leads:,} leads ({duel.positives:,} accepted) that {duel.champion} did not learn from"
    value, low, high = (each or 0.0 for each in (duel.difference.value, duel.difference.low, duel.difference.high))
    if value == 0:
        return Condition("CHAMPION", True, f"it predicts as {duel.champion} does on {leads}")
    says = f"log-loss {abs(value):.4f} {'below' if value < 0 else 'above'} {duel.champion}'s on {leads}"
    return Condition("CHAMPION", low <= 0, f"{says}; a difference of {low:+.4f} to {high:+.4f} with 95 % confidence")


def failing(conditions: Iterable[Condition], *, despite: Iterable[str] = ()) -> tuple[Condition, ...]:
    """The conditions that fail, and that nobody answers for."""
    answered = set(despite)
    return tuple(each for each in conditions if each.holds is False and each.code not in answered)


def missed_aims(checks: Iterable[Mapping[str, Any]]) -> list[str]:
    """The aims that a model's reasons miss, as warnings.

    Args:
        checks: What ``reason_checks`` found, as plain values.

    Example:
        >>> missed_aims([{"code": "STABLE", "holds": False, "says": "two retrained models agree on 72%"}])
        ['reasons, STABLE below its aim: two retrained models agree on 72%']
    """
    return [f"reasons, {each['code']} below its aim: {each['says']}" for each in checks if each["holds"] is False]


def _skill(evaluation: Mapping[str, Any]) -> Condition:
    auc = _figure(evaluation["within_period_auc"][OURS]) or _figure(evaluation["pooled"][OURS]["roc_auc"])
    loss, rate = (_figure(evaluation["pooled"][name]["log_loss"]) for name in (OURS, "constant"))
    if auc is None or loss is None or rate is None:
        return Condition("SKILL", False, "there are too few later leads to show any skill")
    won = round(sum(each["n_test"] * each["positive_rate_test"] for each in evaluation["splits"]))
    ranks = f"ROC AUC within months {_with_interval(auc)}, where chance is {CHANCE}"
    level = f"log-loss {_with_interval(loss)}, that of the rate alone {rate[0]:.4f}"
    if won < FEWEST_WON and auc[2] > CHANCE:
        return Condition(
            "SKILL", None, f"only {won} acceptances in the test windows, too few to tell: {ranks}; {level}"
        )
    return Condition("SKILL", auc[1] > CHANCE and loss[1] <= rate[0], f"{ranks}; {level}")


def _calibration(evaluation: Mapping[str, Any]) -> Condition:
    latest = evaluation["splits"][-1]
    errors = {name: _figure(figures["ece"]) for name, figures in latest["contenders"].items()}
    ours = errors.pop(OURS)
    if ours is None:
        return Condition("CALIBRATION", None, "the latest window has too few leads to judge calibration")
    others = {name: error for name, error in errors.items() if error is not None}
    best = min(others, key=lambda name: others[name][0])
    says = f"expected calibration error in the latest window {_with_interval(ours)}, limit {ECE_LIMIT}"
    if ours[0] > ECE_LIMIT:
        says += f"; best of the others: {best} {_with_interval(others[best])}"
    if ours[0] <= ECE_LIMIT or ours[1] <= others[best][2]:
        return Condition("CALIBRATION", True, says)
    before, after = latest["positive_rate_train"], latest["positive_rate_test"]
    if max(before, after) > RATE_MOVED * min(before, after):
        moved = f"the outcome rate moved from {before:.1%} to {after:.1%}, which no model could have known"
        return Condition("CALIBRATION", None, f"{says}; {moved}")
    return Condition("CALIBRATION", False, says)


def _leakage(leakage: Mapping[str, Any]) -> Condition:
    blocking = [each for each in leakage["findings"] if each["severity"] == "block"]
    waived = [each for each in blocking if "waived" in each]
    unanswered = len(blocking) - len(waived)
    says = f"{leakage['checked']} columns checked, {unanswered} give the outcome away"
    if waived:
        says += f"; somebody answers for {', '.join(sorted(each['column'] for each in waived))}"
    return Condition("LEAKAGE", unanswered == 0, says)


def _reasons(checks: Sequence[Mapping[str, Any]]) -> Condition:
    failed = [each for each in checks if each["holds"] is False]
    refused = [each for each in checks if each["untrue"]]
    says = "; ".join(f"{each['code']}: {each['says']}" for each in refused or failed)
    if failed and not refused:
        says = f"below the aim, which refuses nothing: {says}"
    return Condition("REASONS", not refused, says or "; ".join(each["says"] for each in checks))


def _figure(plain: Mapping[str, float | None]) -> tuple[float, float, float] | None:
    value, low, high = plain["value"], plain["low"], plain["high"]
    if value is None:
        return None
    return value, value if low is None else low, value if high is None else high


def _with_interval(figure: tuple[float, float, float]) -> str:
    value, low, high = figure
    return f"{value:.4f} ({low:.4f} to {high:.4f})"
