"""No row is ever lost: tables with planted faults of every code, each row looked for by its own mark.

``experiments/conservation`` does the same with 5,000 tables.
"""

from __future__ import annotations

from collections import Counter

import pytest
from experiments.conservation.accounting import account, mended
from experiments.conservation.tables import CODES, KEPT, PASSED_OVER, SUPPRESSED, world

from salesworthy.intake.rejection import Rejection

SEEDS = range(8)


def test_every_row_is_where_it_belongs(tmp_path):
    codes: Counter[str] = Counter()
    for seed in SEEDS:
        planted = world(seed)
        planted.write(tmp_path / str(seed))
        found = account(planted, tmp_path / str(seed))
        assert found.astray == []
        codes += found.codes
    assert set(codes) == {*(code.name for code in Rejection), KEPT, SUPPRESSED, PASSED_OVER}


def test_every_code_is_planted():
    assert {code for codes in CODES.values() for code in codes} == {code.name for code in Rejection}


@pytest.mark.parametrize("seed", range(100, 103))
def test_mended_rows_make_the_tables_those_of_a_source_without_faults(tmp_path, seed):
    planted = world(seed)
    planted.write(tmp_path / "wrong")
    planted.write(tmp_path / "right", right=True)
    assert mended(planted, tmp_path / "wrong", tmp_path / "right") == []
