"""The example policy on a day, and leads as rules judge them."""

from __future__ import annotations

import datetime as dt
from importlib.resources import files
from pathlib import Path

import pyarrow as pa
import pytest

from salesworthy.domain.verdicts import Verdict
from salesworthy.policy.loading import load_policy
from salesworthy.policy.rule import RuleKind

EXAMPLE = Path(str(files("salesworthy.runs") / "templates" / "policy"))
DAY = dt.date(2026, 3, 10)


@pytest.fixture(scope="session")
def policy():
    return load_policy(EXAMPLE)


@pytest.fixture(scope="session")
def in_force(policy):
    return policy.at(DAY)


def judged_row(in_force, lead="L1", account="A1", **changes):
    """A lead that fits and did nothing: every rule lets it be; ``changes`` are verdicts by rule, or other columns."""
    quiet = {
        RuleKind.EXCLUDE: Verdict.PASS, RuleKind.REQUIRE: Verdict.PASS, RuleKind.DEDUCT: Verdict.PASS,
    }  # fmt: skip
    row = {"lead_id": lead, "account_id": account, "points": 20.0, "points.fit": 20.0, "points.interest": 0.0}
    row |= {"points.deducted": 0.0, "criteria": "MONITORING", "motion": "direct", "approved": True}
    for rule in in_force.rules:
        row[f"rule.{rule.code}"] = int(quiet.get(rule.kind, Verdict.FAIL))
        if rule.kind == RuleKind.ACTION:
            row[f"days.{rule.code}"] = None
    for name, value in changes.items():
        row[f"rule.{name}" if isinstance(value, Verdict) else name] = (
            int(value) if isinstance(value, Verdict) else value
        )
    return row


def judged_table(rows):
    """Rows as ``evaluate_rules`` gives them."""
    kinds = {"rule": pa.int8(), "days": pa.float64(), "points": pa.float64(), "missing": pa.bool_()}
    columns = {}
    for name in rows[0]:
        kind = kinds.get(name.partition(".")[0], pa.bool_() if name == "approved" else pa.string())
        columns[name] = pa.array([row[name] for row in rows], kind)
    return pa.table(columns)
