"""Columns that name leads or accounts: what a model learns from them is memory, and worth nothing on new ones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from salesworthy.model.columns import ColumnKind
from salesworthy.model.dataset import Flags, Floats
from salesworthy.model.leakage_findings import LeakageFinding, LeakCode, block, warn
from salesworthy.model.leakage_levels import AuditRows, Levels
from salesworthy.model.leakage_power import auc_within

MANY = 50
"""With fewer values, a column cannot name accounts."""
VALUES_PER_ROW = 0.2
"""A column with more distinct values than this share of its rows names what stands in them."""
NUMBERS_PER_ROW = 0.98
"""Whole numbers that differ on more than this share of the rows are numbers of something."""
SAME_AS_ACCOUNT = 0.95
"""Share of accounts that have a value of their own."""
MEMORISED = 0.7
"""Skill on values seen before from which memory is taken to be what the column is good for: new values have none."""
UNSEEN = 0.2
MIN_SEEN = 50


def identities(rows: AuditRows) -> Iterator[LeakageFinding]:
    """Columns that name leads or accounts; blocked where their skill rests on values seen before."""
    for each in rows.levels:
        says = _names_rows(each) if each.kind is ColumnKind.CATEGORY else _numbers_rows(each, rows)
        if says := says or _names_accounts(each, rows):
            memory = _memory(each, rows)
            make = block if memory else warn
            yield make(each.name, LeakCode.IDENTITY, says + (memory or "; a model can only memorise it"))


def _names_rows(levels: Levels) -> str:
    known, values = int((~levels.missing).sum()), int(np.count_nonzero(levels.sums()[:-1]))
    if values < MANY or values < VALUES_PER_ROW * known:
        return ""
    return f"{values:,} different values on {known:,} handoffs"


def _numbers_rows(levels: Levels, rows: AuditRows) -> str:
    values: Floats = rows.columns.values[levels.name]
    known = values[np.isfinite(values)]
    if len(known) < MANY or levels.kind is ColumnKind.YES_NO or (known != np.floor(known)).any():
        return ""
    distinct = len(np.unique(known))
    return (
        f"{distinct:,} different numbers on {len(known):,} handoffs" if distinct > NUMBERS_PER_ROW * len(known) else ""
    )


def _names_accounts(levels: Levels, rows: AuditRows) -> str:
    """Each account has one value, and nearly each value one account."""
    if rows.accounts is None or levels.kind is not ColumnKind.CATEGORY:
        return ""
    values = int(np.count_nonzero(levels.sums()[:-1]))
    if values < MANY:
        return ""
    known = ~levels.missing
    accounts = rows.accounts[known]
    pairs = len(np.unique(levels.codes[known] * (int(rows.accounts.max()) + 1) + accounts))
    count = len(np.unique(accounts))
    if min(values, count) < SAME_AS_ACCOUNT * pairs:
        return ""
    return f"{values:,} different values for {count:,} accounts, one each"


def _memory(levels: Levels, rows: AuditRows) -> str:
    """The skill on values seen before, where it is large and many later values were not; empty otherwise."""
    later = np.flatnonzero(~rows.earlier)
    told = np.bincount(levels.codes[rows.earlier], minlength=levels.count)
    won = np.bincount(levels.codes[rows.earlier], rows.label[rows.earlier], levels.count)
    seen: Flags = told[levels.codes[later]] > 0
    label = rows.label[later][seen]
    if seen.sum() < MIN_SEEN or 1 - seen.mean() < UNSEEN or not 0 < label.sum() < len(label):
        return ""
    rates = np.unique((won + 1) / (told + 2), return_inverse=True)[1][levels.codes[later][seen]]
    auc = auc_within(rates, label, np.zeros(len(label), dtype=np.int64))
    if auc < MEMORISED:
        return ""
    return (
        f"; ROC AUC {auc:.2f} on values seen before, and nothing to say on the {1 - seen.mean():.0%} of later handoffs "
        "whose value is new"
    )
