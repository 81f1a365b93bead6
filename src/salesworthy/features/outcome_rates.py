"""``history`` features: how the leads with the same key had turned out, as far as that was known.

The rate is smoothed: a key with few results stays near the rate of all leads. Known results are added up in order of
time, once per key, so that no question is paired with every result before it.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from salesworthy.features.catalogue import Feature
from salesworthy.features.known_facts import AS_OF, LABEL, RESULT_KEY, RESULT_SINCE, key_name

KEY, AT = "rate.key", "rate.at"
_RESULTS, _TOTAL, _IS_QUESTION = "rate.results", "rate.total", "rate.is_question"
_EVERYONE = "everyone"


def outcome_rate(feature: Feature, known: ir.Table, results: ir.Table, keyed: ir.Table) -> ir.Table:
    """The rate of each key and moment that is asked about: ``KEY``, ``AT`` and the feature.

    Grain: one row per key and moment. Rate = (labels of the key + strength * overall rate) / (results of the key +
    strength), from results known at that moment; the overall rate where the key has none; null while nothing at all is
    known.

    Args:
        feature: The feature.
        known: ``known_facts`` of the questions.
        results: All results: ``known_at`` and ``label``.
        keyed: ``results_of`` the feature.
    """
    of_keys = keyed.select(**{KEY: keyed[RESULT_KEY], AT: keyed[RESULT_SINCE], LABEL: keyed[LABEL]})
    everyone = ibis.literal(_EVERYONE)
    of_all = results.select(**{KEY: everyone, AT: results.known_at.cast("int64"), LABEL: results.label.cast("float64")})
    asked = known.select(**{KEY: known[key_name(feature)], AT: known[AS_OF]})
    asked = asked.filter(asked[KEY].notnull()).distinct()
    moments = asked.select(**{KEY: everyone, AT: asked[AT]}).distinct()
    rates = _known_by(of_keys, asked)
    overall = _known_by(of_all, moments).select(**{"all.at": AT, "all.results": _RESULTS, "all.total": _TOTAL})
    joined = rates.left_join(overall, rates[AT] == overall["all.at"])
    rate = joined["all.total"] / joined["all.results"].nullif(0.0)
    smoothed = (joined[_TOTAL] + feature.strength * rate) / (joined[_RESULTS] + feature.strength)
    return joined.select(KEY, AT, **{feature.name: smoothed})


def _known_by(events: ir.Table, asked: ir.Table) -> ir.Table:
    """How many results of each key were known at each moment asked about, and the sum of their labels.

    Labels are 0 or 1, so that sums of floats are exact in any order.
    """
    events = events.filter(events[KEY].notnull(), events[AT].notnull(), events[LABEL].notnull())
    added = events.group_by([KEY, AT]).agg(**{_RESULTS: events.count().cast("float64"), _TOTAL: events[LABEL].sum()})
    zero = ibis.literal(0.0, "float64")
    questions = asked.select(KEY, AT, **{_RESULTS: zero, _TOTAL: zero, _IS_QUESTION: ibis.literal(1, "int64")})
    added = added.select(KEY, AT, _RESULTS, _TOTAL, **{_IS_QUESTION: ibis.literal(0, "int64")})
    line = added.union(questions)
    # At the same moment a result comes before the question: it is known by then.
    so_far = ibis.cumulative_window(group_by=KEY, order_by=[AT, _IS_QUESTION])
    line = line.mutate(**{name: line[name].sum().over(so_far) for name in (_RESULTS, _TOTAL)})
    return line.filter(line[_IS_QUESTION] == 1).select(KEY, AT, _RESULTS, _TOTAL)
