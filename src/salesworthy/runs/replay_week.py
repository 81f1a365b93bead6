"""The weeks of a replay: the leads open then, decided under two policies on the same features."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import expit

from salesworthy.domain.decisions import Decision
from salesworthy.features.catalogue import Catalogue
from salesworthy.outcomes.labels import label_handoffs
from salesworthy.policy.document import Policy
from salesworthy.policy.in_force import PolicyInForce
from salesworthy.qualification.arrays import Floats, Ints
from salesworthy.qualification.deciding import decide
from salesworthy.qualification.thresholds import over_threshold, thresholds_of_run
from salesworthy.rules.columns import RuleColumns
from salesworthy.rules.consents import TABLE as CONSENTS
from salesworthy.rules.consents import objectors
from salesworthy.rules.evaluation import evaluate_rules
from salesworthy.rules.inputs import with_facts
from salesworthy.runs.champion import LoadedModel
from salesworthy.runs.features import OpenTables
from salesworthy.runs.lead_rows import scorable
from salesworthy.runs.replay_days import spells
from salesworthy.runs.run_policy import RunPolicy, run_policy

ROWS = 250_000
"""Leads of several weeks that are decided together, at most; one week is never divided."""
ORDER = ("as_of", "lead_id")
NOT_SCORED = "NOT SCORED"
OBJECTED = "consent"
KEPT = (
    "lead_id", "decision", "decided_by", "criteria", "trigger_days", "fit_grade", "interest_grade", "points",
    "propensity",
)  # fmt: skip
"""What of each decision is kept."""


@dataclass(frozen=True)
class Replay:
    """What is replayed: two checked policies, and what they decide with.

    Attributes:
        data: Checked tables.
        old: The policy in force.
        new: The other.
        catalogue: The workspace's features.
        columns: What rules may read.
        model: The champion; None where points decide.
        new_model: What the other policy decides with, where that is another model.
        values_from: The day from which all changes hold: of earlier weeks, its values decide too.
    """

    data: OpenTables
    old: Policy
    new: Policy
    catalogue: Catalogue
    columns: RuleColumns
    model: LoadedModel | None
    values_from: int = 0
    new_model: LoadedModel | None = None


@dataclass(frozen=True)
class Side:
    """One of the two policies in a week: what was in force, and the propensity per criteria set that made an MQL."""

    policy: PolicyInForce
    thresholds: Mapping[str, float]


@dataclass(frozen=True)
class ReplayWeek:
    """A week under both policies.

    Attributes:
        moment: Its first instant, in microseconds.
        lead_id: All leads that were decided.
        rows: The leads that change decision or are MQLs under a policy: ``lead_id, region, propensity, changed``, and
            columns of ``KEPT`` under ``old.`` and ``new.``. ``propensity`` is what is expected of the lead; with two
            models the mean of theirs, so that neither judges its own choice.
        old: The policy in force.
        new: The other.
    """

    moment: int
    lead_id: pa.Array
    rows: pa.Table
    old: Side
    new: Side


def replay_weeks(asked: Replay, moments: Sequence[int]) -> Iterator[ReplayWeek]:
    """Decide the leads that were open at each moment under both policies.

    Weeks between which nothing in the policies changes are asked about together, so many as memory allows: queries
    over a few weeks cost little more than those over one.

    Args:
        asked: What is replayed.
        moments: The weeks, in order.
    """
    leads = int(asked.data.engine.to_arrow(asked.data.tables["leads"].count().as_table()).column(0)[0].as_py())
    most = max(1, ROWS // max(leads, 1))
    mature = _matured(asked.data, moments[-1])
    for spell in spells([max(moment, asked.values_from) for moment in moments], asked.old, asked.new):
        mine, moments = moments[: len(spell)], moments[len(spell) :]
        for start in range(0, len(mine), most):
            yield from _together(asked, mine[start : start + most], spell[start], mature)


def _together(asked: Replay, moments: Sequence[int], values_of: int, mature: Ints) -> Iterator[ReplayWeek]:
    """A few weeks under the same two policies."""
    data = asked.data
    old, new = (run_policy(each, asked.catalogue, asked.columns, as_of=values_of) for each in (asked.old, asked.new))
    spine = data.engine.materialise("replay_leads", ibis.union(*(_leads(data, old, new, each) for each in moments)))
    own, rules = _features(asked, spine, old, new, until=moments[-1])
    leads = data.engine.to_arrow(_with_region(data, rules, old).order_by(*ORDER))
    propensity = _propensity(asked.model, data, own, leads.num_rows)
    others = _others_propensity(asked, spine, own, propensity, until=moments[-1])
    verdicts = [_verdicts(data, each, rules, name) for each, name in ((old, "old"), (new, "new"))]
    as_of = leads["as_of"].to_numpy()
    for moment in moments:
        start, end = np.searchsorted(as_of, [moment, moment + 1])
        here = leads.slice(start, end - start)
        chances = propensity[start:end], others[start:end]
        known = int(np.searchsorted(mature, moment, "right"))
        (before, old_side), (after, new_side) = (
            _decided(data, policy, judged.slice(start, end - start), chance, known=known, moment=moment)
            for policy, judged, chance in zip((old, new), verdicts, chances, strict=True)
        )
        rows = _worth_keeping(here, _expected(*chances), before, after)
        yield ReplayWeek(moment, here["lead_id"].combine_chunks(), rows, old_side, new_side)


def _worth_keeping(leads: pa.Table, propensity: Floats, before: pa.Table, after: pa.Table) -> pa.Table:
    changed = pc.not_equal(before["decision"], after["decision"])
    is_mql = [pc.equal(side["decision"], str(Decision.MQL)) for side in (before, after)]
    columns = {
        "lead_id": leads["lead_id"],
        "region": leads["region"],
        "propensity": pa.array(propensity, from_pandas=True),
        "changed": changed,
        **{f"old.{name}": before[name] for name in KEPT},
        **{f"new.{name}": after[name] for name in KEPT},
    }
    return pa.table(columns).filter(pc.or_(changed, pc.or_(*is_mql)))


def _leads(data: OpenTables, old: RunPolicy, new: RunPolicy, moment: int) -> ir.Table:
    """The leads that at least one of the policies scores."""
    asked = data.leads_to_score(as_of=moment)
    found = scorable(data, asked, old, as_of=moment)
    if old.policy.consent.states != new.policy.consent.states:
        found = found.union(scorable(data, asked, new, as_of=moment), distinct=True)
    return found.mutate(as_of=ibis.literal(moment, "int64"))


def _features(
    asked: Replay, spine: ir.Table, old: RunPolicy, new: RunPolicy, *, until: int
) -> tuple[ir.Table | None, ir.Table]:
    """Features of the model and of the rules, built once for both policies.

    Where the workspace defines a feature otherwise today than when the model was trained, each gets its own.
    """
    data, needed = asked.data, {*old.catalogue.names, *new.catalogue.names}
    rules = Catalogue(tuple(each for each in asked.catalogue if each.name in needed))
    if asked.model is None:
        return None, data.engine.materialise("replay_features", data.features(spine, rules, until=until))
    own = asked.model.catalogue
    today = {each.name: each for each in asked.catalogue}
    if all(today.get(each.name) == each for each in own):
        names = {*own.names, *needed}
        both = Catalogue(tuple(each for each in asked.catalogue if each.name in names))
        found = data.engine.materialise("replay_features", data.features(spine, both, until=until))
        return found, found
    found = data.engine.materialise("replay_features", data.features(spine, rules, until=until))
    return data.engine.materialise("replay_model_features", data.features(spine, own, until=until)), found


def _with_region(data: OpenTables, features: ir.Table, policy: RunPolicy) -> ir.Table:
    """The leads of each week with the region of their sites, as the policy in force reads it."""
    ref = policy.rules.fact("region")
    if ref is None:
        return features.select(*ORDER, region=ibis.null("string"))
    found = with_facts(features.select(*ORDER), data.tables, policy.rules) if ref.table else features
    return found.select(*ORDER, region=found[str(ref)].cast("string"))


def _propensity(model: LoadedModel | None, data: OpenTables, features: ir.Table | None, rows: int) -> Floats:
    if model is None or features is None:
        return np.full(rows, np.nan)
    names = list(model.catalogue.names)
    size = data.workspace.settings.scoring.batch_rows
    chosen = features.order_by(*ORDER).select(names)
    batches = (pa.Table.from_batches([batch]) for batch in data.engine.batches(chosen, rows=size) if batch.num_rows)
    parts = [expit(model.bundle.model.log_odds(batch)) for batch in batches]
    return np.concatenate([np.zeros(0), *parts])


def _others_propensity(
    asked: Replay, spine: ir.Table, own: ir.Table | None, propensity: Floats, *, until: int
) -> Floats:
    """What the other policy decides with: the same, unless it has a model of its own."""
    model, data = asked.new_model, asked.data
    if model is None:
        return propensity
    if asked.model is not None and list(model.catalogue) == list(asked.model.catalogue):
        return _propensity(model, data, own, len(propensity))
    features = data.features(spine, model.catalogue, until=until)
    return _propensity(model, data, data.engine.materialise("replay_new_features", features), len(propensity))


def _expected(old: Floats, new: Floats) -> Floats:
    return np.where(np.isnan(old), new, np.where(np.isnan(new), old, (old + new) / 2))


def _matured(data: OpenTables, until: int) -> Ints:
    """When each outcome matured, in order."""
    labels = label_handoffs(data.tables, data.workspace.label_rule, until=until)
    settled = labels.filter(labels.settled, labels.label.notnull()).select("matured_at")
    return np.sort(data.engine.to_arrow(settled)["matured_at"].to_numpy())


def _verdicts(data: OpenTables, policy: RunPolicy, features: ir.Table, name: str) -> pa.Table:
    """Every rule of a policy on every lead and week."""
    asked = with_facts(features.select(*ORDER, *policy.catalogue.names), data.tables, policy.rules)
    asked = data.engine.materialise(f"replay_rows_{name}", asked)
    verdicts = evaluate_rules(data.engine, data.tables, asked, policy.rules)
    accounts = features.select(*ORDER, "account_id")
    return data.engine.to_arrow(verdicts.join(accounts, list(ORDER)).order_by(*ORDER))


def _decided(
    data: OpenTables, policy: RunPolicy, judged: pa.Table, chance: Floats, *, known: int, moment: int
) -> tuple[pa.Table, Side]:
    """The leads of a week decided under one policy; thresholds that follow from the week are those of the week."""
    by_propensity = known >= policy.in_force.minimum_outcomes and not np.isnan(chance).all()
    propensity = chance if by_propensity else np.full(len(chance), np.nan)
    decided = decide(judged, policy.in_force, propensity=propensity, reads=policy.rules.reads)
    waiting = decided.append_column("propensity", pa.array(propensity, from_pandas=True))
    waiting = _without_objectors(data, waiting, policy, moment)
    thresholds = thresholds_of_run(waiting, policy.in_force)
    fixed = {each.code: each.propensity for each in policy.in_force.criteria if each.propensity is not None}
    kept = over_threshold(waiting, thresholds).select(list(KEPT))
    return kept, Side(policy.in_force, {**fixed, **thresholds})


def _without_objectors(data: OpenTables, decided: pa.Table, policy: RunPolicy, moment: int) -> pa.Table:
    """Leads that only the other policy scores, marked as such."""
    if CONSENTS not in data.tables:
        return decided
    found = objectors(data.tables, policy.policy.consent.states, as_of=moment)
    objected = pc.is_in(decided["lead_id"], data.engine.to_arrow(found)["lead_id"].combine_chunks())
    for name, value in (("decision", NOT_SCORED), ("decided_by", OBJECTED), ("waits", False)):
        column = pc.if_else(objected, value, decided[name])
        decided = decided.set_column(decided.schema.get_field_index(name), name, column)
    return decided
