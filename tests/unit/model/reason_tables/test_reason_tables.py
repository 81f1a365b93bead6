"""Shares from tables: held against their definition, against LightGBM, and against one another."""

from __future__ import annotations

import logging
import sys

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.model.generated_forests import FEATURES, KINDS, QUIET, generated
from tests.unit.model.reason_tables.reference_shares import goes_left, shapley

from salesworthy.model.encoding import Encoded
from salesworthy.model.reason_tables import few_leads, kernels
from salesworthy.model.reason_tables.blocks import MAX_BITS, blocks_of
from salesworthy.model.reason_tables.building import build_tables
from salesworthy.model.reason_tables.codes import learn_codes
from salesworthy.model.reason_tables.forest import Forest, Tree
from salesworthy.model.reason_tables.kernels import COMPILED, codes_of, compiled, shares_of
from salesworthy.model.reason_tables.leaf_shares import gauss_points
from salesworthy.model.reason_tables.proof import hostile_rows, largest_error
from salesworthy.model.trees import Trees

NUMBERS = (-2.5, -1.0, -1e-30, 0.0, 0.5, 3.0, float("inf"))
VALUES = (*NUMBERS, -np.inf, np.nan, -0.5, 0.3, 1.0, 1.9, 2.0, 40.0, -3.7, 1e-36, -1e-36, 2.0**31, 1e300)


@st.composite
def trees(draw, features=5, most_nodes=9):
    """Trees of any shape over three numbers and two categories."""
    nodes = draw(st.integers(1, most_nodes))
    missing = [draw(st.integers(0, 2)) for _ in range(3)]
    left, right, leaves = [], [], 0
    open_ends, grown = [None], 0
    children: dict[int, list[int]] = {}
    while open_ends:
        place = draw(st.integers(0, len(open_ends) - 1))
        parent = open_ends.pop(place)
        is_node = grown < nodes and (draw(st.booleans()) or not open_ends)
        if is_node:
            number, grown = grown, grown + 1
            children[number] = []
            open_ends += [number, number]
        else:
            leaves += 1
            number = -leaves
        if parent is not None:
            children[parent].append(number)
    left = [children[node][0] for node in range(grown)]
    right = [children[node][1] for node in range(grown)]
    leaf_count = np.array([draw(st.integers(1, 50)) for _ in range(leaves)], float)

    def rows_at(child):
        return leaf_count[-child - 1] if child < 0 else rows_at(left[child]) + rows_at(right[child])

    feature = [draw(st.integers(0, features - 1)) for _ in range(grown)]
    levels = st.sets(st.integers(0, 4)).map(lambda each: np.array(sorted(each), np.int64))
    return Tree(
        feature=np.array(feature, np.int64),
        threshold=np.array([draw(st.sampled_from(NUMBERS)) for _ in range(grown)]),
        categories=tuple(draw(levels) if each >= 3 else None for each in feature),
        default_left=np.array([draw(st.booleans()) for _ in range(grown)], bool),
        missing=np.array([0 if each >= 3 else missing[each] for each in feature], np.int64),
        left=np.array(left, np.int64),
        right=np.array(right, np.int64),
        count=np.array([rows_at(node) for node in range(grown)]),
        leaf_value=np.array([draw(st.floats(-2, 2)) for _ in range(leaves)]),
        leaf_count=leaf_count,
    )


def shares(tables, rows, **options):
    codes = codes_of(tables, list(np.asarray(rows, float).T), [False] * tables.coder.features)
    return shares_of(tables, codes, **options).T


@settings(max_examples=60, deadline=None)
@given(trees(), st.lists(st.sampled_from(VALUES), min_size=5, max_size=5))
def test_shares_are_shapley_values_by_definition(tree, row):
    tables = build_tables(Forest((tree,), 5))
    expected = shapley(tree, np.array(row), 5)
    assert np.abs(shares(tables, [row])[0] - expected).max() < 1e-8
    node = 0
    while node >= 0:
        node = int((tree.left if goes_left(tree, node, row[tree.feature[node]]) else tree.right)[node])
    assert tables.base + expected.sum() == pytest.approx(tree.leaf_value[-node - 1], abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(trees(), st.sampled_from(VALUES))
def test_codes_say_which_side_a_value_goes(tree, value):
    coder = learn_codes(Forest((tree,), 5))
    for node, feature in enumerate(tree.feature.tolist()):
        code = coder.code(feature, np.array([value]))
        assert coder.goes_left(tree, node)[code[0]] == goes_left(tree, node, value)


@settings(max_examples=60, deadline=None)
@given(trees(most_nodes=20))
def test_blocks_hold_every_leaf_once(tree):
    values = sorted(leaf.value for block in blocks_of(tree) for leaf in block.leaves)
    assert values == sorted(tree.leaf_value.tolist())
    assert all(len(block.conditions) <= MAX_BITS for block in blocks_of(tree))


@pytest.mark.parametrize("kind", KINDS)
def test_shares_are_those_of_lightgbm(kind):
    model = generated(kind, seed=len(kind), rows=500, trees=8, compared=80)
    assert largest_error(model.trees, model.rows) < 1e-7


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", KINDS)
def test_shares_are_those_of_lightgbm_on_larger_models(kind, seed):
    model = generated(kind, seed=seed)
    assert largest_error(model.trees, model.rows) < 1e-6


MANY_CODES = {
    "objective": "binary", "num_leaves": 40, "min_data_in_leaf": 2, "max_bin": 2_000, "min_data_in_bin": 1,
    "max_cat_threshold": 400, "min_data_per_group": 1, "cat_smooth": 0.0,
}  # fmt: skip


@pytest.fixture(scope="module")
def wide():
    """A number with more than 254 thresholds and a category with more than 254 levels."""
    draw = np.random.default_rng(3)
    X = np.stack([draw.random(4_000), draw.integers(0, 900, 4_000)], axis=1)
    y = (np.sin(400 * X[:, 0]) + (X[:, 1] % 3 == 0) + draw.random(4_000) > 1).astype(int)
    data = lightgbm.Dataset(X, y, categorical_feature=[1], params=QUIET)
    return Trees(lightgbm.train({**MANY_CODES, **QUIET}, data, 20).model_to_string())


def test_more_codes_than_a_byte_holds_take_two(wide):
    coder = wide.tables.coder
    assert (coder.size(0) > 256, coder.size(1) > 256, coder.dtype) == (True, True, np.uint16)
    assert largest_error(wide, hostile_rows(coder, None, 300, seed=1)) < 1e-7


@pytest.fixture(scope="module")
def model():
    return generated("deep", seed=2)


def test_a_lead_has_the_same_shares_alone_in_a_batch_and_in_threads(model):
    tables, rows = model.trees.tables, model.rows
    together = shares(tables, rows)
    assert np.array_equal(shares(tables, rows, threads=3), together)
    assert all(np.array_equal(shares(tables, rows[each : each + 1])[0], together[each]) for each in range(0, 200, 13))


def test_the_compiled_kernel_codes_and_adds_as_numpy_does(model, wide, monkeypatch):
    kernel = compiled()
    assert kernel is not None
    for trees_of, rows in ((model.trees, model.rows), (wide, hostile_rows(wide.tables.coder, None, 300, seed=4))):
        monkeypatch.setattr(kernels, "_kernel", lambda cells, leads: kernel)
        fast = shares(trees_of.tables, rows)
        monkeypatch.setattr(kernels, "_kernel", lambda cells, leads: few_leads)
        assert np.array_equal(shares(trees_of.tables, rows), fast)


def test_without_numba_numpy_does_it_and_that_is_said(model, monkeypatch, caplog):
    together = shares(model.trees.tables, model.rows)
    monkeypatch.setitem(sys.modules, COMPILED, None)
    compiled.cache_clear()
    with caplog.at_level(logging.WARNING):
        assert np.array_equal(shares(model.trees.tables, model.rows), together)
    compiled.cache_clear()
    assert "computed by numpy" in caplog.text


def test_groups_are_the_sums_of_their_features(model):
    groups = np.arange(FEATURES) % 5
    grouped = shares(build_tables(model.trees.forest, groups=groups), model.rows)
    alone = shares(model.trees.tables, model.rows)
    sums = np.stack([alone[:, groups == group].sum(axis=1) for group in range(5)], axis=1)
    assert grouped.shape == (200, 5)
    assert np.abs(grouped - sums).max() < 1e-6


def test_no_rows_and_no_trees():
    model = generated("constant", seed=1, rows=300)
    assert shares(model.trees.tables, np.empty((0, FEATURES))).shape == (0, FEATURES)
    assert not shares(model.trees.tables, model.rows).any()
    assert model.trees.base == pytest.approx(model.trees.log_odds(model.rows)[0])


def _trained(X, y, rounds=3, **parameters):
    data = lightgbm.Dataset(X, y, params={**QUIET, "linear_tree": parameters.get("linear_tree", False)})
    return Trees(lightgbm.train({"objective": "binary", **QUIET, **parameters}, data, rounds).model_to_string())


def _long_path():
    """The first feature that is zero decides, and weighs less the later it comes: a path through all of them."""
    draw = np.random.default_rng(0)
    X = (draw.random((4_000, 24)) < 0.9).astype(float)
    label = np.where((X == 0).any(axis=1), 0.6 ** (X == 0).argmax(axis=1), 0.0)
    deep = {"num_leaves": 30, "min_data_in_leaf": 1, "min_sum_hessian_in_leaf": 0.0}
    return _trained(X, label, rounds=1, objective="regression", **deep), X


def test_a_model_without_tables_is_explained_by_lightgbm():
    trees_of, X = _long_path()
    assert trees_of.tables is None
    assert "more than 16 features" in trees_of.why_no_tables
    rows = Encoded(np.empty((20, 0)), (), tuple(X[:20].T), (False,) * 24)
    assert np.array_equal(trees_of.shares(rows), trees_of.shares_by_lightgbm(X[:20])[:, :-1])
    assert trees_of.base == pytest.approx(trees_of.shares_by_lightgbm(X[:1])[0, -1])


def test_kinds_of_models_that_have_no_tables_say_why():
    draw = np.random.default_rng(0)
    X, y = draw.random((300, 3)), draw.integers(0, 3, 300)
    several = _trained(X, y, objective="multiclass", num_class=3)
    linear = _trained(X, (y > 0).astype(int), linear_tree=True)
    found = [(each.tables, each.why_no_tables) for each in (several, linear)]
    assert found == [(None, "it has several trees per step"), (None, "its leaves are linear")]


@pytest.mark.parametrize("count", range(1, 9))
def test_gauss_points_integrate_polynomials_exactly(count):
    for degree in range(2 * count):
        integral = sum(weight * point**degree for point, weight in gauss_points(count))
        assert integral == pytest.approx(1 / (degree + 1), rel=1e-14)
