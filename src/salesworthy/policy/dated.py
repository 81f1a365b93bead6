"""Dated values: every number of the policy knows since when it holds, in which unit, why, and who approved it.

Earlier values are kept, so that any past decision can be recomputed.
"""

from __future__ import annotations

import math
import typing
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field, field_validator, model_validator

from salesworthy.domain.moments import MICROSECONDS_PER_DAY, parse_window
from salesworthy.policy.parts import Day, Part, Spell, Text


class Version(Part):
    """One value, from a day on."""

    value: float = Field(allow_inf_nan=False)
    starts: Day = Field(alias="from")
    unit: Text
    reason: Text
    approver: Text


class DatedNumber(Part):
    """A number and its history, oldest first. Written as a list of versions, or as one version.

    Example:
        >>> points = DatedPoints.model_validate(
        ...     {"value": 20, "from": "2026-01-01", "unit": "points", "reason": "workshop", "approver": "M. Weber"}
        ... )
        >>> points.at(Day(2026, 3, 1)), points.at(Day(2025, 3, 1))
        (20.0, None)
    """

    UNIT: ClassVar[str] = ""
    LOWEST: ClassVar[float] = 0.0
    HIGHEST: ClassVar[float] = float("inf")

    versions: tuple[Version, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _as_versions(cls, raw: Any) -> Any:
        if isinstance(raw, Mapping):
            return raw if "versions" in raw else {"versions": [raw]}
        if isinstance(raw, list | tuple):
            return {"versions": raw}
        raise ValueError(
            f"a dated value is needed: {{value: ..., from: ..., unit: {cls.UNIT}, reason: ..., approver: ...}}"
        )

    @field_validator("versions")
    @classmethod
    def _sensible(cls, versions: tuple[Version, ...]) -> tuple[Version, ...]:
        days = [version.starts for version in versions]
        if len(set(days)) < len(days):
            twice = next(day for day in days if days.count(day) > 1)
            raise ValueError(f"two values hold from {twice}; keep one")
        for version in versions:
            if version.unit != cls.UNIT:
                raise ValueError(f"the unit is {version.unit!r}, but {cls.UNIT!r} is needed here")
            if not cls.LOWEST <= version.value <= cls.HIGHEST:
                raise ValueError(f"{version.value:g} {cls.UNIT} is out of range; {cls._range()}")
        return tuple(sorted(versions, key=lambda version: version.starts))

    @classmethod
    def _range(cls) -> str:
        return f"give {cls.LOWEST:g} " + (f"to {cls.HIGHEST:g}" if math.isfinite(cls.HIGHEST) else "or more")

    def version_at(self, day: Day) -> Version | None:
        """The version in force on that day; None before the first."""
        found = [version for version in self.versions if version.starts <= day]
        return found[-1] if found else None

    def at(self, day: Day) -> float | None:
        """The value in force on that day; None before the first."""
        version = self.version_at(day)
        return None if version is None else version.value


class DatedPoints(DatedNumber):
    """Points that a rule gives or takes, or that a lead must reach."""

    UNIT = "points"


class DatedProbability(DatedNumber):
    """A probability, 0 to 1."""

    UNIT = "probability"
    HIGHEST = 1.0


class DatedShare(DatedNumber):
    """A share, 0 to 1."""

    UNIT = "share"
    HIGHEST = 1.0


class DatedDays(DatedNumber):
    """A length of time in days; ``30d`` or ``2w`` where written plainly."""

    UNIT = "days"
    HIGHEST = 36_500.0


class DatedHours(DatedNumber):
    """A length of time in hours; ``4h`` or ``2d`` where written plainly."""

    UNIT = "hours"
    HIGHEST = 24.0 * 365


class DatedLeads(DatedNumber):
    """Leads that somebody can work in a week."""

    UNIT = "leads per week"


class DatedCount(DatedNumber):
    """A number of something, such as outcomes."""

    UNIT = "outcomes"


_PER_DAY = {"days": MICROSECONDS_PER_DAY, "hours": MICROSECONDS_PER_DAY // 24}


def spread_plain_values(model: type[Part], raw: Any, decided: Mapping[str, Any] | None = None) -> Any:
    """A raw entry with plain numbers and windows written out as dated values, also in the parts inside it.

    Args:
        model: What the entry is read as.
        raw: The entry as YAML gives it.
        decided: Where start, reason and approver stand; the entry itself by default.
    """
    if not isinstance(raw, Mapping):
        return raw
    decided = raw if decided is None else decided
    fields = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
    return {name: _spread_field(fields.get(name), value, decided) for name, value in raw.items()}


def _spread_field(annotation: Any, value: Any, decided: Mapping[str, Any]) -> Any:
    kinds = [each for each in _classes(annotation) if issubclass(each, Part)]
    dated = next((each for each in kinds if issubclass(each, DatedNumber)), None)
    if dated is not None:
        is_plain = isinstance(value, int | float | str) and not isinstance(value, bool)
        return _spread(dated, value, decided) if is_plain else value
    inside = next((each for each in kinds if not issubclass(each, Spell)), None)
    if inside is None:
        return value
    if isinstance(value, list):
        return [spread_plain_values(inside, each, decided) for each in value]
    return spread_plain_values(inside, value, decided)


def _classes(annotation: Any) -> list[type]:
    """The classes that an annotation names, through ``| None`` and ``tuple[..., ...]``."""
    found = (annotation, *typing.get_args(annotation))
    return [each for each in found if isinstance(each, type)]


def _spread(kind: type[DatedNumber], value: float | str, entry: Mapping[str, Any]) -> dict[str, Any]:
    # A missing start, reason or approver is reported once, on the entry, and not again for every value in it.
    return {
        "value": _in_unit(kind.UNIT, value),
        "from": entry.get("starts") or "1970-01-01",
        "unit": kind.UNIT,
        "reason": entry.get("reason") or "not given",
        "approver": entry.get("approver") or "not given",
    }


def _in_unit(unit: str, value: float | str) -> float | str:
    if not isinstance(value, str) or unit not in _PER_DAY:
        return value
    try:
        return parse_window(value) / _PER_DAY[unit]
    except ValueError:
        return value
