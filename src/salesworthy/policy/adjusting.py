"""The numbers of a policy that people turn in a review, and its files with some of them changed.

Only what changes is written: comments, order and everything else of a file stay as somebody wrote them, and the value
that held before stays beside the new one, so that past decisions can still be recomputed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from salesworthy.domain.errors import WrongUsage
from salesworthy.policy.dated import DatedNumber, Version
from salesworthy.policy.document import Policy
from salesworthy.policy.parts import Day
from salesworthy.policy.rule import RuleKind

Place = tuple[str, ...]
"""Section, code of the entry where the section is a list, and the keys inside it."""
HEADER: Place = ("policy", "version")
OF_CRITERIA = {"propensity": "chance from", "points": "points from", "leads_per_week": "leads per week"}
OF_SCORING = {
    "negative_cap": "The most that deductions take together",
    "minimum_outcomes": "Outcomes below which points decide",
    "exploration": "Share drawn at random from below the threshold",
}


@dataclass(frozen=True)
class Adjustable:
    """A number of a policy that people turn.

    Attributes:
        place: Where it stands.
        group: What it belongs to: thresholds, grades, weights or scoring.
        title: What it is called.
        number: Its history.
        value: What holds on the day.
    """

    place: Place
    group: str
    title: str
    number: DatedNumber
    value: float

    @property
    def key(self) -> str:
        """Its place as one word."""
        return ".".join(self.place)


def adjustable(policy: Policy, day: Day) -> tuple[Adjustable, ...]:
    """Thresholds, grades, weights and the scoring numbers that hold on a day, in the order of the policy."""
    found = []
    for place, group, title, number in _numbers(policy):
        value = None if number is None else number.at(day)
        if number is not None and value is not None:
            found.append(Adjustable(place, group, title, number, value))
    return tuple(found)


def _numbers(policy: Policy) -> Iterator[tuple[Place, str, str, DatedNumber | None]]:
    for criteria in policy.criteria:
        for name, says in OF_CRITERIA.items():
            yield ("criteria", criteria.code, name), "thresholds", f"{criteria.title}: {says}", getattr(criteria, name)
    for rule in policy.rules:
        if rule.kind in (RuleKind.AWARD, RuleKind.DEDUCT):
            yield ("rules", rule.code, "points"), f"weights: {rule.kind}", rule.title, rule.points
    for axis, grades in (("fit", policy.grades.fit), ("interest", policy.grades.interest)):
        for name, field in type(grades).model_fields.items():
            grade = str(field.alias)
            yield ("grades", axis, grade), "grades", f"{axis.capitalize()} {grade} from", getattr(grades, name)
    for name, says in OF_SCORING.items():
        yield ("scoring", name), "scoring", says, getattr(policy.scoring, name)


def adjusted(
    texts: Mapping[str, str],
    changes: Mapping[Adjustable, float],
    *,
    starts: Day,
    reason: str,
    approver: str,
    version: str,
) -> dict[str, str]:
    """The files of a policy with other numbers from a day on, and with a version of their own.

    Args:
        texts: Name of a file -> its text, as it is in force.
        changes: Number -> its new value.
        starts: The first day on which the new values hold.
        reason: Why, in words; stands beside each.
        approver: Who answers for them.
        version: What the policy is called with them.

    Raises:
        WrongUsage: When a value is out of range, or does not stand where it is looked for.
    """
    written = {HEADER: json.dumps(version, ensure_ascii=False)}
    added: dict[Place, str] = {}
    for each, value in changes.items():
        _refuse_out_of_range(each, value)
        new = Version.model_validate(
            {"value": value, "from": starts, "unit": each.number.UNIT, "reason": reason, "approver": approver}
        )
        kept = [version for version in each.number.versions if version.starts != starts]
        written[each.place] = f"[{', '.join(_shown(one) for one in [*kept, new])}]"
        if len(kept) == len(each.number.versions):
            added[each.place] = _shown(new)
    return _edited(texts, written, added)


def _refuse_out_of_range(each: Adjustable, value: float) -> None:
    kind = type(each.number)
    if not kind.LOWEST <= value <= kind.HIGHEST:
        what = f"{each.title}: {value:g} {kind.UNIT} is out of range"
        highest = f"to {kind.HIGHEST:g}" if math.isfinite(kind.HIGHEST) else "or more"
        raise WrongUsage(what, where=each.key, todo=f"give {kind.LOWEST:g} {highest}")


def _shown(version: Version) -> str:
    value = int(version.value) if version.value == int(version.value) else version.value
    texts = {name: json.dumps(getattr(version, name), ensure_ascii=False) for name in ("unit", "reason", "approver")}
    told = ", ".join(f"{name}: {text}" for name, text in texts.items())
    return f"{{value: {value}, from: {version.starts.isoformat()}, {told}}}"


def _edited(texts: Mapping[str, str], written: Mapping[Place, str], added: Mapping[Place, str]) -> dict[str, str]:
    found, waiting = dict(texts), dict(written)
    for name, text in texts.items():
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        places = {place: node for place in waiting if (node := _node(root, place)) is not None}
        edits = [_edit(node, waiting.pop(place), added.get(place)) for place, node in places.items()]
        for start, end, new in sorted(edits, reverse=True):
            found[name] = found[name][:start] + new + found[name][end:]
    if waiting:
        missing = ".".join(next(iter(waiting)))
        raise WrongUsage(f"{missing} stands in no file of the policy", where=missing, todo="write a draft by hand")
    return found


def _edit(node: yaml.Node, written: str, added: str | None) -> tuple[int, int, str]:
    """Start, end and text of a change: one more line of a list that is written line by line, the whole otherwise."""
    end = _end(node)
    if added is not None and isinstance(node, yaml.SequenceNode) and not node.flow_style:
        return end, end, f"\n{' ' * node.start_mark.column}- {added}"
    return node.start_mark.index, end, written


def _end(node: yaml.Node) -> int:
    """Where a node ends, without the empty lines and comments behind it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last: Any = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _node(root: yaml.Node | None, place: Sequence[str]) -> yaml.Node | None:
    """The node at a place; an entry of a list is found by its code."""
    here = root
    for name in place:
        if isinstance(here, yaml.SequenceNode):
            here = next((each for each in here.value if _text(_of(each, "code")) == name), None)
        else:
            here = _of(here, name)
    return here


def _of(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if _text(name) == key), None)


def _text(node: yaml.Node | None) -> str | None:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else None
