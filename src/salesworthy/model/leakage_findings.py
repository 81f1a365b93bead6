"""What the leakage audit says of a column: a stable code, the figures in a sentence, and whether it stops training."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from salesworthy.domain.findings import Severity


class LeakCode(StrEnum):
    """How a column gives the outcome away, or fails later.

    ======================  ====================================================================================
    OUTCOME_SOURCE          the outcome is read from this very column; it is left out of the features already
    SAME_AS_OUTCOME         the outcome in other words: knowing one is knowing the other
    TOO_PREDICTIVE          alone it foretells the outcome far better than any other column, in order of time
    MISSING_WITH_OUTCOME    it is filled in for the one outcome and empty for the other
    LATER_DATE              its dates lie after the handoff
    OUTCOME_NAME            it is named like something that is filled in after the outcome
    OWNER                   it says who works on the lead
    DECIDED_VALUE           on one of its values, everybody has the same outcome
    KEPT_DEFAULT            one common value goes with the outcome, as where a default is corrected only later
    IDENTITY                it names leads or accounts: a model can only memorise it
    CLOCK                   it tells little more than when the lead was handed over
    ======================  ====================================================================================
    """

    OUTCOME_SOURCE = "OUTCOME_SOURCE"
    SAME_AS_OUTCOME = "SAME_AS_OUTCOME"
    TOO_PREDICTIVE = "TOO_PREDICTIVE"
    MISSING_WITH_OUTCOME = "MISSING_WITH_OUTCOME"
    LATER_DATE = "LATER_DATE"
    OUTCOME_NAME = "OUTCOME_NAME"
    OWNER = "OWNER"
    DECIDED_VALUE = "DECIDED_VALUE"
    KEPT_DEFAULT = "KEPT_DEFAULT"
    IDENTITY = "IDENTITY"
    CLOCK = "CLOCK"


@dataclass(frozen=True)
class LeakageFinding:
    """One thing that the audit noticed about one column.

    Attributes:
        column: The column as its owner knows it.
        code: A ``LeakCode``.
        evidence: A sentence with the figures.
        severity: ``block`` stops training; ``warn`` asks a person to look.
        feature: The feature that reads the column.
    """

    column: str
    code: LeakCode
    evidence: str
    severity: Severity
    feature: str

    @property
    def blocks(self) -> bool:
        """Whether it stops training."""
        return self.severity is Severity.BLOCK

    def to_json(self) -> dict[str, str]:
        """The finding as ``leakage --json`` prints it."""
        return {
            "column": self.column,
            "code": self.code.value,
            "evidence": self.evidence,
            "severity": self.severity.value,
        }


def block(feature: str, code: LeakCode, evidence: str) -> LeakageFinding:
    """A finding that stops training; its column has the name of the feature."""
    return LeakageFinding(feature, code, evidence, Severity.BLOCK, feature)


def warn(feature: str, code: LeakCode, evidence: str) -> LeakageFinding:
    """A finding that asks a person to look; its column has the name of the feature."""
    return LeakageFinding(feature, code, evidence, Severity.WARN, feature)


def in_order(findings: Iterable[LeakageFinding]) -> list[LeakageFinding]:
    """Findings: columns that stop training first, all findings of a column together."""
    found = list(findings)
    blocked = {each.column for each in found if each.blocks}
    codes = list(LeakCode)
    return sorted(
        found,
        key=lambda each: (each.column not in blocked, each.column, not each.blocks, codes.index(each.code)),
    )
