"""Puts the questions about a few leads into SQL, and keeps it for the next process; see ``few_script``.

The tables are cut down to the leads and everybody at their sites first, so that nothing large is joined.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import ibis.expr.types as ir
import pyarrow as pa

from salesworthy.domain.moments import MICROSECONDS_PER_DAY
from salesworthy.engines.duckdb import DuckDBEngine
from salesworthy.engines.protocol import Function
from salesworthy.features.as_of import features_as_of
from salesworthy.features.catalogue import Catalogue, FeatureKind
from salesworthy.outcomes.open_leads import known_leads
from salesworthy.rules.consents import TABLE as CONSENTS
from salesworthy.rules.consents import objectors
from salesworthy.runs.deciders import mature_outcomes
from salesworthy.runs.evidence import evidence_of
from salesworthy.runs.evidence_rows import ORDERED
from salesworthy.runs.features import OpenTables
from salesworthy.runs.few_place import find, keep, key_of, state_on
from salesworthy.runs.few_script import ALLOWED, ASKED, CUT, MATURE, ROWS, NotTheMoment, Script, Step, without_moment
from salesworthy.runs.lead_rows import lead_rows
from salesworthy.runs.objections import LEAD, ON_RECORD, of_allowed, states_of
from salesworthy.runs.score_batch import Deciders
from salesworthy.runs.score_few import with_colleagues

APART = 400 * MICROSECONDS_PER_DAY + 1_234_567
"""How far the second moment lies from the first: neither whole days nor years."""
_LOG = logging.getLogger(__name__)


def keep_questions(data: OpenTables, deciders: Deciders, leads: Sequence[str], *, as_of: int) -> bool:
    """Put the questions about leads like these into SQL, and keep it; returns whether that was possible.

    Args:
        data: Checked tables.
        deciders: The model and the policy in force.
        leads: Some leads that are known and have not objected.
        as_of: A moment, in microseconds.
    """
    if not isinstance(data.engine, DuckDBEngine) or not leads or not data.workspace.settings.scoring.single_leads:
        return False
    key = key_of(data.workspace, data.checked, deciders.model)
    try:
        keep(data.workspace, key, _script(data, data.engine, deciders, leads, as_of))
    except NotTheMoment as why:
        _LOG.info("the SQL about a few leads is not kept: %s", why)
        return False
    return True


def keep_of_run(data: OpenTables, deciders: Deciders, *, as_of: int) -> bool:
    """Keep the questions about single leads, unless they are kept already; returns whether they are.

    Args:
        data: Checked tables.
        deciders: The model and the policy in force.
        as_of: A moment, in microseconds.
    """
    if not data.workspace.settings.scoring.single_leads:
        return False
    kept = find(data.workspace, key_of(data.workspace, data.checked, deciders.model))
    policy = deciders.policy
    if kept is not None and (policy is None or kept.in_force == state_on(policy.policy, policy.in_force.day)):
        return True
    some = data.engine.to_arrow(known_leads(data.tables, as_of=as_of).order_by(LEAD).limit(1))
    return keep_questions(data, deciders, some[LEAD].to_pylist(), as_of=as_of)


def _script(data: OpenTables, engine: DuckDBEngine, deciders: Deciders, leads: Sequence[str], as_of: int) -> Script:
    first = _heard(data, engine, deciders, leads, as_of)
    second = _heard(data, engine, deciders, leads, as_of + APART)
    rows, evidence = (without_moment(*each, as_of, as_of + APART) for each in zip(first, second, strict=True))
    policy = deciders.policy
    if policy is None:
        return Script(rows)
    reads = {rule: list(facts) for rule, facts in policy.rules.reads.items()}
    state = state_on(policy.policy, policy.in_force.day)
    return Script(rows, evidence, policy.policy.to_json(), state, reads, policy.rules.verdict_columns)


def _heard(
    data: OpenTables, engine: DuckDBEngine, deciders: Deciders, leads: Sequence[str], as_of: int
) -> tuple[list[Step], list[Step]]:
    """The statements about these leads as of a moment: for their rows, and for their evidence."""
    heard = _Heard(engine)
    data = replace(data, engine=heard)
    ids = heard.from_arrow(ASKED, pa.table({LEAD: pa.array(list(leads), pa.string())}))
    few = _ask_rows(data, heard, deciders, ids, as_of)
    rows, heard.steps = heard.steps, []
    if deciders.policy is not None:
        mqls = pa.table({LEAD: list(leads), "account_id": pa.nulls(len(leads), pa.string())})
        with heard.answering(list(ORDERED)):
            for _ in evidence_of(heard, few.tables, mqls, deciders.policy.in_force, as_of=as_of):
                pass
    return rows, heard.steps


def _ask_rows(data: OpenTables, heard: _Heard, deciders: Deciders, ids: ir.Table, as_of: int) -> OpenTables:
    """Ask for the rows of leads; returns the tables cut down to them, without those who objected."""
    policy = deciders.policy
    cut = _cut_down(data, ids)
    few = _FewTables(cut.workspace, cut.checked, cut.engine, _allowed(cut, deciders, as_of).tables, data, deciders)
    known = known_leads(few.tables, as_of=as_of)
    asked = known.filter(known.lead_id.isin(ids.lead_id))
    heard.ask(ALLOWED, asked.select(LEAD).order_by(LEAD))
    if policy is not None:
        asked = of_allowed(few, with_colleagues(few, asked, as_of))
        if deciders.model is not None:
            heard.ask(MATURE, mature_outcomes(data, as_of=as_of))
    found = lead_rows(few, heard.materialise("few_asked", asked), deciders.model, policy, as_of=as_of)
    heard.ask(ROWS, found.rows.order_by(LEAD))
    return few


@dataclass(frozen=True)
class _FewTables(OpenTables):
    """Tables cut down to a few leads; outcome rates are those of everybody."""

    everything: OpenTables
    deciders: Deciders

    def features(self, spine: ir.Table, catalogue: Catalogue, *, until: int) -> ir.Table:
        """As of ``OpenTables``."""
        results, everybody = None, None
        if any(feature.kind == FeatureKind.HISTORY for feature in catalogue):
            allowed = _allowed(self.everything, self.deciders, until, name="everybody")
            results, everybody = allowed.results(catalogue, until=until), allowed.tables
        return features_as_of(self.engine, self.tables, spine, catalogue, results=results, everybody=everybody)


def _cut_down(data: OpenTables, ids: ir.Table) -> OpenTables:
    """The tables with the rows of these leads and of everybody at their sites."""
    leads = data.tables["leads"]
    sites = leads.filter(leads.lead_id.isin(ids.lead_id), leads.account_id.notnull()).select("account_id").distinct()
    mine = leads.filter(leads.lead_id.isin(ids.lead_id) | leads.account_id.isin(sites.account_id).fill_null(False))
    mine = data.engine.materialise(f"{CUT}leads", mine)
    tables: dict[str, ir.Table] = {"leads": mine}
    for name, table in data.tables.items():
        if name != "leads":
            tables[name] = _of_leads(data, name, table, mine)
    return replace(data, tables={name: tables[name] for name in data.tables})


def _of_leads(data: OpenTables, name: str, table: ir.Table, leads: ir.Table) -> ir.Table:
    key = LEAD if LEAD in table.columns else "account_id" if name == "accounts" else None
    return table if key is None else data.engine.materialise(f"{CUT}{name}", table.filter(table[key].isin(leads[key])))


def _allowed(data: OpenTables, deciders: Deciders, as_of: int, *, name: str = "few") -> OpenTables:
    """The tables without the rows of leads who have objected; see ``objections.without_objectors``."""
    if CONSENTS not in data.tables:
        tables = dict(data.tables)
    else:
        states = states_of(data.workspace, deciders.policy)
        found = objectors(data.tables, states, as_of=ON_RECORD)
        found = found.union(objectors(data.tables, states, as_of=as_of), distinct=True)
        gone = data.engine.materialise(f"{name}_objected", found)
        tables = {
            each: table.filter(table[LEAD].notin(gone[LEAD])) if LEAD in table.columns and each != CONSENTS else table
            for each, table in data.tables.items()
        }
    return replace(data, tables=tables)


@dataclass
class _Heard:
    """An engine that writes down what it is asked.

    Attributes:
        engine: The engine that answers.
        steps: What was asked, in order.
    """

    engine: DuckDBEngine
    steps: list[Step] = field(default_factory=list)
    _answers: Iterator[str] = field(default_factory=lambda: iter(()))

    def ask(self, name: str, expression: ir.Table) -> None:
        """Write down a question whose answer has a name."""
        self.steps.append(Step(name, self._sql(expression), kept=False))

    @contextmanager
    def answering(self, names: Sequence[str]) -> Iterator[None]:
        """Write down the questions that are asked inside, under these names, in turn."""
        self._answers = iter(names)
        yield
        self._answers = iter(())

    def read_parquet(self, name: str, paths: Path | list[Path]) -> ir.Table:
        return self.engine.read_parquet(name, paths)

    def from_arrow(self, name: str, table: pa.Table) -> ir.Table:
        return self.engine.from_arrow(name, table)

    def materialise(self, name: str, expression: ir.Table) -> ir.Table:
        sql = self._sql(expression)
        self.steps.append(Step(name, sql, kept=True))
        return self.engine.materialise_sql(name, sql)

    def drop(self, name: str) -> None:
        self.engine.drop(name)

    def to_arrow(self, expression: ir.Table) -> pa.Table:
        name = next(self._answers, None)
        if name is not None:
            self.ask(name, expression)
        return self.engine.to_arrow(expression)

    def batches(self, expression: ir.Table, *, rows: int) -> Iterator[pa.RecordBatch]:
        return self.engine.batches(expression, rows=rows)

    def apply(self, expression: ir.Table, function: Function, *, rows: int) -> Iterator[Mapping[str, pa.Table]]:
        return self.engine.apply(expression, function, rows=rows)

    def close(self) -> None:
        """Nothing: whoever opened the engine closes it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _sql(self, expression: ir.Table) -> str:
        found: Any = self.engine.backend.compile(expression)
        return str(found)
