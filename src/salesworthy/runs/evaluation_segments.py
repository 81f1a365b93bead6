"""The chapter of an evaluation page about segments: for whom the probabilities are right, and for whom not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salesworthy.features.sentences import title as in_words
from salesworthy.reporting.html import Html, callout, items, joined, more, paragraph
from salesworthy.reporting.numbers import percent
from salesworthy.runs import evaluation_figures as drawn

Report = Mapping[str, Any]
OPEN_SEGMENTS = 4
"""Columns whose segments are shown at once, those that are off most; the others on demand."""


def segments(report: Report) -> Html:
    """For which segments the probabilities are off, and the segments of every category."""
    parts = report["segments"]
    if not parts:
        return paragraph("No category has two levels with enough leads to tell them apart.")
    off = [(part, each) for part in parts for each in part["segments"] if each["verdict"]]
    total = sum(len(part["segments"]) for part in parts)
    says = f"{len(off)} of {total} segments lie outside their interval; about {total / 20:.0f} would by chance alone."
    shown = sorted(parts, key=lambda part: -sum(bool(each["verdict"]) for each in part["segments"]))
    figures = [drawn.segment_figure(part, _titled(part["column"])) for part in shown]
    rest = more(f"{len(figures) - OPEN_SEGMENTS} more columns", drawn.side_by_side(*figures[OPEN_SEGMENTS:]))
    return joined(
        [
            paragraph(
                "Salesworthy on the leads of one segment at a time. Levels with few leads or few accounts are joined, "
                "so that no figure rests on a handful and nobody is singled out."
            ),
            callout(joined([paragraph(says), items(_off(*each) for each in off)]), kind="warning" if off else "good"),
            drawn.side_by_side(*figures[:OPEN_SEGMENTS]),
            rest if len(figures) > OPEN_SEGMENTS else "",
        ]
    )


def _off(part: Mapping[str, Any], each: Mapping[str, Any]) -> str:
    segment = f"{_titled(part['column'])}, {drawn.level_in_words(each['level'])}"
    return (
        f"{segment}: expected {percent(each['predicted'])}, which is {each['verdict']}; "
        f"accepted {percent(each['accepted']['value'])} of {each['leads']:,} leads"
    )


def _titled(column: str) -> str:
    table_name, _, name = column.partition(".")
    return f"{in_words(name.removesuffix('_id'))} ({table_name})"
