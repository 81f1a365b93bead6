"""All that the true probability depends on, as of one moment per lead asked about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from salesworthy.market.accounts import Accounts
from salesworthy.market.act_counts import count_acts
from salesworthy.market.arrays import Flags, Floats, Ints, Words
from salesworthy.market.calendar import DAY
from salesworthy.market.distributions import FITTING_WARDS
from salesworthy.market.engagements import Engagements
from salesworthy.market.people import People
from salesworthy.market.site_activity import site_activity

LONGEST_SILENCE = 365.0
"""Days since the last act of a lead that never acted, and the most that counts."""
UNKNOWN_BEDS = 60.0
UNKNOWN_FORM_FIELDS = 3.0
MOST_FORM_FIELDS = 12.0


@dataclass(frozen=True)
class Facts:
    """Words and numbers by name, one entry per question."""

    as_of: Ints
    words: Mapping[str, Words]
    numbers: Mapping[str, Floats]

    def at_least_one(self, name: str) -> Flags:
        """Whether a count is 1 or more."""
        return self.numbers[name] >= 1


def facts_as_of(people: People, accounts: Accounts, engagements: Engagements, lead: Ints, as_of: Ints) -> Facts:
    """Facts for questions (lead, as_of), ``lead`` ascending and unique, from what was known at each moment only."""
    site = people.account[lead]
    words = {
        **{
            name: getattr(people, name).take(lead)
            for name in ("role", "product", "use_case", "timeframe", "source", "campaign_type", "email_kind")
        },
        "facility_type": accounts.facility_type.take(site),
        "region": accounts.region.take(site),
    }
    numbers = {
        **_standing(people, accounts, lead),
        **_activity(people, engagements, lead, as_of),
        "lead_age_days": (as_of - people.created_at[lead]) / DAY,
    }
    return Facts(as_of, words, numbers)


def _standing(people: People, accounts: Accounts, lead: Ints) -> dict[str, Floats]:
    site = people.account[lead]
    product = people.product.take(lead)
    fields = people.form_fields_filled[lead]
    return {
        "department_fits": _fits(people.department.take(lead), product),
        "specialty_fits": _fits(people.specialty.take(lead), product),
        "beds": np.nan_to_num(np.where(site >= 0, accounts.beds[site], np.nan), nan=UNKNOWN_BEDS),
        "existing_customer": ((site >= 0) & accounts.existing_customer[site]).astype(float),
        "competitor_installed": np.nan_to_num(people.competitor_installed[lead]),
        "form_fields": np.minimum(np.nan_to_num(fields, nan=UNKNOWN_FORM_FIELDS), MOST_FORM_FIELDS),
    }


def _activity(people: People, engagements: Engagements, lead: Ints, as_of: Ints) -> dict[str, Floats]:
    own = count_acts(engagements, lead, as_of)
    site = site_activity(engagements, people.account, lead, as_of)
    silence = np.where(own.last_at < 0, LONGEST_SILENCE, (as_of - np.maximum(own.last_at, 0)) / DAY)
    recent, quarter = own.counts["acts_30d"], own.counts["acts_90d"]
    return {
        **own.counts,
        "silence_days": np.minimum(silence, LONGEST_SILENCE),
        "momentum": recent / np.maximum(quarter, 1),
        "site_people_90d": site.people,
        "site_acts_30d": site.acts,
    }


def _fits(wards: Words, product: Words) -> Floats:
    """1 where the product is made for the ward, else 0."""
    fitting = np.zeros((len(product.words) + 1, len(wards.words) + 1))
    for row, word in enumerate(product.words):
        fitting[row, :-1] = np.isin(wards.words, FITTING_WARDS.get(word, ()))
    return fitting[product.codes, wards.codes]
