"""Checks of a policy that need the columns: every condition parsed and type-checked before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from salesworthy.domain.errors import ConfigurationMistakes, Mistake, MistakeCollector
from salesworthy.domain.names import nearest
from salesworthy.features.condition_kinds import ValueKind
from salesworthy.features.conditions import Condition, parse_condition
from salesworthy.policy.document import Policy
from salesworthy.policy.loading import OF, ReadPolicy, Written, line_of, read_policy
from salesworthy.rules.columns import RuleColumns
from salesworthy.rules.compiling import ref_of


def load_checked_policy(folder: Path, columns: RuleColumns) -> Policy:
    """Load a policy and check it against the columns at hand, with every mistake of both in one report.

    Args:
        folder: Where its files are.
        columns: What conditions may name.

    Raises:
        ConfigurationMistakes: With every mistake of all files, each with file and line.
    """
    mistakes = MistakeCollector(of=OF)
    read = read_policy(folder, mistakes)
    check_conditions(read, columns, mistakes)
    mistakes.found.sort(key=lambda mistake: line_of(mistake.where))
    mistakes.raise_if_any()
    return cast(Policy, read.policy)


def check_conditions(read: ReadPolicy, columns: RuleColumns, mistakes: MistakeCollector) -> None:
    """Note every condition that is not SQL, names what is not there, or compares what cannot be compared.

    Args:
        read: A policy as it was read.
        columns: What conditions may name.
        mistakes: Told about everything that is wrong.
    """
    _check_shared(read, columns, mistakes)
    for written in read.conditions:
        if not written.name:
            mistakes.found += _mistakes_of(written, read, columns)
    for fact in read.facts:
        if ref_of(fact.text) not in columns.leads:
            what = f"{fact.label}: there is no column {fact.text!r}"
            mistakes.add(fact.place, what, nearest(fact.text, map(str, columns.leads)))


def _mistakes_of(written: Written, read: ReadPolicy, columns: RuleColumns) -> list[Mistake]:
    gives = ValueKind.NUMBER if written.gives_number else ValueKind.YES_NO
    known = columns.leads
    if written.acts:
        if written.acts not in columns.acts:
            what = f"{written.label}: there is no table {written.acts!r}"
            return [Mistake(written.place, what, f"declare it as [tables.{written.acts}] in salesworthy.toml")]
        known = columns.acts[written.acts]
    shared = _shared(read, columns, written.acts) if written.acts else {}
    try:
        parse_condition(written.text, written.place, columns=known, shared=shared, gives=gives)
    except ConfigurationMistakes as found:
        return [Mistake(each.where, f"{written.label}: {each.what}", each.todo) for each in found.mistakes]
    return []


def _shared(read: ReadPolicy, columns: RuleColumns, table: str) -> dict[str, Condition]:
    """Shared conditions that make sense on a table of acts; each may use those before it."""
    found: dict[str, Condition] = {}
    for written in read.conditions:
        if written.name:
            try:
                known = columns.acts[table]
                found[written.name] = parse_condition(written.text, written.place, columns=known, shared=dict(found))
            except ConfigurationMistakes:
                continue  # it does not fit this table; one that fits none is a mistake of its own
    return found


def _check_shared(read: ReadPolicy, columns: RuleColumns, mistakes: MistakeCollector) -> None:
    fitting = {name for table in columns.acts for name in _shared(read, columns, table)}
    for written in read.conditions:
        if written.name and written.name not in fitting and columns.acts:
            names = {each.name: parse_condition("true", "") for each in read.conditions if each.name}
            known = columns.acts.get("engagements", next(iter(columns.acts.values())))
            try:
                parse_condition(written.text, written.place, columns=known, shared={**names})
            except ConfigurationMistakes as found:
                mistakes.found += [
                    Mistake(each.where, f"{written.name}: {each.what}", each.todo) for each in found.mistakes
                ]
