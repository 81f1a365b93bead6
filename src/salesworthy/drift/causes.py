"""Likely causes: where a finding comes from, looked up in the tables and in the other findings of the week.

Each rule looks at one kind of finding and says what it found, or nothing. A cause is a lead for a person, not a proof.
"""

from __future__ import annotations

from salesworthy.drift.case import Case, Rule, Strayed
from salesworthy.drift.cause_others import (
    follows_clicks,
    follows_consents,
    follows_features,
    follows_mix,
    follows_quiet_feed,
)
from salesworthy.drift.cause_outcomes import calibration, outcome
from salesworthy.drift.cause_people import who_comes
from salesworthy.drift.cause_tables import (
    content_came_or_went,
    machines,
    new_notice,
    new_value,
    quiet_feed,
    retagged_campaign,
    retagged_content,
)
from salesworthy.drift.findings import Cause
from salesworthy.drift.watched import Family


def likely_cause(strayed: Strayed, case: Case) -> Cause:
    """What is likely behind a finding; an empty cause where nothing was found."""
    for rule in RULES.get(strayed.watched.family, ()):
        found = rule(strayed, case)
        if found is not None:
            return found
    return Cause()


RULES: dict[Family, tuple[Rule, ...]] = {
    Family.CAMPAIGN: (retagged_campaign, new_value, who_comes),
    Family.SOURCE: (new_value, who_comes),
    Family.REGION: (new_value, who_comes),
    Family.FEATURE: (follows_quiet_feed, follows_consents, follows_mix, new_value, who_comes),
    Family.FLOW: (quiet_feed, follows_quiet_feed, follows_clicks),
    Family.CLICKS: (machines,),
    Family.CONTENT: (follows_quiet_feed, follows_clicks, retagged_content, content_came_or_went, new_value),
    Family.CONSENT: (new_notice, new_value),
    Family.SCORE: (follows_features,),
    Family.REASON: (follows_features,),
    Family.DECISION: (follows_features,),
    Family.OUTCOME: (outcome,),
    Family.CALIBRATION: (calibration,),
}
"""Per family: the rules, those that say most first."""
