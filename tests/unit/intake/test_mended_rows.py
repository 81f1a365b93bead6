"""Rows that a person put right are read as if the source had never been wrong: the same bytes."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest
from tests.unit.intake.conftest import PLAIN, parquet

from salesworthy.domain.errors import UserError
from salesworthy.domain.moments import zone
from salesworthy.intake.check import check_tables
from salesworthy.intake.mending import Mending
from salesworthy.runs.settings import load_settings

GOOD = "lead_id,created_at,role\nA,2024-01-01,nurse\nB,2024-01-02,buyer\nC,2024-01-03,\nD,2024-01-04,nurse\n"


@dataclass
class Case:
    """Files that went wrong, and what a person makes of each row: (code, cells), in the order in which they stand."""

    wrong: dict[str, str | bytes]
    right: dict[str, str | bytes]
    mended: list[tuple[str, dict[str, str]]]
    settings: str = PLAIN


CASES = {
    "an id": Case(
        {"leads.csv": GOOD.replace("B,", ",")}, {"leads.csv": GOOD}, [("MISSING_ID", {"lead_id": "B"})]
    ),
    "a moment in the last row": Case(
        {"leads.csv": GOOD.replace("2024-01-04", "someday")},
        {"leads.csv": GOOD},
        [("UNREADABLE_MOMENT", {"created_at": "2024-01-04"})],
    ),
    "two equal rows, each made another": Case(
        {"leads.csv": GOOD.replace("B,2024-01-02,buyer", "?").replace("C,2024-01-03,", "?")},
        {"leads.csv": GOOD},
        [
            ("RAGGED_ROW", {"lead_id": "B", "created_at": "2024-01-02", "role": "buyer"}),
            ("RAGGED_ROW", {"lead_id": "C", "created_at": "2024-01-03", "role": ""}),
        ],
    ),
    "a ragged first and a ragged last row": Case(
        {"leads.csv": GOOD.replace("A,2024-01-01,nurse", "A").replace("D,2024-01-04,nurse", "D,x,y,z")},
        {"leads.csv": GOOD},
        [
            ("RAGGED_ROW", {"lead_id": "A", "created_at": "2024-01-01", "role": "nurse"}),
            ("RAGGED_ROW", {"lead_id": "D", "created_at": "2024-01-04", "role": "nurse"}),
        ],
    ),
    "all rows ragged but one": Case(
        {"leads.csv": "lead_id,created_at\nA\nB\nC,2024-01-03\n"},
        {"leads.csv": "lead_id,created_at\nA,2024-01-01\nB,2024-01-02\nC,2024-01-03\n"},
        [
            ("RAGGED_ROW", {"lead_id": "A", "created_at": "2024-01-01"}),
            ("RAGGED_ROW", {"lead_id": "B", "created_at": "2024-01-02"}),
        ],
    ),
    "a conflicting duplicate that was another lead": Case(
        {"leads.csv": GOOD.replace("C,", "A,")},
        {"leads.csv": GOOD},
        [("CONFLICTING_DUPLICATE", {"lead_id": "C"})],
    ),
    "an exact duplicate: the kept one stays": Case(
        {"leads.csv": GOOD.replace("C,2024-01-03,", "A,2024-01-01,nurse")},
        {"leads.csv": GOOD},
        [("DUPLICATE", {"lead_id": "C", "created_at": "2024-01-03", "role": ""})],
    ),
    "a faulty row that stands first of its key": Case(
        {"leads.csv": GOOD.replace("2024-01-01", "soon").replace("C,", "A,")},
        {"leads.csv": GOOD.replace("C,", "A,")},
        [("UNREADABLE_MOMENT", {"created_at": "2024-01-01"})],
    ),
    "typed columns of Parquet": Case(
        {"leads.parquet": parquet(lead_id=[1, None, 3], created_at=["2024-01-01"] * 3, beds=[1, 2, 3])},
        {"leads.parquet": parquet(lead_id=[1, 2, 3], created_at=["2024-01-01"] * 3, beds=[1, 2, 3])},
        [("MISSING_ID", {"lead_id": "2"})],
        '[tables.leads]\npath = "leads.parquet"\n',
    ),
    "the order of rows that stands for their moments": Case(
        {"leads.csv": "lead_id,step\nA,3\nB,\nC,1\n"},
        {"leads.csv": "lead_id,step\nA,3\nB,2\nC,1\n"},
        [("MISSING_MOMENT", {"step": "2"})],
        '[tables.leads]\npath = "leads.csv"\ncolumns.created_at = { order = "step" }\n',
    ),
    "over two files": Case(
        {"a.csv": "lead_id,created_at\nA,\nB,2024-01-01\n", "b.csv": "lead_id,created_at\nA,\nC,2024-01-01\n"},
        {"a.csv": "lead_id,created_at\nA,2024-01-01\nB,2024-01-01\n", "b.csv": "lead_id,created_at\nD,2024-01-05\n"
         "C,2024-01-01\n"},
        [("MISSING_MOMENT", {"created_at": "2024-01-01"}), ("MISSING_MOMENT", {"lead_id": "D", "created_at":
         "2024-01-05"})],
        '[[tables.leads]]\npath = "a.csv"\n[[tables.leads]]\npath = "b.csv"\n',
    ),
}  # fmt: skip


@pytest.fixture
def read(tmp_path):
    """Checked tables of a folder of its own."""

    def run(name, settings, files, mending=None):
        root = tmp_path / name
        root.mkdir(exist_ok=True)
        for each, content in files.items():
            (root / each).write_bytes(content.encode() if isinstance(content, str) else content)
        (root / "salesworthy.toml").write_text(settings)
        return check_tables(
            load_settings(root, {}).tables, root=root, timezone=zone("UTC"), folder=root / "store",
            max_rejected_share=1.0, mending=mending or Mending(),
        )  # fmt: skip

    return run


def set_aside(checked) -> list[dict]:
    rows = pl.read_parquet(checked.rejected["leads"]).to_dicts() if "leads" in checked.rejected else []
    return sorted(rows, key=lambda row: (row["file"], row["row"]))


def mending_of(rows, mended) -> Mending:
    assert [row["code"] for row in rows] == [code for code, _ in mended]
    return Mending({"leads": {(row["raw"], row["copy"]): cells for row, (_, cells) in zip(rows, mended, strict=True)}})


@pytest.mark.parametrize("case", CASES)
def test_mended_rows_give_the_bytes_of_a_source_that_was_never_wrong(read, case):
    given = CASES[case]
    wrong, right = read("wrong", given.settings, given.wrong), read("right", given.settings, given.right)
    assert wrong.paths["leads"].read_bytes() != right.paths["leads"].read_bytes()
    again = read("wrong", given.settings, given.wrong, mending_of(set_aside(wrong), given.mended))
    assert again.paths["leads"].read_bytes() == right.paths["leads"].read_bytes()
    assert [row | {"id": "", "file": ""} for row in set_aside(again)] == [
        row | {"id": "", "file": ""} for row in set_aside(right)
    ]
    (report,) = again.reports
    assert (report.mended, report.unaccounted) == (len(given.mended), 0)
    assert again.schema == right.schema


def test_a_source_that_was_put_right_meanwhile_is_left_alone(read):
    wrong = read("wrong", PLAIN, {"leads.csv": GOOD.replace("B,", ",")})
    mending = mending_of(set_aside(wrong), [("MISSING_ID", {"lead_id": "X"})])
    again = read("wrong", PLAIN, {"leads.csv": GOOD}, mending)
    assert pl.read_parquet(again.paths["leads"])["lead_id"].to_list() == ["A", "B", "C", "D"]
    assert again.reports[0].mended == 0


def test_a_mended_row_that_is_still_wrong_keeps_its_name_and_its_text(read):
    wrong = set_aside(read("wrong", PLAIN, {"leads.csv": GOOD.replace("B,", ",")}))
    mending = mending_of(wrong, [("MISSING_ID", {"lead_id": "A"})])
    again = set_aside(read("wrong", PLAIN, {"leads.csv": GOOD.replace("B,", ",")}, mending))
    assert [row["code"] for row in again] == ["CONFLICTING_DUPLICATE"]
    assert [(row["id"], row["raw"], row["copy"]) for row in again] == [
        (row["id"], row["raw"], row["copy"]) for row in wrong
    ]


def test_text_does_not_fit_a_column_of_numbers(read):
    settings = '[tables.leads]\npath = "leads.parquet"\n'
    files = {"leads.parquet": parquet(lead_id=[1, None], created_at=["2024-01-01"] * 2)}
    mending = mending_of(set_aside(read("wrong", settings, files)), [("MISSING_ID", {"lead_id": "two"})])
    with pytest.raises(UserError, match="'two' was put into the column 'lead_id'"):
        read("wrong", settings, files, mending)


def test_sensitive_cells_stay_as_they_are(read):
    settings = PLAIN + 'sensitive = ["note"]\n'
    text = "lead_id,created_at,note\n,2024-01-01,secret\nB,2024-01-01,other\n"
    wrong = set_aside(read("wrong", settings, {"leads.csv": text}))
    assert "secret" not in wrong[0]["raw"]
    again = read("wrong", settings, {"leads.csv": text}, mending_of(wrong, [("MISSING_ID", {"lead_id": "A"})]))
    assert pl.read_parquet(again.paths["leads"])["lead_id"].to_list() == ["A", "B"]


def test_lines_among_many_blocks_of_a_long_file(read):
    """Ragged rows are met a block early; each is put where it stands."""
    filler = "x" * 2000
    good = [f"L{number},2024-01-01,{filler}" for number in range(9_500)]
    lines = list(good)
    places = sorted({*np.random.default_rng(3).integers(len(lines), size=12).tolist(), len(lines) - 1})
    for place in places:
        lines[place] = f"broken {place}"
    head = "lead_id,created_at,note\n"
    wrong = read("wrong", PLAIN, {"leads.csv": head + "\n".join(lines) + "\n"})
    rows = set_aside(wrong)
    assert [row["row"] for row in rows] == [place + 2 for place in places]
    cells = [("RAGGED_ROW", {"lead_id": f"L{place}", "created_at": "2024-01-01", "note": filler}) for place in places]
    again = read("wrong", PLAIN, {"leads.csv": head + "\n".join(lines) + "\n"}, mending_of(rows, cells))
    assert pl.read_parquet(again.paths["leads"])["lead_id"].to_list() == [f"L{number}" for number in range(9_500)]


def test_which_of_equal_rows_is_named_over_the_whole_table(read):
    text = "lead_id,created_at\n,2024-01-01\nA,2024-01-01\n,2024-01-01\n"
    rows = set_aside(read("wrong", PLAIN, {"leads.csv": text}))
    assert [row["copy"] for row in rows] == [1, 2]
    assert len({row["id"] for row in rows}) == 2
    mending = Mending({"leads": {(rows[1]["raw"], 2): {"lead_id": "Z"}}})
    again = read("wrong", PLAIN, {"leads.csv": text}, mending)
    assert pl.read_parquet(again.paths["leads"])["lead_id"].to_list() == ["A", "Z"]
    assert [row["row"] for row in set_aside(again)] == [2]
    assert json.loads(rows[0]["raw"]) == {"lead_id": "", "created_at": "2024-01-01"}
