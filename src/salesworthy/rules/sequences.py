"""Ordered acts: first A, then B, within a window, from what was known at the moment of the question.

A sequence is there when each of its acts happened strictly later than the one before, all of them less than the window
ago, by a person, and known by then. Of an act that meets a condition more than once the earliest counts for the acts
that must follow, so that no order is overlooked. A sequence is there or not: an act with untagged content meets no
condition on tags.

One pass over the acts decides all sequences of one or two acts; each further act takes one more. No window functions,
no as-of joins: the same on every engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from salesworthy.domain.moments import MICROSECONDS_PER_DAY
from salesworthy.domain.verdicts import days_column
from salesworthy.engines.protocol import Engine
from salesworthy.features.acts import AGE, ASKED, Asking, act_column, acts_as_of
from salesworthy.features.conditions import Condition
from salesworthy.features.readable_tables import Tables, refuse_missing
from salesworthy.rules.compiling import CompiledRule, RuleSet
from salesworthy.rules.person_acts import by_person

CLICKED = "engagements"
"""The table of acts that machines write to as well."""


def with_sequences(rows: ir.Table, engine: Engine, tables: Tables, rules: RuleSet, name: str) -> ir.Table:
    """The rows with one column per rule that has a sequence: days since its last act, null where it is not there.

    Args:
        rows: ``lead_id``, ``as_of``; one row per lead and moment.
        engine: Where the tables live.
        tables: Checked tables.
        rules: The rules.
        name: Names intermediate tables of this call.
    """
    found = rows
    for table, group in _groups(rules.in_force).items():
        refuse_missing(tables, ((rule.code, table, "lead_id") for rule in group))
        questions = rows.select(**{ASKED[0]: rows.lead_id, ASKED[1]: rows.as_of}).distinct()
        days = _Sequences(engine, tables, table, group, f"{name}_{table}").days(questions)
        found = found.left_join(days, [found.lead_id == days[ASKED[0]], found.as_of == days[ASKED[1]]]).drop(*ASKED)
    return found


def _groups(rules: Iterable[CompiledRule]) -> dict[str, list[CompiledRule]]:
    groups: dict[str, list[CompiledRule]] = {}
    for rule in rules:
        if rule.acts:
            groups.setdefault(rule.rule.rule.of, []).append(rule)
    return groups


@dataclass(frozen=True)
class _Sequences:
    """Rules with sequences over one table of acts."""

    engine: Engine
    tables: Tables
    table: str
    rules: Sequence[CompiledRule]
    name: str

    def days(self, questions: ir.Table) -> ir.Table:
        """Days since the last act of each sequence, for questions with an act that meets some condition."""
        pairs = self._pairs(questions)
        passes = max(len(rule.acts) for rule in self.rules) - 1
        if passes > 1:
            pairs = self.engine.materialise(f"{self.name}_acts", pairs)
        reached = pairs.group_by(list(ASKED)).agg(**_first_and_last(pairs, self.rules))
        for step in range(1, passes):
            longer = [rule for rule in self.rules if len(rule.acts) > step + 1]
            reached = self.engine.materialise(f"{self.name}_{step}", _next_act(pairs, reached, longer, step))
        days = reached.select(*ASKED, **{days_column(rule.code): _since_last(reached, rule) for rule in self.rules})
        return self.engine.materialise(self.name, days)

    def _pairs(self, questions: ir.Table) -> ir.Table:
        """Acts of people, with one yes-or-no column per rule and place in its sequence."""
        person = by_person() if self.table == CLICKED else None
        conditions = [each for rule in self.rules for each in rule.acts] + ([person] if person is not None else [])
        columns = {ref for condition in conditions for ref in condition.columns}
        longest = max(rule.within for rule in self.rules)
        asking = Asking(self.table, "lead", columns, longest, self._moments(questions))
        pairs = acts_as_of(asking, self.tables, questions)

        def holds(condition: Condition) -> ir.Value:
            return condition.to_ibis(lambda ref: pairs[act_column(ref)])

        flags = {
            _flag(rule, step): holds(condition) & (pairs[AGE] < ibis.literal(rule.within, "int64"))
            for rule in self.rules
            for step, condition in enumerate(rule.acts)
        }
        chosen = pairs if person is None else pairs.filter(holds(person))
        return chosen.select(*ASKED, AGE, **flags)

    def _moments(self, questions: ir.Table) -> tuple[int, int]:
        """The earliest and the latest moment asked about."""
        as_of = questions[ASKED[1]]
        row = self.engine.to_arrow(questions.agg(first=as_of.min(), last=as_of.max())).to_pylist()[0]
        return (row["first"] or 0, row["last"] or 0)


def _flag(rule: CompiledRule, step: int) -> str:
    return f"act.{rule.code}.{step}"


def _reached(rule: CompiledRule) -> str:
    return f"reached.{rule.code}"


def _last(rule: CompiledRule) -> str:
    return f"last.{rule.code}"


def _first_and_last(pairs: ir.Table, rules: Sequence[CompiledRule]) -> dict[str, ir.Value]:
    """Ages of the earliest first act and of the latest last act."""
    first = {_reached(rule): pairs[AGE].max(where=pairs[_flag(rule, 0)]) for rule in rules}
    last = {_last(rule): pairs[AGE].min(where=pairs[_flag(rule, len(rule.acts) - 1)]) for rule in rules}
    return {**first, **last}


def _next_act(pairs: ir.Table, reached: ir.Table, rules: Sequence[CompiledRule], step: int) -> ir.Table:
    """Ages of the earliest act at that place of each sequence that comes after the one reached."""
    before = reached.select(
        **{"reached.key": reached[ASKED[0]], "reached.as_of": reached[ASKED[1]]},
        **{_reached(rule): reached[_reached(rule)] for rule in rules},
    )
    same = [pairs[ASKED[0]] == before["reached.key"], pairs[ASKED[1]] == before["reached.as_of"]]
    both = pairs.inner_join(before, same)
    following = both.group_by(list(ASKED)).agg(
        **{
            _reached(rule): both[AGE].max(where=both[_flag(rule, step)] & (both[AGE] < both[_reached(rule)]))
            for rule in rules
        }
    )
    kept = reached.select(*(name for name in reached.columns if name not in {_reached(rule) for rule in rules}))
    following = following.rename({"next.key": ASKED[0], "next.as_of": ASKED[1]})
    same = [kept[ASKED[0]] == following["next.key"], kept[ASKED[1]] == following["next.as_of"]]
    return kept.left_join(following, same).drop("next.key", "next.as_of")


def _since_last(reached: ir.Table, rule: CompiledRule) -> ir.Value:
    days = reached[_last(rule)].cast("float64") / float(MICROSECONDS_PER_DAY)
    if len(rule.acts) == 1:
        return days
    return (reached[_reached(rule)] > reached[_last(rule)]).ifelse(days, ibis.null("float64"))
