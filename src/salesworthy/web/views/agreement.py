"""Who agreed to what decided on a lead: so that nobody has to ask who made the rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salesworthy.policy.approvals import status_line
from salesworthy.policy.in_force import PolicyInForce
from salesworthy.policy.words import day_in_words


def agreed(found: Mapping[str, Any], policy: PolicyInForce | None) -> dict[str, Any] | None:
    """Who approved of the rule that decided, or of the criteria set where a threshold did; and who signed the policy.

    Args:
        found: A lead, as the store tells it.
        policy: What was in force for the run; None without a policy.

    Returns:
        ``who`` (None where neither decided), ``why``, ``since`` (a day) and ``signed`` (a sentence); None without a
        policy.
    """
    if policy is None:
        return None
    rule = policy.by_code.get(found["lead"]["decided_by"])
    code = (found["rule_path"] or {}).get("criteria")
    criteria = next((each.criteria for each in policy.criteria if each.code == code), None)
    decided = criteria if rule is None else rule.rule
    signed = f"Policy {policy.policy.version}. {status_line(policy.policy)}"
    if decided is None:
        return {"who": None, "why": "", "since": "", "signed": signed}
    return {"who": decided.approver, "why": decided.reason, "since": day_in_words(decided.starts), "signed": signed}
