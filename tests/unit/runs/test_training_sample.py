"""A limit of training rows reaches the evaluation and the final fit, and the model says so of itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.runs.one_evaluation import AS_OF, FEATURES, data

from salesworthy.domain.errors import ConfigurationMistakes
from salesworthy.features.catalogue import Catalogue
from salesworthy.features.loading import LoadedCatalogue
from salesworthy.runs.evaluate import evaluate_training_set
from salesworthy.runs.settings import load_settings
from salesworthy.runs.train import fit
from salesworthy.runs.training_set import TrainingSet

LIMIT = 1_000


@pytest.fixture(scope="module")
def found():
    return TrainingSet(data(2_500), LoadedCatalogue(Catalogue(FEATURES)), AS_OF, "f" * 64, max_rows=LIMIT)


def notes_of(recipe):
    return [note for note in recipe["notes"] if "training.max_rows" in note]


def test_the_limit_stands_in_the_settings(tmp_path):
    (tmp_path / "salesworthy.toml").write_text(f'[workspace]\nname = "t"\n[training]\nmax_rows = {LIMIT}\n')
    assert load_settings(tmp_path, {}).training.max_rows == LIMIT
    with pytest.raises(ConfigurationMistakes, match="max_rows"):
        load_settings(tmp_path, {"SALESWORTHY__TRAINING__MAX_ROWS": "10"})


def test_the_model_says_how_many_it_learned_from(found):
    (note,) = notes_of(fit(found).recipe)
    assert f" of {found.judged:,} handoffs" in note
    assert not notes_of(fit(replace(found, max_rows=None)).recipe)


def test_windows_learn_from_a_sample_and_are_tested_on_all(found):
    limited = evaluate_training_set(found, splits=2).to_json()
    whole = evaluate_training_set(replace(found, max_rows=None), splits=2).to_json()
    for ours, theirs in zip(limited["splits"], whole["splits"], strict=True):
        assert (ours["n_train"], ours["n_test"]) == (theirs["n_train"], theirs["n_test"])
        assert bool(notes_of(ours["chosen"])) == (ours["n_train"] > LIMIT)
        assert ours["contenders"]["logistic"] == theirs["contenders"]["logistic"]
    assert any(notes_of(each["chosen"]) for each in limited["splits"])
