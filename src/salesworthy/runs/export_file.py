"""Upload files in the form that a CRM imports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from salesworthy.intake.field_map import UPLOAD_COLUMNS, UploadForm
from salesworthy.ledger.exports import Cell, WrittenFile, write_csv


@dataclass(frozen=True)
class UploadFile:
    """How the upload file of a workspace is written: the form of the CRM, and what the workspace says otherwise.

    Attributes:
        form: The form that the field map gives.
        key: The column that names the record.
        columns: What is exported -> the CRM's field, in the order of the file.
        owners: Our owner -> what the CRM calls it.
    """

    form: UploadForm
    key: str
    columns: Mapping[str, str]
    owners: Mapping[str, str]

    @classmethod
    def of(
        cls, form: UploadForm, *, key: str | None, columns: Mapping[str, str], owners: Mapping[str, str]
    ) -> UploadFile:
        """The file of a form; a field that the workspace calls "" is left out."""
        chosen = {**form.columns, **columns}
        kept = {ours: chosen[ours] for ours in UPLOAD_COLUMNS if chosen.get(ours)}
        return cls(form, key or form.key, kept, owners)

    def write(self, path: Path, rows: pl.DataFrame) -> WrittenFile:
        """Write the rows of an export; the file is whole, or the one before it stays."""
        return write_csv(path, [self.key, *self.columns.values()], self._cells(rows))

    def write_keys(self, path: Path, keys: Sequence[str]) -> WrittenFile:
        """Write the keys of leads about which nothing is said any more."""
        return write_csv(path, [self.key], ([each] for each in keys))

    def _cells(self, rows: pl.DataFrame) -> Iterator[list[Cell]]:
        names = ["lead_id", *self.columns]
        for row in rows.select(names).iter_rows():
            yield [row[0], *(self._cell(name, value) for name, value in zip(self.columns, row[1:], strict=True))]

    def _cell(self, name: str, value: Any) -> Cell:
        if value is None:
            return self.form.empty
        if isinstance(value, datetime):
            return value.strftime(self.form.moments)
        if isinstance(value, int):
            return value
        text = " ".join(str(value).split())
        return self._shortened(self.owners.get(text, text) if name == "owner" else text)

    def _shortened(self, text: str) -> str:
        longest = self.form.longest
        return text if longest is None or len(text) <= longest else f"{text[: longest - 1].rstrip()}\u2026"
