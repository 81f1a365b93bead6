"""Weekly counts for drift, brought up to date by the batch job: the report then has nothing left to count."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from salesworthy.domain.errors import UserError
from salesworthy.runs.drift_kept import kept_weeks, place_of
from salesworthy.runs.drift_rows import drift_rows, watched_catalogue, weeks_of

if TYPE_CHECKING:
    from salesworthy.runs.champion import LoadedModel
    from salesworthy.runs.features import OpenTables
    from salesworthy.runs.run_policy import RunPolicy


def keep_counts_up(data: OpenTables, model: LoadedModel | None, policy: RunPolicy | None, *, as_of: int) -> None:
    """Count the weeks that ended since the last time, where somebody has asked for drift before.

    It costs nothing but once a week, and a run never fails for it: what is not kept is counted by ``drift``.

    Args:
        data: Checked tables, with the rows of leads who have objected.
        model: The model in force.
        policy: Says which states are objections; None where there is none.
        as_of: The moment of the run, in microseconds.
    """
    with suppress(UserError, OSError):
        catalogue = watched_catalogue(data.workspace.catalogue(data.checked).catalogue, model)
        known, weeks = kept_weeks(place_of(data, catalogue)), weeks_of(data, as_of=as_of)
        if known and weeks.count and weeks.begin(weeks.count - 1) not in known:
            _ = drift_rows(data, catalogue, weeks, as_of=as_of, policy=policy, most=0).counts
