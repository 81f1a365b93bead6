"""Checks of reasons: each holds for a model that deserves it, and fails for one that does not."""

from __future__ import annotations

import dataclasses

import numpy as np
import pyarrow as pa
import pytest
from handoffs import handoffs

from salesworthy.model.conversion import ConversionModel
from salesworthy.model.reason_checks import _clear, _Told, check_reasons
from salesworthy.model.refitting import refitted

GROUPS = {"visits": "SITE", "days_since_visit": "RECENT", "attended": "WEBINAR", "role": "ROLE"}


@pytest.fixture(scope="module")
def learned():
    data = handoffs(6_000, seed=2)
    data = data.take(data.judged)
    model = ConversionModel().fit(data.features, data.label, times=data.handed_at, matured=data.matured_at)
    return model.fitted_, data


def checks(model, data, groups=GROUPS):
    return {each.code: each for each in check_reasons(model, data, groups=groups, directions={}, seed=4)}


def test_a_good_model_passes_every_check(learned):
    found = checks(*learned)
    assert {code: each.holds for code, each in found.items()} == dict.fromkeys(
        ("ADDITIVE", "DELETION", "STABLE", "RANDOM_LABELS", "COVERED", "DIFFERENT"), True
    )
    assert not [each for each in found.values() if each.untrue]
    assert found["COVERED"].figure == pytest.approx(1)


def test_shares_that_do_not_add_up_are_found(learned):
    model, data = learned
    found = checks(crooked(model, lambda shares: 0.9 * shares), data)["ADDITIVE"]
    assert (found.holds, found.untrue) == (False, True)


def test_shares_of_the_wrong_features_add_up_and_are_found(learned):
    model, data = learned
    found = checks(crooked(model, lambda shares: np.roll(shares, 1, axis=1)), data)
    assert found["ADDITIVE"].holds
    assert (found["DELETION"].holds, found["DELETION"].untrue) == (False, True)


def crooked(model, bend):
    """The model, with the shares of its backbone bent."""
    backbone = model.backbone

    class Crooked(type(backbone)):
        def contributions(self, rows, encoder):
            return bend(super().contributions(rows, encoder))

    bent = Crooked(**{field.name: getattr(backbone, field.name) for field in dataclasses.fields(backbone)})
    return dataclasses.replace(model, backbone=bent)


def test_a_model_of_noise_is_neither_stable_nor_told_apart_from_shuffled_outcomes(learned):
    _, data = learned
    rng = np.random.default_rng(0)
    noise = pa.table({f"n{column}": rng.normal(size=len(data)) for column in range(12)})
    random = dataclasses.replace(data, features=noise, label=rng.permutation(data.label))
    model = ConversionModel().fit(noise, random.label, times=data.handed_at, matured=data.matured_at).fitted_
    logistic = dataclasses.replace(model, recipe={**model.recipe, "kind": "logistic", "strength": 1.0})
    logistic = refitted(logistic, random, directions={}, seed=0)
    found = checks(logistic, random, groups={name: name for name in noise.column_names})
    assert (found["STABLE"].holds, found["STABLE"].untrue) == (False, True)
    assert (found["RANDOM_LABELS"].holds, found["RANDOM_LABELS"].untrue) == (False, True)


def test_leads_whose_first_reason_stands_clear_are_told_apart(learned):
    """What ``_clear`` promises, by plain loops over a few hand-made shares."""
    told, again = shares([[2.0, -1.0, 0.1], [0.5, 0.4, 0.0], [-0.3, 3.0, 1.0]]), [
        shares([[2.0, -0.6, 0.3], [0.3, 0.6, 0.0], [-0.2, 2.9, 1.2]]),
        shares([[1.6, -1.2, 0.1], [0.7, 0.2, 0.2], [-0.4, 3.1, 0.6]]),
    ]  # fmt: skip
    apart = np.array([[2.0 - 0.6, 0.3 - 0.6, 2.9 - 1.2], [1.6 - 1.2, 0.7 - 0.2, 3.1 - 0.6]])
    noise = np.mean([np.var(apart[:, lead], ddof=1) for lead in range(3)]) ** 0.5
    assert (noise > 0.1, noise < 1.0) == (True, True)
    assert _clear(told, again).tolist() == [True, False, True]


def shares(sums):
    found = object.__new__(_Told)
    found.codes, found.sums = ("A", "B", "C"), np.array(sums)
    found.ranked = np.argsort(-np.abs(found.sums), axis=1, kind="stable")
    return found


def test_stability_is_told_for_clear_leads_too(learned):
    found = checks(*learned)["STABLE"]
    assert found.further["where_clear"] >= found.figure
    assert 0 < found.further["clear_leads"] <= 1
    assert "outweighs the second" in found.says


def test_a_constant_model_has_no_reasons_to_check(learned):
    _, data = learned
    few = data.take(np.arange(40))
    model = ConversionModel().fit(few.features, few.label, times=few.handed_at).fitted_
    assert model.recipe["kind"] == "constant"
    assert list(checks(model, few)) == ["ADDITIVE"]


def test_refitting_on_the_same_rows_gives_the_same_model(learned):
    model, data = learned
    again = refitted(model, data, directions={}, seed=0)
    assert np.array_equal(again.log_odds(data.features), model.log_odds(data.features))
