"""Handoffs of which everything that tuning must not see was changed."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from tests.unit.model.handoffs import DAY, features

from salesworthy.model.dataset import LabelledFeatures
from salesworthy.model.folds import Rows
from salesworthy.model.tuning import tuning_rows

UNTIL = 300 * DAY


def rows_of(data: LabelledFeatures, *, until: int = UNTIL, seed: int = 1) -> Rows:
    return tuning_rows(data, until=until, directions={"visits": "increasing"}, seed=seed)


def meddled(data: LabelledFeatures, *, seed: int, until: int = UNTIL, share: float = 1.0) -> LabelledFeatures:
    """Other features and labels for rows that were not settled at a moment, and some such rows gone."""
    rng = np.random.default_rng(seed)
    late = (data.handed_at >= until) | (data.matured_at > until)
    hit = late & (rng.random(len(data)) < share)
    label = data.label.copy()
    label[hit] = rng.choice([0.0, 1.0, np.nan], int(hit.sum()))
    other = features(len(data), seed + 1_000)
    columns = {}
    for name in data.features.column_names:
        mine, theirs = data.features[name].to_pylist(), other[name].to_pylist()
        mixed = [their if changed else my for my, their, changed in zip(mine, theirs, hit, strict=True)]
        columns[name] = pa.array(mixed, data.features.schema.field(name).type)
    handed = np.where(hit & (data.handed_at >= until), until + rng.integers(0, 99 * DAY, len(data)), data.handed_at)
    changed = LabelledFeatures(
        pa.table(columns), data.lead_id, data.account_id, handed, np.maximum(data.matured_at, handed), label
    )
    return changed.take(~hit | (rng.random(len(data)) < 0.7))
