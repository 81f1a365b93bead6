"""How a person is found in what was written, and what of a document stays."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesworthy.domain.errors import UserError
from salesworthy.runs.erase_cells import GONE, People
from salesworthy.runs.erase_files import clean_file, count
from salesworthy.runs.erase_published import exchange, heal

LONG, SHORT = "L-004711", "17"
WHO = People(frozenset({LONG, SHORT}), frozenset({"lead_id", "Lead Id"}))

# JSON value -> the same without the two persons, and how many parts went
DOCUMENTS = [
    ({"lead_id": LONG, "x": 1}, GONE, 1),
    ({"lead_id": SHORT}, GONE, 1),
    ({"beds": 17, "account_id": "17", "note": "17 beds"}, {"beds": 17, "account_id": "17", "note": "17 beds"}, 0),
    ({"note": f"see {LONG}, and L-0047110"}, {"note": "see (erased), and L-0047110"}, 1),
    ({"colleagues": [{"lead_id": SHORT, "role": "nurse"}, {"lead_id": "L2"}]}, {"colleagues": [{"lead_id": "L2"}]}, 1),
    ({"deal": {"primary": SHORT, "leads": 2}}, {"deal": {"primary": None, "leads": 2}}, 1),
    ({"overrides": [{"lead": SHORT, "code": "A"}]}, {"overrides": [{"lead": "(erased)", "code": "A"}]}, 1),
    ({"names": [LONG, "L2"], "other": ["17"]}, {"names": ["L2"], "other": ["17"]}, 1),
    ({"best": {"lead_id": LONG}, "rest": 0.1}, {"best": None, "rest": 0.1}, 1),
]


@pytest.mark.parametrize(("value", "without", "parts"), DOCUMENTS)
def test_parts_about_a_person_go_and_the_rest_stays(value, without, parts):
    assert WHO.cleaned(value) == (without, parts)


# raw row -> whether it is about one of them
RAW = [
    ({"Lead Id": "17", "beds": "4"}, True),
    ({"Lead Id": 17.0}, True),
    ({"Lead Id": " 17 "}, True),
    ({"Lead Id": "4", "beds": "17"}, False),
    ({"Lead Id": "4", "note": f"same as {LONG}"}, True),
    ({"line": "4;17;x"}, True),
    ({"line": "4;170;x"}, False),
]


@pytest.mark.parametrize(("row", "theirs"), RAW)
def test_raw_rows(row, theirs):
    assert WHO.in_raw_row(json.dumps(row)) is theirs


def test_many_are_found_as_a_few_are():
    many = People(frozenset(f"LEAD-{number:05d}" for number in range(1_000)))
    assert many.in_text("and LEAD-00999.") is People(frozenset({"LEAD-00999"})).in_text("and LEAD-00999") is True
    assert many.without("a LEAD-00001, b") == "a (erased), b"
    assert not many.in_text("LEAD-000011")


FILES = {
    "a.jsonl": (f'{{"lead_id": "L2", "x": 1.50}}\n{{"lead_id": "{LONG}"}}\n', '{"lead_id": "L2", "x": 1.50}\n', 1),
    "a.csv": (f'Id,Text\n{SHORT},"a, b"\nL2,"17, c"\n', 'Id,Text\nL2,"17, c"\n', 1),
    "duplicates.csv": (
        f"table,left,right,decision,by,at\nleads,L2,{LONG},reject,K,2026-01-01\naccounts,17,A,reject,K,2026-01-01\n",
        "table,left,right,decision,by,at\naccounts,17,A,reject,K,2026-01-01\n", 1,
    ),
    "a.html": (f"<td>{LONG}</td><td>17</td>", "<td>(erased)</td><td>17</td>", 1),
    "broken.json": (f'{{"lead_id": "{LONG}"', '{"lead_id": "(erased)"', 1),
    "a.png": (LONG, LONG, 0),
    "same.json": ('{"a":1}', '{"a":1}', 0),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_files_keep_every_other_byte(tmp_path: Path, name):
    before, after, parts = FILES[name]
    path = tmp_path / name
    path.write_text(before)
    assert (count(path, WHO), clean_file(path, WHO), count(path, WHO)) == (parts, parts, 0)
    assert path.read_text() == after
    assert [each.name for each in tmp_path.iterdir()] == [name]


@settings(deadline=None)
@given(st.lists(st.sampled_from(["L2", "17", LONG, None, "170"]), max_size=30))
def test_rows_of_others_are_the_same_rows(tmp_path_factory, leads):
    path = tmp_path_factory.mktemp("rows") / "part.parquet"
    table = pl.DataFrame({"lead_id": pl.Series(leads, dtype=pl.String), "account_id": "17", "x": range(len(leads))})
    table.write_parquet(path)
    gone = clean_file(path, WHO)
    expected = [row for row in table.rows() if row[0] not in WHO.ids]
    assert (pl.read_parquet(path).rows(), gone) == (expected, len(leads) - len(expected))


def test_a_table_that_cannot_be_read_stops_an_erasure(tmp_path: Path):
    (tmp_path / "x.parquet").write_bytes(b"PAR1torn")
    with pytest.raises(UserError, match="nobody knows who is in it"):
        count(tmp_path / "x.parquet", WHO)


def test_where_folders_cannot_change_names_at_once_the_middle_is_healed(tmp_path: Path, monkeypatch):
    from salesworthy.runs import erase_published

    place = tmp_path / "runs"
    for name, text in ((".erasing-R", "without"), ("R", "with")):
        (place / name).mkdir(parents=True)
        (place / name / "manifest.json").write_text(text)
    monkeypatch.setattr(erase_published.ctypes, "CDLL", lambda *given, **named: object())
    rename, calls = Path.rename, []

    def dies(self, target):
        calls.append(target)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return rename(self, target)

    with monkeypatch.context() as broken:
        broken.setattr(Path, "rename", dies)
        with pytest.raises(KeyboardInterrupt):
            exchange(place / ".erasing-R", place / "R")
    assert sorted(each.name for each in place.iterdir()) == [".before-erasure-R", ".erasing-R"]
    heal(tmp_path)
    assert [(each.name, (each / "manifest.json").read_text()) for each in place.iterdir()] == [("R", "without")]
