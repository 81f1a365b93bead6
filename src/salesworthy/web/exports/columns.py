"""The columns of an export: what people call them, and how a value becomes a cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from salesworthy.domain.moments import from_micros

Value = str | float | datetime | None
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """A column: its title, its value, and how wide it is shown.

    Attributes:
        title: As people call it.
        value: Row of the store -> cell.
        width: In letters.
        form: How a spreadsheet shows a number or a moment.
    """

    title: str
    value: Callable[[Row], Value]
    width: int = 16
    form: str = ""


def columns() -> tuple[Column, ...]:
    """The columns of leads, in order."""
    return (
        Column("Lead", _text("lead_id"), 14),
        Column("Name", _text("name"), 22),
        Column("Site", _text("site"), 30),
        Column("Site number", _text("account_id"), 14),
        Column("Role", _text("role"), 20),
        Column("Department", _text("department"), 20),
        Column("Specialty", _text("specialty"), 20),
        Column("Country", _text("country"), 9),
        Column("Region", _text("region"), 16),
        Column("Product", _text("product"), 20),
        Column("Decision", _text("decision"), 14),
        Column("Fit", _text("fit_grade"), 5),
        Column("Interest", _text("interest_grade"), 9),
        Column("Chance", _number("propensity"), 9, "0.0%"),
        Column("Chance, low", _number("propensity_low"), 12, "0.0%"),
        Column("Chance, high", _number("propensity_high"), 12, "0.0%"),
        Column("Buying step", _text("buying_step"), 20),
        Column("Main reason", _text("reason"), 60),
        Column("Owner", _text("owner"), 20),
        Column("Respond by (UTC)", _moment("respond_by"), 18, "yyyy-mm-dd hh:mm"),
        Column("Next step", _text("next_step"), 40),
        Column("Nurture track", _text("track"), 20),
        Column("Created (UTC)", _moment("created_at"), 18, "yyyy-mm-dd hh:mm"),
        Column("Campaign", _text("campaign_id"), 16),
        Column("Source", _text("source"), 16),
    )


def _text(name: str) -> Callable[[Row], Value]:
    def value(row: Row) -> Value:
        found = row.get(name)
        return None if found is None else str(found)

    return value


def _number(name: str) -> Callable[[Row], Value]:
    def value(row: Row) -> Value:
        found = row.get(name)
        return None if found is None else float(found)

    return value


def _moment(name: str) -> Callable[[Row], Value]:
    def value(row: Row) -> Value:
        found = row.get(name)
        return None if found is None else from_micros(int(found)).replace(tzinfo=None)

    return value
