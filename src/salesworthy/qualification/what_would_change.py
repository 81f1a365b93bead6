"""What would change a decision: of hypothetical acts or facts and what they would make of a lead, those worth telling.

Nothing is estimated here. Every change was added to a copy of the lead's own history and went through features, rules,
model and decision like any other lead; see ``runs.what_if``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from salesworthy.domain.approved_use import why_no_score
from salesworthy.domain.decisions import Decision

MOST_TOLD = 3
"""Single acts that are told: the nearest, which most people do."""


@dataclass(frozen=True)
class Act:
    """Something that a lead may do.

    Attributes:
        kind: As the table of acts spells it.
        content_id: What it is done with; None where acts have no content.
        topic: The topic of that content.
        step: The buying step of that content.
        says: The act in words, in the past tense: "Opened a document on clinical evidence".
        done: How often people did so lately.
    """

    kind: str
    content_id: str | None
    topic: str | None
    step: str | None
    says: str
    done: int = 0


@dataclass(frozen=True)
class Fact:
    """A fact that is missing, filled in: its column as ``table.column``, a value, and the two in words."""

    column: str
    value: str | float | bool
    says: str


@dataclass(frozen=True)
class Change:
    """Acts that the lead would do, in this order, and facts that would be known."""

    acts: tuple[Act, ...] = ()
    facts: tuple[Fact, ...] = ()

    @property
    def says(self) -> str:
        """The change in words.

        Example:
            >>> one = Act("webinar", "C1", None, None, "Attended a webinar")
            >>> Change((one, Act("form", "C2", None, None, "Asked for a price"))).says
            'Attended a webinar, then asked for a price'
        """
        done = ", then ".join([each.says if not place else _lower(each.says) for place, each in enumerate(self.acts)])
        known = " and ".join(each.says if not place else _lower(each.says) for place, each in enumerate(self.facts))
        return "; ".join(filter(None, (done, known)))


@dataclass(frozen=True)
class Judgement:
    """What the pipeline says of a lead, or of a copy with a change; the draw of ``exploration`` left out.

    Attributes:
        decision: What becomes of it.
        decided_by: What decided.
        propensity: None without a model.
        log_odds: The same before calibration rounds it; None without a model.
        points: Under the policy.
        fit_grade: A to D.
        interest_grade: 1 to 4.
        criteria: The criteria set that applies.
        path: The road of an MQL: sales, samples, literature or medical information.
        missing: Facts that hold it.
        passed: Rules that PASS.
        by_points: Whether points are what it is measured by.
    """

    decision: str
    decided_by: str
    propensity: float | None
    log_odds: float | None
    points: float
    fit_grade: str
    interest_grade: str
    criteria: str | None = None
    path: str | None = None
    missing: tuple[str, ...] = ()
    passed: frozenset[str] = frozenset()
    by_points: bool = False

    @property
    def is_mql(self) -> bool:
        """Whether it goes to sales, and not to those who answer medical questions."""
        return self.decision == Decision.MQL and self.path != "medical_information"

    @property
    def strength(self) -> float:
        """What it is measured by: log-odds where the model decides, points otherwise."""
        return self.points if self.by_points or self.log_odds is None else self.log_odds


Tried = Sequence[tuple[Change, Judgement]]


def may_be_suggested(kind: str, topic: str | None) -> bool:
    """Whether an act is one that people may be led to: no transfer of value, no off-label topic.

    Example:
        >>> may_be_suggested("webinar", "clinical_outcomes"), may_be_suggested("view", "off-label use")
        (True, False)
        >>> may_be_suggested("speaker_fee", None)
        False
    """
    return why_no_score(kind, topic) is None


def enough(base: Judgement, tried: Tried) -> list[tuple[Change, Judgement]]:
    """Changes that make an MQL of the lead, in the order given, without those that lower its score.

    Args:
        base: The lead as it is.
        tried: Changes and what came of them.
    """
    return [(change, found) for change, found in tried if found.is_mql and found.strength >= base.strength]


def most_helpful(base: Judgement, tried: Tried, most: int) -> list[Change]:
    """Changes that raise the score, the strongest first."""
    rising = [(change, found) for change, found in tried if found.strength > base.strength]
    return [change for change, _ in sorted(rising, key=lambda each: -each[1].strength)[:most]]


def in_pairs(changes: Iterable[Change]) -> list[Change]:
    """Every two different acts, in both orders: some rules ask for an order."""
    singles = list(changes)
    return [Change(one.acts + other.acts) for one in singles for other in singles if one is not other]


def best_pair(base: Judgement, tried: Tried) -> list[tuple[Change, Judgement]]:
    """The strongest pair that makes an MQL of the lead; of equals the one whose acts people do more often."""
    found = enough(base, tried)
    found.sort(key=lambda each: (-each[1].strength, -sum(act.done for act in each[0].acts)))
    return found[:1]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
