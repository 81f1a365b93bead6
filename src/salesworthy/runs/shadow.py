"""Shadow scores: what the challenger would have said of the leads of a run, beside it and seen by nobody in sales.

After a run the newest model that is not in force scores the same leads under the same policy, into
``OUT/shadow/runs/RUN_ID``. Nothing is handed over: there are no packets, and the ledger does not hear of it. Its
manifest says where the two differ.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from salesworthy.runs.features import OpenTables
from salesworthy.runs.objections import of_allowed, states_of, without_objectors
from salesworthy.runs.progress import Progress
from salesworthy.runs.publish import RunStage, clean_stages, drop_unfinished, published
from salesworthy.runs.score_batch import Deciders
from salesworthy.runs.score_files import ScoreFiles
from salesworthy.runs.score_manifest import manifest_of
from salesworthy.runs.score_parts import work_of

FOLDER = "shadow"
COMPARED = ["lead_id", "decision", "propensity"]


def shadow(
    data: OpenTables,
    deciders: Deciders,
    run_folder: Path,
    place: Path,
    shadow_id: str,
    *,
    as_of: int,
    progress: Progress,
) -> dict[str, Any]:
    """Score the leads of a published run by other deciders, and publish that beside it.

    Args:
        data: The tables that the run read.
        deciders: The challenger, and the policy of the run.
        run_folder: The published run.
        place: Where runs are published; shadows go to ``shadow`` in it.
        shadow_id: Names the shadow; the same question gives the same name, and is answered once.
        as_of: The moment of the run.
        progress: Told about the steps.

    Returns:
        The comparison; see ``compared``.
    """
    beside = place / FOLDER
    clean_stages(beside)
    drop_unfinished(beside, but=shadow_id)
    standing = published(beside, shadow_id)
    if standing is not None:
        return dict(standing["comparison"])
    progress("shadow scores", 0.0)
    with RunStage(beside, shadow_id, work=work_of(shadow_id)) as stage:
        asked = data.leads_to_score(as_of=as_of)
        data = without_objectors(data, states_of(data.workspace, deciders.policy), as_of=as_of)
        place_of = (stage.folder, stage.journal, shadow_id, as_of, progress)
        written = ScoreFiles(data, deciders, *place_of).write(of_allowed(data, asked))
        comparison = compared(_scores(run_folder), _scores(stage.folder))
        about = manifest_of(data, deciders, written, asked, as_of=as_of)
        stage.publish({**about, "shadow_of": run_folder.name, "comparison": comparison})
    progress("shadow scores", 1.0)
    return comparison


def _scores(folder: Path) -> pa.Table:
    return ds.dataset(folder / "scores").to_table(columns=COMPARED)


def compared(run: pa.Table, other: pa.Table) -> dict[str, Any]:
    """Where a shadow differs from its run.

    Args:
        run: ``lead_id, decision, propensity`` of the run, one row per lead.
        other: The same of the shadow.

    Returns:
        ``leads``, ``moved`` (decision -> other decision -> leads, those that change), ``mean_change`` of the
        propensity, ``mean_absolute_change``, and ``rank_correlation`` (Spearman's; None where one is constant).
    """
    both = run.join(other, "lead_id", join_type="inner", right_suffix="_other").sort_by("lead_id")
    before, after = (np.asarray(both[name].to_numpy(), np.float64) for name in ("propensity", "propensity_other"))
    known = np.isfinite(before) & np.isfinite(after)
    change = (after - before)[known]
    return {
        "leads": both.num_rows,
        "moved": _moved(both),
        "mean_change": float(change.mean()) if len(change) else None,
        "mean_absolute_change": float(np.abs(change).mean()) if len(change) else None,
        "rank_correlation": _rank_correlation(before[known], after[known]),
    }


def _moved(both: pa.Table) -> dict[str, dict[str, int]]:
    changed = both.filter(pc.not_equal(both["decision"], both["decision_other"]))
    counts = changed.group_by(["decision", "decision_other"]).aggregate([("lead_id", "count")])
    moved: dict[str, dict[str, int]] = {}
    for row in sorted(counts.to_pylist(), key=lambda each: (each["decision"], each["decision_other"])):
        moved.setdefault(row["decision"], {})[row["decision_other"]] = row["lead_id_count"]
    return moved


def _rank_correlation(before: npt.NDArray[np.float64], after: npt.NDArray[np.float64]) -> float | None:
    if len(before) < 2 or np.ptp(before) == 0 or np.ptp(after) == 0:
        return None
    first, second = (
        np.asarray(pc.rank(pa.array(each), tiebreaker="dense").to_numpy(), np.float64) for each in (before, after)
    )
    return float(np.corrcoef(first, second)[0, 1])
