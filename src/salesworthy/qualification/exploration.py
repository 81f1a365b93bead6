"""The draw: a small share of the leads below the threshold goes to sales at random, so that we learn what they become.

Outcomes exist only for leads that were sent. Without a sample from below, nobody can know what the leads there would
have become, nor whether a rule that takes points is right. The draw decides after everything else:

- Drawn are leads that fit (all requirements of their criteria set PASS, with a fit grade of ``fit_at_least``) and are
  NURTURE only because they did not reach the threshold or the cell of the matrix. Never without fit; never who is
  BLOCKED, DISQUALIFIED or HELD, whose product or campaign type is not approved, or of whom an override says otherwise.
- Not a TRACKED lead: a target account is handed over only once its interest rises.
- Not a lead that consent forbids to mail: it asked for nothing, and is contacted only where it agreed to be.

The share is the policy's ``scoring.exploration``. Each lead has one number of its own, made from its id: the same in
every run, whoever stands beside it, on every engine, so that runs every night do not add up to a larger share, and a
share that rises keeps those who were drawn.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesworthy.domain.decisions import EXPLORATION, Decision
from salesworthy.policy.in_force import PolicyInForce
from salesworthy.qualification.arrays import Bools, Floats, numbers, yes
from salesworthy.qualification.lead_facts import GENERAL
from salesworthy.qualification.mailing import may_mail
from salesworthy.qualification.routing import SALES

SENT_PROBABILITY = "sent_probability"
SALT = "salesworthy exploration/"
"""Stands before the id; a change of it would draw other leads."""
_BITS = 52
"""The first 13 hexadecimal digits of the hash, which a double holds exactly."""


def draw_of(lead_id: str) -> float:
    """The number of a lead, evenly spread over 0 (included) to 1 (excluded); it is drawn where this is below the share.

    The same in SQL: the first 13 digits of ``sha256('salesworthy exploration/' || lead_id)``, as a fraction.

    Example:
        >>> round(draw_of("L0000042"), 6)
        0.252557
    """
    digest = hashlib.sha256(f"{SALT}{lead_id}".encode()).hexdigest()
    return float(int(digest[: _BITS // 4], 16) / 2**_BITS)


def may_explore(decided: pa.Table) -> Bools:
    """Leads that the draw decides about, among what ``decide`` gave: those with a chance that are not sent anyway."""
    is_nurture = pc.equal(decided.column("decision"), str(Decision.NURTURE)).to_numpy()
    return np.asarray(is_nurture & (numbers(decided, SENT_PROBABILITY) > 0))


def with_exploration(decided: pa.Table, facts: pa.Table, policy: PolicyInForce, *, as_of: int) -> pa.Table:
    """Decisions after the draw: a lead that was drawn is an MQL by ``exploration``.

    ``sent_probability`` becomes the probability with which each lead is sent: 1 for an MQL by any other way, the share
    for every lead that the draw decides about, sent or not, and 0 for all others. Leads that wait for a threshold keep
    their chance; ``send_drawn`` decides about them once the threshold is known.

    Args:
        decided: What ``decide`` gave; columns of ``DECIDED``.
        facts: Columns of ``LEAD_FACTS``, in the same order.
        policy: What is in force on the day.
        as_of: The moment of the question, in microseconds.
    """
    asked = may_explore(decided)
    if not asked.any():
        return decided
    forbidden = asked & ~may_mail(facts, policy, GENERAL, as_of=as_of)
    chance = np.where(forbidden, 0.0, numbers(decided, SENT_PROBABILITY))
    return send_drawn(_replaced(decided, SENT_PROBABILITY, pa.array(chance)))


def send_drawn(decided: pa.Table) -> pa.Table:
    """Decisions with the leads that were drawn sent to sales; leads that wait for a threshold stay as they are.

    Args:
        decided: Columns of ``DECIDED``; others may stand beside them.
    """
    rows = np.flatnonzero(may_explore(decided) & ~yes(decided, "waits"))
    leads = decided.column("lead_id").take(pa.array(rows)).to_pylist()
    chance: Floats = numbers(decided, SENT_PROBABILITY)[rows]
    drawn = np.zeros(decided.num_rows, np.bool_)
    drawn[rows] = np.fromiter(map(draw_of, leads), np.float64, len(leads)) < chance
    for name, value in (("decision", str(Decision.MQL)), ("decided_by", EXPLORATION), ("path", SALES)):
        decided = _replaced(decided, name, pc.if_else(pa.array(drawn), value, decided.column(name)))
    return decided


def _replaced(table: pa.Table, name: str, column: pa.Array | pa.ChunkedArray) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), table.schema.field(name), column)
