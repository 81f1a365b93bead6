"""What differences say: better or worse only where the whole interval says so."""

from __future__ import annotations

import pytest

from salesworthy.runs.evaluation_words import against, compared, headline, verdict

CASES = {
    "better, less is better": ("log_loss", (-0.01, -0.016, -0.004), "better"),
    "worse, less is better": ("log_loss", (0.01, 0.004, 0.016), "worse"),
    "better, more is better": ("roc_auc", (0.02, 0.01, 0.03), "better"),
    "worse, more is better": ("roc_auc", (-0.02, -0.03, -0.01), "worse"),
    "touching nothing": ("log_loss", (-0.01, -0.02, 0.0), "equal"),
    "no figure": ("log_loss", (None, None, None), "unknown"),
}


def bounded(value, low, high):
    return {"value": value, "low": low, "high": high}


@pytest.mark.parametrize(("figure", "difference", "expected"), CASES.values(), ids=CASES)
def test_verdicts(figure, difference, expected):
    assert verdict(bounded(*difference), figure) == expected


def test_sentences_name_the_figure_and_its_interval():
    assert compared("logistic", bounded(0.01, 0.004, 0.016), "log_loss") == (
        "worse than logistic regression on log-loss by 0.010 (95 % 0.004 to 0.016)"
    )
    assert compared("rules", bounded(0.001, -0.004, 0.006), "roc_auc") == (
        "not told apart from the present rules on ROC AUC: difference +0.001 (95 % -0.004 to +0.006)"
    )
    assert compared("rules", bounded(None, None, None), "log_loss") == (
        "cannot be compared with the present rules on log-loss"
    )
    both = {"log_loss": bounded(-0.01, -0.016, -0.004), "roc_auc": bounded(0.02, 0.01, 0.03)}
    assert against("constant", both) == (
        "better than the rate alone on log-loss by 0.010 (95 % 0.004 to 0.016); "
        "better on ROC AUC by 0.020 (95 % 0.010 to 0.030)"
    )


def test_the_headline_puts_the_contenders_where_they_belong():
    told = {"constant": (-0.1, -0.2, -0.05), "logistic": (0.0, -0.1, 0.1), "rules": (0.1, 0.05, 0.2)}
    report = {
        "about": {"tested": 1_000, "tested_accepted": 217},
        "differences": {name: {"log_loss": bounded(*each)} for name, each in told.items()},
    }
    assert headline(report) == (
        "On 1,000 later leads, by log-loss, salesworthy is better than the rate alone, not told apart from logistic "
        "regression and worse than the present rules. Of these leads 21.7 % were accepted."
    )
