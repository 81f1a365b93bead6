"""What a CRM shows of a lead at the market's end: fields filled in after the outcome, which therefore leak it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from salesworthy.domain.tables import Disposition
from salesworthy.market.arrays import Codes, Floats, Ints, Words, stream
from salesworthy.market.calendar import DAY, END
from salesworthy.market.handoffs import Handoffs
from salesworthy.market.outcomes import DISPOSITIONS, Outcomes

_STATUS = {
    Disposition.ACCEPTED: "converted",
    Disposition.REJECTED: "disqualified",
    Disposition.UNREACHABLE: "no_contact",
    Disposition.DUPLICATE: "merged",
    Disposition.UNTOUCHED: "assigned",
    Disposition.OPEN: "working",
}
_NOTES = {
    Disposition.ACCEPTED: 900.0,
    Disposition.REJECTED: 140.0,
    Disposition.OPEN: 90.0,
    Disposition.UNREACHABLE: 40.0,
}
_AMOUNT = 85_000.0


@dataclass(frozen=True)
class Aftermath:
    """One row per lead; NaN and 0 where there is nothing."""

    lead_status: Words
    sales_notes_length: Floats
    opportunity_amount: Floats
    last_sales_touch_at: Ints


def make_aftermath(leads: int, handoffs: Handoffs, outcomes: Outcomes, seed: int) -> Aftermath:
    """The trap columns of all leads: leads never handed over are new, without notes, amount or touch."""
    rng = stream(seed, "aftermath")
    shown = _shown(leads, handoffs, outcomes)
    noise = rng.standard_normal((2, leads))
    statuses = (*(_STATUS[each] for each in Disposition), "new")
    notes = np.array([*(_NOTES.get(each, 0.0) for each in Disposition), 0.0])
    accepted = shown == DISPOSITIONS.index(Disposition.ACCEPTED)
    return Aftermath(
        lead_status=Words(shown, statuses),
        sales_notes_length=np.round(notes[shown] * np.exp(0.4 * noise[0])),
        opportunity_amount=np.where(accepted, np.round(_AMOUNT * np.exp(0.8 * noise[1]), -2), np.nan),
        last_sales_touch_at=_last_touch(rng, handoffs, outcomes, leads),
    )


def _shown(leads: int, handoffs: Handoffs, outcomes: Outcomes) -> Codes:
    """Disposition that each lead shows at the market's end; one more code for those never handed over."""
    shown = np.full(leads, len(DISPOSITIONS), np.int16)
    shown[handoffs.lead] = np.where(outcomes.known, outcomes.disposition, DISPOSITIONS.index(Disposition.OPEN))
    return shown


def _last_touch(rng: np.random.Generator, handoffs: Handoffs, outcomes: Outcomes, leads: int) -> Ints:
    """Sales goes on talking to those it accepted, and stops with the others."""
    weeks = 10 * rng.random(leads)[handoffs.lead]
    accepted = outcomes.known & (outcomes.disposition == DISPOSITIONS.index(Disposition.ACCEPTED))
    spoke = np.where(outcomes.known, outcomes.at, outcomes.first_contact_at)
    touch = spoke + np.where(accepted, 7 * weeks * DAY, 0).astype(np.int64)
    last = np.zeros(leads, np.int64)
    last[handoffs.lead] = np.where((outcomes.first_contact_at > 0) & (spoke < END), np.minimum(touch, END - 1), 0)
    return last
