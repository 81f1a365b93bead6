"""Features over acts: one pass for all features of a table that are asked per lead, or per account."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import ibis
import ibis.expr.types as ir

from salesworthy.domain.moments import MICROSECONDS_PER_DAY
from salesworthy.features.acts import AGE, ASKED, Asking, act_column, acts_as_of, own_or_look_up
from salesworthy.features.catalogue import Feature, FeatureKind
from salesworthy.features.condition_kinds import ColumnRef
from salesworthy.features.facts import finite
from salesworthy.features.readable_tables import Tables
from salesworthy.features.reads import act_columns, stored_condition

ADDED_AS = "decimal(28, 6)"
"""Sums are exact, so that they depend neither on the order of rows nor on the number of threads. What is too large for
this type (22 digits before the point) is not added."""

Groups = dict[tuple[str, str], list[Feature]]


def groups_of(features: Sequence[Feature]) -> Groups:
    """Features that share one pass: those with the same table of acts and the same ``per``."""
    groups: Groups = {}
    for feature in features:
        groups.setdefault((feature.table, feature.per), []).append(feature)
    return groups


def act_features(
    features: Sequence[Feature], tables: Tables, questions: ir.Table, moments: tuple[int, int]
) -> ir.Table:
    """The features of one group, for the questions that have at least one act.

    Grain: one row per question with an act. Columns: ``ASKED``, then the features.

    Args:
        features: Features with the same table and the same ``per``.
        tables: Checked tables.
        questions: ``ASKED``, one row per question.
        moments: The earliest and the latest moment asked about.
    """
    columns = set().union(*(act_columns(feature, tables) for feature in features))
    asking = Asking(features[0].table, features[0].per, columns, _longest(features), moments)
    pairs = acts_as_of(asking, tables, questions)
    counted = _Counted(pairs, tables)
    return pairs.group_by(list(ASKED)).agg(**{feature.name: counted.value(feature) for feature in features})


def over_no_acts(feature: Feature, value: ir.Value) -> ir.Value:
    """The feature where there may have been no act at all: nothing was counted, nothing was added."""
    return value if feature.kind in (FeatureKind.RECENCY, FeatureKind.SHARE) else value.fill_null(0)


def _longest(features: Sequence[Feature]) -> int | None:
    """The longest window; None when one feature looks at all history."""
    windows = [feature.window_micros for feature in features]
    return None if None in windows else max(window for window in windows if window is not None)


class _Counted:
    """Aggregates over pairs of questions and acts."""

    def __init__(self, pairs: ir.Table, tables: Tables) -> None:
        self.pairs = pairs
        self.tables = tables

    def value(self, feature: Feature) -> ir.Value:
        return _MEASURES[FeatureKind(feature.kind)](self, feature)

    def _column(self, ref: ColumnRef) -> ir.Value:
        return self.pairs[act_column(ref)]

    def _of(self, feature: Feature) -> ir.Value:
        return self._column(own_or_look_up(feature.column, self.tables[feature.table]))

    def _chosen(self, feature: Feature, *texts: str) -> ir.BooleanValue:
        """Acts in the feature's window that fulfil its conditions."""
        found = ibis.literal(True)
        if feature.window_micros is not None:
            found = self.pairs[AGE] < ibis.literal(feature.window_micros, "int64")
        for text in filter(None, texts):
            found = found & stored_condition(text, feature.name).to_ibis(self._column)
        return found

    def count(self, feature: Feature) -> ir.Value:
        return self.pairs.count(where=self._chosen(feature, feature.where)).cast("int64")

    def distinct(self, feature: Feature) -> ir.Value:
        return self._of(feature).nunique(where=self._chosen(feature, feature.where)).cast("int64")

    def recency(self, feature: Feature) -> ir.Value:
        age = self.pairs[AGE].min(where=self._chosen(feature, feature.where))
        return age.cast("float64") / float(MICROSECONDS_PER_DAY)

    def sum(self, feature: Feature) -> ir.Value:
        value = finite(self._of(feature).cast("float64")).try_cast(ADDED_AS)
        return value.sum(where=self._chosen(feature, feature.where)).cast("float64")

    def share(self, feature: Feature) -> ir.Value:
        whole = self.pairs.count(where=self._chosen(feature, feature.among))
        part = self.pairs.count(where=self._chosen(feature, feature.among, feature.where))
        return part.cast("float64") / whole.nullif(0).cast("float64")


_MEASURES: Mapping[FeatureKind, Callable[[_Counted, Feature], ir.Value]] = {
    FeatureKind.COUNT: _Counted.count,
    FeatureKind.DISTINCT: _Counted.distinct,
    FeatureKind.RECENCY: _Counted.recency,
    FeatureKind.SUM: _Counted.sum,
    FeatureKind.SHARE: _Counted.share,
}
