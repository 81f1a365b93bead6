"""What a proposal changes, in one or a few words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from salesworthy.policy.differences import CHANGED, Difference
from salesworthy.policy.document import Policy
from salesworthy.policy.rule import RuleKind


class Kind(StrEnum):
    """What changes. The values are public; they stand in this order."""

    THRESHOLDS = "thresholds"
    WEIGHTS = "weights"
    RULES = "rules"
    OTHERS = "other policy"
    RECALIBRATION = "recalibration"
    RETRAIN = "retrain"


HEADER = "policy"
SECTIONS = {"criteria": Kind.THRESHOLDS, "scoring": Kind.THRESHOLDS, "grades": Kind.THRESHOLDS}
WEIGHED = (RuleKind.AWARD, RuleKind.DEDUCT)
"""Rules that give or take points: a change of one is a change of weights."""


def kinds_of(differences: Iterable[Difference], new: Policy | None, model: Kind | None) -> str:
    """What a proposal changes.

    Args:
        differences: Of its policy to the one in force.
        new: Its policy; None where the policy stays.
        model: What it does to the model; None where the model stays.
    """
    found = {model} | (set() if new is None else set(_of_policy(differences, new)))
    return ", ".join(kind for kind in Kind if kind in found)


def _of_policy(differences: Iterable[Difference], new: Policy) -> Iterator[Kind]:
    weighed = {rule.code for rule in new.rules if rule.kind in WEIGHED}
    for each in differences:
        if each.section == "rules":
            yield Kind.WEIGHTS if each.change == CHANGED and each.code in weighed else Kind.RULES
        elif each.section != HEADER:
            yield SECTIONS.get(each.section, Kind.OTHERS)
