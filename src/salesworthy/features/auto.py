"""Features that nobody wrote: every further column of leads and accounts, typed from the data."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from salesworthy.domain.reasons import reason_of
from salesworthy.domain.tables import TABLES, Kind
from salesworthy.features.catalogue import AT_CREATION, Feature, FeatureKind
from salesworthy.features.definition_facts import DEFAULT_TYPES, TYPES
from salesworthy.features.definition_words import RESERVED, own_code
from salesworthy.features.definitions import Defined
from salesworthy.features.sentences import title
from salesworthy.features.vocabulary import Schema

NEVER = frozenset({"lead_id", "account_id", "parent_account_id", "name", "created_at"})
"""Columns of the vocabulary that name a row, or only say when it was made."""


def auto_features(schema: Schema, defined: Sequence[Defined]) -> list[Defined]:
    """A ``column`` feature for every column of leads and accounts that no other ``column`` feature reads.

    Each is taken as known at creation (the leakage audit looks at all of them) and has a reason of its own. Names are
    those of the columns, with ``_`` for what a name cannot hold, and the table in front where the name is taken.

    Args:
        schema: Tables and columns at hand.
        defined: Features that stand already.
    """
    used = {(each.feature.table, each.feature.column) for each in defined if each.feature.kind == FeatureKind.COLUMN}
    taken = {each.feature.name.lower() for each in defined} | RESERVED
    found = []
    for table, column in _candidates(schema):
        if (table, column) not in used:
            name = _name(table, column, taken)
            taken.add(name.lower())
            found.append(_feature(name, table, column, schema[table][column].kind))
    return found


def _candidates(schema: Schema) -> Iterator[tuple[str, str]]:
    account = schema.get("leads", {}).get("account_id")
    tables = ["leads", "accounts"] if account is not None and account.present else ["leads"]
    for table in tables:
        for column, facts in schema.get(table, {}).items():
            if facts.present and (facts.carried or not _is_key(table, column)):
                yield table, column


def _is_key(table: str, column: str) -> bool:
    return column in NEVER and column in TABLES[table].by_name


def _name(table: str, column: str, taken: Collection[str]) -> str:
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", column).strip("_")[:60] or "column"
    name = plain if plain[0].isalpha() or plain[0] == "_" else f"column_{plain}"
    if name.lower() in taken:
        name = f"{table}_{name}"
    number = 2
    while name.lower() in taken:
        name = f"{re.sub(r'_[0-9]+$', '', name)}_{number}"
        number += 1
    return name


def _feature(name: str, table: str, column: str, kind: Kind) -> Defined:
    chosen = DEFAULT_TYPES[kind]
    feature = Feature(
        name=name,
        kind=FeatureKind.COLUMN,
        table=table,
        column=column,
        type=chosen,
        known=AT_CREATION,
        reason=reason_of(own_code(column)),
        says=f"{title(column)}: {{value}}",
        unit="days" if chosen == "days_since" else "",
        dtype=TYPES[chosen][0],
    )
    return Defined(feature, "features.auto", frozenset({(table, column)}))
