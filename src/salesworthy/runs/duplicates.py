"""Duplicates: what was joined, what is uncertain, and what people say about it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesworthy.domain.errors import MistakeCollector, WrongUsage
from salesworthy.domain.moments import format_moment
from salesworthy.domain.tables import TABLES, Kind
from salesworthy.intake.duplicates_decisions import WORDS, PairDecision, add_decisions, read_decisions
from salesworthy.runs.check import checked_tables
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.workspace import Workspace

if TYPE_CHECKING:
    import polars as pl

    from salesworthy.intake.checked import CheckedTables
    from salesworthy.ledger.exports import WrittenFile

KEYS = {"leads": "lead_id", "accounts": "account_id"}
REVIEWED = ("table", "left", "right", "probability", "decision")
"""Columns of the file that people fill in; what each entry says of itself follows."""


@dataclass(frozen=True)
class Duplicates:
    """Pairs that may be one, entries that were joined, and the decisions in force; one dict per row."""

    uncertain: list[dict[str, Any]]
    merged: list[dict[str, Any]]
    decided: list[dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """The lists as JSON writes them."""
        return {"uncertain": self.uncertain, "merged": self.merged, "decided": self.decided}


def list_duplicates(workspace: Workspace, *, progress: Progress = silent) -> Duplicates:
    """What ``check`` found; nothing of it says who somebody is, but for keys.

    Raises:
        UserError: When the tables cannot be checked.
    """
    checked = checked_tables(workspace, progress=progress)
    uncertain, merged = [], []
    for table, key in KEYS.items():
        uncertain += [{"table": table} | row for row in _rows(checked.uncertain.get(table))]
        for row in _rows(checked.merged.get(table)):
            lineage = {name.removeprefix("merged."): value for name, value in row.items() if name.startswith("merged.")}
            lineage["joined_at"] = format_moment(lineage["joined_at"])
            merged.append({"table": table, "id": row[key]} | lineage)
    decided = [vars(each) | {"at": format_moment(each.at)} for each in read_decisions(workspace.folder)]
    return Duplicates(uncertain, merged, decided)


def decide_pair(workspace: Workspace, one: str, other: str, *, decision: str, by: str, now: int) -> PairDecision:
    """Write down a person's word on two entries; the next ``check`` follows it.

    Args:
        workspace: Whose entries.
        one: Key of a lead or an account.
        other: Key of another one of the same table.
        decision: ``confirm`` or ``reject``.
        by: Who says so.
        now: This moment in microseconds.

    Raises:
        WrongUsage: When there are no two such entries, or nobody answers for it.
    """
    checked = checked_tables(workspace)
    tables = [table for table in KEYS if table in checked.paths and {one, other} <= _known(checked, table)]
    if one == other or not tables:
        todo = "name two different lead_ids, or two account_ids; see: salesworthy duplicates list"
        raise WrongUsage(f"{one!r} and {other!r} are not two entries of one table", where="duplicates", todo=todo)
    found = PairDecision.of(tables[0], one, other, decision=decision, by=_name(by), at=now)
    add_decisions(workspace.folder, [found])
    return found


def write_review(workspace: Workspace, path: Path, *, progress: Progress = silent) -> WrittenFile:
    """Write the uncertain pairs for people to fill in: ``confirm`` or ``reject`` under ``decision``.

    The file shows what both entries say of themselves, personal data among it.
    """
    from salesworthy.ledger.exports import write_csv

    checked = checked_tables(workspace, progress=progress)
    rows: list[list[Any]] = []
    for table in KEYS:
        entries, shown = _entries(checked, table), _shown(workspace, checked, table)
        for pair in _rows(checked.uncertain.get(table)):
            sides = [_said(entries.get(pair[side], {}), shown) for side in ("left", "right")]
            rows.append([table, pair["left"], pair["right"], round(pair["probability"], 3), "", *sides])
    return write_csv(path, [*REVIEWED, "left entry", "right entry"], rows)


def read_review(workspace: Workspace, path: Path, *, by: str, now: int) -> list[PairDecision]:
    """Read a filled-in file back; lines without a word are left open.

    Raises:
        WrongUsage: When the file is not there, or nobody answers for it.
        ConfigurationMistakes: With every line that says something else, or names no entry; nothing is written then.
    """
    try:
        rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise WrongUsage("the file cannot be read", where=str(path), todo="write it with: list --out FILE") from error
    mistakes = MistakeCollector(of=path.name)
    if not {"table", "left", "right", "decision"} <= set(rows.fieldnames or ()):
        mistakes.add(f"{path.name}:1", "columns are missing", "keep table, left, right and decision")
        mistakes.raise_if_any()
    checked = checked_tables(workspace)
    known = {table: _known(checked, table) for table in KEYS if table in checked.paths}
    found = []
    for row in rows:
        word, keys = (row["decision"] or "").strip().lower(), [_key(row["left"]), _key(row["right"])]
        if not word:
            continue
        place = f"{path.name}:{rows.line_num}"
        if word not in WORDS:
            mistakes.add(place, f"{word!r} is no decision", f"write {' or '.join(WORDS)}, or nothing")
        elif keys[0] == keys[1] or not set(keys) <= known.get(row["table"], set()):
            mistakes.add(place, "these are not two entries of that table", "keep the keys as they were written")
        else:
            found.append(PairDecision.of(row["table"], *keys, decision=word, by=_name(by), at=now))
    mistakes.raise_if_any()
    add_decisions(workspace.folder, found)
    return found


def _name(by: str) -> str:
    if not by.strip():
        raise WrongUsage("nobody answers for the decision", where="--by", todo="write who says so")
    return by.strip()


def _key(text: str) -> str:
    """A key as it was before it was made safe for spreadsheets."""
    return text[1:] if text.startswith("'") else text


def _rows(path: Path | None) -> list[dict[str, Any]]:
    import polars as pl

    return [] if path is None else pl.read_parquet(path).to_dicts()


def survivors(checked: CheckedTables, table: str, keys: Sequence[str]) -> dict[str, str]:
    """Key of an entry that was merged away -> the key that survived; of the keys asked for, in their order.

    Args:
        checked: Checked tables.
        table: ``leads`` or ``accounts``.
        keys: Keys that somebody asks for.
    """
    import polars as pl

    path = checked.merged.get(table)
    if path is None:
        return {}
    rows = pl.scan_parquet(path).select(KEYS[table], "merged.survivor")
    found = dict(rows.filter(pl.col(KEYS[table]).is_in(list(keys))).collect().iter_rows())
    return {key: found[key] for key in keys if key in found}


def _kept_and_merged(checked: CheckedTables, table: str) -> list[pl.DataFrame]:
    import polars as pl

    return [pl.read_parquet(path) for path in (checked.paths[table], checked.merged.get(table)) if path is not None]


def _known(checked: CheckedTables, table: str) -> set[str]:
    return {key for frame in _kept_and_merged(checked, table) for key in frame[KEYS[table]].to_list()}


def _entries(checked: CheckedTables, table: str) -> dict[str, dict[str, Any]]:
    if table not in checked.uncertain:
        return {}
    return {row[KEYS[table]]: row for frame in _kept_and_merged(checked, table) for row in frame.to_dicts()}


def _shown(workspace: Workspace, checked: CheckedTables, table: str) -> list[str]:
    """Columns of an entry that people need to tell whether it is another: who or where it is, and the vocabulary's."""
    from salesworthy.intake.duplicates_columns import identity_columns

    columns = identity_columns(checked.schema, workspace.settings.duplicates)
    found = {} if columns is None else columns.people if table == "leads" else columns.sites
    words = [name for name, column in TABLES[table].by_name.items() if column.kind is not Kind.MOMENT]
    return [*dict.fromkeys([*found.values(), *(name for name in words if name != KEYS[table])])]


def _said(entry: dict[str, Any], shown: list[str]) -> str:
    return "; ".join(f"{name}: {entry[name]}" for name in shown if entry.get(name) is not None)
