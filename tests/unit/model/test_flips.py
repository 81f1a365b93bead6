"""Features whose effect turns round are found by the score test, and left out where later handoffs say so."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from tests.unit.model.handoffs import DAY, features

from salesworthy.model.columns import read_columns
from salesworthy.model.conversion import ConversionModel
from salesworthy.model.encoding import Encoder
from salesworthy.model.flips import CLEAR, MIN_EXPECTED, PERIODS, _effects, turning_features


def world(rows: int, *, signs: tuple[int, ...], effect: float = 1.2, seed: int = 0):
    """``mood`` speaks for acceptance where the sign of its period is +1 and against it where -1."""
    rng = np.random.default_rng(seed)
    period = np.arange(rows) * len(signs) // rows
    mood, size = rng.normal(size=rows), rng.normal(size=rows)
    log_odds = -0.5 + effect * np.array(signs)[period] * mood + 0.8 * size
    label = (rng.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(float)
    channel = np.where(mood > 0.5, "fair", np.where(rng.random(rows) < 0.5, "mail", "web"))
    return pa.table({"mood": mood, "size": size, "channel": channel}), label, np.arange(rows) * DAY // 20


def found(table, label, times):
    columns = read_columns(table)
    encoder = Encoder.fit(columns)
    return turning_features(encoder, encoder.encode(columns), label, times)


def test_what_turns_round_is_found_and_what_does_not_is_not():
    table, label, times = world(4_000, signs=(1, 1, -1, 1, -1))
    told = found(table, label, times)
    assert set(told) == {"mood", "channel"}
    assert told["mood"] == "its effect turned round: for acceptance in 3 of 5 periods, against it in 2"


@pytest.mark.parametrize("signs", [(1, 1, 1, 1, 1), (1, 1, 1, 0, 0), (0, 0, 0, 0, 0)])
def test_an_effect_that_fades_or_was_never_there_did_not_turn_round(signs):
    assert found(*world(4_000, signs=signs)) == {}


@pytest.mark.parametrize("seed", range(5))
def test_nothing_turns_round_by_luck(seed):
    table = features(3_000, seed)
    label = (np.random.default_rng(seed).random(3_000) < 0.2).astype(float)
    assert found(table, label, np.arange(3_000)) == {}


def test_the_effects_are_those_of_the_plain_formula():
    """The judge: the score test, column by column and row by row, on indicators of the levels."""
    table, label, _ = world(500, signs=(1, -1, 1, -1, 1), seed=3)
    sparse = pa.array([None if row % 9 == 0 else float(row % 7) for row in range(500)])
    columns = read_columns(table.append_column("sparse", sparse))
    encoder = Encoder.fit(columns)
    rows = encoder.encode(columns)
    periods = np.arange(500) * PERIODS // 500
    effects = dict(_effects(encoder, rows, label, periods))
    assert set(effects) == set(encoder.names)
    names = [*encoder.numbers, *encoder.indicated]
    for name, told in effects.items():
        own = [rows.numbers[:, place] for place, each in enumerate(names) if each == name]
        if name in encoder.categories:
            codes = rows.codes[list(encoder.categories).index(name)]
            own = [(codes == level).astype(float) for level in range(codes.max() + 1)]
        for column, values in enumerate(own):
            for period in range(PERIODS):
                x, y = values[periods == period], label[periods == period]
                rate, spread = y.mean(), ((x - x.mean()) ** 2).sum()
                smaller = min(x.sum(), len(x) - x.sum()) if name in encoder.categories else spread
                expected = 0.0
                if smaller * min(rate, 1 - rate) >= MIN_EXPECTED:
                    expected = ((x - x.mean()) * (y - rate)).sum() / np.sqrt(rate * (1 - rate) * spread)
                assert told[period, column] == pytest.approx(expected, abs=1e-9), (name, column, period)
    assert np.abs(effects["mood"]).max() > CLEAR


def test_a_feature_that_keeps_turning_is_left_out_where_later_handoffs_say_so():
    """It had turned round before the first later block, and what was learned of it misleads in most of them."""
    signs = (1, 1, -1, -1, 1, 1, -1, -1, 1, -1)
    table, label, times = world(6_000, signs=signs, effect=1.0)
    table = table.drop_columns("channel")
    model = ConversionModel(seed=1).fit(table, label, times=times)
    assert list(model.left_out_) == ["mood"]
    assert "turned round" in model.left_out_["mood"]
    assert "predicted better without it" in model.left_out_["mood"]
    assert (model.explain(table.slice(0, 50)).contributions[:, 0] == 0).all()


def test_a_feature_that_turned_once_long_ago_is_kept_and_said():
    table, label, times = world(6_000, signs=(-1, -1, 1, 1, 1, 1, 1, 1, 1, 1), effect=1.0)
    model = ConversionModel(seed=1).fit(table, label, times=times)
    assert model.left_out_ == {}
    assert any("turned round" in note and "kept" in note for note in model.recipe_["notes"])
