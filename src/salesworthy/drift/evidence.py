"""Evidence: small tables that causes are looked up in, counted in the engine when they are first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from salesworthy.drift.event_tables import Events
from salesworthy.drift.histograms import WEEK_COLUMN
from salesworthy.drift.watched import Floats

NOBODY = "unknown"


@dataclass(frozen=True)
class Counts:
    """Rows per week and key: how many, for some keys.

    Attributes:
        week: The week of each row.
        keys: Name of a key -> its value on each row.
        n: How many.
    """

    week: np.ndarray[tuple[int], np.dtype[np.int64]]
    keys: Mapping[str, list[str]]
    n: Floats

    def sums(self, key: str, start: int, end: int, **only: str) -> dict[str, float]:
        """How many rows each value of a key has in a span of weeks (end excluded), of those with keys as given."""
        chosen = (self.week >= start) & (self.week < end)
        for name, value in only.items():
            chosen &= np.array([each == value for each in self.keys[name]], np.bool_)
        found: dict[str, float] = {}
        for place in np.flatnonzero(chosen):
            value = self.keys[key][place]
            found[value] = found.get(value, 0.0) + float(self.n[place])
        return found

    def first_week(self, key: str, value: str) -> int | None:
        """The first week in which a value occurs."""
        weeks = self.week[np.array([each == value for each in self.keys[key]], np.bool_)]
        return int(weeks.min()) if len(weeks) else None


def per_week(sums: Mapping[str, float], weeks: int) -> dict[str, float]:
    """The same per week."""
    return {key: value / max(weeks, 1) for key, value in sums.items()}


@dataclass(frozen=True)
class Evidence:
    """Where causes are looked up.

    Attributes:
        events: The tables.
        sample: Sampled leads with their features and their week.
    """

    events: Events
    sample: pa.Table

    @cached_property
    def leads(self) -> Counts:
        """New leads by source, campaign and its type."""
        return self._count(self.events.leads(), "source", "type", "campaign_id")

    @cached_property
    def clicks(self) -> Counts | None:
        """Clicks by agent."""
        if "engagements" not in self.events.tables:
            return None
        acts = self.events.dated("engagements")
        return self._count(acts.filter(acts.kind == "click"), "agent")

    @cached_property
    def kinds(self) -> Counts | None:
        """Acts by kind."""
        return self._count(self.events.dated("engagements"), "kind") if "engagements" in self.events.tables else None

    @cached_property
    def content(self) -> Counts | None:
        """Acts by item of content."""
        if not {"engagements", "content"} <= set(self.events.tables):
            return None
        acts = self.events.dated("engagements")
        return self._count(acts.filter(acts.content_id.notnull()), "content_id")

    @cached_property
    def notices(self) -> Counts | None:
        """Consents by version of the notice."""
        return (
            self._count(self.events.dated("consents"), "notice_version") if "consents" in self.events.tables else None
        )

    @cached_property
    def tagged(self) -> dict[str, tuple[str, int]]:
        """Item of content -> its topic, and when its tags were set, in microseconds; dated ones only."""
        if "content" not in self.events.tables:
            return {}
        content = self.events.tables["content"]
        found = self.events.engine.to_arrow(
            content.filter(content.tagged_at.notnull())
            .select("content_id", "topic", "tagged_at")
            .order_by("content_id")
        )
        rows = zip(*(found[name].to_pylist() for name in ("content_id", "topic", "tagged_at")), strict=True)
        return {item: (topic or NOBODY, int(at)) for item, topic, at in rows}

    def newest(self, kind: str, until: int) -> int | None:
        """When the latest act of a kind by then became known, in microseconds."""
        acts = self.events.tables["engagements"]
        at = ibis.coalesce(acts.known_at, acts.occurred_at)
        found = self.events.engine.to_arrow(acts.filter(acts.kind == kind, at < until).agg(at=at.max()))["at"][
            0
        ].as_py()
        return None if found is None else int(found)

    def _count(self, rows: ir.Table, *keys: str) -> Counts:
        named = {key: ibis.coalesce(rows[key].cast("string"), NOBODY) for key in keys}
        counted = rows.group_by(week=rows[WEEK_COLUMN], **named).agg(n=rows.count())
        found = self.events.engine.to_arrow(counted.order_by("week", *keys))
        return Counts(
            found["week"].to_numpy().astype(np.int64),
            {key: found[key].to_pylist() for key in keys},
            found["n"].to_numpy().astype(np.float64),
        )
