"""Everything that is known about the leads of a run, in the engine: features, verdicts, and the facts of the handoff.

Features of the model and of the rules are computed in one query. Where the workspace defines a feature otherwise today
than when the model was trained, the model keeps its own and the rules get theirs from a second query.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from salesworthy.features.catalogue import Catalogue, Feature
from salesworthy.features.readable_tables import Tables, column_of
from salesworthy.qualification.lead_facts import CONTENT_TYPES, EMAIL, MARKETING, since_column, state_column
from salesworthy.rules.consents import TABLE as CONSENTS
from salesworthy.rules.consents import latest_states, objectors
from salesworthy.rules.evaluation import evaluate_rules
from salesworthy.rules.inputs import with_facts
from salesworthy.runs.batch_columns import FACT, QUESTION
from salesworthy.runs.champion import LoadedModel
from salesworthy.runs.features import OpenTables
from salesworthy.runs.run_policy import RunPolicy


@dataclass(frozen=True)
class LeadRows:
    """The leads of a run.

    Attributes:
        rows: One row per lead: ``lead_id, account_id, as_of``, features; with a policy verdicts and facts too.
        verdicts: What ``evaluate_rules`` gave; None without a policy.
    """

    rows: ir.Table
    verdicts: ir.Table | None = None


def scorable(data: OpenTables, leads: ir.Table, policy: RunPolicy | None, *, as_of: int) -> ir.Table:
    """Leads without those who objected to direct marketing: profiling them is what they objected to."""
    if policy is None or CONSENTS not in data.tables:
        return leads
    objected = objectors(data.tables, policy.policy.consent.states, as_of=as_of)
    return leads.anti_join(objected, "lead_id")


def lead_rows(
    data: OpenTables, leads: ir.Table, model: LoadedModel | None, policy: RunPolicy | None, *, as_of: int
) -> LeadRows:
    """Features, verdicts and facts of leads.

    Args:
        data: Checked tables.
        leads: ``lead_id`` and ``account_id``; one row per lead.
        model: Whose features; None where points decide.
        policy: Whose rules; None where there is none.
        as_of: The moment of the question, in microseconds.
    """
    spine = leads.mutate(as_of=ibis.literal(as_of, "int64"))
    own = Catalogue() if model is None else model.catalogue
    if policy is None:
        found = data.features(spine, own, until=as_of).order_by("lead_id")
        return LeadRows(data.engine.materialise("feature_rows", found))
    shared, apart = _united(own, policy.catalogue)
    features = data.engine.materialise("feature_rows", data.features(spine, shared, until=as_of))
    read = features
    if len(apart):
        read = data.engine.materialise("rule_features", data.features(spine, apart, until=as_of))
    asked = with_facts(read.select(*QUESTION, *policy.catalogue.names), data.tables, policy.rules)
    asked = data.engine.materialise("rule_rows", asked)
    verdicts = evaluate_rules(data.engine, data.tables, asked.drop("account_id"), policy.rules)
    verdicts = data.engine.materialise("verdicts", verdicts)
    facts = data.engine.materialise("lead_facts", handoff_facts(data.tables, asked, policy, as_of=as_of))
    rows = features.select(*QUESTION, *own.names).join(verdicts.drop("as_of"), "lead_id").join(facts, "lead_id")
    return LeadRows(rows, verdicts)


def batches(data: OpenTables, rows: ir.Table) -> Iterator[pa.Table]:
    """Rows in order of lead ids, so many at a time as the settings say."""
    size = data.workspace.settings.scoring.batch_rows
    for batch in data.engine.batches(rows.order_by("lead_id"), rows=size):
        if batch.num_rows:
            yield pa.Table.from_batches([batch])


def _united(model: Catalogue, rules: Catalogue) -> tuple[Catalogue, Catalogue]:
    """The model's features with those of the rules, and those that must be computed apart: all or none."""
    defined = {each.name.lower(): _definition(each) for each in model}
    if any(defined.get(each.name.lower(), _definition(each)) != _definition(each) for each in rules):
        return model, rules
    more = (each for each in rules if each.name.lower() not in defined)
    return Catalogue.of([*model, *more]), Catalogue()


def _definition(feature: Feature) -> Feature:
    """A feature without its words."""
    return dataclasses.replace(feature, says="", says_missing="", says_zero="", unit="", reason="", direction="")


def handoff_facts(tables: Tables, asked: ir.Table, policy: RunPolicy, *, as_of: int) -> ir.Table:
    """Columns of ``LEAD_FACTS`` for each lead, under ``FACT``.

    Args:
        tables: Checked tables.
        asked: ``lead_id`` and the facts that the policy names; one row per lead.
        policy: The policy in force.
        as_of: The moment of the question, in microseconds.
    """
    given: dict[str, ir.Value] = {}
    for name in ("product", "region", "country", "specialty"):
        ref = policy.rules.fact(name)
        given[f"{FACT}{name}"] = ibis.null("string") if ref is None else asked[str(ref)].cast("string")
    found = asked.select("lead_id", **given)
    for name, times in (("handed_at", _handovers(tables, as_of)), ("contact_at", _contacts(tables, as_of))):
        found = _beside(found, times, {"at": f"{FACT}{name}"})
    for content_type in CONTENT_TYPES:
        names = {"state": f"{FACT}{state_column(content_type)}", "at": f"{FACT}{since_column(content_type)}"}
        found = _beside(found, _consents(tables, policy, content_type, as_of), names)
    return found


def _beside(found: ir.Table, table: ir.Table | None, names: dict[str, str]) -> ir.Table:
    """A table of one row per lead, joined under these names; null throughout where there is none."""
    if table is None:
        kinds = {name: "string" if ours == "state" else "int64" for ours, name in names.items()}
        return found.mutate(**{name: ibis.null(kind) for name, kind in kinds.items()})
    renamed = table.select(other_lead=table.lead_id, **{name: table[ours] for ours, name in names.items()})
    return found.left_join(renamed, found.lead_id == renamed.other_lead).drop("other_lead")


def _handovers(tables: Tables, as_of: int) -> ir.Table | None:
    if "handoffs" not in tables:
        return None
    handoffs = tables["handoffs"]
    before = handoffs.filter(handoffs.handed_at <= as_of)
    return before.group_by("lead_id").agg(at=before.handed_at.max())


def _contacts(tables: Tables, as_of: int) -> ir.Table | None:
    """First contacts count from when they happened, whenever the disposition behind them was recorded."""
    if "outcomes" not in tables:
        return None
    contact = column_of(tables, "outcomes", "first_contact_at").cast("int64")
    made = tables["outcomes"].select("lead_id", contact=contact)
    made = made.filter(made.contact <= as_of)
    return made.group_by("lead_id").agg(at=made.contact.max())


def _consents(tables: Tables, policy: RunPolicy, content_type: str, as_of: int) -> ir.Table | None:
    if CONSENTS not in tables:
        return None
    return latest_states(
        tables,
        policy.policy.consent.states,
        as_of=as_of,
        channel=EMAIL,
        purpose=MARKETING,
        content_type=content_type,
    )
