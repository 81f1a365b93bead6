"""The promotion gate: conditions with their figures, and the duel with the champion."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from handoffs import DAY, handoffs

from salesworthy.model.conversion import ConversionModel
from salesworthy.model.duel import duel
from salesworthy.model.metrics import Figure
from salesworthy.model.promotion_gate import Condition, Duel, champion_condition, conditions_of, failing

CLEAN = {"findings": [], "checked": 12}
BLOCKED = {"column": "duration", "code": "POWER", "evidence": "", "severity": "block"}


ADDS_UP = {"code": "ADDITIVE", "holds": True, "says": "largest difference 1e-12", "untrue": False}
UNSTABLE = {"code": "STABLE", "holds": False, "says": "two models agree on 50%", "untrue": False}
UNFAITHFUL = {"code": "DELETION", "holds": False, "says": "scores move by 0.1", "untrue": True}


def record(told, *, leakage=CLEAN, reasons=(ADDS_UP,)):
    return {"evaluation": told, "leakage": leakage, "reasons": reasons}


def figure(value, low=None, high=None):
    return {"value": value, "low": value if low is None else low, "high": value if high is None else high}


def evaluation(
    *,
    auc=(0.7, 0.65, 0.75),
    loss=(0.3, 0.29, 0.31),
    ece=(0.02, 0.01, 0.03),
    other_ece=(0.05, 0.04, 0.06),
    won=200,
    before=0.1,
):
    figures = {"roc_auc": figure(*auc), "log_loss": figure(*loss), "ece": figure(*ece)}
    constant = {"roc_auc": figure(0.5), "log_loss": figure(0.35), "ece": figure(*other_ece)}
    return {
        "splits": [
            {
                "n_test": won * 10,
                "positive_rate_test": 0.1,
                "positive_rate_train": before,
                "contenders": {"constant": constant, "salesworthy": figures},
            }
        ],
        "pooled": {"constant": constant, "salesworthy": figures},
        "within_period_auc": {"constant": figure(0.5), "salesworthy": figure(*auc)},
    }


# what is unlike a good model -> the conditions that fail
SPEC = [
    ({}, []),
    ({"auc": (0.52, 0.49, 0.55)}, ["SKILL"]),
    ({"auc": (0.52, 0.501, 0.55)}, []),
    ({"auc": (0.52, 0.40, 0.65), "won": 29}, []),
    ({"auc": (0.40, 0.30, 0.49), "won": 29}, ["SKILL"]),
    ({"loss": (0.37, 0.36, 0.38)}, ["SKILL"]),
    ({"loss": (0.37, 0.34, 0.40)}, []),
    ({"ece": (0.2, 0.15, 0.25)}, ["CALIBRATION"]),
    ({"ece": (0.2, 0.15, 0.25), "other_ece": (0.21, 0.2, 0.22)}, []),
    ({"ece": (0.14, 0.13, 0.16)}, []),
    ({"ece": (0.2, 0.15, 0.25), "before": 0.16}, []),
    ({"ece": (0.2, 0.15, 0.25), "before": 0.14}, ["CALIBRATION"]),
    ({"auc": (None,)}, ["SKILL"]),
]


@pytest.mark.parametrize(("unlike", "fails"), SPEC)
def test_conditions_fail_where_the_interval_is_clear(unlike, fails):
    assert [each.code for each in failing(conditions_of(record(evaluation(**unlike))))] == fails


def test_what_fails_may_be_answered_for_by_its_code():
    conditions = conditions_of(record(evaluation(auc=(0.5, 0.4, 0.6), ece=(0.3, 0.3, 0.3))))
    assert [each.code for each in failing(conditions, despite=["SKILL"])] == ["CALIBRATION"]


def test_a_leak_fails_unless_somebody_answers_for_it():
    answered_for = BLOCKED | {"waived": "measured before"}
    open_leak, answered = (
        conditions_of(record(evaluation(), leakage={"findings": [each], "checked": 3}))[2]
        for each in (BLOCKED, answered_for)
    )
    assert (open_leak.holds, answered.holds) == (False, True)
    assert "duration" in answered.says


def test_reasons_fail_where_they_are_untrue_and_not_where_history_is_short():
    unstable, unfaithful = (
        conditions_of(record(evaluation(), reasons=(ADDS_UP, each)))[3] for each in (UNSTABLE, UNFAITHFUL)
    )
    assert (unstable.holds, unfaithful.holds) == (True, False)
    assert "50%" in unstable.says
    assert "0.1" in unfaithful.says


def test_every_condition_says_its_figure():
    says = " ".join(each.says for each in conditions_of(record(evaluation())))
    for part in ("0.7000 (0.6500 to 0.7500)", "0.3000 (0.2900 to 0.3100)", "0.0200", "12 columns"):
        assert part in says


def test_a_challenger_fails_only_where_it_is_clearly_worse():
    assert champion_condition(Duel("v1", 500, 60, Figure(-0.01, -0.03, 0.01))).holds
    assert champion_condition(Duel("v1", 500, 60, Figure(0.01, -0.01, 0.03))).holds
    assert champion_condition(Duel("v1", 500, 60, Figure(0.02, 0.01, 0.03))).holds is False
    assert champion_condition(None, why_not="nothing to compare") == Condition("CHAMPION", None, "nothing to compare")


def compared(data, champion, **options):
    model = champion.fitted_
    learned = int(data.handed_at[data.matured_at <= options["knew_until"]].max())
    return duel(
        data, data.features, model, version="v1", learned_until=learned, challenger=ConversionModel(), **options
    )


@pytest.fixture(scope="module")
def known():
    data = handoffs(4_000, seed=5)
    knew_until = 250 * DAY
    rows = data.take(data.judged & (data.matured_at <= knew_until))
    return data, rows, knew_until


def test_a_duel_finds_a_champion_that_learned_nonsense(known):
    data, rows, knew_until = known
    wrong = ConversionModel().fit(rows.features, 1 - rows.label, times=rows.handed_at)
    found, _ = compared(data, wrong, knew_until=knew_until)
    assert found.difference.high < -0.1
    later = data.judged & (data.handed_at > rows.handed_at.max())
    assert (found.leads, found.positives) == (later.sum(), data.label[later].sum())


def test_a_duel_between_equals_is_undecided(known):
    data, rows, knew_until = known
    same = ConversionModel().fit(rows.features, rows.label, times=rows.handed_at, matured=rows.matured_at)
    found, _ = compared(data, same, knew_until=knew_until)
    assert found.difference == Figure(0, 0, 0)


def test_a_duel_uses_only_what_the_champion_knew(known):
    data, rows, knew_until = known
    champion = ConversionModel().fit(rows.features, rows.label, times=rows.handed_at, matured=rows.matured_at)
    later = data.handed_at > rows.handed_at.max()
    flipped = dataclasses.replace(data, label=np.where(later, 1 - data.label, data.label))
    found, _ = compared(flipped, champion, knew_until=knew_until)
    assert found.difference.value == 0


def test_without_later_outcomes_there_is_no_duel(known):
    data, rows, _ = known
    champion = ConversionModel().fit(rows.features, rows.label, times=rows.handed_at, matured=rows.matured_at)
    found, why = compared(data, champion, knew_until=int(data.matured_at[data.judged].max()))
    assert found is None
    assert "too few" in why
