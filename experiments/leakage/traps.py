"""Traps of eight kinds, drawn at random, to be put into a clean training set one at a time.

Only the kinds "name" and "owner" give themselves away by what they are called; all others are called ``field_N``. The
names are those that CRMs give their own fields, and some that users invent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from salesworthy.model.dataset import LabelledFeatures

DAY = 86_400_000_000
LATER_NAMES = [
    "StageName", "IsWon", "CloseDate", "LastActivityDate", "ConvertedOpportunityId", "hs_lead_status", "lifecyclestage",
    "num_associated_deals", "notes_last_contacted", "statuscode", "actualvalue", "call_duration", "deal_amount",
    "lost_reason", "follow_up_result", "meeting_outcome", "won_flag", "days_to_close", "LeadQuality", "sales_comment",
    "invoice_total", "contract_signed", "last_modified", "sql_date", "rejection_code",
]  # fmt: skip
OWNER_NAMES = [
    "OwnerId", "hubspot_owner_id", "sales_rep", "AccountExecutive", "assigned_to", "sdr_name", "lead_owner",
    "SalesPerson", "rep_code", "handled_by", "account_manager", "bdr", "sales_agent", "closed_by", "owner_email",
]  # fmt: skip


@dataclass(frozen=True)
class Trap:
    """A column that leaks."""

    kind: str
    name: str
    values: pa.Array
    dated: bool = False


def traps(data: LabelledFeatures, *, seed: int, each: int) -> list[Trap]:
    """So many traps of each kind, for judged handoffs in order of time."""
    rng = np.random.default_rng(seed)
    made = []
    for kind, make in KINDS.items():
        for number in range(each):
            name, values = make(data, rng)
            made.append(Trap(kind, name or f"field_{seed}_{number}", values, dated=kind == "date"))
    return made


def _copy(data, rng):
    """The outcome under another name, with up to one in four of its values wrong."""
    wrong = rng.random(len(data)) < rng.uniform(0, 0.25)
    words = rng.choice(np.array([["yes", "no"], ["A", "B"], ["1", "0"], ["done", "open"]]))
    return "", pa.array(np.where((data.label > 0.5) ^ wrong, *words))


def _date(data, rng):
    """A date that is written when sales has the lead: for all, or for those that went on."""
    for_all = rng.random() < 0.5
    after = rng.exponential(rng.uniform(5, 60), len(data)) + 20 * data.label * rng.random()
    known = (data.label > 0.5) | (rng.random(len(data)) < (0.9 if for_all else rng.uniform(0.1, 0.6)))
    return "", pa.array(-after, mask=~known)


def _gaps(data, rng):
    """A field that is filled in for accepted leads, or for rejected ones, with up to one in four forgotten or extra."""
    slips = rng.random(len(data)) < rng.uniform(0, 0.25)
    filled = ((data.label > 0.5) if rng.random() < 0.7 else (data.label < 0.5)) ^ slips
    values = rng.lognormal(8, 1, len(data)) if rng.random() < 0.5 else rng.choice(["red", "green", "blue"], len(data))
    return "", pa.array(values, mask=~filled)


def _decided(data, rng):
    """A category with a value that only one outcome ever takes; the rest is noise."""
    side = data.label > 0.5 if rng.random() < 0.5 else data.label < 0.5
    mark = side & (rng.random(len(data)) < rng.uniform(0.05, 0.6))
    return "", pa.array(np.where(mark, "special", rng.choice(["a", "b", "c", "d"], len(data))))


def _power(data, rng):
    """A number that sales' work on the lead drives up: minutes, mails, pages of notes."""
    strength = rng.uniform(0.5, 3.0)
    return "", pa.array(np.exp(0.8 * rng.standard_normal(len(data)) + 0.8 * strength * data.label))


def _name(data, rng):
    """A field that is named like what it is, of any strength, down to none."""
    name = str(rng.choice(LATER_NAMES))
    return name, pa.array(rng.standard_normal(len(data)) + rng.uniform(0, 2) * data.label)


def _owner(data, rng):
    """Who works on the lead: some are better at it than others."""
    people = rng.integers(5, 40)
    worker = rng.integers(0, people, len(data))
    better = data.label > 0.5
    again = rng.integers(0, max(people // 3, 1), len(data))
    worker = np.where(better & (rng.random(len(data)) < rng.uniform(0, 0.4)), again, worker)
    return str(rng.choice(OWNER_NAMES)), pa.array([f"P{number}" for number in worker])


def _identity(data, rng):
    """A number of the account, or of the lead, as text."""
    accounts = {account: f"{rng.integers(10**9):x}" for account in dict.fromkeys(data.account_id)}
    by_account = [accounts[account] for account in data.account_id]
    by_lead = [f"{number:x}" for number in rng.permutation(len(data))]
    return "", pa.array(by_account if rng.random() < 0.5 else by_lead)


def _clock(data, rng):
    """A column that stands for the time of the handoff: a batch, an index, a price level."""
    share = (data.handed_at - data.handed_at.min()) / np.ptp(data.handed_at)
    steps = rng.integers(4, 60)
    waves = np.sin(share * rng.uniform(3, 9)) if rng.random() < 0.5 else share
    values = np.round(waves * steps) + rng.normal(0, 0.05 * steps, len(data)) * (rng.random() < 0.5)
    return "", pa.array(values)


KINDS = {
    "copy of the outcome": _copy,
    "date": _date,
    "filled for one outcome": _gaps,
    "decided value": _decided,
    "work of sales": _power,
    "name": _name,
    "owner": _owner,
    "identity or clock": lambda data, rng: (_identity if rng.random() < 0.5 else _clock)(data, rng),
}
