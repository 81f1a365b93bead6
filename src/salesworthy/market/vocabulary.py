"""What acts there are, what content they are with, and which software makes them."""

from __future__ import annotations

from dataclasses import dataclass

PEOPLE_AGENTS = (
    "Mozilla/5.0 (Windows)",
    "Mozilla/5.0 (Macintosh)",
    "Mozilla/5.0 (iPhone)",
    "Mozilla/5.0 (Android)",
)
SCANNER_AGENTS = (
    "Microsoft SafeLinks",
    "Barracuda Link Protection",
    "Proofpoint URL Defense",
    "Mimecast URL Protect",
    "HeadlessChrome",
)
"""Most machine clicks carry one of these; acts of people never do."""
AGENTS = PEOPLE_AGENTS + SCANNER_AGENTS

BUYING_STEP_OF_TOPIC = {
    "industry_news": "awareness",
    "product_overview": "awareness",
    "economics": "awareness",
    "clinical_evidence": "clinical_evaluation",
    "clinical_outcomes": "clinical_evaluation",
    "evaluation": "clinical_evaluation",
    "demo": "clinical_evaluation",
    "sample": "clinical_evaluation",
    "contact": "awareness",
    "regulatory": "procurement_review",
    "procurement": "procurement_review",
    "pricing": "procurement_review",
    "implementation": "contract_setup",
    "training": "contract_setup",
}


@dataclass(frozen=True)
class ActType:
    """A kind of act with content on one topic.

    ``weight`` is how common it is at middling intent, ``slope`` how its log-weight grows with intent, ``points`` what
    the older points policy awards for it.
    """

    kind: str
    topic: str | None
    weight: float
    slope: float
    points: int


ACT_TYPES = (
    ActType("view", "product_overview", 8.0, -0.3, 1),
    ActType("view", "industry_news", 6.0, -0.6, 1),
    ActType("view", "clinical_evidence", 2.0, 0.2, 1),
    ActType("view", "economics", 1.5, 0.1, 1),
    ActType("view", "regulatory", 1.0, 0.0, 1),
    ActType("view", "implementation", 1.0, 0.3, 1),
    ActType("view", "pricing", 1.0, 0.5, 2),
    ActType("view", "procurement", 0.6, 0.5, 2),
    ActType("view", None, 1.5, -0.2, 1),
    ActType("open", "industry_news", 4.0, -0.5, 1),
    ActType("open", "product_overview", 3.0, -0.1, 2),
    ActType("open", "clinical_evidence", 3.0, 0.3, 3),
    ActType("open", "clinical_outcomes", 2.0, 0.3, 3),
    ActType("open", "implementation", 1.2, 0.3, 3),
    ActType("open", "training", 0.8, 0.3, 3),
    ActType("download", "product_overview", 1.2, 0.0, 4),
    ActType("download", "clinical_evidence", 1.5, 0.4, 5),
    ActType("download", "clinical_outcomes", 1.0, 0.4, 5),
    ActType("download", "implementation", 0.8, 0.5, 5),
    ActType("download", "training", 0.5, 0.4, 4),
    ActType("download", "regulatory", 0.5, 0.2, 4),
    ActType("download", "procurement", 0.5, 0.7, 6),
    ActType("download", "pricing", 0.4, 0.7, 6),
    ActType("download", "economics", 0.7, 0.3, 4),
    ActType("click", "product_overview", 2.5, -0.1, 2),
    ActType("click", "industry_news", 2.0, -0.3, 2),
    ActType("click", "clinical_evidence", 1.5, 0.1, 2),
    ActType("click", "economics", 0.6, 0.0, 2),
    ActType("webinar", "clinical_outcomes", 1.0, 0.4, 10),
    ActType("webinar", "implementation", 0.5, 0.5, 10),
    ActType("webinar", "product_overview", 0.9, 0.1, 10),
    ActType("booth", None, 0.6, 0.2, 8),
    ActType("form", "evaluation", 0.5, 1.1, 30),
    ActType("form", "demo", 0.6, 1.0, 25),
    ActType("form", "sample", 0.5, 0.6, 15),
    ActType("form", "pricing", 0.5, 1.0, 20),
    ActType("form", "contact", 0.6, 0.4, 12),
)


def acts(*kinds: str, topics: tuple[str, ...] | None = None) -> tuple[int, ...]:
    """Numbers of the act types of these kinds (all when none is given), with content on these topics (any when None).

    Example:
        >>> [ACT_TYPES[each].points for each in acts("form", topics=("evaluation",))]
        [30]
    """
    return tuple(
        number
        for number, act in enumerate(ACT_TYPES)
        if (not kinds or act.kind in kinds) and (topics is None or act.topic in topics)
    )
