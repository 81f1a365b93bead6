"""Chapters of an evaluation page: ours against the others, calibration, capacity, and time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salesworthy.reporting.html import Html, joined, paragraph, table, tag
from salesworthy.reporting.numbers import cell, percent, with_interval
from salesworthy.runs import evaluation_figures as drawn
from salesworthy.runs.evaluation_words import FIGURES, OURS, name_of

Report = Mapping[str, Any]


def against(report: Report) -> Html:
    """Every figure of every contender, the differences with their intervals, and the curves."""
    pooled = report["evaluation"]["pooled"]
    header = ["figure", *(tag("strong", name_of(name)) if name == OURS else name_of(name) for name in pooled)]
    rows = [
        [title, *(cell(with_interval(figures[key])) for figures in pooled.values())] for key, title in FIGURES.items()
    ]
    return joined(
        [
            paragraph(
                "Every contender saw the same leads and columns. Intervals come from resampling accounts; where two of "
                "them overlap, look at the difference: both are resampled together there."
            ),
            drawn.contenders_legend(report, without="constant"),
            drawn.side_by_side(
                drawn.difference_figure(report, "log_loss"),
                drawn.difference_figure(report, "roc_auc"),
                drawn.curve_figure(report, "roc"),
                drawn.curve_figure(report, "precision_recall"),
            ),
            table(header, rows, numbers=range(1, len(header)), says="All figures over all windows (95 % intervals)"),
        ]
    )


def calibration(report: Report) -> Html:
    """What was expected and what was accepted, contender by contender."""
    names = [OURS, *(name for name in reversed(report["calibration"]) if name != OURS)]
    return joined(
        [
            paragraph(
                "Leads are put in up to ten groups of about equal size, by the chance that a contender gave them. "
                "Where it expected 20 %, one in five should be accepted. A group whose interval misses the line "
                "is an error; one in twenty misses it by chance."
            ),
            drawn.side_by_side(*(drawn.calibration_figure(report, name) for name in names)),
        ]
    )


def capacity(report: Report) -> Html:
    """What sales finds among the leads that it has time for."""
    ours = report["capacity"]["contenders"][OURS]
    told = (
        f"Among the {ours['leads']:,.0f} leads that salesworthy puts first, {ours['expected']:,.0f} SQLs were expected "
        f"and {ours['found']:,.0f} found: {percent(ours['precision']['value'])} of the leads worked, and "
        f"{percent(ours['captured']['value'])} of all SQLs."
    )
    return joined(
        [
            paragraph(told),
            drawn.contenders_legend(report, without="constant"),
            drawn.side_by_side(drawn.capacity_figure(report), drawn.curve_figure(report, "gain")),
        ]
    )


def windows(report: Report) -> Html:
    """How the figures move from window to window."""
    within = report["evaluation"]["within_period_auc"]
    rows = [[name_of(name), cell(with_interval(each))] for name, each in within.items()]
    return joined(
        [
            paragraph("A model that ages, or a market that moves, shows here first."),
            drawn.contenders_legend(report),
            drawn.side_by_side(drawn.windows_figure(report, "log_loss"), drawn.windows_figure(report, "roc_auc")),
            tag("h3", "Order within months"),
            paragraph(
                "ROC AUC among leads of the same month: a rate that moves from month to month adds nothing to it."
            ),
            table(["contender", "ROC AUC within months (95 %)"], rows, numbers=[1], says="Order within months"),
        ]
    )
