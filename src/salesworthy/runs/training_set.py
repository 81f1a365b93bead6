"""Features and labels of past handoffs: what training and evaluation learn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from salesworthy.domain.errors import DataLimitExceeded
from salesworthy.model.dataset import LabelledFeatures
from salesworthy.outcomes.exposure import COLUMN as SENT
from salesworthy.outcomes.exposure import with_exposure
from salesworthy.outcomes.labels import LabelRule, label_handoffs
from salesworthy.runs.features import OpenTables, opened
from salesworthy.runs.issued_exposure import issued_exposure
from salesworthy.runs.label_rule import label_notes, rule_as_recorded
from salesworthy.runs.objections import states_of, who_objected, without_objectors
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.rule_points import COLUMN, with_rule_points
from salesworthy.runs.workspace import Workspace

if TYPE_CHECKING:
    from salesworthy.features.catalogue import Catalogue
    from salesworthy.features.loading import LoadedCatalogue

BOOKKEEPING = ("lead_id", "account_id", "as_of", "matured_at", "label", "settled")


@dataclass(frozen=True)
class TrainingSet:
    """One row per handoff, in order of time, what it was made from, and what must be said of its labels."""

    data: LabelledFeatures
    loaded: LoadedCatalogue
    as_of: int
    fingerprint: str
    notes: tuple[str, ...] = ()
    objected: frozenset[str] = frozenset()
    """Leads who have objected to direct marketing: nothing is learned from them."""
    max_rows: int | None = None
    """From how many handoffs a model learns at most; see ``model.sampling``."""

    @property
    def judged(self) -> int:
        """Handoffs with a mature label."""
        return int(np.isfinite(self.data.label).sum())

    @property
    def positives(self) -> int:
        """Handoffs that became sales qualified."""
        return int(np.nansum(self.data.label))


def training_set(workspace: Workspace, *, as_of: int, progress: Progress = silent) -> TrainingSet:
    """Features as of each handoff, and the labels that are settled at ``as_of``; beside them the points of the rules.

    Leads who have objected to direct marketing are no part of it, however long ago they were handed over.

    Raises:
        DataLimitExceeded: When there is no mature label, or all of them are equal.
        ConfigurationMistakes: When the catalogue or the policy has mistakes.
    """
    states = states_of(workspace)
    with opened(workspace, progress=progress) as everything:
        loaded = workspace.catalogue(everything.checked)
        progress("features", 0.0)
        objected = who_objected(everything, states)
        data = without_objectors(everything, states)
        rule = rule_as_recorded(data, as_of=as_of)
        rows = labelled_handoffs(data, loaded.catalogue, rule, as_of=as_of)
        progress("features", 1.0)
    notes = label_notes(data.checked, rule, rows.handed_at, as_of=as_of)
    found = TrainingSet(
        rows, loaded, as_of, data.checked.fingerprint, notes, objected, workspace.settings.training.max_rows
    )
    _refuse_hopeless(found)
    return found


def labelled_handoffs(data: OpenTables, catalogue: Catalogue, rule: LabelRule, *, as_of: int) -> LabelledFeatures:
    """Every handoff up to a moment with its features, its label where that is settled, and the points of the rules.

    Grain: one row per handoff, in order of time.
    """
    labels = label_handoffs(data.tables, rule, until=as_of)
    labels = with_exposure(labels, data.tables, issued=issued_exposure(data, until=as_of))
    labels = data.engine.materialise("labels", labels)
    spine = labels.rename(as_of="handed_at")
    features = data.features(spine, catalogue, until=as_of)
    features = with_rule_points(data, data.engine.materialise("training_rows", features), as_of=as_of)
    return _labelled(data.engine.to_arrow(features.order_by("as_of", "lead_id")), catalogue)


def _labelled(rows: pa.Table, catalogue: Catalogue) -> LabelledFeatures:
    settled = rows["settled"].to_numpy()
    label = np.asarray(rows["label"].cast(pa.float64()).to_numpy(), dtype=np.float64).copy()
    label[~settled] = np.nan
    return LabelledFeatures(
        features=rows.select(list(catalogue.names)),
        lead_id=rows["lead_id"].to_numpy(zero_copy_only=False),
        account_id=rows["account_id"].to_numpy(zero_copy_only=False),
        handed_at=rows["as_of"].to_numpy(),
        matured_at=rows["matured_at"].to_numpy(),
        label=label,
        score=rows[COLUMN].fill_null(0.0).to_numpy() if COLUMN in rows.column_names else None,
        sent_probability=rows[SENT].to_numpy() if SENT in rows.column_names else None,
    )


def _refuse_hopeless(found: TrainingSet) -> None:
    if 0 < found.positives < found.judged:
        return
    if not found.judged:
        what = f"none of {len(found.data.label)} handoffs has a mature label"
    else:
        what = f"all {found.judged} mature labels are {'positive' if found.positives else 'negative'}"
    raise DataLimitExceeded(
        f"{what}; nothing can be learned",
        where="outcomes",
        todo="see [label] in salesworthy.toml (positive, window_days, absent), and the disposition values",
    )
