"""Verdicts: what a rule says of a lead, and the names of the columns that carry it from the rules to the decision."""

from __future__ import annotations

from enum import IntEnum


class Verdict(IntEnum):
    """What a rule says of a lead. PASS always speaks for the lead, FAIL against it.

    An exclusion or a deduction names what is wrong, so a lead of whom it is true FAILs it. ``UNKNOWN`` means that the
    verdict hangs on an input that is missing; ``NOT_IN_FORCE`` that the rule does not apply on that day. The numbers
    are those of the verdict columns.
    """

    FAIL = 0
    PASS = 1
    UNKNOWN = 2
    NOT_IN_FORCE = 3


POINTS = "points"
"""Total points: what was awarded, less what was deducted up to the cap; 0 for what is not yet approved."""
POINTS_FIT = "points.fit"
"""Awards on the fit axis; fit grades are read from them."""
POINTS_INTEREST = "points.interest"
"""Awards on the interest axis; interest grades are read from them."""
POINTS_DEDUCTED = "points.deducted"
"""What was deducted, after the cap."""
CRITERIA = "criteria"
"""Code of the criteria set that applies."""
MOTION = "motion"
"""Code of the sales motion; null where none applies."""
APPROVED = "approved"
"""Whether product and campaign type, where stated, are approved for scoring on that day."""


def verdict_column(rule: str) -> str:
    """The int8 column with the verdicts of a rule."""
    return f"rule.{rule}"


def missing_column(fact: str) -> str:
    """The yes-or-no column that says whether an input of rules is missing."""
    return f"missing.{fact}"


def points_column(rule: str) -> str:
    """The column with the points that a rule gave (awards) or took (deductions, as positive numbers)."""
    return f"points.rule.{rule}"


def days_column(rule: str) -> str:
    """The column with the days since the last act of a rule's sequence; null where the sequence is not there."""
    return f"days.{rule}"
