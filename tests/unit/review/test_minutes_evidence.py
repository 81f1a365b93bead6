"""The evidence in the minutes, from what drift, grading, the audit of rules and response really give."""

from __future__ import annotations

from salesworthy.domain.findings import Severity
from salesworthy.drift.findings import Cause, DriftFinding
from salesworthy.drift.watched import Family
from salesworthy.review.minutes_evidence import CHAPTERS, evidence_lines
from salesworthy.runs.grade import GradeReport
from salesworthy.runs.grade_reasons import match_rates
from salesworthy.runs.response import ResponseReport
from salesworthy.runs.review_evidence import GRADED, RESPONDED, SECTIONS

FINDING = DriftFinding(
    "ROLE_MIX", "More students | than usual", Severity.WARN, Family(next(iter(Family))), "role", "from 2 % to 31 %",
    Cause("CAMPAIGN", "campaign C14 was tagged anew"), "look at C14", "2026-06-01", "2026-06-08", 4, (), None, 210,
    "leads",
)  # fmt: skip
RULE = {
    "rule": "STUDENT",
    "title": "Is a student",
    "leads": {"with": 31, "without": 900, "unknown": 0},
    "says": "the rule holds",
}


def pack():
    """An evidence pack whose sections are what the reports give."""
    graded = GradeReport(0, 1, 0, 0, (), match_rates([("WEBINAR", True)] * 12 + [("EVENT", False)])).as_dict()
    responded = ResponseReport(0, ()).as_dict()
    return {
        "in_force": {"policy_version": "2026.1", "model_version": None},
        "sections": {
            "drift": {"headline": "1 finding", "findings": [FINDING.as_dict()]},
            "grading": {name: graded[name] for name in GRADED},
            "rules": {"drawn": 931, "rules": [RULE]},
            "response": {name: responded[name] for name in RESPONDED},
        },
    }


def test_every_section_has_a_chapter():
    assert {section for _, section, _ in CHAPTERS} == set(SECTIONS) == set(pack()["sections"])


def test_findings_and_figures_are_told():
    text = "\n".join(evidence_lines(pack()))
    assert "policy 2026.1, model none" in text
    row = "| ROLE_MIX | More students \\| than usual | from 2 % to 31 % | campaign C14 was tagged anew | look at C14 |"
    assert row in text
    assert "| Is a student | 31 | 900 | the rule holds |" in text
    assert "| Webinars | 12 | 100% (76% to 100%) |" in text
    assert "| Events and booths | 1 | - |" in text
    assert "0 handovers: too few" in text


def test_what_cannot_be_told_says_why():
    found = pack()
    found["sections"]["drift"] = {"not_available": "the ledger [holds] nothing"}
    assert "Not available: the ledger \\[holds] nothing" in list(evidence_lines(found))
