"""Checks of a rule as it is written: the keys of its kind, what it tests, its sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from salesworthy.policy.rule import KEYS, NEEDED, NEGATIVE, RuleKind

Found = tuple[str, str, str]
"""Key, what is wrong, what to do."""

_OF_KINDS = frozenset(key for keys in KEYS.values() for key in keys)
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def rule_mistakes(rule: Mapping[str, Any]) -> Iterator[Found]:
    """Everything that is wrong with how the parts of a rule go together.

    Args:
        rule: The rule as YAML gives it.
    """
    yield from _test_mistakes(rule)
    kind = rule.get("kind")
    if kind in tuple(RuleKind):
        yield from _kind_mistakes(rule, RuleKind(kind))
    says = rule.get("says")
    if isinstance(says, Mapping):
        yield from _sentence_mistakes(says, kind, has_acts=bool(rule.get("sequence")))


def _test_mistakes(rule: Mapping[str, Any]) -> Iterator[Found]:
    if not rule.get("when") and not rule.get("sequence"):
        yield "code", "it tests nothing", "give when: a condition, or sequence: acts in order"
    if rule.get("sequence") and "within" not in rule:
        yield "sequence", "a sequence needs a window", "write within: how old its acts may be, such as 60d"
    for key in ("within", "of"):
        if key in rule and not rule.get("sequence"):
            yield key, f"{key} is for sequences", "leave it out; a condition takes its window from its features"


def _kind_mistakes(rule: Mapping[str, Any], kind: RuleKind) -> Iterator[Found]:
    for key in rule:
        if key in _OF_KINDS and key not in KEYS[kind]:
            kinds = ", ".join(other for other in RuleKind if key in KEYS[other])
            yield key, f"{key} cannot stand in a rule of kind {kind}", f"it is for: {kinds}"
    for key in NEEDED.get(kind, ()):
        if key not in rule:
            yield "kind", f"a rule of kind {kind} needs {key}", f"write {key}: ..."
    if "half_life" in rule and "since" not in rule and not rule.get("sequence"):
        yield (
            "half_life",
            "a half-life needs a date to count from",
            "give a sequence of acts, or since: days, such as lead_age_days",
        )


def _sentence_mistakes(says: Mapping[str, Any], kind: object, *, has_acts: bool) -> Iterator[Found]:
    """``{days}`` is known where the sequence is there: in ``fail`` of a negative rule, in ``pass`` of any other."""
    dated = ("fail" if kind in NEGATIVE else "pass") if has_acts else ""
    for verdict, text in says.items():
        for name in _PLACEHOLDER.findall(text) if isinstance(text, str) else ():
            if name != "days" or verdict != dated:
                todo = f"{{days}} is known in {dated}" if has_acts else "only rules with a sequence know {days}"
                yield "says", f"nothing is known as {{{name}}} in the sentence for {verdict}", todo
