"""Every kind of feature, judged by slow, plain Python on generated histories."""

from __future__ import annotations

import pytest
from histories import EXPRESSIONS, FEATURES, TABLES, WHERE, histories, spines, told_results
from hypothesis import HealthCheck, Phase, given, settings
from reference import Reference
from small_tables import answers, load

from salesworthy.features.catalogue import Catalogue


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    return load(FEATURES, tmp_path_factory.mktemp("catalogue"), tables=TABLES).catalogue


@pytest.fixture(scope="module")
def windowed(catalogue):
    """Features of sites that all have a window: acts are then found by spans of time."""
    return Catalogue(tuple(each for each in catalogue if each.per == "account" and each.window))


# Shrinking takes minutes here; the message of a failure names the question and the feature.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
QUICK = settings(max_examples=4, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.too_slow])


@QUICK
@given(tables=histories, spine=spines, results=told_results)
def test_fast_and_slow_answers_are_the_same(engine, catalogue, tables, spine, results):
    compare(engine, catalogue, tables, spine, results)


@pytest.mark.slow
@settings(QUICK, max_examples=25)
@given(tables=histories, spine=spines)
def test_windows_of_sites(engine, windowed, tables, spine):
    compare(engine, windowed, tables, spine, [])


@pytest.mark.slow
@settings(QUICK, max_examples=80)
@given(tables=histories, spine=spines, results=told_results)
def test_fast_and_slow_answers_are_the_same_for_many_histories(engine, catalogue, tables, spine, results):
    compare(engine, catalogue, tables, spine, results)


def compare(engine, catalogue, tables, spine, results):
    fast = answers(engine, tables, spine, catalogue, results).to_pylist()
    slow = Reference(tables, catalogue, WHERE, EXPRESSIONS, results)
    for question, found in zip(spine, fast, strict=True):
        expected = slow.answer(*question)
        assert {name: found[name] for name in found if not _same(found[name], expected[name])} == {}, (
            question,
            expected,
        )


def _same(one, other):
    return one == pytest.approx(other, rel=1e-12, abs=1e-12) if isinstance(other, float) else one == other
