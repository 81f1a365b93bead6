"""The pictures of an evaluation report, each with its figures as a table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from salesworthy.reporting import charts, row_charts
from salesworthy.reporting.drawing import figure, legend
from salesworthy.reporting.html import Html, joined, tag
from salesworthy.reporting.numbers import cell, percent, percent_with_interval, with_interval
from salesworthy.runs.evaluation_words import FIGURES, LOOKS, OURS, name_of

Report = Mapping[str, Any]
FOUND = "of the accepted, found"
READ_AT = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75)
"""Where the tables of curves are read."""


def side_by_side(*figures: Html) -> Html:
    """Figures beside one another where there is room."""
    return tag("div", joined(figures), class_="charts")


def contenders_legend(report: Report, *, without: str = "") -> Html:
    """Which line is whose."""
    names = [name for name in LOOKS if name in report["curves"] and name != without]
    return legend([(name_of(name), LOOKS[name].colour, LOOKS[name].dashes) for name in names])


def difference_figure(report: Report, key: str) -> Html:
    """Ours against each other contender on one figure, with the interval of the difference."""
    rows = {name: each[key] for name, each in report["differences"].items()}
    better = "right" if key == "roc_auc" else "left"
    return figure(
        row_charts.intervals(
            [
                row_charts.Interval(f"against {name_of(name)}", **each, colour=LOOKS[name].colour)
                for name, each in rows.items()
            ],
            x=f"difference of {FIGURES[key]}",
            reference=0.0,
        ),
        name=f"difference-{key.replace('_', '-')}",
        title=f"Difference of {FIGURES[key]}",
        says=f"Ours minus theirs on the same leads, with 95 % intervals; {better} of the line ours is better.",
        header=["against", "difference (95 %)"],
        rows=[[name_of(name), cell(with_interval(each, sign=True))] for name, each in rows.items()],
    )


def curve_figure(report: Report, kind: str) -> Html:
    """ROC, precision and recall, or gain, of every contender."""
    title, x, y, says = {
        "roc": ("ROC curve", "of the others, taken with them", FOUND, "Nearer to the upper left is better."),
        "precision_recall": ("Precision and recall", FOUND, "of those taken, accepted", "Higher is better."),
        "gain": ("Gain", "of all leads, worked", FOUND, "Working the likeliest leads first; higher is better."),
    }[kind]
    points = {name: report["curves"][name][kind] for name in LOOKS if name in report["curves"]}
    shown = {name: (each["x"], each["y"]) for name, each in points.items() if name != "constant"}
    about = report["about"]
    level = about["tested_accepted"] / about["tested"] if kind == "precision_recall" else None
    return figure(
        charts.curves(shown, LOOKS, x=x, y=y, diagonal=level is None, level=level),
        name=kind.replace("_", "-"),
        title=title,
        says=f"{says} The dotted line is chance.",
        header=[x, *(percent(at) for at in READ_AT)],
        rows=[[name_of(name), *(percent(_read(each, at), 1) for at in READ_AT)] for name, each in points.items()],
    )


def _read(points: Mapping[str, list[float]], at: float) -> float | None:
    """The height of a curve at a place, by a straight line between its points; None before its first point."""
    x, y = points["x"], points["y"]
    for place in range(1, len(x)):
        if x[place - 1] <= at <= x[place]:
            across = x[place] - x[place - 1]
            part = 1.0 if across == 0 else (at - x[place - 1]) / across
            return y[place - 1] + part * (y[place] - y[place - 1])
    return None


def calibration_figure(report: Report, contender: str) -> Html:
    """What one contender expected, and what was accepted."""
    bins = report["calibration"][contender]
    points = [
        charts.CalibrationPoint(
            each["predicted"], each["accepted"]["value"], each["accepted"]["low"], each["accepted"]["high"]
        )
        for each in bins
    ]
    return figure(
        charts.calibration(points, LOOKS[contender], x="expected", y="accepted"),
        name=f"calibration-{contender.replace('_', '-')}",
        title=name_of(contender),
        says="On the dotted line, what was expected is what was accepted.",
        header=["expected", "accepted (95 %)", "leads"],
        rows=[
            [percent(each["predicted"], 1), cell(percent_with_interval(each["accepted"], 1)), f"{each['leads']:,}"]
            for each in bins
        ],
        numbers=[0, 1, 2],
    )


def capacity_figure(report: Report) -> Html:
    """What sales finds among the leads that it has time for, picked by each contender."""
    found = report["capacity"]["contenders"]
    return figure(
        row_charts.intervals(
            [
                row_charts.Interval(name_of(name), **each["precision"], colour=LOOKS[name].colour)
                for name, each in found.items()
            ],
            x="accepted of those worked",
            form="%",
        ),
        name="capacity",
        title="Accepted among the leads worked",
        says=f"{report['capacity']['says'][:1].upper()}{report['capacity']['says'][1:]}; with 95 % intervals.",
        header=["picked by", "leads", "SQLs expected", "SQLs found", "accepted (95 %)", "of all SQLs (95 %)"],
        rows=[
            [
                name_of(name),
                f"{each['leads']:,.0f}",
                f"{each['expected']:,.0f}",
                f"{each['found']:,.0f}",
                cell(percent_with_interval(each["precision"])),
                cell(percent_with_interval(each["captured"])),
            ]
            for name, each in found.items()
        ],
    )


def windows_figure(report: Report, key: str) -> Html:
    """One figure of every contender, window by window; the interval is ours."""
    splits = report["evaluation"]["splits"]
    moments = [
        charts.Moment(
            name,
            _day(each["test_from"]),
            of[key]["value"],
            *([of[key]["low"], of[key]["high"]] if name == OURS else []),
        )
        for each in splits
        for name, of in each["contenders"].items()
    ]
    names = [name for name in LOOKS if name in report["curves"]]
    return figure(
        charts.over_time(moments, {name: LOOKS[name] for name in names}, y=FIGURES[key]),
        name=f"windows-{key.replace('_', '-')}",
        title=f"{FIGURES[key][:1].upper()}{FIGURES[key][1:]}, window by window",
        says="Each window by the first day of its test; the vertical lines are our 95 % intervals.",
        header=["tested from", *(name_of(name) for name in names)],
        rows=[
            [each["test_from"][:10], *(cell(with_interval(each["contenders"][name][key])) for name in names)]
            for each in splits
        ],
    )


def segment_figure(part: Mapping[str, Any], title: str) -> Html:
    """Accepted and predicted shares of the segments of one column."""
    rows = part["segments"]
    names = [_level(each) for each in rows]
    return figure(
        row_charts.expected_and_actual(
            [
                row_charts.ExpectedAndActual(
                    name,
                    each["predicted"],
                    each["accepted"]["value"],
                    each["accepted"]["low"],
                    each["accepted"]["high"],
                )
                for name, each in zip(names, rows, strict=True)
            ],
            x="accepted (dot, 95 %) and expected (bar)",
        ),
        name=f"segment-{part['column'].replace('.', '-').replace('_', '-')}",
        title=title,
        says="The dot is what was accepted, with its interval; the upright bar is what was expected.",
        header=["segment", "leads", "accepted (95 %)", "expected", "which is", "ROC AUC (95 %)"],
        rows=[
            [
                name,
                f"{each['leads']:,}",
                cell(percent_with_interval(each["accepted"])),
                percent(each["predicted"]),
                each["verdict"] or "right",
                cell(with_interval(each["roc_auc"], 2)),
            ]
            for name, each in zip(names, rows, strict=True)
        ],
    )


def level_in_words(level: str) -> str:
    """A level of a category as people read it.

    Example:
        >>> level_in_words("acute_care_hospital")
        'acute care hospital'
    """
    return level.replace("_", " ")


def _day(moment: str) -> str:
    """A day short enough for an axis, such as 5 Jun 25."""
    day = date.fromisoformat(moment[:10])
    return f"{day.day} {day:%b %y}"


def _level(segment: Mapping[str, Any]) -> str:
    level = level_in_words(segment["level"])
    return f"{level}: {segment['joined']} small ones" if segment["joined"] > 1 else level
