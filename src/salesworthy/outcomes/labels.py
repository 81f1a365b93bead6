"""Labels: did sales accept the lead inside the outcome window, and since when is that settled.

=============================================  =========================================
what the outcome table says inside the window  label
=============================================  =========================================
a positive disposition                         1
otherwise a disposition that says no           0
otherwise unreachable, duplicate or untouched  none: sales never judged the lead
only ``open``, or dispositions after it        0 once the window has closed
no row for the lead at all                     0 once the window has closed, or none (``absent = "exclude"``)
=============================================  =========================================

The window of a handoff reaches from ``handed_at`` to ``handed_at + window_days``, both included; an outcome dated with
the day of the handoff, without a time, lies inside. A label is *mature*
when its window has closed; before that it is neither won nor lost, even when an acceptance is already on record:
counting early acceptances and waiting for rejections makes recent months look better than they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import ibis
import ibis.expr.types as ir

from salesworthy.domain.moments import MICROSECONDS_PER_DAY
from salesworthy.domain.tables import Disposition
from salesworthy.outcomes.handoffs import handoffs, not_before

NOT_JUDGED = (Disposition.UNREACHABLE, Disposition.DUPLICATE, Disposition.UNTOUCHED)


@dataclass(frozen=True)
class LabelRule:
    """What counts as a conversion, and when it is settled.

    ``positive`` are dispositions; ``window_days`` is the outcome window; ``absent`` says what a lead without an outcome
    row is; ``undated`` says whether outcomes without a date are refused or taken as settled. ``utc_offsets`` are those
    in which days begin, in microseconds. Handoffs from before ``recorded_since`` (microseconds) are no labels: their
    outcomes were never written down.
    """

    positive: tuple[str, ...] = (Disposition.ACCEPTED,)
    window_days: float = 90.0
    absent: Literal["open", "exclude"] = "open"
    undated: Literal["refuse", "final"] = "refuse"
    utc_offsets: tuple[int, ...] = (0,)
    recorded_since: int | None = None

    @property
    def window(self) -> int:
        """The outcome window in microseconds."""
        return int(self.window_days * MICROSECONDS_PER_DAY)


def label_handoffs(tables: Mapping[str, ir.Table], rule: LabelRule, *, until: int) -> ir.Table:
    """The label of every handoff: ``lead_id, account_id, handed_at, matured_at, label, settled``.

    Grain: one row per handoff up to ``until``. ``label`` is 1.0, 0.0 or null (not a label, whatever happens later);
    ``matured_at`` is the moment (microseconds) from which it counts; ``settled`` is false while ``matured_at`` lies
    after ``until``, and the label of such a row must not be used. Outcomes recorded after ``until`` are not seen.

    An undated outcome taken as final is settled at the handoff, unless some handoffs have no outcome row and those are
    ``open``: then nothing counts before its window has closed, because acceptances would otherwise be counted earlier
    than the silence of the others.

    Args:
        tables: Checked tables; ``leads`` is needed, ``outcomes`` and ``handoffs`` are used where they exist.
        rule: What counts as a conversion.
        until: The moment for which the question is asked, in microseconds.
    """
    handed = handoffs(tables, until=until)
    judged = _judgements(handed, tables, rule, until) if "outcomes" in tables else _nothing_known(handed)
    labelled = judged.mutate(label=_label(judged, rule), matured_at=_matured_at(judged, rule))
    return labelled.mutate(settled=labelled.matured_at <= until).select(
        "lead_id", "account_id", "handed_at", "matured_at", "label", "settled"
    )


def _judgements(handed: ir.Table, tables: Mapping[str, ir.Table], rule: LabelRule, until: int) -> ir.Table:
    """Per handoff: how many dispositions of each sort were recorded inside the window."""
    outcomes = tables["outcomes"].select("lead_id", "at", "disposition")
    outcomes = outcomes.filter(outcomes["at"].isnull() | (outcomes["at"] <= until))
    joined = handed.left_join(outcomes.rename(outcome_lead="lead_id"), handed.lead_id == outcomes.lead_id)
    in_time = joined["at"] <= joined.handed_at + rule.window
    inside = joined["at"].isnull() | (not_before(joined["at"], joined.handed_at, rule.utc_offsets) & in_time)
    says = joined.disposition
    silent = (Disposition.OPEN, *NOT_JUDGED)
    return joined.group_by("lead_id", "account_id", "handed_at").agg(
        rows=joined.outcome_lead.count(),
        dated=joined["at"].count(),
        won=says.isin(rule.positive).ifelse(1, 0).sum(where=inside),
        lost=says.notin([*rule.positive, *silent]).ifelse(1, 0).sum(where=inside),
        not_judged=says.isin([each for each in NOT_JUDGED if each not in rule.positive]).ifelse(1, 0).sum(where=inside),
        waiting=(says == Disposition.OPEN).ifelse(1, 0).sum(where=inside),
    )


def _nothing_known(handed: ir.Table) -> ir.Table:
    nothing = {name: ibis.literal(0) for name in ("rows", "dated", "won", "lost", "not_judged", "waiting")}
    return handed.mutate(**nothing)


def _label(judged: ir.Table, rule: LabelRule) -> ir.FloatingScalar:
    no_row = ibis.literal(None, "float64") if rule.absent == "exclude" else ibis.literal(0.0)
    unrecorded = ibis.literal(False) if rule.recorded_since is None else judged.handed_at < rule.recorded_since
    return ibis.cases(
        (unrecorded, ibis.literal(None, "float64")),
        (judged.won > 0, 1.0),
        (judged.lost > 0, 0.0),
        (judged.not_judged > 0, ibis.literal(None, "float64")),
        (judged["rows"] > 0, 0.0),
        else_=no_row,
    ).cast("float64")


def _matured_at(judged: ir.Table, rule: LabelRule) -> ir.IntegerColumn:
    closes = (judged.handed_at + rule.window).cast("int64")
    if rule.undated != "final":
        return closes
    final = (judged["rows"] > 0) & (judged.dated == 0) & (judged.waiting == 0)
    if rule.absent == "open":
        silent = judged.filter(judged["rows"] == 0).count().as_scalar()
        final = final & (silent == 0)
    return final.ifelse(judged.handed_at, closes).cast("int64")


def results(labels: ir.Table, rule: LabelRule) -> ir.Table:
    """Labels as facts for ``history`` features: ``lead_id, handed_at, known_at, label``.

    A result is known when its window has closed, also where an undated outcome counts as final for training: nobody
    can say that it was known earlier, and a lead's own result must never reach its own features.
    """
    kept = labels.filter(labels.label.notnull())
    return kept.select("lead_id", "handed_at", "label", known_at=(kept.handed_at + rule.window).cast("int64"))
