"""What scoring every lead costs beside a CRM's own way: a naive Bayes over form fields, for all leads in pandas.

The peer does as Odoo's predictive lead scoring does: per field and value it counts the won and the lost, adds 0.1 to
each, and multiplies. It has no features of acts, no as-of day, no calibration, no rules, no reasons and no record: the
ratio says what all of that costs, not which of the two one should want.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from experiments.benchmarks.results import Timed, write

from salesworthy.runs.check import check
from salesworthy.runs.init import write_workspace
from salesworthy.runs.score import score
from salesworthy.runs.train import train
from salesworthy.runs.workspace import open_workspace

DAY = "2026-07-01"
FIELDS = ("role", "department", "specialty", "source", "product", "use_case", "timeframe")
SMOOTHING = 0.1


def run(leads: int) -> None:
    """Both ways, from files to files, in one process."""
    print(f"rescoring, {leads:,} leads")
    timed = Timed()
    with TemporaryDirectory() as place:
        folder = Path(place) / "demo"
        write_workspace(folder, example=True, leads=leads, seed=7)
        workspace = open_workspace(folder, environ={"SALESWORTHY__SCORING__LEADS": "all"})
        moment = workspace.moment(DAY)
        version = train(workspace, as_of=moment, now=moment).version
        workspace.ledger.promote(version, "benchmark", moment)
        check(workspace)
        with timed.step("score"):
            published = score(workspace, as_of=moment, now=moment)
        with timed.step("naive Bayes in pandas"):
            rescored = naive_bayes(folder / "data" / "market", Path(place) / "scores.parquet")
    scored = sum(published.manifest["counts"].values())
    ours, theirs = (timed.processor_seconds(name) for name in ("score", "naive Bayes in pandas"))
    write(
        "rescoring", timed, leads=leads, scored=scored, rescored_by_naive_bayes=rescored,
        microseconds_per_lead=round(1e6 * ours / scored), of_naive_bayes=round(1e6 * theirs / rescored, 1),
        score_per_naive_bayes=round(ours / scored / (theirs / rescored), 1), ratios_of="processor seconds",
    )  # fmt: skip


def naive_bayes(market: Path, target: Path) -> int:
    """Rescore all leads; returns how many."""
    leads = pd.read_parquet(market / "leads.parquet", columns=["lead_id", *FIELDS])
    outcomes = pd.read_parquet(market / "outcomes.parquet", columns=["lead_id", "disposition"])
    won = outcomes.groupby("lead_id")["disposition"].agg(lambda each: "accepted" in set(each))
    known = leads.merge(won.rename("won"), left_on="lead_id", right_index=True)
    wins, losses = known["won"].sum() + SMOOTHING, (~known["won"]).sum() + SMOOTHING
    log_odds = np.full(len(leads), np.log(wins / losses))
    for field in FIELDS:
        counts = known.groupby(field)["won"].agg(["sum", "count"])
        shift = np.log((counts["sum"] + SMOOTHING) / wins) - np.log(
            (counts["count"] - counts["sum"] + SMOOTHING) / losses
        )
        log_odds += leads[field].map(shift).fillna(0.0).to_numpy()
    pd.DataFrame({"lead_id": leads["lead_id"], "probability": 1 / (1 + np.exp(-log_odds))}).to_parquet(target)
    return len(leads)
