"""Checked tables in memory, from which the rows of a few leads and of their sites are taken without a search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

LEAD, SITE = "lead_id", "account_id"
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class SortedTable:
    """A table in order of a key, and where each key begins and ends."""

    rows: pa.Table
    places: Mapping[str, tuple[int, int]]

    def of(self, keys: Iterable[str]) -> Rows:
        """The rows of these keys, as tuples."""
        parts = [self.rows.slice(*self.places[key]) for key in keys if key in self.places]
        return [row for part in parts for row in rows_of(part)]


@dataclass(frozen=True)
class LeadsInMemory:
    """The tables that belong to leads and sites.

    Attributes:
        tables: By name; every one that has a ``lead_id``, and accounts.
        site_of: Lead -> account, where it has one.
        leads_at: Account -> its leads.
    """

    tables: Mapping[str, SortedTable]
    site_of: Mapping[str, str]
    leads_at: Mapping[str, Sequence[str]]

    def of(self, leads: Sequence[str]) -> dict[str, Rows]:
        """Table -> the rows of these leads and of everybody at their sites; of accounts, their sites."""
        sites = dict.fromkeys(self.site_of[each] for each in leads if each in self.site_of)
        people = dict.fromkeys([*leads, *(one for site in sites for one in self.leads_at[site])])
        return {name: table.of(sites if name == "accounts" else people) for name, table in self.tables.items()}


def in_memory(paths: Mapping[str, Path]) -> LeadsInMemory:
    """Read the tables of leads and sites.

    Args:
        paths: Table -> Parquet file.
    """
    tables = {}
    for name, path in paths.items():
        columns = pq.read_schema(path).names
        key = LEAD if LEAD in columns else SITE if name == "accounts" else None  # as few_questions cuts them down
        if key is not None:
            tables[name] = _sorted(pq.read_table(path), key)
    leads = tables["leads"].rows
    pairs = (
        list(zip(leads[LEAD].to_pylist(), leads[SITE].to_pylist(), strict=True)) if SITE in leads.schema.names else []
    )
    site_of = {lead: site for lead, site in pairs if site is not None}
    leads_at: dict[str, list[str]] = {}
    for lead, site in site_of.items():
        leads_at.setdefault(site, []).append(lead)
    return LeadsInMemory(tables, site_of, leads_at)


def rows_of(table: pa.Table) -> Rows:
    """The rows of a table as tuples."""
    return list(zip(*(each.to_pylist() for each in table.columns), strict=True))


def holds_nan(table: pa.Table) -> bool:
    """Whether any number of a table is not a number."""
    floats = [each for each in table.columns if pa.types.is_floating(each.type)]
    return any(pc.any(pc.is_nan(each)).as_py() for each in floats)


def _sorted(table: pa.Table, key: str) -> SortedTable:
    rows = table.filter(pc.is_valid(table[key])).sort_by(key).combine_chunks()
    keys = pc.dictionary_encode(rows[key])
    keys = keys.chunk(0) if isinstance(keys, pa.ChunkedArray) and keys.num_chunks else keys
    if not rows.num_rows:
        return SortedTable(rows, {})
    counts = np.bincount(keys.indices.to_numpy())
    starts = np.cumsum(counts) - counts
    places = zip(starts.tolist(), counts.tolist(), strict=True)
    return SortedTable(rows, dict(zip(keys.dictionary.to_pylist(), places, strict=True)))
