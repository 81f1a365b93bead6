"""A bundle is read as it was written, or not at all."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest
from tests.unit.model.handoffs import features, handoffs

from salesworthy.domain.errors import UserError
from salesworthy.model.bundle import BUNDLE, TREES, read_bundle, write_bundle
from salesworthy.model.conversion import ConversionModel
from salesworthy.model.tree_text import check_tree_text


@pytest.fixture(scope="module")
def model():
    rows = handoffs(6_000)
    rows = rows.take(rows.judged)
    found = (
        ConversionModel(seed=1).fit(rows.features, rows.label, times=rows.handed_at, matured=rows.matured_at).fitted_
    )
    assert found.trees is not None, "this sample should need trees; change it"
    return found


@pytest.fixture
def written(model, tmp_path):
    return tmp_path / "b", write_bundle(model, tmp_path / "b", metadata={"catalogue": [{"name": "ä"}]})


def test_the_same_figures_come_back(model, written):
    folder, sha256 = written
    bundle = read_bundle(folder, expected_sha256=sha256)
    table = features(200, 4)
    assert np.array_equal(bundle.model.explain(table).log_odds, model.explain(table).log_odds)
    assert np.array_equal(bundle.model.explain(table).contributions, model.explain(table).contributions)
    assert np.array_equal(bundle.model.predict_proba(table), model.predict_proba(table))
    assert bundle.model.base_log_odds_ == model.base_log_odds_
    assert bundle.metadata == {"catalogue": [{"name": "ä"}]}


def test_the_same_model_gives_the_same_bytes(model, written, tmp_path):
    folder, sha256 = written
    again = read_bundle(folder).model
    assert write_bundle(again, tmp_path / "c", metadata={"catalogue": [{"name": "ä"}]}) == sha256
    assert (tmp_path / "c" / TREES).read_bytes() == (folder / TREES).read_bytes()


def test_files_are_text_and_nothing_is_a_pickle(written):
    folder, _ = written
    assert sorted(path.name for path in folder.iterdir()) == [BUNDLE, TREES]
    json.loads((folder / BUNDLE).read_text(encoding="utf-8"))
    assert (folder / TREES).read_text(encoding="utf-8").startswith("tree\n")


@pytest.mark.parametrize("name", [BUNDLE, TREES])
def test_a_changed_file_is_refused(written, name):
    folder, sha256 = written
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(UserError, match=r"changed|hash"):
        read_bundle(folder, expected_sha256=sha256)


def test_a_missing_file_is_named(written):
    folder, sha256 = written
    (folder / TREES).unlink()
    with pytest.raises(UserError, match=r"trees\.txt"):
        read_bundle(folder, expected_sha256=sha256)


def test_another_format_is_refused(written):
    folder, _ = written
    (folder / BUNDLE).write_text('{"format": 99}')
    with pytest.raises(UserError, match="format 99"):
        read_bundle(folder)


def damages(text):
    """Texts as a broken disk or a careless hand leaves them: cut short, values lost, children that lead in circles."""
    lines = text.splitlines()
    children = next(number for number, line in enumerate(lines) if line.startswith("left_child=") and " " in line)
    chance = random.Random(0)  # noqa: S311 -- which lines are damaged
    yield "cut short", text[: len(text) // 2]
    yield "no footer", text.replace("end of trees", "")
    yield "a circle", _with(lines, children, "left_child=0" + lines[children][len("left_child=") + 1 :])
    yield "a far child", _with(lines, children, lines[children].replace("left_child=", "left_child=77 ", 1))
    leaf = next(number for number, line in enumerate(lines) if line.startswith("leaf_value=") and " " in line)
    yield "no number", _with(lines, leaf, "leaf_value=nan " + lines[leaf].split(" ", 1)[1])
    yield "a value lost", _with(lines, leaf, lines[leaf].rsplit(" ", 1)[0])
    splits = next(number for number, line in enumerate(lines) if line.startswith("split_feature=") and " " in line)
    yield "a far feature", _with(lines, splits, "split_feature=99 " + lines[splits].split(" ", 1)[1])
    structural = [number for number, line in enumerate(lines) if line.startswith(("left_child=", "right_child="))]
    for number in chance.sample(structural, 8):
        values = lines[number].split("=")[1].split()
        place = chance.randrange(len(values))
        values[place] = str(int(values[place]) + 1)
        name = lines[number].split("=")[0]
        yield f"line {number}", _with(lines, number, f"{name}={' '.join(values)}")


def _with(lines, number, line):
    return "\n".join([*lines[:number], line, *lines[number + 1 :]])


def test_broken_trees_are_refused_before_lightgbm_sees_them(model):
    text = model.trees.text
    check_tree_text(text, features=4, where="trees.txt")
    for name, damaged in damages(text):
        with pytest.raises(UserError, match=r"trees\.txt"):
            check_tree_text(damaged, features=4, where="trees.txt")
            pytest.fail(f"{name} was not noticed")
    with pytest.raises(UserError, match="5 features"):
        check_tree_text(text, features=5, where="trees.txt")
