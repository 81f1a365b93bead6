"""The columns of a batch of leads, as ``lead_rows`` gives them: the question, features, verdicts and facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from salesworthy.qualification.lead_facts import LEAD_FACTS

if TYPE_CHECKING:
    from salesworthy.runs.run_policy import RunPolicy

FACT = "fact."
"""Columns of ``LEAD_FACTS`` stand under this prefix beside features."""
QUESTION = ("lead_id", "account_id", "as_of")


def verdicts_of(batch: pa.Table, policy: RunPolicy) -> pa.Table:
    """The verdicts of a batch, with the account of each lead."""
    names = [name for name in policy.rules.verdict_columns if name not in QUESTION]
    return batch.select([*QUESTION[:2], *names])


def facts_of(batch: pa.Table) -> pa.Table:
    """The facts of a batch; columns of ``LEAD_FACTS``."""
    columns = [batch.column("lead_id"), *(batch.column(f"{FACT}{name}") for name in LEAD_FACTS.names[1:])]
    return pa.table(columns, names=LEAD_FACTS.names).cast(LEAD_FACTS)
