"""Finding duplicates: records, pairs and groups of the people and the sites of checked tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from salesworthy.intake.duplicates_decisions import PairDecision
from salesworthy.intake.duplicates_groups import Groups, group
from salesworthy.intake.duplicates_linking import link
from salesworthy.intake.duplicates_model import PEOPLE_BLOCKS, PEOPLE_LEVELS, SITE_BLOCKS, SITE_LEVELS, model
from salesworthy.intake.duplicates_records import PEOPLE, SITES, make_people, make_sites
from salesworthy.intake.duplicates_settings import DuplicateSettings


def find_people(
    connection: Any,
    leads: Path,
    columns: Mapping[str, str],
    settings: DuplicateSettings,
    decisions: Collection[PairDecision] = (),
) -> Groups:
    """Which leads are one person.

    Args:
        connection: An open DuckDB connection.
        leads: Checked leads; their ``account_id`` is settled.
        columns: Part of an identity -> its column.
        settings: From which probability on, and what else is known.
        decisions: What people said, about sites too.
    """
    rows = make_people(connection, leads, columns, settings.nicknames)
    chosen = model(PEOPLE_LEVELS, PEOPLE_BLOCKS, rows=rows, expected=settings.expected_people)
    pairs = link(connection, PEOPLE, chosen, at_least=settings.review_at)
    said = [each for each in decisions if each.table == "leads"]
    return group(pairs, _created(connection, PEOPLE), said, merge_at=settings.merge_at)


def find_sites(
    connection: Any,
    accounts: Path,
    columns: Mapping[str, str],
    settings: DuplicateSettings,
    decisions: Collection[PairDecision] = (),
) -> Groups:
    """Which accounts are one site. A site and its parent are never one.

    Args:
        connection: An open DuckDB connection.
        accounts: Checked accounts.
        columns: Part of an address -> its column.
        settings: From which probability on.
        decisions: What people said, about leads too.
    """
    rows = make_sites(connection, accounts, columns)
    chosen = model(SITE_LEVELS, SITE_BLOCKS, rows=rows, expected=settings.expected_sites)
    pairs = link(connection, SITES, chosen, at_least=settings.review_at)
    query = f"SELECT least(unique_id, parent), greatest(unique_id, parent) FROM {SITES} WHERE parent IS NOT NULL"
    apart = connection.execute(query).fetchall()
    said = [each for each in decisions if each.table == "accounts"]
    return group(pairs, _created(connection, SITES), said, merge_at=settings.merge_at, apart=apart)


def _created(connection: Any, table: str) -> dict[str, int]:
    """Key -> the moment from which the entry was known; an entry without one was always there."""
    rows = connection.execute(f"SELECT unique_id, coalesce(created_at, 0) FROM {table}").fetchall()
    return {str(key): int(at) for key, at in rows}
