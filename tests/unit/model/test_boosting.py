"""Trees: settings that can be grown, one thread everywhere, and no spinning threads (trap 10)."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.unit.model.handoffs import features

import salesworthy
from salesworthy.model.boosting import STAGES, GrowingTrees, TreeSettings, binned, grow, staged_log_odds
from salesworthy.model.columns import read_columns
from salesworthy.model.encoding import Encoder

SOURCES = Path(salesworthy.__file__).parent


def test_stages_are_as_many_times_more_as_the_rate_is_smaller():
    assert TreeSettings().stages == STAGES
    assert TreeSettings(rate=0.025).stages == tuple(2 * trees for trees in STAGES)
    assert TreeSettings(rate=0.5).stages == (0, 1, 2, 3, 5, 8, 10, 15, 20, 30)


UNSOUND = [
    {"leaves": 1}, {"depth": 0}, {"depth": 9}, {"rate": 0.0}, {"rate": 1.5}, {"columns_per_tree": 0.0},
    {"rows_per_tree": 1.1}, {"min_leaf_share": 0.5}, {"min_leaf_rows": 0}, {"ridge": -1.0},
]  # fmt: skip


@pytest.mark.parametrize("given", UNSOUND, ids=str)
def test_settings_that_cannot_be_grown_are_refused(given):
    with pytest.raises(ValueError, match="cannot be grown"):
        TreeSettings(**given)


def test_rows_are_drawn_only_when_asked_for():
    encoder = Encoder.fit(read_columns(features(100, 0)))
    assert "bagging_fraction" not in TreeSettings().params(encoder, {}, 100, 1)
    drawn = TreeSettings(rows_per_tree=0.6).params(encoder, {}, 100, 1)
    assert (drawn["bagging_fraction"], drawn["bagging_freq"], drawn["num_threads"]) == (0.6, 1, 1)


def test_trees_grown_on_demand_are_those_that_are_grown_at_once():
    columns = read_columns(features(800, 3))
    encoder = Encoder.fit(columns)
    rows, later = (encoder.encode(columns.take(np.arange(*span))) for span in ((0, 600), (600, 800)))
    rng = np.random.default_rng(1)
    y, weight, start = (rng.random(600) < 0.4).astype(float), rng.uniform(0.5, 1.5, 600), rng.normal(size=600)
    settings, directions = TreeSettings(), {"visits": "increasing"}
    params = settings.params(encoder, directions, 600, 5)
    growing = GrowingTrees(binned(rows, y, weight, start, encoder, params=params), params, later, settings.stages)
    whole = grow(rows, y, weight, start, encoder, trees=300, settings=settings, directions=directions, seed=5)
    staged = staged_log_odds(whole, later, settings.stages)
    for place in (4, 2, len(STAGES) - 1):
        np.testing.assert_allclose(growing.added(place), staged[place], rtol=0, atol=1e-12)


@pytest.mark.parametrize(("given", "seen"), [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_importing_the_package_keeps_waiting_threads_from_spinning_unless_the_user_decided(given, seen):
    environ = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    environ |= {} if given is None else {"OMP_WAIT_POLICY": given}
    code = "import salesworthy, os, sys; print(os.environ['OMP_WAIT_POLICY'], 'lightgbm' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [seen, "False"]


def calls():
    """Every call in the sources: file, name of what is called, names of its keywords."""
    for path in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                yield path.name, name, {each.arg: each.value for each in node.keywords}


def test_every_call_of_lightgbm_says_how_many_threads():
    """Boosters predict with as many threads as there are processors unless told otherwise."""
    threads = {"LGBMClassifier": "n_jobs"}
    found = [
        (file, name, keywords)
        for file, name, keywords in calls()
        if name in threads or (name == "predict" and {"raw_score", "pred_contrib"} & set(keywords))
    ]
    assert len(found) >= 3
    for file, name, keywords in found:
        assert threads.get(name, "num_threads") in keywords, file


def test_datasets_and_trainings_are_made_in_one_place_each():
    """``binned`` and ``TreeSettings.params`` name the threads; nothing else may train."""
    assert {file for file, name, _ in calls() if name == "Dataset"} == {"boosting.py"}
    text = {path.name for path in SOURCES.rglob("*.py") if "lightgbm.train(" in path.read_text(encoding="utf-8")}
    assert text == {"boosting.py", "tuning_folds.py"}
