"""Facts that hold a lead, filled in with what is known of others."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import ibis

from salesworthy.features.catalogue import Catalogue, FeatureKind
from salesworthy.features.condition_kinds import ColumnRef
from salesworthy.features.sentences import sentence, title
from salesworthy.qualification.what_would_change import Change, Fact
from salesworthy.rules.compiling import ref_of
from salesworthy.runs.features import OpenTables

MOST = 12
"""Values that are tried; of two facts together, as many pairs."""
FILLED = ("leads", "accounts")


def facts_filled_in(data: OpenTables, missing: Sequence[str], catalogue: Catalogue) -> list[Change]:
    """Every plausible way to fill in what is missing: the values that other leads have, most frequent first.

    Args:
        data: The real tables.
        missing: One or two facts as rules name them; with more, or one that is no column of leads or sites, nothing is
            tried.
        catalogue: The features that rules read.
    """
    places = [_place(name, catalogue) for name in missing]
    found = [each for each in places if each is not None and each.table in data.tables]
    if not found or len(found) < len(places) or len(found) > 2:
        return []
    each_most = MOST if len(found) == 1 else MOST // 3
    values = [_values(data, ref, each_most) for ref in found]
    told = [[Fact(str(ref), value, _says(name, value, catalogue)) for value in known]
            for ref, name, known in zip(found, missing, values, strict=True)]  # fmt: skip
    return [Change(facts=facts) for facts in itertools.islice(itertools.product(*told), MOST)]


def _place(name: str, catalogue: Catalogue) -> ColumnRef | None:
    """The column of leads or sites behind a fact; None where it is computed, or belongs to a campaign."""
    ref = ref_of(name)
    if not ref.table and ref.name in catalogue:
        feature = catalogue[ref.name]
        ref = ColumnRef(feature.table, feature.column) if feature.kind == FeatureKind.COLUMN else ref
    return ref if ref.table in FILLED else None


def _values(data: OpenTables, ref: ColumnRef, most: int) -> list[str | float | bool]:
    table = data.tables[ref.table]
    known = table.filter(table[ref.name].notnull())
    counted = known.group_by(value=known[ref.name]).agg(rows=known.count())
    counted = counted.order_by(ibis.desc("rows"), "value").limit(most)
    return [each for each in data.engine.to_arrow(counted)["value"].to_pylist() if each != ""]


def _says(name: str, value: str | float | bool, catalogue: Catalogue) -> str:
    if name in catalogue:
        return sentence(catalogue[name], value)
    return f"{title(ref_of(name).name)}: {str(value).replace('_', ' ')}"
