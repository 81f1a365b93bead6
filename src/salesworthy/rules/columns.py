"""The columns that rules may read: features by name, facts about leads, and acts with their look-ups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from salesworthy.features.catalogue import Catalogue, Dtype
from salesworthy.features.condition_kinds import ColumnRef, Columns
from salesworthy.features.loading import DTYPE_KINDS
from salesworthy.features.vocabulary import ACTS, Vocabulary


@dataclass(frozen=True)
class RuleColumns:
    """What conditions may name.

    Attributes:
        leads: Features by name, and columns of leads, accounts and campaigns as ``table.column``.
        acts: Table of acts -> its columns by name, and those of its look-ups.
    """

    leads: Columns
    acts: Mapping[str, Columns] = field(default_factory=dict)


def rule_columns(catalogue: Catalogue, vocabulary: Vocabulary) -> RuleColumns:
    """What rules may read in a workspace.

    Args:
        catalogue: Its features.
        vocabulary: Its tables and columns.
    """
    features = {ColumnRef("", each.name): DTYPE_KINDS[Dtype(each.dtype)] for each in catalogue}
    acts = {table: vocabulary.all_act_columns(table) for table in ACTS if table in vocabulary.schema}
    return RuleColumns({**features, **vocabulary.fact_columns()}, acts)
