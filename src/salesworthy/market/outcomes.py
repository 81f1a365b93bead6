"""Outcomes: what sales made of the handoffs, and when it said so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from salesworthy.domain.tables import Disposition
from salesworthy.market.arrays import Codes, Flags, Floats, Ints, Words, pick, stream
from salesworthy.market.calendar import DAY, END, HOUR
from salesworthy.market.handoffs import Handoffs
from salesworthy.market.people import People

WINDOW = 90 * DAY
DISPOSITIONS = tuple(str(each) for each in Disposition)
REASONS = ("no_project", "no_budget", "wrong_role", "competitor_chosen", "timing", "not_a_fit")
NEVER = np.iinfo(np.int64).max
_ACCEPTED, _REJECTED, _UNREACHABLE, _DUPLICATE, _UNTOUCHED, _OPEN = (
    DISPOSITIONS.index(each)
    for each in (
        Disposition.ACCEPTED,
        Disposition.REJECTED,
        Disposition.UNREACHABLE,
        Disposition.DUPLICATE,
        Disposition.UNTOUCHED,
        Disposition.OPEN,
    )
)
_REASON_WEIGHTS = np.array([[0.3, 0.2, 0.1, 0.1, 0.2, 0.1], [0.1, 0.05, 0.6, 0.02, 0.08, 0.15]])
_WEAK_ROLES = ("student", "researcher", "other")
_UNTOUCHED_SHARE = 0.03
_UNREACHABLE_SHARE = 0.07
_DUPLICATE_BY_MISTAKE = 0.004
_DUPLICATE_NOTICED = 0.85
_LATE_SHARE = 0.03
_SILENT_SHARE = 0.03
_LATE_REJECTION_SHARE = 0.06
_MARKED_OPEN_SHARE = 0.6
_ANSWERED_SHARE = 0.6


@dataclass(frozen=True)
class Outcomes:
    """One row per handoff, in the handoffs' order.

    ``disposition`` is what it came to in the end, open if sales never said; ``at`` is when sales said so, possibly
    after the market's end, or ``NEVER``; ``reason_matched`` is NaN where nobody answered; ``first_contact_at`` is 0 for
    a lead that nobody contacted; ``marked_open`` is whether an outcome still owed is written down as open, or missing.
    """

    disposition: Codes
    at: Ints
    reason: Words
    reason_matched: Floats
    first_contact_at: Ints
    marked_open: Flags

    @property
    def known(self) -> Flags:
        """Which outcomes were told before the market's end."""
        return self.at < END

    @property
    def told_open(self) -> Flags:
        """Which outcomes are recorded as open at the market's end."""
        return ~self.known & self.marked_open & (self.first_contact_at > 0) & (self.first_contact_at < END)

    def accepted_in_time(self, handoffs: Handoffs) -> Flags:
        """Which handoffs were, or will be, accepted within 90 days."""
        in_time: Flags = (self.disposition == _ACCEPTED) & (self.at - handoffs.handed_at <= WINDOW)
        return in_time

    @property
    def worked(self) -> Flags:
        """Handoffs that sales tried and could reach: the ones that say something about the lead."""
        worked: Flags = ~np.isin(self.disposition, [_UNREACHABLE, _DUPLICATE, _UNTOUCHED])
        return worked


@dataclass(frozen=True)
class _Draws:
    """Random numbers of the handoffs; one set per lead, so that a lead's fate does not hang on who else is sent."""

    neglect: Floats
    duplicate: Floats
    acceptance: Floats
    lateness: Floats
    silence: Floats
    answer: Floats
    match: Floats
    delay: Floats
    wait: Floats


def make_outcomes(people: People, handoffs: Handoffs, probability: Floats, seed: int) -> Outcomes:
    """Outcomes drawn from the true probability.

    Whether a lead is left untouched, a duplicate or unreachable does not depend on whether it would have been
    accepted; so among the others the share accepted within 90 days is the true probability.
    """
    rng = stream(seed, "outcomes")
    draws = _Draws(*rng.random((9, len(people)))[:, handoffs.lead])
    in_time = draws.acceptance < probability
    disposition = _dispositions(people, handoffs, in_time, draws)
    contact = handoffs.handed_at + _time_to_contact(draws.wait)
    reason = pick(rng, _REASON_WEIGHTS, people.role.among(_WEAK_ROLES).astype(np.int64))[handoffs.lead]
    matched = draws.match < np.where(disposition == _ACCEPTED, 0.85, 0.55)
    answered = np.isin(disposition, [_ACCEPTED, _REJECTED]) & (draws.answer < _ANSWERED_SHARE)
    return Outcomes(
        disposition=disposition,
        at=_moments(handoffs.handed_at, contact, disposition, in_time, draws),
        reason=Words(np.where(disposition == _REJECTED, reason, -1).astype(np.int16), REASONS),
        reason_matched=np.where(answered, matched, np.nan),
        first_contact_at=np.where(disposition == _UNTOUCHED, 0, contact),
        marked_open=draws.answer < _MARKED_OPEN_SHARE,
    )


def _dispositions(people: People, handoffs: Handoffs, in_time: Flags, draws: _Draws) -> Codes:
    noticed = np.where(_second_entries(people, handoffs), _DUPLICATE_NOTICED, _DUPLICATE_BY_MISTAKE)
    choices = {
        _UNTOUCHED: draws.neglect < _UNTOUCHED_SHARE,
        _DUPLICATE: draws.duplicate < noticed,
        _UNREACHABLE: draws.neglect < _UNTOUCHED_SHARE + _UNREACHABLE_SHARE,
        _ACCEPTED: in_time | (draws.lateness < _LATE_SHARE),
        _OPEN: draws.silence < _SILENT_SHARE,
    }
    codes = [np.int16(code) for code in choices]
    return np.select(list(choices.values()), codes, np.int16(_REJECTED))


def _second_entries(people: People, handoffs: Handoffs) -> Flags:
    """Handoffs of a person who had been handed over before, under another id."""
    first = np.unique(people.person[handoffs.lead], return_index=True)[1]
    second = np.ones(len(handoffs), np.bool_)
    second[first] = False
    return second


def _time_to_contact(draws: Floats) -> Ints:
    """From some hours to 20 days, half of them within 30 hours."""
    return np.minimum(30 * HOUR * (draws / (1 - draws)) ** 0.6 + HOUR, 20 * DAY).astype(np.int64)


def _moments(handed: Ints, contact: Ints, disposition: Codes, in_time: Flags, draws: _Draws) -> Ints:
    """When sales says what it did: mostly soon. Whoever accepts in time says so before the 90 days are over."""
    soon = draws.delay**2
    too_late = handed + WINDOW + (1 + 60 * draws.delay) * DAY
    moments = {
        _ACCEPTED: np.where(in_time, contact + (handed + WINDOW - contact) * soon, too_late),
        _REJECTED: np.where(draws.lateness > 1 - _LATE_REJECTION_SHARE, too_late, contact + 65 * DAY * soon),
        _UNREACHABLE: contact + (15 + 40 * draws.delay) * DAY,
        _DUPLICATE: contact + 10 * DAY * soon,
        _UNTOUCHED: handed + (60 + 25 * draws.delay) * DAY,
    }
    said = np.choose(np.where(disposition == _OPEN, 0, disposition), [moments[code] for code in sorted(moments)])
    return np.where(disposition == _OPEN, NEVER, said.astype(np.int64))
