"""Where a person is found before anything is changed: tables, rows set aside, runs, documents, the ledger, models."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesworthy.domain.errors import UserError
from salesworthy.intake.settings import SourceSettings
from salesworthy.intake.suppression import LEAD
from salesworthy.runs.erase_cells import People
from salesworthy.runs.erase_files import count, files_below
from salesworthy.runs.erase_places import DOCUMENTS, PAIRS, caches_of, is_sealed, place_name
from salesworthy.runs.erase_published import found_in, runs_of
from salesworthy.runs.workspace import Workspace

if TYPE_CHECKING:
    from salesworthy.intake.checked import CheckedTables

SURVIVOR = "merged.survivor"
Found = dict[str, Any]
LABEL = "learned from an outcome of theirs"
FEATURES = "knew them when it was trained: their acts may count in features of their site"


def people_of(workspace: Workspace, leads: frozenset[str]) -> People:
    """Persons, with the columns in which the workspace's exports hold lead ids."""
    sources = [source for table in workspace.settings.tables.values() for source in table]
    columns = {LEAD, *(name for source in sources for name in _lead_columns(source))}
    return People(leads, frozenset(columns))


def _lead_columns(source: SourceSettings) -> tuple[str, ...]:
    written = source.columns.get(LEAD)
    found = () if written is None else written.columns
    if source.field_map is not None:
        for table in source.field_map.tables.values():
            mapped = table.columns.get(LEAD)
            found = (*found, *(() if mapped is None else mapped.spellings))
    return found


def found_anywhere(workspace: Workspace, places: tuple[Path, ...], people: People) -> Found:
    """Rows and parts about these persons, by where they are; nothing is changed."""
    cached = [path for each in caches_of(workspace) for path in ([each] if each.is_file() else files_below(each))]
    return {
        "tables": found_in_tables(workspace, people),
        "cache": _counts({_name(path, workspace): path for path in cached}, people),
        "runs": {
            f"{place_name(place, workspace)}/{run.relative_to(place).as_posix()}": found
            for place in places
            for run in runs_of(place)
            if (found := found_in(run, people))
        },
        "exports": _counts(
            {
                f"{place_name(place, workspace)}/exports/{path.name}": path
                for place in places
                for path in files_below(place / "exports")
            },
            people,
        ),
        "documents": _counts({_name(path, workspace): path for path in documents_of(workspace)}, people),
        "ledger": found_in_ledger(workspace, people),
    }


def documents_of(workspace: Workspace) -> list[Path]:
    """Documents of ours in the workspace that may be changed: feedback set aside, reports, what MLflow shows."""
    files = [path for name in DOCUMENTS for path in files_below(workspace.folder / name)]
    pairs = workspace.folder / PAIRS
    return [*(path for path in files if not is_sealed(path, workspace)), *([pairs] if pairs.is_file() else [])]


def twins_of(workspace: Workspace, leads: frozenset[str]) -> frozenset[str]:
    """Further ids under which the same persons were entered, as far as duplicates were joined."""
    import polars as pl

    try:
        path = _checked(workspace).merged.get("leads")
    except UserError:
        return frozenset()
    if path is None:
        return frozenset()
    pairs = pl.read_parquet(path, columns=[SURVIVOR, LEAD])
    survivors = leads | set(pairs.filter(pl.col(LEAD).is_in(sorted(leads)))[SURVIVOR])
    entries = pairs.filter(pl.col(SURVIVOR).is_in(sorted(survivors)))
    return frozenset({*entries[LEAD], *entries[SURVIVOR]} - leads)


def found_in_tables(workspace: Workspace, people: People) -> dict[str, int]:
    """Table -> rows that intake takes in; none where the tables cannot be read, for then it takes in nothing."""
    import pyarrow.compute as pc
    import pyarrow.dataset as ds

    try:
        checked = _checked(workspace)
    except UserError:
        return {}
    mine = pc.field(LEAD).isin(sorted(people.ids))
    paths = {name: path for name, path in checked.paths.items() if LEAD in checked.schema[name]}
    found = {name: ds.dataset(path).count_rows(filter=mine) for name, path in paths.items()}
    return {name: rows for name, rows in found.items() if rows}


def found_in_ledger(workspace: Workspace, people: People) -> dict[str, int]:
    """Table of the ledger -> rows; decisions and feedback stay there, under a number that leads nowhere."""
    found: dict[str, int] = {}
    for lead in sorted(people.ids):
        for table, rows in workspace.ledger.people.holds(lead).items():
            found[table] = found.get(table, 0) + rows
    return {table: rows for table, rows in found.items() if rows}


def models_that_knew(workspace: Workspace, people: People) -> list[dict[str, str]]:
    """Model versions that were trained when these persons were known, and how they may have learned from them.

    A bundle holds no rows, so this is told by what the tables say was known on the day of each training.
    """
    versions = workspace.ledger.models()
    champion = workspace.ledger.champion()
    force = {None if champion is None else champion.version: "in force"}
    try:
        how = _how(workspace, people, {each.version: each.trained_as_of for each in versions})
    except UserError:
        how = {each.version: "nobody knows: the tables cannot be read" for each in versions}
    return [
        {"version": each.version, "state": force.get(each.version, "not in force"), "how": how[each.version]}
        for each in versions
        if each.version in how
    ]


def _how(workspace: Workspace, people: People, trained: Mapping[str, int]) -> dict[str, str]:
    from salesworthy.outcomes.labels import label_handoffs
    from salesworthy.outcomes.open_leads import known_leads
    from salesworthy.runs.features import opened

    found: dict[str, str] = {}
    if not trained:
        return found
    ids = sorted(people.ids)
    with opened(workspace) as data:
        for version, as_of in trained.items():
            labels = label_handoffs(data.tables, workspace.label_rule, until=as_of)
            mine = labels.filter(labels.lead_id.isin(ids), labels.settled, labels.label.notnull())
            known = known_leads(data.tables, as_of=as_of)
            if data.engine.to_arrow(mine.limit(1)).num_rows:
                found[version] = LABEL
            elif data.engine.to_arrow(known.filter(known.lead_id.isin(ids)).limit(1)).num_rows:
                found[version] = FEATURES
    return found


def _checked(workspace: Workspace) -> CheckedTables:
    from salesworthy.runs.check import checked_tables

    return checked_tables(workspace)


def _counts(paths: Mapping[str, Path], people: People) -> dict[str, int]:
    return {name: found for name, path in paths.items() if (found := count(path, people))}


def _name(path: Path, workspace: Workspace) -> str:
    return path.relative_to(workspace.folder).as_posix()
