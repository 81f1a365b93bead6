"""The segments of an evaluation report: categories among the features, and the keys of past outcome rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from salesworthy.features.catalogue import Dtype, Feature, FeatureKind
from salesworthy.runs.check import checked_tables

if TYPE_CHECKING:
    from salesworthy.model.dataset import Integers, Objects
    from salesworthy.runs.training_set import TrainingSet
    from salesworthy.runs.workspace import Workspace

KEYS = {"leads": "lead_id", "accounts": "account_id"}
"""Tables whose columns can be looked up for a handoff, and by which column."""


def segment_columns(workspace: Workspace, found: TrainingSet, rows: Integers) -> dict[str, Objects]:
    """Column, as ``table.column`` -> its level for each of these handoffs, None where it is not known.

    Categories come as the features have them, at the handoff. Campaigns and the like, which features read as an outcome
    rate, are looked up in their table; a key of persons or sites is no segment.
    """
    levels: dict[str, Objects] = {}
    for feature in found.loaded.catalogue:
        name = f"{feature.table}.{feature.column}"
        if name in levels:
            continue
        if feature.kind == FeatureKind.COLUMN and feature.dtype == Dtype.CATEGORY:
            column = found.data.features.column(feature.name).take(pa.array(rows))
            levels[name] = np.array(column.to_pylist(), dtype=object)
        elif feature.kind == FeatureKind.HISTORY and feature.table in KEYS and feature.column not in KEYS.values():
            levels[name] = _looked_up(workspace, found, feature, rows)
    return levels


def _looked_up(workspace: Workspace, found: TrainingSet, feature: Feature, rows: Integers) -> Objects:
    key = KEYS[feature.table]
    path = checked_tables(workspace).paths[feature.table]
    table = pq.read_table(path, columns=[key, feature.column])
    by_key = dict(zip(table[key].to_pylist(), table[feature.column].to_pylist(), strict=True))
    asked = (found.data.lead_id if feature.table == "leads" else found.data.account_id)[rows]
    return np.array([by_key.get(each) for each in asked.tolist()], dtype=object)
