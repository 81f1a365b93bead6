"""Copies of a lead, each with something done or known that is not: asked about like any other lead.

The whole site is copied with it, its people and everything they did, so that what a feature says of the site stays as
it is. Labels, and rates of earlier results, come from the real tables alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from salesworthy.features.as_of import features_as_of
from salesworthy.features.catalogue import Catalogue
from salesworthy.qualification.what_would_change import Change
from salesworthy.runs.features import OpenTables

WHOLE = ("leads", "accounts", "handoffs")
"""Tables that stay whole beside the copies: results of other leads are found through them."""
SECOND = 1_000_000
NAME = "what_if"


@dataclass(frozen=True)
class CopiedTables(OpenTables):
    """Tables with copies in them; results come from the real ones."""

    real: OpenTables

    def features(self, spine: ir.Table, catalogue: Catalogue, *, until: int) -> ir.Table:
        """Features of a spine of copies; ``history`` features see the real labels."""
        results = self.real.results(catalogue, until=until)
        return features_as_of(self.engine, self.tables, spine, catalogue, results=results)


@dataclass(frozen=True)
class Copied:
    """A lead and its copies, ready to be asked about.

    Attributes:
        data: The tables with the copies in them.
        leads: ``lead_id`` and ``account_id`` of the lead and of its copies.
        ids: The lead's own id, then that of each copy, in the order of the changes.
    """

    data: CopiedTables
    leads: ir.Table
    ids: tuple[str, ...]


def copy_lead(data: OpenTables, lead_id: str, site: str | None, changes: Sequence[Change], *, as_of: int) -> Copied:
    """Copy a lead with its site, once per change.

    Args:
        data: The real tables.
        lead_id: The lead.
        site: Its account; None where it has none.
        changes: What each copy does or tells, at the moment of the question; a change of nothing is a mere copy.
        as_of: The moment of the question, in microseconds.
    """
    copying = _Copying(data, lead_id, site, tuple(changes), as_of)
    tables = copying.tables()
    leads = tables["leads"].filter(tables["leads"].lead_id.isin(list(copying.ids))).select("lead_id", "account_id")
    copied = CopiedTables(data.workspace, data.checked, data.engine, tables, real=data)
    return Copied(copied, leads, copying.ids)


@dataclass(frozen=True)
class _Copying:
    data: OpenTables
    lead_id: str
    site: str | None
    changes: tuple[Change, ...]
    as_of: int

    @property
    def endings(self) -> list[str]:
        return [f"#{NAME}-{place}" for place in range(len(self.changes))]

    @property
    def ids(self) -> tuple[str, ...]:
        return (self.lead_id, *(self.lead_id + each for each in self.endings))

    def tables(self) -> dict[str, ir.Table]:
        engine, real = self.data.engine, self.data.tables
        endings = engine.from_arrow(f"{NAME}_endings", pa.table({"ending": pa.array(self.endings, pa.string())}))
        people = engine.materialise(f"{NAME}_people", self._people().select("lead_id"))
        found = dict(real)
        for name, table in real.items():
            if "lead_id" in table.columns or name == "accounts":
                found[name] = engine.materialise(f"{NAME}_{name}", self._with_copies(name, table, people, endings))
        return found

    def _people(self) -> ir.Table:
        leads = self.data.tables["leads"]
        mine = leads.lead_id == self.lead_id
        return leads.filter(mine if self.site is None else mine | (leads.account_id == self.site))

    def _with_copies(self, name: str, table: ir.Table, people: ir.Table, endings: ir.Table) -> ir.Table:
        if name == "accounts":
            own = table.filter(table.account_id == ("" if self.site is None else self.site))
        else:
            own = table.semi_join(people, "lead_id")
        copies = own.cross_join(endings)
        renamed = [each for each in ("lead_id", "account_id") if each in table.columns and _may_rename(name, each)]
        copies = copies.mutate(**{each: copies[each] + copies.ending for each in renamed})
        copies = self._filled(name, copies).select(*table.columns)
        parts = [table if name in WHOLE else own, copies]
        if name == "engagements":
            parts.append(self._acts(table))
        if name == "accounts" and self.site is None:
            parts.append(self._new_sites(table))
        return ibis.union(*parts) if len(parts) > 1 else parts[0]

    def _filled(self, name: str, copies: ir.Table) -> ir.Table:
        """Copies of the lead, or of its site, with the facts that a change fills in."""
        key = {"leads": ("lead_id", self.lead_id), "accounts": ("account_id", self.site)}.get(name)
        if key is None:
            return copies
        filled: dict[str, list[tuple[ir.Value, ir.Value]]] = {}
        for change, ending in zip(self.changes, self.endings, strict=True):
            for fact in change.facts:
                table, _, column = fact.column.partition(".")
                if table == name and key[1] is not None:
                    value = ibis.literal(fact.value).cast(copies[column].type())
                    filled.setdefault(column, []).append((copies[key[0]] == key[1] + ending, value))
                elif name == "leads" and self.site is None:  # a fact about a site that nobody named: it gets one
                    site = ibis.literal(self.lead_id + ending).cast(copies["account_id"].type())
                    filled.setdefault("account_id", []).append((copies.lead_id == self.lead_id + ending, site))
        return copies.mutate(**{each: ibis.cases(*tests, else_=copies[each]) for each, tests in filled.items()})

    def _acts(self, table: ir.Table) -> ir.Table:
        """The acts of all changes, the last of each at the moment itself, the ones before a second apart."""
        rows = [
            {"lead_id": self.lead_id + ending, "kind": act.kind, "content_id": act.content_id,
             "occurred_at": self.as_of - SECOND * (len(change.acts) - 1 - place)}
            for change, ending in zip(self.changes, self.endings, strict=True)
            for place, act in enumerate(change.acts)
        ]  # fmt: skip
        kinds = {"lead_id": pa.string(), "kind": pa.string(), "content_id": pa.string(), "occurred_at": pa.int64()}
        given = pa.Table.from_pylist(rows, schema=pa.schema(list(kinds.items())))
        acts = self.data.engine.from_arrow(f"{NAME}_new_acts", given)
        acts = acts.mutate(known_at=acts.occurred_at, machine=ibis.literal(False))
        return _like(table, acts)

    def _new_sites(self, table: ir.Table) -> ir.Table:
        """Per copy of a lead without a site that tells a fact about it: that site, otherwise unknown."""
        rows = zip(self.endings, map(_of_sites, self.changes), strict=True)
        told = [(self.lead_id + ending, facts) for ending, facts in rows if facts]
        columns = sorted({name for _, facts in told for name in facts})
        given = pa.table(
            {"account_id": pa.array([site for site, _ in told], pa.string())}
            | {name: pa.array([facts.get(name) for _, facts in told]) for name in columns}
        )
        return _like(table, self.data.engine.from_arrow(f"{NAME}_new_sites", given))


def _may_rename(table: str, column: str) -> bool:
    """Ids of copies: of leads everywhere, of sites where leads and sites themselves are listed."""
    return column == "lead_id" or table in ("leads", "accounts")


def _of_sites(change: Change) -> dict[str, str | float | bool]:
    """The facts about its site that a change fills in."""
    prefix = "accounts."
    return {each.column.removeprefix(prefix): each.value for each in change.facts if each.column.startswith(prefix)}


def _like(table: ir.Table, rows: ir.Table) -> ir.Table:
    """Rows with the columns of a table; null where they have none."""
    kinds = table.schema()
    given = {name: (rows[name].cast(kind) if name in rows.columns else ibis.null(kind)) for name, kind in kinds.items()}
    return rows.select(**given)
