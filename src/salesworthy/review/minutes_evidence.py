"""The evidence of a review in its minutes: drift, scores against outcomes, rules to look at, response of sales."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from salesworthy.domain.reasons import reason_code
from salesworthy.review.text import amount, rows, share, shown

Document = Mapping[str, Any]
FIGURES = ("roc_auc", "log_loss", "brier", "ece", "calibration_slope", "lift_at_10")
"""Figures of grading that minutes show."""


def evidence_lines(evidence: Document) -> Iterator[str]:
    """The evidence, one chapter per section.

    Args:
        evidence: The pack as it was frozen when the review was opened.
    """
    in_force = evidence["in_force"]
    yield (
        f"In force: policy {in_force['policy_version'] or 'none'}, model {in_force['model_version'] or 'none'}. "
        "Figures are those of the day on which the review was opened."
    )
    for title, name, lines in CHAPTERS:
        section = evidence["sections"][name]
        yield f"### {title}"
        if "not_available" in section:
            yield f"Not available: {shown(section['not_available'])}"
        else:
            yield from lines(section)


def _drift(section: Document) -> Iterator[str]:
    yield f"{shown(section['headline'])}."
    if section["findings"]:
        yield rows(
            ["code", "finding", "evidence", "likely cause", "what to do"],
            (
                [each["code"], each["title"], each["evidence"], each["cause"] or "not known", each["todo"]]
                for each in section["findings"]
            ),
        )


def _grading(section: Document) -> Iterator[str]:
    told = section["handovers"]
    yield f"{told['issued']:,} leads were handed over and {told['judged']:,} judged by {section['as_of']}."
    figures = section["figures"] or {}
    found = [[name, figures[name]] for name in FIGURES if name in figures and figures[name]["value"] is not None]
    if found:
        yield rows(["figure of issued scores", "value", "95 % interval"], (_figure(*each) for each in found))
    else:
        yield "Too few issued scores are judged to show figures."


def _figure(name: str, figure: Document) -> tuple[str, str, str]:
    interval = "-" if figure["low"] is None else f"{figure['low']:.3f} to {figure['high']:.3f}"
    return name, f"{figure['value']:.3f}", interval


def _reasons(section: Document) -> Iterator[str]:
    matched = section["reason_match"]
    if not matched:
        yield "Sales has not said of any reason whether it matched."
        return
    told = (
        [reason_code(code).title, each["answers"], share(each["share"])]
        for code, each in section["reason_match"].items()
    )
    yield rows(["reason", "answers", "matched (95 % interval)"], told)


def _rules(section: Document) -> Iterator[str]:
    yield f"{section['drawn']:,} leads drawn at random from below the threshold are judged."
    told = ([each["title"], each["leads"]["with"], each["leads"]["without"], each["says"]] for each in section["rules"])
    yield rows(["negative rule", "drawn with it", "without", "finding"], told)


def _response(section: Document) -> Iterator[str]:
    told = section["handovers"]
    if told["too_few"]:
        yield f"{told['handovers']:,} handovers: too few to show figures."
        return
    hours = told["hours_to_contact"]
    yield (
        f"{told['handovers']:,} handovers, {told['due']:,} of them due: first contact in time "
        f"{share(told['in_time_share'])}, untouched {share(told['untouched_share'])}; median "
        f"{amount(hours['median'])} hours to first contact."
    )


CHAPTERS: tuple[tuple[str, str, Callable[[Document], Iterator[str]]], ...] = (
    ("Drift", "drift", _drift),
    ("Issued scores against outcomes", "grading", _grading),
    ("Did the reasons match", "grading", _reasons),
    ("Negative rules", "rules", _rules),
    ("Response of sales", "response", _response),
)
"""Title in the minutes, section of the evidence, and what is told of it."""
