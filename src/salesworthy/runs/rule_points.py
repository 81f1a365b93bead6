"""Points of past handoffs under the present rules: what the rules alone would have said, for ``evaluate``."""

from __future__ import annotations

from pathlib import Path

import ibis.expr.types as ir

from salesworthy.domain.verdicts import POINTS
from salesworthy.rules.checking import load_checked_policy
from salesworthy.rules.evaluation import evaluate_rules
from salesworthy.runs.features import OpenTables
from salesworthy.runs.run_policy import RunPolicy, policy_folder, run_policy, what_rules_read

COLUMN = "rules.points"
"""Where the points stand beside features; no feature has a dot in its name."""


def with_rule_points(data: OpenTables, rows: ir.Table, *, as_of: int) -> ir.Table:
    """Rows with the points of each under the present rules, in ``COLUMN``; as they are where there is no policy.

    Every rule is evaluated as of the row's own moment, with the values of the policy that hold at ``as_of``: the rules
    as they are today, on what was known then. Whether the policy is approved does not matter: nothing is decided.

    Args:
        data: Checked tables.
        rows: ``lead_id``, ``as_of`` and features; one row per lead and moment.
        as_of: The moment of the evaluation, in microseconds.

    Raises:
        ConfigurationMistakes: When the policy has mistakes.
    """
    folder = policy_folder(data.workspace)
    if folder is None:
        return rows
    judged = present_rules_on(data, rows, present_rules(data, folder, as_of=as_of), until=as_of)
    points = judged.select("lead_id", "as_of", **{COLUMN: judged[POINTS]})
    return rows.left_join(points, ["lead_id", "as_of"]).drop("lead_id_right", "as_of_right")


def present_rules(data: OpenTables, folder: Path, *, as_of: int) -> RunPolicy:
    """The rules of a policy as they are at a moment, approved or not: nothing is decided with them.

    Raises:
        ConfigurationMistakes: When the policy has mistakes.
    """
    catalogue, columns = what_rules_read(data.workspace, data.checked)
    return run_policy(load_checked_policy(folder, columns), catalogue, columns, as_of=as_of)


def present_rules_on(data: OpenTables, rows: ir.Table, policy: RunPolicy, *, until: int) -> ir.Table:
    """What the rules say of past handoffs, each as of its own moment; see ``evaluate_rules``.

    Args:
        data: Checked tables.
        rows: ``lead_id`` and ``as_of``; features that the rules read are built where they do not stand beside them.
        policy: The rules.
        until: What is known of outcomes by then counts in features, in microseconds.
    """
    features = rows
    if not set(policy.catalogue.names) <= set(rows.columns):
        asked = data.features(rows.select("lead_id", "as_of"), policy.catalogue, until=until)
        features = data.engine.materialise("rule_features", asked)
    asked = features.select("lead_id", "as_of", *policy.catalogue.names)
    return evaluate_rules(data.engine, data.tables, asked, policy.rules)
