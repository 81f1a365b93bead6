"""Exports: the same cells in CSV and XLSX, numbers as numbers, text never a formula."""

from __future__ import annotations

import csv
import io
from datetime import datetime

import openpyxl
import pytest

from salesworthy.web.exports.columns import columns
from salesworthy.web.exports.csv_file import csv_pieces
from salesworthy.web.exports.xlsx_file import LONGEST_CELL, xlsx_bytes

MADE = datetime(2026, 7, 1)
ROW = {"lead_id": "L1", "name": "=1+1", "propensity": -0.25, "respond_by": 1_782_878_400_000_000, "reason": None}
TITLES = [column.title for column in columns()]


def from_csv(rows) -> list[dict[str, str]]:
    text = "".join(csv_pieces(columns(), rows))
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def from_xlsx(rows):
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(columns(), rows, title="Leads", made=MADE)))
    return book.active


def test_a_row_in_csv():
    (found,) = from_csv([ROW])
    assert list(found) == TITLES
    assert (found["Lead"], found["Name"], found["Chance"]) == ("L1", "'=1+1", "-0.25")
    assert (found["Respond by (UTC)"], found["Main reason"]) == ("2026-07-01 04:00", "")


def test_a_row_in_a_spreadsheet():
    sheet = from_xlsx([ROW])
    cells = dict(zip(TITLES, sheet[2], strict=True))
    assert [cell.value for cell in sheet[1]] == TITLES
    assert (cells["Name"].value, cells["Name"].data_type) == ("=1+1", "s")
    assert (cells["Chance"].value, cells["Chance"].data_type, cells["Chance"].number_format) == (-0.25, "n", "0.0%")
    assert cells["Respond by (UTC)"].value == datetime(2026, 7, 1, 4)
    assert cells["Main reason"].value is None
    assert sheet.freeze_panes == "B2"


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@x", "\t=1", "http://x.example", "mailto:x", "0123", "1e5", "TRUE"]
)
def test_text_stays_text_in_a_spreadsheet(text):
    cell = from_xlsx([{"lead_id": text}])["A2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_text_that_is_too_long_for_a_cell_is_cut():
    assert len(from_xlsx([{"lead_id": "x" * 40_000}])["A2"].value) == LONGEST_CELL


def test_the_same_rows_give_the_same_bytes():
    first, second = (xlsx_bytes(columns(), [ROW] * 3, title="Leads", made=MADE) for _ in range(2))
    assert first == second


def test_no_title_is_the_name_of_a_column_of_ours():
    assert not [title for title in TITLES if "_" in title or title.islower()]


def test_nothing_at_all_is_a_header_alone():
    assert from_csv([]) == []
    assert from_xlsx([]).max_row == 1


def test_many_rows_come_in_pieces():
    pieces = list(csv_pieces(columns(), ({"lead_id": str(number)} for number in range(1_200))))
    assert len(pieces) == 4
    assert sum(piece.count("\r\n") for piece in pieces) == 1_201
