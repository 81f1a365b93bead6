"""A waterfall starts at the base, adds up, and ends at the score; a swarm has every lead once."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesworthy.reporting.share_charts import THIRDS, Part, Swarm, beeswarm, chance, steps, waterfall
from salesworthy.reporting.style import LIGHT

SHARES = st.lists(st.floats(-4, 4).filter(lambda value: value != 0), max_size=20)


@given(st.floats(-5, 5), SHARES, st.integers(0, 8))
def test_the_steps_add_up(base, shares, most):
    told = steps(base, [Part(f"p{place}", share) for place, share in enumerate(shares)], most=most, first="f", last="l",
                 rest="{count} more")  # fmt: skip
    assert (told[0].end, told[0].kind, told[-1].kind) == (base, "level", "level")
    assert told[-1].end == pytest.approx(base + sum(shares), abs=1e-9)
    for before, after in pairwise(told[:-1]):
        assert after.start == before.end
    assert len(told) == 2 + min(len(shares), most) + (len(shares) > most)
    sizes = [abs(step.end - step.start) for step in told[1 : 1 + min(len(shares), most)]]
    assert sizes == pytest.approx(sorted(map(abs, shares), reverse=True)[:most], abs=1e-9)


@given(st.floats(-700, 700))
def test_chances_of_log_odds(log_odds):
    assert 0 <= chance(log_odds) <= 1
    assert chance(log_odds) + chance(-log_odds) == pytest.approx(1.0)
    if abs(log_odds) < 30:
        assert math.log(chance(log_odds) / (1 - chance(log_odds))) == pytest.approx(log_odds, abs=1e-2)


def test_the_axis_tells_chances_and_all_bars_lie_on_it():
    told = steps(-3.0, [Part("a", 2.0), Part("b", 1.9), Part("c", -0.4)], first="f", last="l", rest="{count}")
    links, bars, *_ = waterfall(told).spec["layer"]
    low, high = bars["encoding"]["x"]["scale"]["domain"]
    rows = bars["data"]["values"]
    assert all(low <= row[end] <= high for row in rows for end in ("from", "to"))
    assert [row["after"] for row in rows] == ["5%", "+2.00 → 27%", "+1.90 → 71%", "-0.40 → 62%", "62%"]
    assert [row["colour"] for row in rows[1:4]] == [LIGHT["for"], LIGHT["for"], LIGHT["against"]]
    assert len(links["data"]["values"]) == len(rows) - 1
    assert all(low < mark < high for mark in bars["encoding"]["x"]["axis"]["values"])


def test_a_swarm_has_every_lead_once_and_keeps_inside_its_row():
    shares = [0.5] * 60 + [-0.2, 0.1]
    ranks = [0.0] * 20 + [0.5] * 20 + [1.0] * 20 + [None, None]
    dots = beeswarm([Swarm("a", shares, ranks), Swarm("b", shares, ranks)]).spec["layer"][1]["data"]["values"]
    assert len(dots) == 2 * len(shares)
    assert len({(dot["share"], dot["at"]) for dot in dots}) == len(dots)
    assert all(place < dot["at"] < place + 1 for place in (0, 1) for dot in dots[place * 62 : place * 62 + 62])
    colours = [dot["colour"] for dot in dots[:62]]
    assert {colour: colours.count(colour) for colour in set(colours)} == {
        LIGHT[THIRDS[0]]: 20, LIGHT[THIRDS[1]]: 20, LIGHT[THIRDS[2]]: 20, LIGHT["plain"]: 2,
    }  # fmt: skip
