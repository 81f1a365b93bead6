"""Rules with their conditions parsed, ready to be evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from salesworthy.domain.errors import ConfigurationMistakes, MistakeCollector
from salesworthy.domain.moments import MICROSECONDS_PER_DAY
from salesworthy.domain.verdicts import (
    APPROVED,
    CRITERIA,
    MOTION,
    POINTS,
    POINTS_DEDUCTED,
    POINTS_FIT,
    POINTS_INTEREST,
    days_column,
    missing_column,
    points_column,
    verdict_column,
)
from salesworthy.features.condition_kinds import ColumnRef, ValueKind
from salesworthy.features.conditions import Condition, parse_condition
from salesworthy.policy.in_force import PolicyInForce, RuleInForce
from salesworthy.policy.rule import RuleKind
from salesworthy.rules.columns import RuleColumns


@dataclass(frozen=True)
class CompiledRule:
    """A rule with its conditions parsed.

    Attributes:
        rule: The rule and its numbers of the day.
        when: Condition on the lead, if any.
        acts: Conditions on the acts of its sequence, in order.
        per: What its points are multiplied with, if anything.
        since: Days since the fact behind a deduction, if that does not follow from the acts.
    """

    rule: RuleInForce
    when: Condition | None = None
    acts: tuple[Condition, ...] = ()
    per: Condition | None = None
    since: Condition | None = None

    @property
    def code(self) -> str:
        """The rule's code."""
        return self.rule.code

    @property
    def reads(self) -> tuple[ColumnRef, ...]:
        """Facts that its verdict hangs on: where one is missing, the verdict may be UNKNOWN."""
        return self.when.columns if self.when is not None else ()

    @property
    def needs(self) -> tuple[ColumnRef, ...]:
        """Every column that it needs beside acts."""
        found = (each.columns for each in (self.when, self.per, self.since) if each is not None)
        return tuple(dict.fromkeys(ref for columns in found for ref in columns))

    @property
    def within(self) -> int:
        """How old the acts of its sequence may be, in microseconds."""
        return int((self.rule.within_days or 0) * MICROSECONDS_PER_DAY)


@dataclass(frozen=True)
class RuleSet:
    """All rules of a policy on a day, parsed, with the motions and the facts that criteria sets ask for."""

    policy: PolicyInForce
    rules: tuple[CompiledRule, ...]
    motions: tuple[tuple[str, Condition], ...]
    known: frozenset[ColumnRef] | None = None

    @cached_property
    def in_force(self) -> tuple[CompiledRule, ...]:
        """Rules that apply on the day."""
        return tuple(rule for rule in self.rules if rule.rule.in_force)

    @cached_property
    def reads(self) -> Mapping[str, tuple[str, ...]]:
        """Rule -> the facts that its verdict hangs on, as ``missing_column`` names them."""
        return {rule.code: tuple(map(str, rule.reads)) for rule in self.in_force}

    @cached_property
    def inputs(self) -> tuple[ColumnRef, ...]:
        """The facts that verdicts hang on, each once."""
        return tuple(dict.fromkeys(ref for rule in self.in_force for ref in rule.reads))

    @cached_property
    def verdict_columns(self) -> tuple[str, ...]:
        """The columns that ``evaluate_rules`` gives, in order."""
        scoring = [rule for rule in self.in_force if rule.rule.kind in (RuleKind.AWARD, RuleKind.DEDUCT)]
        return (
            "lead_id",
            "as_of",
            *(verdict_column(rule.code) for rule in self.rules),
            *(days_column(rule.code) for rule in self.in_force if rule.acts),
            *(points_column(rule.code) for rule in scoring),
            *(missing_column(str(ref)) for ref in self.inputs),
            *(POINTS, POINTS_FIT, POINTS_INTEREST, POINTS_DEDUCTED, CRITERIA, MOTION, APPROVED),
        )

    @cached_property
    def needs(self) -> tuple[ColumnRef, ...]:
        """Every column that must stand beside ``lead_id`` and ``as_of``."""
        by_rules = [ref for rule in self.in_force for ref in rule.needs]
        by_motions = [ref for _, condition in self.motions for ref in condition.columns]
        by_criteria = [ref for ref in map(self.fact, type(self.policy.policy.facts).model_fields) if ref is not None]
        return tuple(dict.fromkeys([*by_rules, *by_motions, *by_criteria]))

    def fact(self, name: str) -> ColumnRef | None:
        """The column that holds a fact that the policy asks for, such as product; None where there is none."""
        ref = ref_of(getattr(self.policy.policy.facts, name))
        return ref if self.known is None or ref in self.known else None


def compile_rules(policy: PolicyInForce, columns: RuleColumns | None = None) -> RuleSet:
    """Parse the conditions of a policy.

    Args:
        policy: What is in force on the day.
        columns: What conditions may name; they are not checked where None.

    Raises:
        ConfigurationMistakes: With everything that is wrong; a policy that was checked has nothing.
    """
    mistakes = MistakeCollector(of="the policy")
    parser = _Parser(columns, policy.policy.conditions, mistakes)
    rules = tuple(_compiled(rule, parser) for rule in policy.rules)
    motions = tuple((motion.code, parser.on_lead(motion.when, f"motion {motion.code}")) for motion in policy.motions)
    mistakes.raise_if_any()
    kept = tuple((code, condition) for code, condition in motions if condition is not None)
    return RuleSet(policy, rules, kept, None if columns is None else frozenset(columns.leads))


def ref_of(written: str) -> ColumnRef:
    """A column as people write it: a feature's name, or ``table.column``."""
    table, dot, name = written.partition(".")
    return ColumnRef(table, name) if dot else ColumnRef("", written)


def _compiled(rule: RuleInForce, parser: _Parser) -> CompiledRule:
    if not rule.in_force:
        return CompiledRule(rule)
    written, where = rule.rule, f"rule {rule.code}"
    acts = tuple(parser.on_acts(act.where, where, written.of) for act in written.sequence)
    return CompiledRule(
        rule,
        when=parser.on_lead(written.when, where),
        acts=tuple(each for each in acts if each is not None),
        per=parser.on_lead(written.per, where, gives=ValueKind.NUMBER),
        since=parser.on_lead(written.since, where, gives=ValueKind.NUMBER),
    )


class _Parser:
    """Parses conditions against the columns at hand."""

    def __init__(self, columns: RuleColumns | None, shared: Mapping[str, str], mistakes: MistakeCollector) -> None:
        self.columns = columns
        self.shared = shared
        self.mistakes = mistakes
        self.parsed_shared: dict[str, dict[str, Condition]] = {}

    def on_lead(self, text: str | None, where: str, *, gives: ValueKind = ValueKind.YES_NO) -> Condition | None:
        """A condition on the lead."""
        if text is None:
            return None
        try:
            known = None if self.columns is None else self.columns.leads
            return parse_condition(text, where, columns=known, gives=gives)
        except ConfigurationMistakes as found:
            self.mistakes.found += found.mistakes
            return None

    def on_acts(self, text: str, where: str, table: str) -> Condition | None:
        """A condition on an act."""
        try:
            known = None if self.columns is None else self.columns.acts.get(table, {})
            return parse_condition(text, where, columns=known, shared=self._shared_on(table))
        except ConfigurationMistakes as found:
            self.mistakes.found += found.mistakes
            return None

    def _shared_on(self, table: str) -> dict[str, Condition]:
        if table not in self.parsed_shared:
            found: dict[str, Condition] = {}
            known = None if self.columns is None else self.columns.acts.get(table, {})
            for name, text in self.shared.items():
                try:
                    found[name] = parse_condition(text, f"condition {name}", columns=known, shared=dict(found))
                except ConfigurationMistakes:
                    continue  # it is meant for another table of acts
            self.parsed_shared[table] = found
        return self.parsed_shared[table]
