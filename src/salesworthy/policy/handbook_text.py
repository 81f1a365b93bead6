"""How the handbook writes tables, numbers with their history, and who decided what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from salesworthy.policy.dated import DatedNumber
from salesworthy.policy.in_force import PolicyInForce
from salesworthy.policy.parts import Day, Decided
from salesworthy.policy.words import amount, day_in_words

Lines = Iterator[str]


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> Lines:
    """A table, unless it is empty."""
    if rows:
        yield _row(header)
        yield _row(["---"] * len(header))
        yield from (_row(row) for row in rows)
        yield ""


def history(dated: DatedNumber, day: Day) -> str:
    """The value of the day, and those that follow."""
    now = dated.version_at(day)
    later = [
        f"{amount(each.value, each.unit)} from {day_in_words(each.starts)}"
        for each in dated.versions
        if each.starts > day
    ]
    value = "not in force yet" if now is None else amount(now.value, now.unit)
    return value + (f" ({', '.join(later)})" if later else "")


def decided(part: Decided) -> str:
    """Since when, by whom, why."""
    return f"since {day_in_words(part.starts)}, {part.approver}: {part.reason}"


def until(day: Day | None) -> str:
    """The end of something, or that it has none."""
    return "further notice" if day is None else day_in_words(day)


def rule_name(now: PolicyInForce, code: str) -> str:
    """A rule with its title."""
    rule = now.by_code.get(code)
    return f"{rule.rule.title} ({code})" if rule else code


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
