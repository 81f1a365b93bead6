"""What differs between two versions of a policy, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from salesworthy.policy.dated import DatedNumber, Version
from salesworthy.policy.document import UNSIGNED, Policy
from salesworthy.policy.parts import Day, Part
from salesworthy.policy.words import NAMES, amount, day_in_words, key_in_words, listed_in_words, shown

ADDED, REMOVED, CHANGED = "added", "removed", "changed"


@dataclass(frozen=True)
class Difference:
    """One thing that differs.

    Attributes:
        section: Where in the policy.
        code: What it is about; empty for sections that are one part.
        change: ``added``, ``removed`` or ``changed``.
        says: The difference as a sentence.
    """

    section: str
    code: str
    change: str
    says: str

    def as_dict(self) -> dict[str, str]:
        """The difference as JSON writes it."""
        return {"section": self.section, "code": self.code, "change": self.change, "says": self.says}


def differences(old: Policy, new: Policy) -> tuple[Difference, ...]:
    """Everything that differs in what people sign, in the order of the policy's sections.

    Args:
        old: The earlier policy.
        new: The later one.
    """
    sections = (section for section in Policy.model_fields if section not in UNSIGNED)
    return tuple(
        found for section in sections for found in _section(section, getattr(old, section), getattr(new, section))
    )


def _section(section: str, old: Any, new: Any) -> Iterator[Difference]:
    if isinstance(old, tuple):
        yield from _lists(section, old, new)
    elif isinstance(old, Part):
        for says in part_differences(old, new, NAMES[section]):
            yield Difference(section, "", CHANGED, says)
    else:
        yield from _texts(section, old, new)


def _lists(section: str, old: Sequence[Part], new: Sequence[Part]) -> Iterator[Difference]:
    before, after = _by_code(old), _by_code(new)
    for code, part in after.items():
        name = f"{NAMES[section]} {_title(part, code)}"
        if code not in before:
            yield Difference(section, code, ADDED, f"{_capital(name)} is new{_decided(part)}")
        elif before[code] != part:
            for says in part_differences(before[code], part, f"the {name}"):
                yield Difference(section, code, CHANGED, says)
    for code, part in before.items():
        if code not in after:
            yield Difference(section, code, REMOVED, f"{_capital(NAMES[section])} {_title(part, code)} is gone")
    kept_before, kept_after = [each for each in before if each in after], [each for each in after if each in before]
    if kept_before != kept_after:
        yield Difference(section, "", CHANGED, f"The order of the {section.replace('_', ' ')} changed")


def _texts(section: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Difference]:
    for name in dict.fromkeys([*old, *new]):
        if name not in old:
            yield Difference(section, name, ADDED, f"The condition {name} is new: {new[name]}")
        elif name not in new:
            yield Difference(section, name, REMOVED, f"The condition {name} is gone")
        elif old[name] != new[name]:
            says = f"The condition {name} changes from {old[name]!r} to {new[name]!r}"
            yield Difference(section, name, CHANGED, says)


def part_differences(old: Part, new: Part, name: str) -> Iterator[str]:
    """How two versions of one part differ, a sentence per value."""
    for key, field in type(new).model_fields.items():
        before, after = getattr(old, key), getattr(new, key)
        if before == after:
            continue
        words = key_in_words(field.alias or key)
        if isinstance(before, DatedNumber) or isinstance(after, DatedNumber):
            yield from _numbers(before, after, words, name)
        elif isinstance(before, Part) and isinstance(after, Part):
            yield from part_differences(before, after, f"{words} of {name}")
        elif _is_list_of_parts(before) or _is_list_of_parts(after):
            yield from _inner_lists(before, after, words, name)
        elif isinstance(before, tuple) and isinstance(after, tuple):
            yield _list_sentence(before, after, words, name)
        else:
            yield f"{_capital(words)} of {name} changes from {shown(before)} to {shown(after)}"


def _is_list_of_parts(value: object) -> bool:
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], Part)


def _inner_lists(old: Sequence[Part], new: Sequence[Part], words: str, name: str) -> Iterator[str]:
    before, after = _by_code(old), _by_code(new)
    for code, part in after.items():
        if code not in before:
            yield f"{_capital(words)} of {name}: {_title(part, code)} is new"
        elif before[code] != part:
            yield from part_differences(before[code], part, f"{_title(part, code)} in {words} of {name}")
    for code, part in before.items():
        if code not in after:
            yield f"{_capital(words)} of {name}: {_title(part, code)} is gone"


def _list_sentence(old: tuple[Any, ...], new: tuple[Any, ...], words: str, name: str) -> str:
    more, less = [each for each in new if each not in old], [each for each in old if each not in new]
    parts = ([f"gain {listed_in_words(more)}"] if more else []) + ([f"lose {listed_in_words(less)}"] if less else [])
    return f"{_capital(words)} of {name} {' and '.join(parts) or 'change their order'}"


def _numbers(old: DatedNumber | None, new: DatedNumber | None, words: str, name: str) -> Iterator[str]:
    before = {version.starts: version for version in old.versions} if old else {}
    after = {version.starts: version for version in new.versions} if new else {}
    for day in sorted({*before, *after}):
        one, other = before.get(day), after.get(day)
        if one == other:
            continue
        if other is None:
            yield f"The value of {words} of {name} from {day_in_words(day)} on is taken back"
        elif one is None:
            yield _new_value(old, other, words, name)
        else:
            yield _corrected(one, other, words, name)


def _new_value(old: DatedNumber | None, version: Version, words: str, name: str) -> str:
    earlier = None if old is None else old.at(version.starts)
    start = f"From {day_in_words(version.starts)} {words} of {name}"
    end = f" (approved by {version.approver}: {version.reason})"
    if earlier is None:
        return f"{start} is {amount(version.value, version.unit)}{end}"
    if earlier == version.value:
        return f"{start} stays {amount(version.value, version.unit)}{end}"
    verb = "rises" if version.value > earlier else "falls"
    return f"{start} {verb} from {amount(earlier, version.unit)} to {amount(version.value, version.unit)}{end}"


def _corrected(old: Version, new: Version, words: str, name: str) -> str:
    when = day_in_words(new.starts)
    if old.value == new.value:
        return f"Reason or approver of {words} of {name} from {when} on changes: {new.reason}, {new.approver}"
    values = f"from {amount(old.value, old.unit)} to {amount(new.value, new.unit)}"
    decided = f"approved by {new.approver}: {new.reason}"
    return f"The value of {words} of {name} from {when} on is rewritten {values} ({decided})"


def _by_code(parts: Sequence[Part]) -> dict[str, Part]:
    names = [_code(part) for part in parts]
    return {
        name if names.count(name) == 1 else f"{name} ({names[:number].count(name) + 1})": part
        for number, (name, part) in enumerate(zip(names, parts, strict=True))
    }


def _code(part: Part) -> str:
    for key in ("code", "id", "table", "region", "asset", "where", "text", "role"):
        if hasattr(part, key):
            return str(getattr(part, key))
    triggers = getattr(part, "triggers", ())
    return ", ".join(triggers) if triggers else "all others"


def _title(part: Part, code: str) -> str:
    title = getattr(part, "title", None)
    return f"{code} ({title})" if title else code


def _decided(part: Part) -> str:
    starts, approver, reason = (getattr(part, key, None) for key in ("starts", "approver", "reason"))
    since = f" from {day_in_words(starts)} on" if isinstance(starts, Day) else ""
    return since + (f" (approved by {approver}: {reason})" if approver else "")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
