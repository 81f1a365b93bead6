"""XLSX for people: text cells are text whatever they begin with, numbers and moments are what they are."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from salesworthy.web.exports.columns import Column, Row, Value

LONGEST_CELL = 32_767
"""Characters that a cell holds."""
_AS_GIVEN = {
    "in_memory": True,
    "constant_memory": False,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def xlsx_bytes(columns: Sequence[Column], rows: Iterable[Row], *, title: str, made: datetime) -> bytes:
    """An XLSX file; the same rows give the same bytes.

    Args:
        columns: Its columns.
        rows: Its rows.
        title: Of its one sheet.
        made: When, as its properties say.
    """
    import xlsxwriter

    written = io.BytesIO()
    with xlsxwriter.Workbook(written, _AS_GIVEN) as book:
        book.set_properties({"created": made})
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        forms = [book.add_format({"num_format": column.form}) if column.form else None for column in columns]
        sheet = book.add_worksheet(title)
        sheet.freeze_panes(1, 1)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(0, place, column.title, head)
        last = 0
        for last, row in enumerate(rows, start=1):
            for place, (column, form) in enumerate(zip(columns, forms, strict=True)):
                _write(sheet, last, place, column.value(row), form)
        sheet.autofilter(0, 0, last, len(columns) - 1)
    return written.getvalue()


def _write(sheet: Any, row: int, place: int, value: Value, form: Any) -> None:
    if isinstance(value, str):
        sheet.write_string(row, place, value[:LONGEST_CELL], form)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, place, value, form)
    elif value is not None:
        sheet.write_number(row, place, value, form)
