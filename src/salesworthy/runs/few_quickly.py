"""A few leads from SQL that was written before: no query is built, and what builds queries is not even loaded.

The figures are those of ``score_few``, which is asked wherever there is no such SQL, or anything is in the way.
"""

from __future__ import annotations

import datetime as dt
import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import duckdb
import pyarrow as pa

from salesworthy.domain.moments import from_micros
from salesworthy.features.catalogue import Catalogue
from salesworthy.policy.approvals import check_can_decide
from salesworthy.policy.document import Policy
from salesworthy.policy.findings import policy_findings
from salesworthy.policy.in_force import policy_at_moment
from salesworthy.qualification.wording import spoken
from salesworthy.runs.champion import LoadedModel, load_model
from salesworthy.runs.check import checked_tables
from salesworthy.runs.evidence_rows import MQLS, PART, Evidence, evidence_from
from salesworthy.runs.few_leads import ScoredLeads, handed_over, thresholds_in_force
from salesworthy.runs.few_place import find, key_of, state_on
from salesworthy.runs.few_script import ALLOWED, ASKED, CUT, MATURE, ROWS, Script, Step
from salesworthy.runs.run_policy import RunPolicy, policy_folder, refuse_blocked
from salesworthy.runs.score_batch import NO_MODEL, Deciders, score_batch, too_few

if TYPE_CHECKING:
    from salesworthy.intake.checked import CheckedTables
    from salesworthy.rules.compiling import RuleSet
    from salesworthy.runs.workspace import Workspace

Texts = Mapping[str, Sequence[str | None]]
"""Columns of text."""
More = Mapping[str, pa.Table]
Ask = Callable[[Sequence[Step], Mapping[str, Texts], int, More], dict[str, pa.Table]]
_NOTHING_MORE: More = {}
_LOG = logging.getLogger(__name__)
_SETTINGS = ("SET TimeZone = 'UTC'", "SET autoinstall_known_extensions = false", "SET preserve_insertion_order = false")


@dataclass(frozen=True)
class _JudgedRules:
    """What is left to know of rules once their verdicts are there."""

    reads: dict[str, tuple[str, ...]]
    verdict_columns: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """A question about leads: as of when, where runs are published, and rows that are in no table yet."""

    leads: tuple[str, ...]
    as_of: int
    place: Path
    more: More


@dataclass(frozen=True)
class QuickLeads:
    """Leads of a workspace that can be asked about within milliseconds, as the tables are at this moment.

    Attributes:
        workspace: Whose leads.
        checked: Its tables.
        script: The questions.
        model: The model in force; None where there is none.
        database: Where the tables are open.
        ask_memory: Asks tables in memory, where that is ready; see ``few_at_once``.
    """

    workspace: Workspace
    checked: CheckedTables
    script: Script
    model: LoadedModel | None
    database: duckdb.DuckDBPyConnection
    ask_memory: Ask | None = None
    _days: dict[dt.date, RunPolicy | None] = field(default_factory=dict)

    def score(
        self, leads: Sequence[str], *, as_of: int, place: Path, draft: bool = False, more: More = _NOTHING_MORE
    ) -> ScoredLeads | None:
        """Score a few leads; None where somebody else must be asked.

        Args:
            leads: Their ids.
            as_of: The moment of the question, in microseconds.
            place: Where runs are published.
            draft: Whether a policy that is not approved may decide.
            more: Table -> rows of the leads that are not in it yet, with the table's columns.

        Raises:
            GateRefused: When the policy is not approved.
        """
        if not leads or any("\0" in each for each in leads):
            return None
        policy = self._policy(as_of, draft=draft)
        if policy is None and self.script.policy is not None:
            return None
        question = Question(tuple(leads), as_of, place, more)
        if self.ask_memory is not None:
            try:
                return self._answer(question, policy, self.ask_memory)
            except sqlite3.Error as why:
                _LOG.info("DuckDB is asked, which takes longer: %s", why)
        return self._answer(question, policy, self.ask_duckdb)

    def _answer(self, question: Question, policy: RunPolicy | None, ask: Ask) -> ScoredLeads | None:
        leads, as_of, more = question.leads, question.as_of, question.more
        answers = ask(self.script.rows, {ASKED: {"lead_id": list(leads)}}, as_of, more)
        if set(answers[ALLOWED]["lead_id"].to_pylist()) != set(leads):
            return None
        deciders = self._deciders(policy, answers, question.place)
        rows = answers[ROWS]
        size = self.workspace.settings.scoring.batch_rows
        parts = [rows.slice(start, size).combine_chunks() for start in range(0, rows.num_rows, size)]
        scored = [score_batch(part, deciders, as_of=as_of, run_id="") for part in parts]

        def evidence(mqls: pa.Table) -> Iterable[tuple[pa.Table, Evidence]]:
            if mqls.num_rows:
                asked = {name: mqls[name].to_pylist() for name in ("lead_id", "account_id")}
                found = ask(self.script.evidence, {MQLS: asked, PART: asked}, as_of, more)
                yield mqls, evidence_from({name: table.to_pylist() for name, table in found.items()})

        return handed_over(scored, deciders, leads, evidence, as_of=as_of)

    def _policy(self, as_of: int, *, draft: bool) -> RunPolicy | None:
        """The policy as it was checked when the script was written; None where another part of it is in force."""
        if self.script.policy is None:
            return None
        day = from_micros(as_of).date()
        if day not in self._days:
            self._days[day] = self._policy_on(as_of)
        found = self._days[day]
        if found is not None and not draft:
            check_can_decide(found.policy)
            refuse_blocked(found)
        return found

    def _policy_on(self, as_of: int) -> RunPolicy | None:
        policy = self._whole_policy
        in_force = policy_at_moment(policy, as_of)
        if state_on(policy, in_force.day) != self.script.in_force:
            return None
        reads = {rule: tuple(facts) for rule, facts in (self.script.reads or {}).items()}
        rules = cast("RuleSet", _JudgedRules(reads, self.script.verdict_columns))  # nobody asks for more of them here
        return RunPolicy(policy, in_force, rules, Catalogue(), policy_findings(policy, in_force.day))

    @cached_property
    def _whole_policy(self) -> Policy:
        return Policy.from_json(self.script.policy or "")

    def _deciders(self, policy: RunPolicy | None, answers: dict[str, pa.Table], place: Path) -> Deciders:
        if policy is None:
            return Deciders(self.model)
        model, why = self.model, NO_MODEL
        if model is not None:
            model = replace(model, words=spoken(model.catalogue, policy.in_force))
            why = too_few(int(answers[MATURE].column(0)[0].as_py()), policy)
        return Deciders(model, policy, why, thresholds_in_force(place, policy))

    def ask_duckdb(
        self, steps: Sequence[Step], given: Mapping[str, Texts], moment: int, more: More
    ) -> dict[str, pa.Table]:
        """The answers to the questions among the steps, asked of the files.

        Args:
            steps: Steps of the script.
            given: Tables that the question brings along.
            moment: The moment of the question, in microseconds.
            more: Table -> rows that are not in it yet, with the table's columns.
        """
        answers = {}
        added = {CUT + name: table for name, table in more.items()}
        with self.database.cursor() as cursor:
            for name, columns in given.items():
                lists = ", ".join(f'unnest({_written(values)}) AS "{column}"' for column, values in columns.items())
                cursor.execute(f'CREATE OR REPLACE TABLE "{name}" AS SELECT {lists}')
            for step in steps:
                if not step.kept:
                    answers[step.name] = cursor.execute(step.at(moment)).to_arrow_table()
                    continue
                cursor.execute(f'CREATE OR REPLACE TABLE "{step.name}" AS {step.at(moment)}')
                if step.name in added:
                    cursor.register("few_added", added[step.name])
                    cursor.execute(f'INSERT INTO "{step.name}" SELECT * FROM few_added')
                    cursor.unregister("few_added")
        return answers


@contextmanager
def quick_leads(workspace: Workspace, *, model: str | None = None) -> Iterator[QuickLeads | None]:
    """Open the leads of a workspace; None where no SQL about them is kept.

    Args:
        workspace: Whose leads.
        model: A version; the champion by default.
    """
    if workspace.settings.engine.kind != "duckdb":
        yield None
        return
    checked = checked_tables(workspace)
    loaded = None
    if model is not None or policy_folder(workspace) is None or workspace.registry.champion() is not None:
        loaded = load_model(workspace, model)
    script = find(workspace, key_of(workspace, checked, loaded))
    if script is None:
        yield None
        return
    with duckdb.connect(config=_config(workspace)) as database:
        for statement in _SETTINGS:
            database.execute(statement)
        for name, path in checked.paths.items():
            text = str(path).replace("'", "''")
            database.execute(f"CREATE VIEW \"{name}\" AS SELECT * FROM read_parquet('{text}')")
        yield QuickLeads(workspace, checked, script, loaded, database)


def _config(workspace: Workspace) -> dict[str, Any]:
    chosen = workspace.settings.engine
    return {
        "memory_limit": chosen.memory_limit,
        "threads": chosen.threads,
        "temp_directory": str(workspace.cache / "spill"),
    }


def _written(values: Sequence[str | None]) -> str:
    """A list of texts in SQL. Given as parameters, they would have DuckDB load pandas."""
    texts = ("NULL" if each is None else "'" + each.replace("'", "''") + "'" for each in values)
    return f"[{', '.join(texts)}]::VARCHAR[]"
