"""Recalibration: the champion as it is, with its level moved to what became of the leads that came after it learned.

Trees, weights and slope stay, so that no lead overtakes another and reasons keep their shares: the intercept moves.
How well that works is measured on leads that it was not fitted on: fitted on the earlier half, judged on the later.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from salesworthy.domain.errors import DataLimitExceeded
from salesworthy.domain.moments import format_moment, parse_moment
from salesworthy.ledger.records import ModelVersion
from salesworthy.runs.champion import LoadedModel, load_model
from salesworthy.runs.evaluate import SEED
from salesworthy.runs.features import opened
from salesworthy.runs.label_rule import rule_as_recorded
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.training_set import labelled_handoffs
from salesworthy.runs.workspace import Workspace

if TYPE_CHECKING:
    from salesworthy.model.calibration import Calibration, LaterPredictions
    from salesworthy.model.dataset import LabelledFeatures

FEWEST_OF_EACH = 20
"""Acceptances, and refusals, that are needed: half of them fit, half of them judge."""


def recalibrate(workspace: Workspace, *, as_of: int, now: int, by: str, progress: Progress = silent) -> ModelVersion:
    """Register the champion with its level moved to the labels that were settled since; nothing is promoted.

    Args:
        workspace: Whose champion.
        as_of: Labels settled by then count, in microseconds.
        now: When this happens; for the record only.
        by: Who asks for it.
        progress: Told about the steps.

    Raises:
        UserError: When no model is in force.
        DataLimitExceeded: When too few leads were judged since it learned.
    """
    from salesworthy.model.bundle import write_bundle
    from salesworthy.model.calibration import LaterPredictions
    from salesworthy.model.intervals import venn_abers

    champion = load_model(workspace)
    progress("recalibration", 0.0)
    later, fingerprint = _later(workspace, champion, as_of=as_of)
    raw = LaterPredictions(_raw(champion, later), later.label)
    line, figures = moved(champion.bundle.model.calibration, raw), _judged(champion, later, raw)
    calibrated = LaterPredictions(line.apply(raw.log_odds), raw.y)
    model = replace(champion.bundle.model, calibration=line, intervals=venn_abers(calibrated))
    told = {"from": champion.version, "as_of": format_moment(as_of), "leads": len(later), **figures}
    metadata = {**champion.bundle.metadata, "recalibrated": told}
    metadata["training"] = metadata["training"] | {"last_handoff": format_moment(int(later.handed_at.max()))}
    metadata["model"] = metadata["model"] | {"calibration": {**line.to_json(), "says": line.in_words}}
    progress("recalibration", 1.0)
    with TemporaryDirectory(prefix="salesworthy-bundle-") as scratch:
        bundle = Path(scratch) / "bundle"
        return workspace.registry.register(
            bundle,
            bundle_sha256=write_bundle(model, bundle, metadata=metadata),
            trained_as_of=as_of,
            data_fingerprint=fingerprint,
            figures=workspace.registry.get(champion.version).figures,
            now=now,
            by=by,
        )


def moved(standing: Calibration, raw: LaterPredictions) -> Calibration:
    """The line that stands, with its intercept moved to later outcomes; see ``calibration.fit_line``.

    Args:
        standing: The champion's line.
        raw: Log-odds before any line, with what came of the leads.
    """
    from salesworthy.model.calibration import LaterPredictions, fit_line

    shift = fit_line(LaterPredictions(standing.apply(raw.log_odds), raw.y), method="recent")
    return replace(standing, method="recent", intercept=standing.intercept + shift.intercept)


def _later(workspace: Workspace, champion: LoadedModel, *, as_of: int) -> tuple[LabelledFeatures, str]:
    """Judged leads that were handed over after everything that the champion learned from."""
    with opened(workspace) as data:
        rows = labelled_handoffs(data, champion.catalogue, rule_as_recorded(data, as_of=as_of), as_of=as_of)
        fingerprint = data.checked.fingerprint
    learned_until = parse_moment(champion.bundle.metadata["training"]["last_handoff"])
    later = rows.take(np.flatnonzero(rows.judged & (rows.handed_at > learned_until)))
    won = int(later.label.sum())
    if min(won, len(later) - won) < FEWEST_OF_EACH:
        raise DataLimitExceeded(
            f"since {champion.version} learned, {len(later):,} of its later leads were judged ({won:,} accepted): "
            f"{FEWEST_OF_EACH} of each result are needed",
            where="recalibration",
            todo="wait for outcomes, or train again",
        )
    return later, fingerprint


def _raw(champion: LoadedModel, rows: LabelledFeatures) -> Any:
    """Log-odds before the champion's line."""
    line = champion.bundle.model.calibration
    return (champion.bundle.model.log_odds(rows.features) - line.intercept) / line.slope


def _judged(champion: LoadedModel, later: LabelledFeatures, raw: LaterPredictions) -> dict[str, Any]:
    """Log-loss of the moved level minus that of the champion, on the later half of the leads."""
    from salesworthy.model.calibration import LaterPredictions
    from salesworthy.model.dataset import account_numbers
    from salesworthy.model.differences import differences
    from salesworthy.model.logistic import expit

    half = len(raw.y) // 2
    standing = champion.bundle.model.calibration
    line = moved(standing, LaterPredictions(raw.log_odds[:half], raw.y[:half]))
    rest, label = raw.log_odds[half:], raw.y[half:]
    told = differences(
        label,
        expit(line.apply(rest)),
        {champion.version: expit(standing.apply(rest))},
        account_numbers(later.account_id[half:]),
        seed=SEED,
    )[champion.version]["log_loss"]
    return {"judged_on": len(label), "positives": int(label.sum()), "difference": told.to_json()}
