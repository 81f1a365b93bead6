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
        Column("Lead", text("lead_id"), 14),
        Column("Name", text("name"), 22),
        Column("Site", text("site"), 30),
        Column("Site number", text("account_id"), 14),
        Column("Role", text("role"), 20),
        Column("Department", text("department"), 20),
        Column("Specialty", text("specialty"), 20),
        Column("Country", text("country"), 9),
        Column("Region", text("region"), 16),
        Column("Product", text("product"), 20),
        Column("Decision", text("decision"), 14),
        Column("Fit", text("fit_grade"), 5),
        Column("Interest", text("interest_grade"), 9),
        Column("Chance", number("propensity"), 9, "0.0%"),
        Column("Chance, low", number("propensity_low"), 12, "0.0%"),
        Column("Chance, high", number("propensity_high"), 12, "0.0%"),
        Column("Buying step", text("buying_step"), 20),
        Column("Main reason", text("reason"), 60),
        Column("Owner", text("owner"), 20),
        Column("Respond by (UTC)", moment("respond_by"), 18, "yyyy-mm-dd hh:mm"),
        Column("Next step", text("next_step"), 40),
        Column("Nurture track", text("track"), 20),
        Column("Created (UTC)", moment("created_at"), 18, "yyyy-mm-dd hh:mm"),
        Column("Campaign", text("campaign_id"), 16),
        Column("Source", text("source"), 16),
    )


def text(name: str) -> Callable[[Row], Value]:
    """A text, as it stands."""

    def value(row: Row) -> Value:
        found = row.get(name)
        return None if found is None else str(found)

    return value


def number(name: str) -> Callable[[Row], Value]:
    """A number."""

    def value(row: Row) -> Value:
        found = row.get(name)
        return None if found is None else float(found)

    return value


def whole(name: str) -> Callable[[Row], Value]:
    """A whole number, such as a count."""

    def value(row: Row) -> Value:
        found = row.get(name)
        return None if found is None else int(found)

    return value


def moment(name: str) -> Callable[[Row], Value]:
    """A moment, from microseconds, in UTC."""

    def value(row: Row) -> Value:
        found = row.get(name)
        return None if found is None else from_micros(int(found)).replace(tzinfo=None)

    return value
