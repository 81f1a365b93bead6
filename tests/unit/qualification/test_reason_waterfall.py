"""How a chance comes about: from the average lead to this one, nothing left out, and texts as texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesworthy.qualification.reason_waterfall import MOST, reason_chart, reason_figure, reason_steps

HOSTILE = "<script>alert(1)</script>"


def reason(sentence, log_odds, degree="clear"):
    return {"sentence": sentence, "log_odds": log_odds, "degree": degree}


@given(st.floats(-4, 4), st.lists(st.floats(-3, 3), max_size=20))
def test_it_ends_at_the_score(base, shares):
    told = reason_steps(base, [reason(f"r{place}", share) for place, share in enumerate(shares)])
    assert told[-1].end == pytest.approx(base + sum(shares), abs=1e-9)
    assert len(told) <= MOST + 3


def test_a_rule_that_decided_has_no_bar():
    told = reason_steps(-1.0, [reason("Asked for a demonstration", 0.0, "decided"), reason("Works as physician", 0.4)])
    assert [step.label for step in told] == ["The average lead", "Works as physician", "This lead"]


def test_the_figure_tells_both_sides_and_every_chance():
    made = reason_figure(
        -1.5, [reason(HOSTILE, 1.5, "strong"), reason("Personal address", -0.5), reason("Small", 0.01)]
    )
    assert "<script" not in made
    assert "From 18 % for the average lead to 38 % for this one." in made
    assert "Most speaks for it: &lt;script&gt;" in made
    assert "Most speaks against it: Personal address." in made
    assert '<td>strong</td><td class="number">+1.50</td><td class="number">50 %</td>' in made
    assert made.count("<svg") == made.count("<table>") == 1


def test_without_a_model_there_is_no_picture():
    assert reason_figure(None, [reason("Asked for a price", None)]) == ""
    assert reason_figure(-1.0, []) == ""


def test_the_picture_is_the_same_every_time():
    told = [reason("a", 1.0), reason("b", -1.0)]
    assert reason_figure(-1.0, told) == reason_figure(-1.0, told[::-1])
    assert reason_chart(-1.0, told).spec["layer"]
