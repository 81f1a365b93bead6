"""Worked cases through features and rules; decisions, routes and packets are compared where those are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pyarrow as pa

from salesworthy.domain.errors import MistakeCollector
from salesworthy.domain.names import nearest
from salesworthy.domain.verdicts import CRITERIA, POINTS, Verdict, verdict_column
from salesworthy.engines.protocol import Engine
from salesworthy.features.as_of import features_as_of
from salesworthy.features.catalogue import Catalogue, FeatureKind
from salesworthy.features.vocabulary import Schema
from salesworthy.policy.cases import Case
from salesworthy.policy.document import Policy
from salesworthy.rules.case_tables import KEYS, as_of, case_tables, stated_features
from salesworthy.rules.columns import RuleColumns
from salesworthy.rules.compiling import RuleSet, compile_rules
from salesworthy.rules.evaluation import evaluate_rules


@dataclass(frozen=True)
class JudgedCase:
    """A case with what the rules say of it.

    Attributes:
        case: The case.
        rules: The rules of its day.
        features: Feature -> value, stated ones included.
        verdicts: The row that ``evaluate_rules`` gave, by column.
    """

    case: Case
    rules: RuleSet
    features: Mapping[str, Any]
    verdicts: Mapping[str, Any]

    def verdict(self, rule: str) -> Verdict:
        """What a rule says of the case."""
        return Verdict(self.verdicts[verdict_column(rule)])

    def failures(self) -> list[str]:
        """What rules were expected to say and did not, a sentence each; empty where all is well."""
        expect = self.case.expect
        found = [
            f"{rule} says {self.verdict(rule).name}, not {wanted}"
            for rule, wanted in expect.verdicts.items()
            if self.verdict(rule).name != wanted
        ]
        if expect.points is not None and abs(self.verdicts[POINTS] - expect.points) >= 0.005:
            found.append(f"the points are {self.verdicts[POINTS]:g}, not {expect.points:g}")
        if expect.criteria is not None and self.verdicts[CRITERIA] != expect.criteria:
            found.append(f"the criteria set is {self.verdicts[CRITERIA]}, not {expect.criteria}")
        return found


def judge_cases(
    engine: Engine,
    policy: Policy,
    cases: Sequence[Case],
    *,
    catalogue: Catalogue,
    columns: RuleColumns,
    schema: Schema,
) -> tuple[JudgedCase, ...]:
    """Worked cases through the same features and rules as any lead.

    Args:
        engine: An engine; tables called ``case_...`` are written to it.
        policy: The policy, whose values of each case's day count.
        cases: The cases.
        catalogue: The workspace's features. ``history`` features are null unless a case states them: a case has no
            earlier leads.
        columns: What rules may read.
        schema: Tables and columns of the workspace.

    Raises:
        ConfigurationMistakes: When a case states a fact that the workspace does not know.
    """
    _refuse_unknown_facts(cases, catalogue, columns)
    if not cases:
        return ()
    usable = catalogue.without([each.name for each in catalogue if each.kind == FeatureKind.HISTORY])
    tables = {name: engine.from_arrow(f"case_{name}", table) for name, table in case_tables(cases, schema).items()}
    spine = pa.table({"lead_id": [case.code for case in cases], "as_of": pa.array(map(as_of, cases), pa.int64())})
    found = features_as_of(engine, tables, engine.from_arrow("case_spine", spine), usable)
    features = _with_stated(engine.to_arrow(found), cases, catalogue)
    judged: list[JudgedCase] = []
    for day, group in groupby(sorted(cases, key=lambda case: (case.as_of, case.code)), key=lambda case: case.as_of):
        of_day = {case.code: case for case in group}
        rules = compile_rules(policy.at(day), columns)
        rows = [row for row in features.to_pylist() if row["lead_id"] in of_day]
        asked = engine.from_arrow(f"case_rows_{day:%Y%m%d}", pa.Table.from_pylist(rows, schema=features.schema))
        verdicts = engine.to_arrow(evaluate_rules(engine, tables, asked, rules)).to_pylist()
        by_lead = {row["lead_id"]: row for row in rows}
        judged += [JudgedCase(of_day[row["lead_id"]], rules, by_lead[row["lead_id"]], row) for row in verdicts]
    order = {case.code: place for place, case in enumerate(cases)}
    return tuple(sorted(judged, key=lambda each: order[each.case.code]))


def _with_stated(found: pa.Table, cases: Sequence[Case], catalogue: Catalogue) -> pa.Table:
    """Features with those that the cases state in place of the computed ones."""
    by_code = {case.code: stated_features(case) for case in cases}
    leads = found.column("lead_id").to_pylist()
    columns: dict[str, pa.Array] = {"lead_id": found.column("lead_id"), "as_of": found.column("as_of")}
    for feature in catalogue:
        kind = found.schema.field(feature.name).type if feature.name in found.column_names else pa.float64()
        computed = found.column(feature.name).to_pylist() if feature.name in found.column_names else [None] * len(leads)
        values = [by_code[lead].get(feature.name, value) for lead, value in zip(leads, computed, strict=True)]
        columns[feature.name] = pa.array(values, kind)
    return pa.table(columns)


def _refuse_unknown_facts(cases: Sequence[Case], catalogue: Catalogue, columns: RuleColumns) -> None:
    mistakes = MistakeCollector(of="the worked cases")
    known = {*catalogue.names, *map(str, columns.leads)}
    for case in cases:
        stated = [*case.facts, *(name for colleague in case.colleagues for name in colleague.facts)]
        for name in stated:
            table = name.partition(".")[0]
            if name not in known or ("." in name and table not in KEYS):
                mistakes.add(f"case {case.code}", f"there is no fact {name!r}", nearest(name, known))
    mistakes.raise_if_any()
