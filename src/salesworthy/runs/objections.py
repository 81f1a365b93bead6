"""Objections to direct marketing: whoever made one is not profiled, from the moment that it is on record.

The state that counts is the one on record when the work is done, not only the one as of the moment asked for: scoring
last week's leads today profiles them today. A lead who has objected gets no score, is no example to learn from, and
their acts count in nobody's features. A later consent, on record too, lifts an objection of its own sort.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import ibis.expr.types as ir

from salesworthy.domain.errors import GateRefused
from salesworthy.policy.consent import ConsentStates
from salesworthy.rules.consents import TABLE as CONSENTS
from salesworthy.rules.consents import objectors
from salesworthy.runs.features import OpenTables, opened
from salesworthy.runs.run_policy import policy_folder
from salesworthy.runs.workspace import Workspace

if TYPE_CHECKING:
    from salesworthy.runs.run_policy import RunPolicy

LEAD = "lead_id"
ON_RECORD = 2**62
"""A moment after every row."""


def states_of(workspace: Workspace, policy: RunPolicy | None = None) -> ConsentStates:
    """How the data spell an objection: as the policy says, approved or not; as the product does where there is none."""
    if policy is not None:
        return policy.policy.consent.states
    folder = policy_folder(workspace)
    if folder is None:
        return ConsentStates()
    from salesworthy.policy.loading import load_policy

    return load_policy(folder).consent.states


def without_objectors(data: OpenTables, states: ConsentStates, *, as_of: int | None = None) -> OpenTables:
    """The tables without the rows of leads who have objected; states of consent stay.

    Args:
        data: Checked tables.
        states: How the data spell what people said.
        as_of: Who had objected then counts too, whatever they said later (microseconds).
    """
    if CONSENTS not in data.tables:
        return data
    found = objectors(data.tables, states, as_of=ON_RECORD)
    if as_of is not None:
        found = found.union(objectors(data.tables, states, as_of=as_of), distinct=True)
    return _without(data, found)


def _without(data: OpenTables, leads: ir.Table) -> OpenTables:
    gone = data.engine.materialise("objected", leads)
    if not data.engine.to_arrow(gone.limit(1)).num_rows:
        return data
    tables = {
        name: table.filter(table[LEAD].notin(gone[LEAD])) if LEAD in table.columns and name != CONSENTS else table
        for name, table in data.tables.items()
    }
    return replace(data, tables=tables)


def without_past_objectors(data: OpenTables, states: ConsentStates, *, since: int) -> OpenTables:
    """The tables without the rows of leads whose objection was in force at a moment, and nothing that came later.

    What is recorded after the moment changes nothing, so that a feature as of a day stays what it was.

    Args:
        data: Checked tables.
        states: How the data spell what people said.
        since: The moment (microseconds).
    """
    if CONSENTS not in data.tables:
        return data
    return _without(data, objectors(data.tables, states, as_of=since))


def of_allowed(data: OpenTables, leads: ir.Table) -> ir.Table:
    """The leads of a list that are among the tables' own."""
    return leads.semi_join(data.tables["leads"], LEAD)


def who_objected(data: OpenTables, states: ConsentStates) -> frozenset[str]:
    """Leads whose objection is on record."""
    if CONSENTS not in data.tables:
        return frozenset()
    found = data.engine.to_arrow(objectors(data.tables, states, as_of=ON_RECORD))
    return frozenset(found[LEAD].to_pylist())


class Arrivals:
    """Watches for objections and erasures that arrive while a long piece of work goes on; made before tables are read.

    Args:
        workspace: Whose tables.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._content = _content(workspace)
        self._suppressed = _suppressed(workspace)

    def any(self, before: frozenset[str], states: ConsentStates) -> bool:
        """Whether somebody has objected or was erased by now.

        The source of consents is looked at again, and read again only where it changed.

        Args:
            before: Whose objection the work knows of; see ``who_objected``.
            states: How the data spell what people said.
        """
        if _suppressed(self._workspace) != self._suppressed:
            return True
        if _content(self._workspace) == self._content:
            return False
        with opened(self._workspace) as data:
            return bool(who_objected(data, states) - before)


OVERTAKEN = "somebody objected to direct marketing, or was erased, while this went on; nothing was kept of it"


def overtaken() -> GateRefused:
    """Why work was thrown away."""
    return GateRefused(OVERTAKEN, where="consent", todo="give the same command again")


def _content(workspace: Workspace) -> str:
    from salesworthy.intake.check import content_of

    sources = {CONSENTS: workspace.settings.tables.get(CONSENTS, ())}
    return content_of(sources, root=workspace.folder, folder=workspace.cache / "checked")


def _suppressed(workspace: Workspace) -> str:
    from salesworthy.intake.suppression import read_suppression

    return read_suppression(workspace.folder).identity
