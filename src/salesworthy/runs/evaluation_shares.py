"""The chapter of an evaluation page about what the model looks at: reasons, and features for data scientists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from salesworthy.reporting import row_charts
from salesworthy.reporting.chart_parts import Chart
from salesworthy.reporting.drawing import figure
from salesworthy.reporting.html import Html, joined, paragraph, table, tag
from salesworthy.reporting.numbers import number, percent
from salesworthy.reporting.share_charts import Swarm, beeswarm
from salesworthy.reporting.style import variable
from salesworthy.runs.evaluation_figures import side_by_side
from salesworthy.runs.evaluation_words import judged

Report = Mapping[str, Any]


def shares(report: Report) -> Html:
    """What the model looks at, over many leads."""
    told = report["shares"]
    base = told["base_log_odds"]
    return joined(
        [
            paragraph(
                f"Every score is a sum: the average lead of the training data (log-odds {number(base, 2)}) and one "
                f"share per reason, exactly. Means are over the newest {told['leads']:,} leads of the test windows."
            ),
            side_by_side(reasons_figure(report), features_figure(report)),
            _checks(report["reason_checks"]),
        ]
    )


def _checks(checks: Sequence[Mapping[str, Any]]) -> Html:
    """What the checks of the reasons found; nothing where the model is not a registered one."""
    if not checks:
        return Html("")
    rows = [judged(each) for each in checks]
    return joined(
        [tag("h3", "Can the reasons be trusted"), table(["check", "it", "figure"], rows, says="Checks of reasons")]
    )


def reasons_figure(report: Report) -> Html:
    """How much each reason weighs, on average."""
    rows = report["shares"]["reasons"]
    return figure(
        row_charts.bars(
            [(each["title"], each["mean_share"]) for each in rows[:12]], x="mean size of its share, log-odds"
        ),
        name="reasons",
        title="How much each reason weighs",
        says="The mean size of its share over the leads; 0.69 doubles or halves the odds.",
        header=["reason", "family", "mean share", "heaviest for"],
        rows=[
            [each["title"], each["family"].lower(), number(each["mean_share"]), percent(each["top_for"], 1)]
            for each in rows
        ],
        numbers=[2, 3],
    )


def features_figure(report: Report) -> Html:
    """What single features add to single leads: for data scientists."""
    rows = report["shares"]["features"]
    return figure(
        swarm(report),
        name="features",
        title="What single features add (SHAP values)",
        says=joined(
            [
                f"One dot for each of {len(rows[0]['shares']) if rows else 0} leads: right of the line the feature "
                "speaks for the lead. ",
                _dot("low", "low third of the feature's values"),
                _dot("middle", "middle"),
                _dot("high", "high third"),
                _dot("plain", "no order, or not known"),
            ]
        ),
        header=["feature", "mean share", "lowest 5 %", "middle", "highest 5 %"],
        rows=[
            [
                tag("code", each["name"]),
                number(each["mean_share"]),
                *(number(at, sign=True) for at in each["quantiles"]),
            ]
            for each in rows
        ],
    )


def swarm(report: Report) -> Chart:
    """The shares of single features over many leads."""
    return beeswarm([Swarm(each["title"], each["shares"], each["ranks"]) for each in report["shares"]["features"]])


def _dot(colour: str, text: str) -> Html:
    dot = f'<circle cx="5" cy="5" r="4" fill="{variable(colour)}"/>'
    return joined(
        [Html(f'<svg viewBox="0 0 10 10" class="dot" aria-hidden="true">{dot}</svg>'), tag("span", f" {text} ")]
    )
