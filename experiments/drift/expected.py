"""What each fault should be found as: the findings that are about it, and the words that a right cause has in it."""

from __future__ import annotations

from dataclasses import dataclass

from salesworthy.drift.findings import DriftFinding


@dataclass(frozen=True)
class Expected:
    """What a fault is.

    Attributes:
        things: Family and thing of the findings that are about it.
        cause: Code of the right cause.
        words: One of these stands in the cause.
        columns: Features that it moves, for tools that see features only.
        needs_outcomes: Whether it shows in mature outcomes only.
    """

    things: tuple[tuple[str, str], ...]
    cause: str
    words: tuple[str, ...]
    columns: tuple[str, ...] = ()
    needs_outcomes: bool = False

    def is_about(self, finding: DriftFinding) -> bool:
        return any(family == finding.family and thing in ("", finding.thing) for family, thing in self.things)

    def is_right(self, finding: DriftFinding) -> bool:
        said = finding.cause
        return said.code == self.cause and any(word in said.says for word in self.words)


OUTCOMES = (("outcome rate", ""), ("calibration", ""))
EXPECTED = {
    "mis_tagged_campaign": Expected(
        (("campaign", "campaign type of leads"),),
        "CAMPAIGN_RETAGGED",
        ("come under C054 of the type executive_briefing",),
        ("campaign_type",),
    ),
    "quiet_feed": Expected(
        (("data flow", "kind of acts"),),
        "FEED_QUIET",
        ("source of webinar has gone quiet",),
        ("webinars_90d", "outcome_webinars_90d"),
    ),
    "region_on": Expected((("region", "region of leads"),), "NEW_VALUE", ("asia_pacific",), ("region", "country")),
    "new_product": Expected((("feature", "product"),), "NEW_VALUE", ("surgical_robot",), ("product",)),
    "role_mix_change": Expected((("feature", "role"),), "OTHER_PEOPLE", ("student", "researcher", "other"), ("role",)),
    "consent_change": Expected((("consent", "state of consents"),), "NEW_NOTICE", ("The notice v3",), ("opt_ins",)),
    "scanner_wave": Expected(
        (("machine clicks", "clicks made by machines"),),
        "MACHINE_CLICKS",
        ("SafeLinks", "Barracuda", "Proofpoint", "Mimecast", "HeadlessChrome"),
        ("clicks_30d",),
    ),
    "outcome_rate_fall": Expected(OUTCOMES, "SAME_LEADS", ("fewer of the same leads",), needs_outcomes=True),
    "concept_shift": Expected(
        OUTCOMES,
        "CONCEPT_SHIFT",
        ("REQUEST", "ACTIVITY"),
        needs_outcomes=True,
    ),
}
