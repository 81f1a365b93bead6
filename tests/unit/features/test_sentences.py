"""Sentences: a feature and a value in, what a salesperson reads out."""

from __future__ import annotations

import subprocess
import sys

import pytest

from salesworthy.features.catalogue import Feature
from salesworthy.features.sentences import LONGEST_VALUE, sentence

DEMOS = Feature("demos_30d", "count", says="Asked for {value} demo(s)")
TIMES = Feature("demos_30d", "count", says="Asked for a demo {value} time(s) in the last 30 days")
PEOPLE = Feature("people", "distinct", says="At the site, {value} person(s) showed interest")
TOPICS = Feature("topics", "distinct", says="Read about {value} different topic(s)")
KNOWN_REASON = Feature("evidence_30d", "count", reason="CLINICAL_EVIDENCE", says="Opened {value} paper(s)")
NEVER = Feature("demos_30d", "count", says="Asked {value} time(s)", says_zero="Has not asked for a demo")
AGO = Feature("days_since_demo", "recency", says="Asked for a demo {value} day(s) ago")
SINCE = Feature("lead_age", "column", type="days_since", says="Has been known to us for {value} day(s)")
SHARE = Feature("demo_share", "share", says="{value} of the requests were for a demo")
RATE = Feature("campaign_rate", "history", says="Sales accepted {value} of the leads from this campaign")
PART = Feature("momentum", "expression", unit="share", says="{value} of the activity is recent")
BEDS = Feature("beds", "column", type="number", says="Has {value} bed(s)")
NUMBER = Feature("index", "column", type="number", says="Stood at {value}")
ROLE = Feature("role", "column", type="category", says="Works as {value}", dtype="category")
CUSTOMER = Feature("customer", "column", type="yes_no", says="Is a customer", says_zero="Is no customer yet")
PLAIN_CUSTOMER = Feature("existing_customer", "column", type="yes_no", says="Is a customer")
LOAN = Feature("loan", "column", type="yes_no", says="Has a loan: {value}")
BOTH = Feature("both", "expression", says="Did both", says_zero="Did not do both")
BOXES = Feature("boxes", "count", says="Ordered {value} box(es)")
NOBODY_WROTE = Feature("EmployerSize", "column", type="number")
MISSING = Feature("role", "column", says="Works as {value}", says_missing="Has not told the role")

SAYS = [
    (DEMOS, 2, "Asked for 2 demos"),
    (DEMOS, 1, "Asked for 1 demo"),
    (DEMOS, 1.0, "Asked for 1 demo"),
    (DEMOS, 0, "Asked for no demos"),
    (DEMOS, 1234567, "Asked for 1,234,567 demos"),
    (TIMES, 2, "Asked for a demo twice in the last 30 days"),
    (TIMES, 1, "Asked for a demo once in the last 30 days"),
    (TIMES, 3, "Asked for a demo 3 times in the last 30 days"),
    (PEOPLE, 1, "At the site, 1 person showed interest"),
    (PEOPLE, 2, "At the site, 2 people showed interest"),
    (TOPICS, 1, "Read about 1 topic"),
    (TOPICS, 2, "Read about 2 different topics"),
    (KNOWN_REASON, None, "Evidence: not known"),
    (TIMES, 0, "Asked for a demo not once in the last 30 days"),
    (NEVER, 0, "Has not asked for a demo"),
    (NEVER, None, "Demos: not known"),
    (BOXES, 2, "Ordered 2 boxes"),
    (BOXES, 1, "Ordered 1 box"),
    (AGO, 12.4, "Asked for a demo 12 days ago"),
    (AGO, 1.2, "Asked for a demo 1 day ago"),
    (AGO, 0.2, "Asked for a demo less than a day ago"),
    (AGO, 0.0, "Asked for a demo less than a day ago"),
    (AGO, 1234.5, "Asked for a demo 1,234 days ago"),
    (AGO, None, "Days since demo: no such act is on record"),
    (SINCE, 0.1, "Has been known to us for less than a day"),
    (SINCE, 400.0, "Has been known to us for 400 days"),
    (SINCE, -3.0, "Has been known to us for -3 days"),
    (SHARE, 0.25, "25 % of the requests were for a demo"),
    (SHARE, 0.0, "0 % of the requests were for a demo"),
    (SHARE, 1.0, "100 % of the requests were for a demo"),
    (SHARE, 0.001, "Less than 1 % of the requests were for a demo"),
    (SHARE, 0.999, "More than 99 % of the requests were for a demo"),
    (SHARE, None, "Demo share: not known"),
    (RATE, 0.184, "Sales accepted 18 % of the leads from this campaign"),
    (PART, 0.5, "50 % of the activity is recent"),
    (BEDS, 167.0, "Has 167 beds"),
    (BEDS, 1.0, "Has 1 bed"),
    (BEDS, 0.0, "Has 0 beds"),
    (BEDS, float("nan"), "Beds: not known"),
    (NUMBER, 1.4, "Stood at 1.4"),
    (NUMBER, 4.857, "Stood at 4.86"),
    (NUMBER, 93.994, "Stood at 94.0"),
    (NUMBER, 5191.26, "Stood at 5,191"),
    (NUMBER, -36.4, "Stood at -36.4"),
    (NUMBER, 0.0123, "Stood at 0.012"),
    (NUMBER, 1e300, f"Stood at {1e300:,.0f}"),
    (NUMBER, float("inf"), "Stood at very much"),
    (ROLE, "department_head", "Works as department head"),
    (ROLE, "physician", "Works as physician"),
    (ROLE, "3_months", "Works as 3 months"),
    (ROLE, "Head of IT_2", "Works as Head of IT_2"),
    (ROLE, "", "Works as (empty)"),
    (MISSING, None, "Has not told the role"),
    (CUSTOMER, True, "Is a customer"),
    (CUSTOMER, False, "Is no customer yet"),
    (PLAIN_CUSTOMER, False, "Existing customer: no"),
    (LOAN, True, "Has a loan: yes"),
    (LOAN, False, "Has a loan: no"),
    (BOTH, 1.0, "Did both"),
    (BOTH, 0.0, "Did not do both"),
    (NOBODY_WROTE, 12.0, "Employer size: 12"),
    (NOBODY_WROTE, None, "Employer size: not known"),
]


@pytest.mark.parametrize(("feature", "value", "says"), SAYS)
def test_what_a_feature_says(feature, value, says):
    assert sentence(feature, value) == says


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("head\nof\tstaff", "head of staff"),
        ("head\x00\x1b[31m", "head [31m"),
        ("\u202ereversed", "reversed"),
        ("a\u2028b", "a b"),
        ("  spaces   inside ", "spaces inside"),
        ("{value}", "{value}"),
        ("{0.__class__}", "{0.__class__}"),
        ("<script>", "<script>"),
        ("item(s)", "item(s)"),
    ],
)
def test_text_that_came_with_a_lead_stays_on_one_line_and_is_never_a_template(text, shown):
    assert sentence(ROLE, text) == f"Works as {shown}"


def test_long_text_is_cut():
    says = sentence(ROLE, "x" * 10_000_000)
    assert len(says) == len("Works as ") + LONGEST_VALUE
    assert says.endswith("x…")


def test_speaking_loads_nothing_heavy():
    heavy = "ibis", "sqlglot", "duckdb", "pandas", "numpy", "yaml"
    code = f"import sys, salesworthy.features.sentences; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
