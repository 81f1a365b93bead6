"""Reason sentences of random leads, to be read as a salesperson would: up to four for and two against each.

    python -m experiments.reasons.spoken WORKSPACE --leads 50 --seed 1

The workspace needs a published run of ``score``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.dataset as ds

from salesworthy.model.reason_checks import SHOWN_AGAINST, SHOWN_FOR

DECIDED = "decided"


def main() -> None:
    """Print the sentences of leads drawn at random from the newest run."""
    given = argparse.ArgumentParser()
    given.add_argument("workspace", type=Path)
    given.add_argument("--leads", type=int, default=50)
    given.add_argument("--seed", type=int, default=1)
    asked = given.parse_args()
    run = asked.workspace / "out" / "latest"
    scores = ds.dataset(run / "scores").to_table(columns=["lead_id", "decision", "propensity"]).to_pandas()
    rows = np.random.default_rng(asked.seed).choice(len(scores), asked.leads, replace=False)
    drawn = scores.sort_values("lead_id").iloc[np.sort(rows)]
    wanted = ds.field("lead_id").isin(drawn["lead_id"].tolist())
    reasons = ds.dataset(run / "reasons").to_table(filter=wanted).to_pandas()
    spoken = [sentence for lead in drawn.itertuples() for sentence in _tell(lead, reasons)]
    print(f"{len(spoken)} sentences, {len(set(spoken))} different")


def _tell(lead: object, reasons: pd.DataFrame) -> list[str]:
    mine = reasons[reasons["lead_id"] == lead.lead_id].sort_values("rank")  # type: ignore[attr-defined]
    shares = mine[mine["degree"] != DECIDED]
    parts = {
        "!": mine[mine["degree"] == DECIDED],
        "+": shares[shares["log_odds"] > 0].head(SHOWN_FOR),
        "-": shares[shares["log_odds"] < 0].head(SHOWN_AGAINST),
    }
    print(f"{lead.lead_id}  {lead.decision}  {lead.propensity:.0%}")  # type: ignore[attr-defined]
    for sign, rows in parts.items():
        for row in rows.itertuples():
            print(f"  {sign} {row.degree:7} {row.code:11} {row.sentence}")
    print()
    return [sentence for rows in parts.values() for sentence in rows["sentence"]]


if __name__ == "__main__":
    main()
