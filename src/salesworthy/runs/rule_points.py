"""Points of past handoffs under the present rules: what the rules alone would have said, for ``evaluate``."""

from __future__ import annotations

import ibis.expr.types as ir

from salesworthy.domain.verdicts import POINTS
from salesworthy.rules.checking import load_checked_policy
from salesworthy.rules.evaluation import evaluate_rules
from salesworthy.runs.features import OpenTables
from salesworthy.runs.run_policy import policy_folder, run_policy, what_rules_read

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
    catalogue, columns = what_rules_read(data.workspace, data.checked)
    policy = run_policy(load_checked_policy(folder, columns), catalogue, columns, as_of=as_of)
    asked = rows.select("lead_id", "as_of")
    features = rows if set(policy.catalogue.names) <= set(rows.columns) else None
    if features is None:
        features = data.engine.materialise("rule_features", data.features(asked, policy.catalogue, until=as_of))
    asked = features.select("lead_id", "as_of", *policy.catalogue.names)
    judged = evaluate_rules(data.engine, data.tables, asked, policy.rules)
    points = judged.select("lead_id", "as_of", **{COLUMN: judged[POINTS]})
    return rows.left_join(points, ["lead_id", "as_of"]).drop("lead_id_right", "as_of_right")
