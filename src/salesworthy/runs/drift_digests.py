"""What the features of a week were counted from, as one hash per week: equal hashes, equal counts.

Features of a lead see what was known a week after it came. So a week depends on every act that was known by its end, on
who belonged to which site by then, and on the facts of its own leads, their sites and campaigns.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from salesworthy.drift.event_tables import OF_LEADS
from salesworthy.drift.weeks import WEEK, Weeks
from salesworthy.features.catalogue import AT_HANDOFF, Catalogue, FeatureKind
from salesworthy.features.reads import needed_columns
from salesworthy.features.vocabulary import ACT_LOOK_UPS, ACTS, LEAD_LOOK_UPS, LookUp

if TYPE_CHECKING:
    from salesworthy.runs.features import OpenTables

Sums = dict[int, int]
"""Week (counted from the first one watched, negative before) -> sum of hashes."""
_PRIME = 2**36 - 5
"""Hashes of rows are taken modulo a prime that leaves room to add up a hundred million of them."""
_ALL = ("outcomes", "handoffs")


def counted_features(catalogue: Catalogue, data: OpenTables) -> Catalogue:
    """Features that are counted lead by lead: no outcome rates, and none whose column is watched in the tables."""
    direct = {(each.table, each.column) for each in OF_LEADS if each.table in data.tables}
    kept = (each for each in catalogue if (each.table, each.column) not in direct and each.kind != FeatureKind.HISTORY)
    return Catalogue(tuple(kept))


def digests_of(data: OpenTables, catalogue: Catalogue, weeks: Weeks, *, age: int) -> dict[int, str]:
    """First instant of each week -> hash of everything that its counts depend on.

    Args:
        data: Checked tables.
        catalogue: The features.
        weeks: The weeks.
        age: How long a lead has been known when it is looked at, in microseconds.
    """
    return _Digests(data, catalogue, weeks).all(age)


class _Digests:
    def __init__(self, data: OpenTables, catalogue: Catalogue, weeks: Weeks) -> None:
        self._data, self._catalogue, self._weeks = data, catalogue, weeks
        self._read: dict[str, set[str]] = {}
        for _, table, column in needed_columns(catalogue, data.tables):
            self._read.setdefault(table, set()).add(column)

    def all(self, age: int) -> dict[int, str]:
        """First instant of each week -> its hash."""
        growing = [*(self._acts(table) for table in self._act_tables()), self._members()]
        own, whole = self._leads(age), self._results()
        found: dict[int, str] = {}
        for week in range(self._weeks.count):
            until = [sum(n for at, n in sums.items() if at <= week) for sums in growing]
            found[self._weeks.begin(week)] = _digest([until, own.get(week, 0), whole])
        return found

    def _act_tables(self) -> list[str]:
        at_handoff = any(each.known == AT_HANDOFF for each in self._catalogue)
        read = {*self._read, "handoffs"} if at_handoff else set(self._read)
        return sorted(table for table in read & set(ACTS) if table in self._data.tables)

    def _acts(self, name: str) -> Sums:
        """Acts by the week in which they became known, with what is known of their content and campaign."""
        table, moments = self._data.tables[name], ACTS[name]
        acts = table.select(
            _at=ibis.coalesce(table[moments.known_at], table[moments.occurred_at]),
            _hash=_mixed(table[column] for column in table.columns),
            **{look_up.key: table[look_up.key] for look_up in ACT_LOOK_UPS.values() if look_up.key in table.columns},
        )
        for look_up in ("content", "campaigns"):
            acts = self._beside(acts, look_up, ACT_LOOK_UPS[look_up])
        return self._sums(acts)

    def _members(self) -> Sums:
        """Leads by the week in which they came, as far as features of others read them."""
        leads = self._data.tables["leads"]
        read = {"lead_id", "account_id", "created_at"}
        if self._reads_leads_of_acts():
            read |= self._read["leads"]
        return self._sums(
            leads.select(_at="created_at", _hash=_mixed(leads[each] for each in self._there("leads", read)))
        )

    def _leads(self, age: int) -> Sums:
        """Leads by the week in which they are looked at, with what is known of their site and campaign."""
        leads = self._data.tables["leads"]
        read = self._there("leads", self._read["leads"] | {"lead_id", "account_id", "created_at"})
        own = leads.select(
            _at=leads.created_at + age,
            _hash=_mixed(leads[column] for column in read),
            **{each.key: leads[each.key] for each in LEAD_LOOK_UPS.values() if each.key in leads.columns},
        )
        for name, look_up in LEAD_LOOK_UPS.items():
            own = self._beside(own, name, look_up)
        return self._sums(own)

    def _results(self) -> str:
        """Everything that outcome rates are made of, where a feature that is counted reads one."""
        rates = [each.name for each in self._catalogue if each.kind == FeatureKind.HISTORY]
        if len(self._catalogue.dependents(rates)) == len(rates):
            return ""
        tables = [self._data.tables[name] for name in _ALL if name in self._data.tables]
        sums = [self._sums(each.select(_at=0, _hash=_mixed(each[name] for name in each.columns))) for each in tables]
        return _digest([repr(self._data.workspace.label_rule), *(sorted(each.items()) for each in sums)])

    def _reads_leads_of_acts(self) -> bool:
        return any("leads." in f"{each.where} {each.among} {each.column}" for each in self._catalogue)

    def _beside(self, rows: ir.Table, name: str, look_up: LookUp) -> ir.Table:
        """Rows whose hash says what a look-up does, too."""
        if name not in self._data.tables or name not in self._read or look_up.key not in rows.columns:
            return rows
        table = self._data.tables[name]
        read = self._there(name, self._read[name] | {look_up.key, look_up.known_from})
        told = table.select(_key=look_up.key, _told=_mixed(table[column] for column in read))
        told = told.group_by("_key").agg(_told=told._told.sum())
        met = rows.left_join(told, rows[look_up.key] == told._key)
        return met.mutate(_hash=_mixed([met._hash, met._told])).select(*rows.columns)

    def _there(self, name: str, columns: Iterable[str]) -> list[str]:
        return [column for column in self._data.tables[name].columns if column in set(columns)]

    def _sums(self, rows: ir.Table) -> Sums:
        week = ((rows._at - self._weeks.start) / WEEK).floor().cast("int64")
        found = rows.group_by(week=week).agg(n=rows._hash.sum(), rows=rows.count())
        told = self._data.engine.to_arrow(found.filter(found.week.notnull())).to_pylist()
        return {int(each["week"]): int(each["n"]) * 1_000_003 + int(each["rows"]) for each in told}


def _digest(told: object) -> str:
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _mixed(values: Iterable[ir.Value]) -> ir.IntegerValue:
    """One hash of several values, which depends on which value is which."""
    together = ibis.struct({f"v{place}": value for place, value in enumerate(values)})
    return (together.hash() % _PRIME).cast("int64")
