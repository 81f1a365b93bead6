"""The leakage audit: what every candidate column gives away about the outcome, unprompted.

Detectors look at names, dates, empty values, single values, skill, identities and clocks. Each stands in a module of
its own, with the limits that it works by and where they come from; ``experiments/leakage`` measures how many traps they
find and how many honest columns they disturb.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from salesworthy.model.clocks import clock_columns
from salesworthy.model.columns import FeatureColumns, read_columns
from salesworthy.model.dataset import Floats, Integers, LabelledFeatures, account_numbers
from salesworthy.model.leakage_dates import later_dates
from salesworthy.model.leakage_findings import LeakageFinding, LeakCode, block, in_order, warn
from salesworthy.model.leakage_identity import identities
from salesworthy.model.leakage_levels import AuditRows
from salesworthy.model.leakage_names import names_aftermath, names_owner
from salesworthy.model.leakage_power import Skill, powerful, skills, unusual
from salesworthy.model.leakage_values import decided_values, kept_defaults, missing_with_outcome


def audit_leakage(
    data: LabelledFeatures,
    *,
    sources: Mapping[str, str] | None = None,
    words: Mapping[str, str] | None = None,
    dated: Collection[str] = (),
) -> list[LeakageFinding]:
    """Audit every column of a training set.

    Args:
        data: Handoffs; those without a label are left aside.
        sources: Feature -> the column that findings name; the feature itself where there is none.
        words: Feature -> the name to be judged for its meaning, empty for what is measured over dated acts; the
            feature's own name by default.
        dated: Features that hold days since a moment.
    """
    judged = data.take(np.argsort(np.where(data.judged, data.handed_at, np.iinfo(np.int64).max), kind="stable"))
    judged = judged.take(np.arange(int(data.judged.sum())))
    accounts = account_numbers(judged.account_id) if judged.accounts_known else None
    found = audit_columns(
        read_columns(judged.features), judged.label, judged.handed_at, accounts=accounts, words=words, dated=dated
    )
    return in_order(_renamed(found, sources or {}))


def audit_columns(
    columns: FeatureColumns,
    label: Floats,
    times: Integers,
    *,
    accounts: Integers | None = None,
    words: Mapping[str, str] | None = None,
    dated: Collection[str] = (),
) -> list[LeakageFinding]:
    """Audit columns of judged handoffs.

    Args:
        columns: Candidate columns.
        label: 1.0 or 0.0 per row.
        times: Moment of the handoff per row, rising.
        accounts: Account number per row; None where accounts are not known.
        words: Column -> the name to be judged for its meaning, empty for what is measured over dated acts; its own name
            by default.
        dated: Columns that hold days since a moment.
    """
    rows = AuditRows(columns, label, times, accounts)
    named = {name: (words or {}).get(name, name) for name in columns.kinds}
    skill = skills(rows)
    return in_order(
        [
            *powerful(skill),
            *missing_with_outcome(rows),
            *later_dates(rows, dated, named),
            *_named(named, skill),
            *decided_values(rows, [name for name, written in named.items() if written]),
            *kept_defaults(rows),
            *identities(rows),
            *_clocks(rows),
        ]
    )


def _named(named: Mapping[str, str], skill: Mapping[str, Skill]) -> Iterator[LeakageFinding]:
    for name, written in named.items():
        if words := names_owner(written):
            says = f'"{words}" in its name says who works on the lead, which is never a feature'
            yield block(name, LeakCode.OWNER, says)
        elif words := names_aftermath(written):
            says = f'"{words}" in its name suggests that it is filled in once sales has the lead'
            if high := unusual(name, skill):
                says = f"{says}; alone it orders later handoffs with ROC AUC {high.auc:.3f}, above most columns"
                yield block(name, LeakCode.OUTCOME_NAME, says)
            else:
                yield warn(name, LeakCode.OUTCOME_NAME, says)


def _clocks(rows: AuditRows) -> Iterator[LeakageFinding]:
    for name, share in clock_columns(rows.columns, rows.times).items():
        says = f"time explains {share:.0%} of it: useful in random splits only, and misleading on later leads"
        yield warn(name, LeakCode.CLOCK, says)


def _renamed(findings: Iterable[LeakageFinding], sources: Mapping[str, str]) -> Iterator[LeakageFinding]:
    return (replace(each, column=sources.get(each.feature, each.column)) for each in findings)
