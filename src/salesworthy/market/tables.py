"""Tables: the market's columns under the names that a workspace reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from salesworthy.domain.reasons import SUBJECTS
from salesworthy.domain.tables import Disposition
from salesworthy.market import campaigns
from salesworthy.market.accounts import Accounts
from salesworthy.market.aftermath import Aftermath
from salesworthy.market.arrays import Codes, Floats, Ints, Words
from salesworthy.market.calendar import week_of
from salesworthy.market.consents import Consents
from salesworthy.market.content import Content
from salesworthy.market.distributions import FACILITY_NAMES, SERVICE_LINES
from salesworthy.market.engagements import Engagements
from salesworthy.market.handoffs import POLICY_VERSION, Handoffs
from salesworthy.market.names import full_names, hex_keys, site_names
from salesworthy.market.outcomes import DISPOSITIONS, Outcomes
from salesworthy.market.people import People
from salesworthy.market.truth import Truth
from salesworthy.market.vocabulary import ACT_TYPES, AGENTS
from salesworthy.market.writing import constant, ids, masked, moments, numbers, words, yes_no

Columns = Mapping[str, pa.Array]


@dataclass(frozen=True)
class Table:
    """A table to write: how many rows, and the columns of a range of them."""

    rows: int
    columns: Callable[[slice], Columns]


def _at_once(columns: Columns) -> Table:
    rows = len(next(iter(columns.values())))
    return Table(rows, lambda part: {name: column[part.start : part.stop] for name, column in columns.items()})


def accounts_table(accounts: Accounts) -> Table:
    """Sites; ``existing_customer`` is carried beside the usual columns."""
    kinds = [FACILITY_NAMES[accounts.facility_type.words[code]] for code in accounts.facility_type.codes]
    return _at_once(
        {
            "account_id": ids("A", np.arange(len(accounts))),
            "parent_account_id": ids("P", accounts.system),
            "name": pa.array(site_names(accounts.name, kinds, accounts.spelling)),
            "facility_type": words(accounts.facility_type),
            "specialties": pa.array(_service_lines(accounts)),
            "region": words(accounts.region),
            "country": words(accounts.country),
            "beds": numbers(accounts.beds),
            "created_at": moments(accounts.created_at),
            "existing_customer": pa.array(accounts.existing_customer),
        }
    )


def _service_lines(accounts: Accounts) -> list[str]:
    lines = [SERVICE_LINES[accounts.facility_type.words[code]] for code in accounts.facility_type.codes]
    return [
        ";".join(line for bit, line in enumerate(each) if bits >> bit & 1)
        for each, bits in zip(lines, accounts.service_lines.tolist(), strict=True)
    ]


def leads_table(people: People, recorded_types: Words, aftermath: Aftermath) -> Table:
    """Leads with carried columns: a clock (``import_batch``, the week), and at the end four that leak the outcome."""
    names = full_names()
    return _at_once(
        {
            "lead_id": ids("L", np.arange(len(people))),
            "created_at": moments(people.created_at),
            "account_id": ids("A", people.account),
            "role": words(people.role),
            "department": words(people.department),
            "specialty": words(people.specialty),
            "source": words(people.source),
            "campaign_id": campaign_ids(campaigns.campaign_in(people.created_at, recorded_types)),
            "product": words(people.product),
            "use_case": words(people.use_case),
            "timeframe": words(people.timeframe),
            "job_title": words(people.job_title),
            "full_name": words(Words(people.full_name.astype(np.int16), names)),
            "email_key": pa.array(hex_keys(people.email_key)).cast(pa.string()),
            "email_kind": words(people.email_kind),
            "form_fields_filled": numbers(people.form_fields_filled),
            "beds_reported": numbers(people.beds_reported),
            "competitor_installed": yes_no(people.competitor_installed),
            "import_batch": numbers(week_of(people.created_at).astype(float)),
            "lead_status": words(aftermath.lead_status),
            "sales_notes_length": numbers(aftermath.sales_notes_length),
            "opportunity_amount": numbers(aftermath.opportunity_amount),
            "last_sales_touch_at": moments(aftermath.last_sales_touch_at, missing=aftermath.last_sales_touch_at == 0),
        }
    )


def engagements_table(engagements: Engagements) -> Table:
    """Acts, in the order of lead and moment."""
    kinds = tuple(dict.fromkeys(act.kind for act in ACT_TYPES))
    kind_of = np.array([kinds.index(act.kind) for act in ACT_TYPES], np.int16)

    def columns(part: slice) -> Columns:
        rows = engagements.rows(part)
        return {
            "lead_id": ids("L", rows.lead),
            "occurred_at": moments(rows.occurred_at),
            "kind": words(Words(kind_of[rows.act], kinds)),
            "known_at": moments(rows.known_at),
            "content_id": content_ids(rows.content),
            "campaign_id": campaign_ids(rows.campaign),
            "agent": words(Words(rows.agent, AGENTS)),
            "value": numbers(rows.value),
        }

    return Table(len(engagements), columns)


def content_table(content: Content) -> Table:
    """Items of content; an untagged one has neither topic nor step nor date."""
    return _at_once(
        {
            "content_id": content_ids(np.arange(len(content))),
            "buying_step": words(content.buying_step),
            "topic": words(content.topic),
            "product": words(content.product),
            "tagged_at": moments(content.tagged_at, missing=content.topic.codes < 0),
        }
    )


def campaigns_table() -> Table:
    """Campaigns."""
    rows = np.arange(campaigns.COUNT)
    types, approved = campaigns.campaign_types(), campaigns.approved_at()
    return _at_once({"campaign_id": campaign_ids(rows), "type": words(types), "approved_at": moments(approved)})


def consents_table(consents: Consents, people: People, accounts: Accounts) -> Table:
    """States of consent and their changes."""
    rows = len(consents.lead)
    return _at_once(
        {
            "lead_id": ids("L", consents.lead),
            "at": moments(consents.at),
            "state": words(consents.state),
            "channel": words(consents.channel),
            "purpose": constant("marketing", rows),
            "content_type": constant("all", rows),
            "notice_version": words(consents.notice_version),
            "region": words(accounts.region.take(people.account[consents.lead])),
        }
    )


def handoffs_table(handoffs: Handoffs) -> Table:
    """Handoffs; there was no model then."""
    return _at_once(
        {
            "lead_id": ids("L", handoffs.lead),
            "handed_at": moments(handoffs.handed_at),
            "path": words(handoffs.path),
            "probability": numbers(handoffs.probability),
            "policy_version": constant(POLICY_VERSION, len(handoffs)),
            "model_version": pa.nulls(len(handoffs), pa.string()),
        }
    )


def outcomes_table(handoffs: Handoffs, outcomes: Outcomes) -> Table:
    """What sales had said by the market's end; an open one is dated with the first contact."""
    rows = np.flatnonzero(outcomes.known | outcomes.told_open)
    known = outcomes.known[rows]
    told = np.where(known, outcomes.disposition[rows], DISPOSITIONS.index(Disposition.OPEN)).astype(np.int16)
    contact = outcomes.first_contact_at[rows]
    return _at_once(
        {
            "lead_id": ids("L", handoffs.lead[rows]),
            "at": moments(np.where(known, outcomes.at[rows], contact)),
            "disposition": words(Words(told, DISPOSITIONS)),
            "reason": masked(words(outcomes.reason.take(rows)), ~known),
            "reason_matched": yes_no(np.where(known, outcomes.reason_matched[rows], np.nan)),
            "first_contact_at": moments(contact, missing=contact == 0),
        }
    )


def truth_table(parts: Sequence[tuple[Ints, Truth]]) -> Table:
    """What nothing but tests may read: probability and contributions in log-odds, per lead and moment."""

    def joined(column: Callable[[Truth], Floats | Ints]) -> np.ndarray[tuple[int], np.dtype[Any]]:
        return np.concatenate([column(truth) for _, truth in parts])

    return _at_once(
        {
            "lead_id": ids("L", np.concatenate([lead for lead, _ in parts])),
            "as_of": moments(joined(lambda truth: truth.as_of)),
            "probability": numbers(joined(lambda truth: truth.probability)),
            "log_odds": numbers(joined(lambda truth: truth.log_odds)),
            "base_log_odds": numbers(joined(lambda truth: truth.base)),
            **{code: numbers(joined(_contribution(code))) for code in SUBJECTS},
        }
    )


def _contribution(code: str) -> Callable[[Truth], Floats]:
    return lambda truth: truth.contributions[code]


def true_people_table(people: People) -> Table:
    """Which leads are the same person: ``person_id`` is the id of the person's first lead."""
    return _at_once({"lead_id": ids("L", np.arange(len(people))), "person_id": ids("L", people.person)})


def true_sites_table(accounts: Accounts) -> Table:
    """Which accounts are the same site: ``site_id`` is the id of the site's first account."""
    return _at_once({"account_id": ids("A", np.arange(len(accounts))), "site_id": ids("A", accounts.site)})


def true_acts_table(engagements: Engagements) -> Table:
    """Who made each act, row by row as ``engagements``: ``by_person`` or a machine."""
    return _at_once({"by_person": pa.array(engagements.by_people)})


def content_ids(numbers: Ints | Codes) -> pa.Array:
    """Identifiers of content such as T001."""
    return ids("T", numbers, digits=3)


def campaign_ids(numbers: Ints | Codes) -> pa.Array:
    """Identifiers of campaigns such as C001."""
    return ids("C", numbers, digits=3)
