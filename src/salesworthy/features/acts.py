"""Dated acts of leads or of everybody at their sites, as far as they were known at the moment asked about.

This is the only place that compares an act's ``known_at`` with the moment of a question.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from salesworthy.domain.moments import MICROSECONDS_PER_DAY
from salesworthy.features.condition_kinds import ColumnRef
from salesworthy.features.facts import ACCOUNT
from salesworthy.features.readable_tables import Tables, column_of
from salesworthy.features.vocabulary import ACT_LOOK_UPS, ACTS, DAY

AGE = "act.age"
NO_SCORE = "no_score"
ASKED = ("asked.key", "asked.as_of")
"""Columns that name the question of an act: the lead or account, and the moment. No feature can be called so."""


@dataclass(frozen=True)
class Asking:
    """Acts to ask for.

    Attributes:
        table: A table of acts.
        per: ``lead`` or ``account``.
        columns: Columns of the table and of its look-ups to bring along.
        within: Only acts younger than this many microseconds; None for all.
        moments: The earliest and the latest moment asked about.
    """

    table: str
    per: str
    columns: Collection[ColumnRef]
    within: int | None
    moments: tuple[int, int]


def acts_as_of(asking: Asking, tables: Tables, questions: ir.Table) -> ir.Table:
    """Every pair of a question and an act that was known then.

    An act counts when it had happened and was known at the moment asked about; one that scores nothing
    (``intake.unscored_acts``) never does. What a look-up says of it (the tags of
    its content, the role of its lead) counts from the moment it was known on, and is null before.

    Grain: one row per question and act. Columns: ``ASKED``, ``AGE`` (microseconds before the question), and the columns
    asked for, as ``act_column`` names them.

    Args:
        asking: Which acts.
        tables: Checked tables.
        questions: ``ASKED``, one row per question.
    """
    acts = _with_look_ups(asking, _that_score(asking.table, tables))
    pairs = _paired(acts, questions, asking)
    as_of = pairs[ASKED[1]]
    happened = pairs.occurred_at < as_of if ACTS[asking.table].strictly_before else pairs.occurred_at <= as_of
    pairs = pairs.filter(happened, pairs.known_at <= as_of)
    if asking.per == "account":
        pairs = pairs.filter(pairs.member_since <= as_of)
    pairs = pairs.mutate(**{AGE: (as_of - pairs.occurred_at).cast("int64")})
    if asking.within is not None:
        pairs = pairs.filter(pairs[AGE] < asking.within)
    values = {act_column(ref): _known_value(pairs, ref, as_of) for ref in sorted(set(asking.columns))}
    return pairs.select(*ASKED, AGE, **values)


def act_column(ref: ColumnRef) -> str:
    """The name under which ``acts_as_of`` gives a column."""
    return f"{ref.table}.{ref.name}"


def own_or_look_up(written: str, table: ir.Table) -> ColumnRef:
    """What ``of`` names: a column of the table of acts, or ``table.column`` of a look-up."""
    source, dot, column = written.partition(".")
    is_look_up = dot and source in ACT_LOOK_UPS and written not in table.columns
    return ColumnRef(source, column) if is_look_up else ColumnRef("", written)


def _that_score(table: str, tables: Tables) -> Tables:
    """The tables without the acts that score nothing."""
    acts = tables[table]
    return {**tables, table: acts.filter(acts[NO_SCORE].isnull())} if NO_SCORE in acts.columns else tables


def _with_look_ups(asking: Asking, tables: Tables) -> ir.Table:
    """Acts with their look-ups' columns and the moments from which those are known."""
    table, times = tables[asking.table], ACTS[asking.table]
    occurred = table[times.occurred_at]
    known = column_of(tables, asking.table, times.known_at).coalesce(occurred)
    sources = sorted({ref.table for ref in asking.columns} - {"", asking.table} | _members(asking))
    keys = {f"key.{source}": column_of(tables, asking.table, ACT_LOOK_UPS[source].key) for source in sources}
    own = {
        act_column(ref): _own(ref, tables, asking.table) for ref in asking.columns if ref.table in ("", asking.table)
    }
    acts = table.select(lead_id=table.lead_id, occurred_at=occurred, known_at=known, **keys, **own)
    acts = _within_all(acts, asking)
    for source in sources:
        acts = _looked_up(acts, source, tables, asking)
    return acts


def _within_all(acts: ir.Table, asking: Asking) -> ir.Table:
    """Leave out acts that no question can see: cheap, and before anything is joined."""
    earliest, latest = asking.moments
    acts = acts.filter(acts.occurred_at <= ibis.literal(latest, "int64"))
    if asking.within is None:
        return acts
    return acts.filter(acts.occurred_at > ibis.literal(earliest - asking.within, "int64"))


def _members(asking: Asking) -> set[str]:
    return {"leads"} if asking.per == "account" else set()


def _own(ref: ColumnRef, tables: Tables, table: str) -> ir.Value:
    if ref.name == DAY and DAY not in tables[table].columns:
        return _span_start(tables[table][ACTS[table].occurred_at], MICROSECONDS_PER_DAY)
    return column_of(tables, table, ref.name)


def _looked_up(acts: ir.Table, source: str, tables: Tables, asking: Asking) -> ir.Table:
    by = ACT_LOOK_UPS[source]
    values = {act_column(ref): column_of(tables, source, ref.name) for ref in asking.columns if ref.table == source}
    known_from = {f"from.{source}": column_of(tables, source, by.known_from)}
    key = {f"found.{source}": column_of(tables, source, by.key)}
    if source == "leads" and asking.per == "account":
        values |= {"member_of": column_of(tables, "leads", ACCOUNT.name), "member_since": tables["leads"].created_at}
    right = tables[source].select(**key, **known_from, **values)
    same = acts[f"key.{source}"] == right[f"found.{source}"]
    joined = acts.inner_join(right, same) if "member_of" in values else acts.left_join(right, same)
    return joined.drop(f"found.{source}", f"key.{source}")


def _paired(acts: ir.Table, questions: ir.Table, asking: Asking) -> ir.Table:
    key = acts.member_of if asking.per == "account" else acts.lead_id
    if asking.within is None or asking.per == "lead":
        return acts.inner_join(questions, key == questions[ASKED[0]])
    # A site has many acts and many questions: only acts of the question's own span of time, or the one before, can lie
    # in its window, and joining on spans keeps the pairs few.
    start = _span_start(questions[ASKED[1]], asking.within)
    before = (start - ibis.literal(asking.within, "int64")).cast("int64")
    spans = questions.mutate(span=start).union(questions.mutate(span=before))
    acts = acts.mutate(act_span=_span_start(acts.occurred_at, asking.within))
    return acts.inner_join(spans, [acts.member_of == spans[ASKED[0]], acts.act_span == spans.span])


def _span_start(moment: ir.Value, length: int) -> ir.Value:
    """The start of the span of that length in which a moment lies, also before 1970, where remainders are negative."""
    span = ibis.literal(length, "int64")
    return (moment - ((moment % span) + span) % span).cast("int64")


def _known_value(pairs: ir.Table, ref: ColumnRef, as_of: ir.Value) -> ir.Value:
    value = pairs[act_column(ref)]
    if f"from.{ref.table}" not in pairs.columns:
        return value
    return (pairs[f"from.{ref.table}"] <= as_of).fill_null(True).ifelse(value, ibis.null(value.type()))
