"""Features as of a moment: the one entrance to everything that was known when a question is asked.

A spine asks questions: a lead and a moment on every row. The answer holds, per question, what was known about the lead
at that moment, and nothing that came to be known later. Training asks at every handoff, scoring asks for all open
leads at once, and both go through the function below.

What a feature gives where there is nothing to measure:

===========================================  ========================================================================
question                                     answer
===========================================  ========================================================================
the lead is not known, or was created later  every feature is null
no act was known                             ``count``, ``distinct`` and ``sum`` give 0; ``recency``, ``share`` are null
the lead has no account                      features ``per: account`` are null
the fact was not known yet                   ``column`` is null
the lead has no key                          ``history`` is null
the key has no results                       the overall rate; null while there are no results at all
===========================================  ========================================================================
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from salesworthy.domain.errors import InternalError, UserError
from salesworthy.engines.protocol import Engine
from salesworthy.features.act_features import act_features, groups_of, over_no_acts
from salesworthy.features.acts import ASKED
from salesworthy.features.catalogue import OF_ACTS, Catalogue, Dtype, Feature, FeatureKind
from salesworthy.features.condition_kinds import ColumnRef
from salesworthy.features.expression_order import computing_levels
from salesworthy.features.facts import finite
from salesworthy.features.known_facts import (
    AS_OF,
    FACT,
    IBIS_TYPES,
    LEAD,
    SITE,
    fact_name,
    key_name,
    known_facts,
    results_of,
)
from salesworthy.features.outcome_rates import AT, KEY, outcome_rate
from salesworthy.features.readable_tables import Tables, refuse_missing
from salesworthy.features.reads import needed_columns, stored_condition

QUESTION = ("lead_id", "as_of")
_calls = itertools.count()

Keep = Callable[[str, ir.Table], ir.Table]
Sites = Callable[[Sequence[Feature]], ir.Table]


def features_as_of(
    engine: Engine,
    tables: Tables,
    spine: ir.Table,
    catalogue: Catalogue,
    *,
    results: ir.Table | None = None,
    everybody: Tables | None = None,
    sites: Sites | None = None,
) -> ir.Table:
    """The features of every row of a spine, from what was known at its moment.

    Grain: one row per row of the spine, rows that are there twice included. Columns: the spine's, then one per feature
    in the order of the catalogue: float64, int64, boolean or string.

    Args:
        engine: Where the tables live.
        tables: Checked tables by name; ``leads`` is needed.
        spine: ``lead_id`` (text) and ``as_of`` (microseconds); further columns are carried along.
        catalogue: The features.
        results: What ``history`` features learn from: ``lead_id``, ``known_at``, ``label``, one row per result.
        everybody: Tables that hold the leads of the results, where ``tables`` are those of a few leads.
        sites: Gives the features of one table of acts of every site, where those were counted before for the one moment
            that the spine asks about: ``ASKED``, then the features.

    Raises:
        UserError: When the catalogue reads what is not there, or the spine does not fit.
    """
    _check_spine(spine, catalogue)
    refuse_missing(tables, needed_columns(catalogue, tables))
    keep = _keeper(engine)
    asked = spine.select(lead_id=spine.lead_id.cast("string"), as_of=spine.as_of.cast("int64"))
    asked = keep("asked", asked.filter(asked.lead_id.notnull(), asked.as_of.notnull()).distinct())
    known = keep("known", known_facts(asked, tables, catalogue))
    asking = _Asking(engine, tables, catalogue, known, keep, tables if everybody is None else everybody, sites)
    found = _joined(spine, known, [*asking.about_acts(), *asking.about_results(results)])
    found = found.select(*spine.columns, *_others(known), **_answers(found, catalogue))
    return _with_expressions(found, catalogue, keep).select(*spine.columns, *catalogue.names)


def _check_spine(spine: ir.Table, catalogue: Catalogue) -> None:
    missing = [name for name in QUESTION if name not in spine.columns]
    if missing:
        raise UserError(
            f"the spine has no column {' and no column '.join(missing)}",
            where="spine",
            todo="give a table with the columns lead_id and as_of",
        )
    taken = sorted({name.lower() for name in spine.columns} & {name.lower() for name in catalogue.names})
    if taken:
        raise UserError(
            f"the spine already has the column {', '.join(taken)}, which is a feature's name",
            where="spine",
            todo="rename or leave out these columns",
        )


def _keeper(engine: Engine) -> Keep:
    """Keeps intermediate tables under names of this call, which no later call overwrites."""
    number = next(_calls)
    return lambda name, table: engine.materialise(f"features_{number}_{name}", table)


class _Part(NamedTuple):
    """A table of answers, the column of ``known_facts`` that it answers for, and its own key and moment."""

    table: ir.Table
    key: str
    part_key: str
    part_moment: str


@dataclass(frozen=True)
class _Asking:
    """Asks for the parts of an answer."""

    engine: Engine
    tables: Tables
    catalogue: Catalogue
    known: ir.Table
    keep: Keep
    everybody: Tables
    sites: Sites | None

    def about_acts(self) -> Iterator[_Part]:
        """Features over acts, in one pass per table, for leads and for accounts."""
        groups = groups_of([feature for feature in self.catalogue if feature.kind in OF_ACTS])
        moments = self._moments() if groups else (0, 0)
        for (table, per), features in groups.items():
            name = f"{table}_per_{per}"
            key = SITE if per == "account" else LEAD
            if per == "account" and self.sites is not None:
                yield self._part(name, self.sites(features), key, ASKED)
                continue
            questions = self.known.select(**{ASKED[0]: self.known[key], ASKED[1]: self.known[AS_OF]})
            if per == "account":  # colleagues who are asked about at the same moment share one answer
                questions = questions.filter(questions[ASKED[0]].notnull()).distinct()
            yield self._part(name, act_features(features, self.tables, questions, moments), key, ASKED)

    def about_results(self, results: ir.Table | None) -> Iterator[_Part]:
        """``history`` features."""
        for feature in self.catalogue:
            if feature.kind == FeatureKind.HISTORY:
                if results is None:
                    raise InternalError(f"{feature.name} needs results, and none were given")
                keyed = results_of(feature, results, self.everybody)
                rates = outcome_rate(feature, self.known, results, keyed)
                yield self._part(f"rate_{feature.name}", rates, key_name(feature), (KEY, AT))

    def _part(self, name: str, table: ir.Table, key: str, own: tuple[str, str]) -> _Part:
        own_names = (f"{name}.key", f"{name}.as_of")
        part = self.keep(name, table.rename(dict(zip(own_names, own, strict=True))))
        return _Part(part, key, *own_names)

    def _moments(self) -> tuple[int, int]:
        """The earliest and the latest moment asked about."""
        moments = self.known.agg(first=self.known[AS_OF].min(), last=self.known[AS_OF].max())
        row = self.engine.to_arrow(moments).to_pylist()[0]
        return (row["first"] or 0, row["last"] or 0)


def _joined(spine: ir.Table, known: ir.Table, parts: Iterable[_Part]) -> ir.Table:
    """The spine with what was known beside it; nothing was, where ``LEAD`` is null."""
    same_lead = spine.lead_id.cast("string") == known[LEAD]
    found = spine.left_join(known, [same_lead, spine.as_of.cast("int64") == known[AS_OF]])
    for part in parts:
        same = [known[part.key] == part.table[part.part_key], known[AS_OF] == part.table[part.part_moment]]
        found = found.left_join(part.table, same)
    return found


def _others(known: ir.Table) -> list[str]:
    """What expressions read beside features: facts, and whether the lead was known."""
    return [LEAD, *(name for name in known.columns if name.startswith(FACT))]


def _answers(found: ir.Table, catalogue: Catalogue) -> dict[str, ir.Value]:
    """Every feature but the expressions, with its declared type: engines widen integers."""
    return {each.name: _answer(each, found) for each in catalogue if each.kind != FeatureKind.EXPRESSION}


def _answer(feature: Feature, found: ir.Table) -> ir.Value:
    value = found[feature.name]
    if feature.kind in OF_ACTS:
        somebody = found[SITE if feature.per == "account" else LEAD].notnull()
        value = somebody.ifelse(over_no_acts(feature, value), ibis.null(value.type()))
    return value.cast(IBIS_TYPES[Dtype(feature.dtype)])


def _with_expressions(found: ir.Table, catalogue: Catalogue, keep: Keep) -> ir.Table:
    """Expressions last, each after those that it reads."""
    expressions = {each.name: each for each in catalogue if each.kind == FeatureKind.EXPRESSION}
    for number, names in enumerate(computing_levels({name: each.reads for name, each in expressions.items()})):
        # Engines write an expression out wherever it is read, twice as long with every level: keep its values.
        found = keep(f"level_{number}", found) if number else found
        found = found.mutate(**{name: _expression(found, expressions[name]) for name in names})
    return found


def _expression(found: ir.Table, feature: Feature) -> ir.Value:
    def resolve(ref: ColumnRef) -> ir.Value:
        return found[fact_name(feature, ref)] if ref.table else found[ref.name]

    value = stored_condition(feature.expression, feature.name).to_ibis(resolve)
    return found[LEAD].notnull().ifelse(finite(value.cast("float64")), ibis.null("float64"))
