"""Suppression: people whose rows stay out although a source still holds them, and rows that are too old to be kept.

Raw exports belong to the user, so a person who was erased comes back with the next one. A workspace therefore keeps a
list of salted hashes of lead ids, and per table the moment before which rows are no longer kept. Rows that either of
them names are counted as ``suppressed`` and written nowhere, not even among rejected rows.

Whoever has the list and a lead id can tell whether it stands there, for that is what it is for; the salt keeps it from
being compared with lists of other workspaces.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesworthy.domain.errors import UserError
from salesworthy.domain.moments import format_moment, parse_moment
from salesworthy.domain.tables import TABLES, TableSpec

if TYPE_CHECKING:
    import polars as pl

FOLDER = "retention"
FILE = "suppressed.json"
FORMAT = 1
LEAD = "lead_id"
CONSENTS = "consents"
DATED_BY = {
    "leads": "created_at",
    "engagements": "occurred_at",
    "consents": "at",
    "handoffs": "handed_at",
    "outcomes": "at",
}
"""Table with rows of persons -> the moment that a row of it is as old as."""
_BETWEEN = re.compile(r"[\s,;|\t\"']+")


class Why(StrEnum):
    """Why a person is on the list."""

    ERASED = "erased"
    """On request: no row of theirs is read, of any table."""
    RETENTION = "retention"
    """Past the limit: as above, but states of consent are kept until their own limit, as the proof that they are."""


@dataclass(frozen=True)
class Suppression:
    """Who and what stays out.

    Attributes:
        salt: Goes before an id when it is hashed.
        people: Hash of a lead id -> why, and since when (microseconds).
        before: Table -> the moment (microseconds) before which its rows are not kept.
        rows: Hash of a row that was set aside and has gone, because it was too old or about somebody -> since when.
    """

    salt: str = ""
    people: Mapping[str, tuple[Why, int]] = field(default_factory=dict)
    before: Mapping[str, int] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing stays out."""
        return not self.people and not self.before and not self.rows

    @property
    def identity(self) -> str:
        """What decides which rows stay out, in one hash; empty where none does."""
        if self.is_empty:
            return ""
        why = {name: str(reason) for name, (reason, _) in self.people.items()}
        rows = [sorted(self.rows)] if self.rows else []
        return sha256(json.dumps([self.salt, why, dict(self.before), *rows], sort_keys=True).encode()).hexdigest()

    def hash_of(self, lead_id: str) -> str:
        """The salted hash by which a lead is known here."""
        return sha256(f"{self.salt}:{lead_id}".encode()).hexdigest()

    def holds(self, lead_id: str) -> bool:
        """Whether a lead is on the list."""
        return self.hash_of(lead_id) in self.people

    def salted(self) -> Suppression:
        """The list with a salt of its own, without which nobody can be put on it."""
        return self if self.salt else replace(self, salt=secrets.token_hex(16))

    def adding(self, leads: Iterable[str], *, why: Why, at: int) -> Suppression:
        """The list with further leads; one that was erased stays so, whatever is said of it later."""
        salted = self.salted()
        people = dict(salted.people)
        for lead in leads:
            name = salted.hash_of(lead)
            if name not in people or (people[name][0] is not Why.ERASED and why is Why.ERASED):
                people[name] = (why, at)
        return replace(salted, people=people)

    def with_limits(self, before: Mapping[str, int]) -> Suppression:
        """The list with moments before which rows are not kept; a moment never moves back."""
        later = {table: max(at, self.before.get(table, at)) for table, at in before.items()}
        return replace(self, before={**self.before, **later})

    def adding_rows(self, rows: Iterable[tuple[str, str]], *, at: int) -> Suppression:
        """The list with further rows that were set aside: the table of each, and the row as it came."""
        salted = self.salted()
        found = {salted._row_hash(table, raw): at for table, raw in rows}
        return replace(salted, rows={**found, **salted.rows}) if found else self

    def rows_out(self, table: str, raw: pl.Series) -> pl.Series:
        """Per row that is set aside, as it came, whether it is written nowhere."""
        import polars as pl

        if not self.rows:
            return _nobody(len(raw))
        return pl.Series("suppressed", [self.names_row(table, each) for each in raw], pl.Boolean)

    def names_row(self, table: str, raw: str) -> bool:
        """Whether a row that was set aside, as it came, stands on the list by itself."""
        return bool(self.rows) and self._row_hash(table, raw) in self.rows

    def is_out(self, table: str, raw: str) -> bool:
        """Whether a row that is set aside, as it came (JSON), is written nowhere: itself, or somebody it names."""
        if self.is_empty:
            return False
        cells = json.loads(raw)
        line = cells.pop("line", None) if len(cells) == 1 else None
        named = any(self.holds(as_written(each).strip()) for each in cells.values() if each is not None)
        return self.names_row(table, raw) or named or (line is not None and self.speaks_of(str(line)))

    def _row_hash(self, table: str, raw: str) -> str:
        return self.hash_of(f"{table}:{raw}")

    def mask(self, spec: TableSpec, frame: pl.DataFrame) -> pl.Series:
        """Per row of a table, mapped to our names, whether it stays out."""
        import polars as pl

        nobody = _nobody(len(frame))
        if LEAD not in spec.by_name or self.is_empty:
            return nobody
        found = frame.select(self._of_people(frame[LEAD]).alias("why"), pl.col(DATED_BY[spec.name]).alias("at"))
        before = self.before.get(spec.name)
        old = nobody if before is None else (found["at"] < before).fill_null(value=False)
        if spec.name != CONSENTS:
            return found["why"].is_not_null() | old
        erased = (found["why"] == Why.ERASED.value).fill_null(value=False)
        return erased | (found["why"].is_not_null() & old)

    def _of_people(self, leads: pl.Series) -> pl.Series:
        """Why each of these leads is on the list; null where it is not."""
        import polars as pl

        different = leads.drop_nulls().unique() if self.people else ()
        why = {lead: self.people[name][0].value for lead in different if (name := self.hash_of(lead)) in self.people}
        return leads.replace_strict(why, default=None, return_dtype=pl.String)

    def mentioned(self, rows: pl.DataFrame) -> pl.Series:
        """Per row as it came, whether any of its cells is the id of somebody on the list."""
        import polars as pl

        from salesworthy.intake.values import key_form

        found = _nobody(len(rows))
        for column in rows.columns if self.people else ():
            texts = key_form(rows[column].cast(pl.String, strict=False).str.strip_chars())
            found |= self._of_people(texts).is_not_null()
        return found

    def speaks_of(self, text: str) -> bool:
        """Whether a line of text that nobody could take apart holds the id of somebody on the list."""
        return bool(self.people) and any(self.holds(each) for each in _BETWEEN.split(text) if each)


def as_written(cell: Any) -> str:
    """A cell of a row as JSON has it, as it would stand in a file; a whole number without what a float adds."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _nobody(rows: int) -> pl.Series:
    import polars as pl

    return pl.Series("suppressed", [False]).new_from_index(0, rows)


NOBODY = Suppression()
"""Nothing stays out."""


def read_suppression(workspace: Path) -> Suppression:
    """The list of a workspace; empty where none was ever written.

    Raises:
        UserError: When the file is damaged: reading on without it would bring people back.
    """
    path = workspace / FOLDER / FILE
    try:
        return _read(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return NOBODY
    except (OSError, ValueError, KeyError, TypeError, AttributeError, UserError) as error:
        raise UserError(
            f"the list of people who stay out cannot be read: {error}",
            where=str(path),
            todo="bring it back from a backup: without it, people who were erased would be scored again",
        ) from error


def as_document(found: Suppression) -> dict[str, Any]:
    """The list as its file holds it."""
    return {
        "format": FORMAT,
        "salt": found.salt,
        "people": {
            name: {"why": why.value, "since": format_moment(at)} for name, (why, at) in sorted(found.people.items())
        },
        "before": {table: format_moment(at) for table, at in sorted(found.before.items())},
        "rows": {name: format_moment(at) for name, at in sorted(found.rows.items())},
    }


def _read(document: Mapping[str, Any]) -> Suppression:
    if document["format"] != FORMAT:
        raise ValueError(f"format {document['format']}")
    people = {name: (Why(each["why"]), parse_moment(each["since"])) for name, each in document["people"].items()}
    before = {table: parse_moment(at) for table, at in document["before"].items() if table in TABLES}
    rows = {name: parse_moment(at) for name, at in document.get("rows", {}).items()}
    return Suppression(document["salt"], people, before, rows)
