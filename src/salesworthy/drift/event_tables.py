"""What the tables themselves say per week: mixes of leads, acts and consents, tags, keys without a match, volumes.

Rows belong to the week in which they became known, so that the latest week is complete whatever arrives late.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from salesworthy.drift.clicks import is_machine
from salesworthy.drift.histograms import WEEK_COLUMN, by_week, count_levels
from salesworthy.drift.watched import Family, Kind, Watched, Weekly, shares
from salesworthy.drift.weeks import Weeks
from salesworthy.engines.protocol import Engine

Tables = Mapping[str, ir.Table]
MOMENTS = {
    "leads": "created_at",
    "engagements": "known_at",
    "consents": "at",
    "handoffs": "handed_at",
    "outcomes": "at",
}
"""When the rows of a table became known."""
OF_LEADS = (
    Watched(Family.SOURCE, "source of leads", table="leads", column="source"),
    Watched(Family.CAMPAIGN, "campaign type of leads", table="campaigns", column="type"),
    Watched(Family.REGION, "region of leads", table="accounts", column="region"),
)
"""Mixes of new leads that are read from the tables; features of the same columns are not watched a second time."""


@dataclass(frozen=True)
class Events:
    """Counts what the tables say per week.

    Attributes:
        engine: Where they live.
        tables: Checked tables by name; ``leads`` is needed.
        weeks: The weeks.
        as_of: Facts known by then count, in microseconds.
    """

    engine: Engine
    tables: Tables
    weeks: Weeks
    as_of: int

    def parts(self) -> Iterator[Weekly]:
        """Everything that the tables at hand allow."""
        yield from self._of_leads()
        yield from self._of_acts()
        yield from self._of_consents()
        yield from self._volumes()

    def dated(self, name: str) -> ir.Table:
        """The rows of a table that became known in one of the weeks, with their week."""
        at = self.moment(name)
        return self.tables[name].filter(self.weeks.within(at)).mutate(**{WEEK_COLUMN: self.weeks.number(at)})

    def moment(self, name: str) -> ir.IntegerColumn:
        """When each row of a table became known."""
        table = self.tables[name]
        at = table[MOMENTS[name]]
        return ibis.coalesce(at, table.occurred_at) if name == "engagements" else at

    def leads(self) -> ir.Table:
        """New leads with the mixes that are watched: ``source``, ``type`` of their campaign, ``region`` of their site.

        A look-up that the tables do not hold is null throughout.
        """
        leads = self.dated("leads").select("lead_id", "account_id", "campaign_id", "source", WEEK_COLUMN)
        leads = _looked_up(leads, self.tables, "campaigns", "campaign_id", column="type", flag="has_campaign")
        return _looked_up(leads, self.tables, "accounts", "account_id", column="region", flag="has_account")

    def _of_leads(self) -> Iterator[Weekly]:
        leads = self.engine.materialise("drift_leads", self.leads())
        for watched in OF_LEADS:
            if watched.table == "leads" or watched.table in self.tables:
                found = count_levels(self.engine, leads, watched.column, self.weeks, watched)
                if len(found) > 1:
                    yield found
        unmatched = [("campaigns", "campaign_id", "has_campaign"), ("accounts", "account_id", "has_account")]
        for table, key, flag in unmatched:
            if table in self.tables:
                given = leads[key].notnull()
                watched = Watched(Family.FLOW, f"leads whose {key} is not in {table}", table="leads", column=key)
                yield self._share(leads, given & leads[flag].isnull(), given, watched)

    def _of_acts(self) -> Iterator[Weekly]:
        if "engagements" not in self.tables:
            return
        acts = self.dated("engagements")
        acts = acts.select("kind", "content_id", WEEK_COLUMN, by_machine=is_machine(acts))
        clicks = acts.filter(acts.kind == "click")
        yield self._share(
            clicks,
            clicks.by_machine,
            clicks.kind.notnull(),
            Watched(Family.CLICKS, "clicks made by machines", table="engagements", column="agent"),
        )
        people = acts.filter(~acts.by_machine)
        yield count_levels(
            self.engine,
            people,
            "kind",
            self.weeks,
            Watched(Family.FLOW, "kind of acts", "", Kind.SHARE, "engagements", "kind"),
        )
        if "content" in self.tables:
            yield from self._of_content(people)

    def _of_content(self, people: ir.Table) -> Iterator[Weekly]:
        seen = people.filter(people.content_id.notnull())
        tags = self.tables["content"].select("content_id", "topic", "buying_step").mutate(known=ibis.literal(1))
        seen = seen.left_join(tags, "content_id")
        seen = seen.group_by(WEEK_COLUMN, "topic", "buying_step", "known").agg(n=seen.count())
        seen = self.engine.materialise("drift_content", seen)
        for column in ("topic", "buying_step"):
            watched = Watched(Family.CONTENT, f"{column.replace('_', ' ')} of acts", table="content", column=column)
            yield count_levels(self.engine, seen, column, self.weeks, watched, weight="n")
        watched = Watched(
            Family.FLOW, "acts whose content_id is not in content", table="engagements", column="content_id"
        )
        yield self._share(seen, seen.known.isnull(), seen.n > 0, watched, weight=seen.n)

    def _of_consents(self) -> Iterator[Weekly]:
        if "consents" in self.tables:
            watched = Watched(Family.CONSENT, "state of consents", table="consents", column="state")
            yield count_levels(self.engine, self.dated("consents"), "state", self.weeks, watched)

    def _volumes(self) -> Iterator[Weekly]:
        """How many rows of each table came in; undated tables are left out."""
        names = [name for name in MOMENTS if name in self.tables]
        columns, watched = [], []
        for name in names:
            rows = self.dated(name)
            if name == "engagements":
                rows = rows.filter(~is_machine(rows))
            found = self.engine.to_arrow(rows.group_by(WEEK_COLUMN).agg(n=rows.count()))
            if found.num_rows:
                columns.append(by_week(found, "n", self.weeks))
                watched.append(Watched(Family.FLOW, f"rows of {name}", "", Kind.COUNT, name))
        if columns:
            hits = np.stack(columns, axis=1)
            yield Weekly(self.weeks, tuple(watched), hits, np.ones_like(hits), np.zeros_like(hits))

    def _share(
        self,
        rows: ir.Table,
        hit: ir.BooleanValue,
        among: ir.BooleanValue,
        watched: Watched,
        *,
        weight: ir.IntegerValue | None = None,
    ) -> Weekly:
        one = 1 if weight is None else weight
        found = rows.group_by(WEEK_COLUMN).agg(
            hits=(hit & among).ifelse(one, 0).sum(), totals=among.ifelse(one, 0).sum()
        )
        counts: pa.Table = self.engine.to_arrow(found)
        hits, totals = (by_week(counts, name, self.weeks) for name in ("hits", "totals"))
        return shares(self.weeks, [watched], hits[:, None], totals[:, None])


def _looked_up(rows: ir.Table, tables: Tables, table: str, key: str, *, column: str, flag: str) -> ir.Table:
    if table not in tables:
        return rows.mutate(**{column: ibis.null("string"), flag: ibis.null("int64")})
    found = tables[table].select(key, column).distinct(on=key, keep="first").mutate(**{flag: ibis.literal(1)})
    joined = rows.left_join(found, key)
    return joined.select(*rows.columns, column, flag)
