"""The synthetic market as a problem: features through the product, one window in order of time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from experiments.time_ordered_models.datasets import Problem, in_two, share_boundary

from salesworthy.runs.init import write_workspace
from salesworthy.runs.training_set import training_set
from salesworthy.runs.workspace import open_workspace

LEADS = 20_000
SEED = 7
DAY = "2026-07-01"


def market() -> Problem:
    """Handoffs of the first 70 %, settled when the rest begins, then that rest."""
    with TemporaryDirectory() as place:
        folder = Path(place) / "market"
        write_workspace(folder, example=True, leads=LEADS, seed=SEED)
        workspace = open_workspace(folder, environ={})
        found = training_set(workspace, as_of=workspace.moment(DAY))
    window = in_two(f"market {LEADS:,} leads 70/30", found.data, share_boundary(found.data, 0.7))
    return replace(window, directions=found.loaded.catalogue.directions)
