"""What decides in a run: the model in force, the policy in force, and which of them where both are there."""

from __future__ import annotations

from dataclasses import replace

import ibis.expr.types as ir

from salesworthy.outcomes.labels import label_handoffs
from salesworthy.qualification.wording import spoken
from salesworthy.runs.champion import LoadedModel, load_model
from salesworthy.runs.features import OpenTables
from salesworthy.runs.run_policy import RunPolicy, load_run_policy
from salesworthy.runs.score_batch import NO_MODEL, Deciders, too_few
from salesworthy.runs.workspace import Workspace


def deciders_of(data: OpenTables, model: str | None, *, as_of: int, draft: bool = False) -> Deciders:
    """The model and the policy of a workspace at a moment.

    A workspace with a policy needs no model: points decide then, and while there are fewer mature outcomes than the
    policy asks for.

    Args:
        data: Checked tables.
        model: A version; the champion by default.
        as_of: The moment of the question, in microseconds.
        draft: Whether a policy that is not approved may decide.

    Raises:
        UserError: When there is neither, or the policy has mistakes.
        GateRefused: When the policy is not approved.
    """
    policy = load_run_policy(data.workspace, data.checked, as_of=as_of, draft=draft)
    if policy is None:
        return Deciders(load_model(data.workspace, model))
    loaded = _model_if_any(data.workspace, model)
    if loaded is not None:
        loaded = replace(loaded, words=spoken(loaded.catalogue, policy.in_force))
    return Deciders(loaded, policy, NO_MODEL if loaded is None else _too_little_data(data, policy, as_of))


def _model_if_any(workspace: Workspace, model: str | None) -> LoadedModel | None:
    if model is None and workspace.registry.champion() is None:
        return None
    return load_model(workspace, model)


def _too_little_data(data: OpenTables, policy: RunPolicy, as_of: int) -> str:
    """Why points decide although there is a model; empty where there are outcomes enough."""
    found = int(data.engine.to_arrow(mature_outcomes(data, as_of=as_of)).column(0)[0].as_py())
    return too_few(found, policy)


def mature_outcomes(data: OpenTables, *, as_of: int) -> ir.Table:
    """How many outcomes are mature at a moment: one row with one number."""
    labels = label_handoffs(data.tables, data.workspace.label_rule, until=as_of)
    return labels.filter(labels.settled, labels.label.notnull()).count().as_table()
