"""Segments: large ones by themselves, small ones together, nobody singled out, and no figure on a handful."""

from __future__ import annotations

import numpy as np
import pytest

from salesworthy.model.segments import MIN_ACCOUNTS, MIN_LEADS, MOST_LEVELS, NOT_KNOWN, OTHERS, segments

SIZES = {"hospital": 300, "clinic": 120, "lab": 41, "tiny": 15, "rare": 14, "odd": 13}


def levels(sizes=SIZES, unknown=50):
    named = [name for name, size in sizes.items() for _ in range(size)]
    return np.array([*named, *([None] * unknown)], dtype=object)


def found(column, p=None, groups=None, seed=0):
    rows = len(column)
    rng = np.random.default_rng(seed)
    chance = np.full(rows, 0.3) if p is None else p
    y = (rng.random(rows) < 0.3).astype(float)
    return segments({"kind": column}, y, chance, np.arange(rows) if groups is None else groups)


def test_the_large_stand_alone_and_the_small_together():
    parts = found(levels())["kind"]
    assert [(each.level, each.joined, each.leads) for each in parts] == [
        ("hospital", 1, 300), ("clinic", 1, 120), ("lab", 1, 41), (OTHERS, 3, 42), (NOT_KNOWN, 1, 50),
    ]  # fmt: skip


def test_what_is_too_small_even_together_is_not_shown():
    parts = found(levels({"hospital": 300, "clinic": 120, "tiny": 5}, unknown=10))["kind"]
    assert [each.level for each in parts] == ["hospital", "clinic"]


def test_a_column_with_one_large_level_has_nothing_to_compare():
    assert found(levels({"hospital": 300, "tiny": 39}, unknown=100)) == {}
    assert found(np.array([f"person {number}" for number in range(500)], dtype=object)) == {}


def test_many_leads_of_few_accounts_are_no_segment():
    column = levels({"hospital": 201, "clinic": 199, "chain": 200}, unknown=0)
    groups = np.arange(600)
    groups[400:] = 400 + np.arange(200) % (MIN_ACCOUNTS - 1)
    assert [each.level for each in found(column, groups=groups)["kind"]] == ["hospital", "clinic"]


def test_who_works_on_a_lead_is_never_a_segment():
    column = levels()
    y, p = np.zeros(len(column)), np.full(len(column), 0.1)
    told = segments({"leads.owner_id": column, "assigned_to": column, "kind": column}, y, p, np.arange(len(column)))
    assert list(told) == ["kind"]


def test_no_more_levels_than_a_page_can_show():
    sizes = {f"level {number:02d}": MIN_LEADS + number for number in range(20)}
    parts = found(levels(sizes, unknown=0))["kind"]
    assert len(parts) == MOST_LEVELS + 1
    assert (parts[-1].level, parts[-1].joined) == (OTHERS, 8)
    assert sum(each.leads for each in parts) == sum(sizes.values())


def test_figures_are_those_of_the_segments_rows():
    column = levels({"a": 400, "b": 200}, unknown=0)
    y = np.array([1.0, 0, 0, 0] * 100 + [0.0] * 200)
    p = np.concatenate([np.tile([0.9, 0.2, 0.1, 0.3], 100), np.full(200, 0.4)])
    first, second = segments({"kind": column}, y, p, np.arange(600))["kind"]
    assert (first.accepted.value, first.predicted, first.roc_auc.value) == (0.25, pytest.approx(0.375), 1.0)
    assert first.verdict == "too high"
    assert (second.accepted.value, second.verdict, second.roc_auc.value) == (0.0, "too high", None)
    (low, _) = segments({"kind": column}, y, np.full(600, 0.01), np.arange(600))["kind"]
    assert low.verdict == "too low"


def test_a_right_model_is_off_in_about_one_segment_of_twenty():
    off = total = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        column = np.array([f"level {number}" for number in rng.integers(0, 10, 2_000)], dtype=object)
        p = rng.uniform(0.05, 0.6, 2_000)
        y = (rng.random(2_000) < p).astype(float)
        parts = segments({"kind": column}, y, p, np.arange(2_000))["kind"]
        off, total = off + sum(bool(each.verdict) for each in parts), total + len(parts)
    assert total == 200
    assert off <= 0.1 * total
