"""Acts that people really do: what a lead may do next, most frequent first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import ibis
import ibis.expr.types as ir

from salesworthy.domain.moments import MICROSECONDS_PER_DAY
from salesworthy.features.acts import NO_SCORE
from salesworthy.features.readable_tables import column_of
from salesworthy.features.vocabulary import ACT_LOOK_UPS
from salesworthy.policy.in_force import PolicyInForce
from salesworthy.qualification.what_would_change import Act, may_be_suggested
from salesworthy.qualification.what_would_change_words import act_in_words
from salesworthy.rules.person_acts import by_person
from salesworthy.runs.features import OpenTables

LOOKED_BACK = 90
"""Days in which people must have done it."""
MOST = 12
"""Acts that are tried of each sort: requests, and all others."""
REQUEST = "form"


def acts_people_do(
    data: OpenTables, policy: PolicyInForce, *, product: str | None, region: str | None, as_of: int
) -> list[Act]:
    """Different acts of people of the last 90 days, by kind, topic and buying step; the most frequent first.

    Only with tagged content that is for the lead's product or for all, and, where the policy lists it as an asset, only
    while that may be sent to such a lead. Never clicks of machines, off-label topics or transfers of value.

    Args:
        data: The real tables.
        policy: What is in force on the day.
        product: What the lead is interested in.
        region: Where its site is.
        as_of: The moment of the question, in microseconds.
    """
    found: dict[tuple[str, str | None, str | None], Act] = {}
    total: dict[tuple[str, str | None, str | None], int] = {}
    for row in data.engine.to_arrow(_counted(data, as_of)).to_pylist():
        if not _suits(row, policy, product, region):
            continue
        kind, topic, step = key = (row["kind"], row["topic"], row["step"])
        total[key] = total.get(key, 0) + row["done"]
        found.setdefault(key, Act(kind, row["content_id"], topic, step, act_in_words(kind, topic)))
    return list(_most_frequent([_with_count(act, total[key]) for key, act in found.items()]))


def _most_frequent(acts: list[Act]) -> Iterator[Act]:
    """Requests and all others, so many of each; what is told alike is tried once."""
    spoken: set[str] = set()
    left = {True: MOST, False: MOST}
    for act in sorted(acts, key=lambda each: (-each.done, each.kind, each.topic or "", each.step or "")):
        is_request = act.kind == REQUEST
        if act.says not in spoken and left[is_request]:
            spoken.add(act.says)
            left[is_request] -= 1
            yield act


def _with_count(act: Act, done: int) -> Act:
    return Act(act.kind, act.content_id, act.topic, act.step, act.says, done)


def _counted(data: OpenTables, as_of: int) -> ir.Table:
    """How often each item of content was used in which way; most often first."""
    tables = data.tables
    table = tables["engagements"]
    known = column_of(tables, "engagements", "known_at").cast("int64").coalesce(table.occurred_at)
    machine = column_of(tables, "engagements", "machine").cast("boolean").fill_null(False)
    person = by_person().to_ibis(lambda ref: column_of(tables, "engagements", ref.name)).fill_null(False)
    start = ibis.literal(as_of - LOOKED_BACK * MICROSECONDS_PER_DAY, "int64")
    scores = column_of(tables, "engagements", NO_SCORE).isnull()
    recent = table.filter(
        table.occurred_at > start, table.occurred_at <= as_of, known <= as_of, scores, ~machine, person
    )
    if "content" not in tables or "content_id" not in table.columns:
        kinds = recent.group_by("kind").agg(done=recent.count())
        nothing = {name: ibis.null("string") for name in ("content_id", "topic", "step", "product")}
        return kinds.mutate(**nothing).order_by(ibis.desc("done"), "kind")
    used = recent.group_by(["kind", "content_id"]).agg(done=recent.count())
    tagged = column_of(tables, "content", ACT_LOOK_UPS["content"].known_from).cast("int64").fill_null(0)
    content = tables["content"].filter(tagged <= as_of).select(
        item="content_id",
        topic=column_of(tables, "content", "topic"),
        step=column_of(tables, "content", "buying_step"),
        product=column_of(tables, "content", "product"),
    )  # fmt: skip
    found = used.inner_join(content, used.content_id == content["item"]).drop("item")
    found = found.filter(found.topic.notnull(), found.step.notnull())
    return found.order_by(ibis.desc("done"), "kind", "content_id")


def _suits(row: Mapping[str, Any], policy: PolicyInForce, product: str | None, region: str | None) -> bool:
    if not may_be_suggested(row["kind"], row["topic"]) or row["product"] not in (None, product):
        return False
    listed = [each for each in policy.policy.assets if each.content_id == row["content_id"] is not None]
    return all(each.suits(policy.day, product=product, region=region) for each in listed)
