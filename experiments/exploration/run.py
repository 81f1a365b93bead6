"""Does the estimate of what leads below the threshold would become hold, against what the synthetic market knows?

python -m experiments.exploration.run          # writes result.json beside this file
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import pyarrow as pa
from experiments.exploration.market_pool import mean_probability_below

from salesworthy.engines.duckdb import DuckDBEngine
from salesworthy.market.calendar import END
from salesworthy.market.generate import write_market
from salesworthy.model.dataset import LabelledFeatures
from salesworthy.model.selection import share_of_drawn
from salesworthy.outcomes.exposure import COLUMN, with_exposure
from salesworthy.outcomes.labels import LabelRule, label_handoffs

HERE = Path(__file__).parent
SEEDS = range(100, 140)
LEADS = 6_000


def judged_handoffs(folder: Path) -> LabelledFeatures:
    """The market's handoffs with labels and probabilities, without features."""
    with DuckDBEngine() as engine:
        tables = {name: engine.from_arrow(name, _in_micros(folder, name)) for name in ("leads", "handoffs", "outcomes")}
        labels = with_exposure(label_handoffs(tables, LabelRule(), until=END), tables)
        rows = engine.to_arrow(labels.order_by("handed_at", "lead_id"))
    label = np.where(rows["settled"].to_numpy(), rows["label"].to_numpy(), np.nan)
    return LabelledFeatures(
        pa.table({"none": pa.nulls(rows.num_rows, pa.float64())}),
        rows["lead_id"].to_numpy(zero_copy_only=False),
        rows["account_id"].to_numpy(zero_copy_only=False),
        rows["handed_at"].to_numpy(),
        rows["matured_at"].to_numpy(),
        label,
        sent_probability=rows[COLUMN].to_numpy(),
    )


def _in_micros(folder: Path, name: str) -> pa.Table:
    """A table with moments as microseconds, as intake writes it."""
    frame = pl.read_parquet(folder / f"{name}.parquet")
    return frame.with_columns(pl.col(pl.Datetime).to_physical()).to_arrow()


def one_market(seed: int) -> dict:
    """The estimate from a market's sample beside the truth."""
    with TemporaryDirectory() as scratch:
        write_market(Path(scratch), leads=LEADS, seed=seed)
        data = judged_handoffs(Path(scratch))
    drawn = data.judged & (data.sent_probability < 1)
    found = share_of_drawn(data, drawn)
    sent = float(data.label[data.judged & (data.sent_probability == 1)].mean())
    truth, pool = mean_probability_below(LEADS, seed)
    return {"seed": seed, "truth": truth, "pool": pool, "sent": sent, **found.to_json()}


def summary(markets: list[dict]) -> dict:
    """How often the interval holds the truth, and how far the estimates are off on average."""
    inside = [each["conversion"]["low"] <= each["truth"] <= each["conversion"]["high"] for each in markets]
    errors = np.array([each["conversion"]["value"] - each["truth"] for each in markets])
    widths = [each["conversion"]["high"] - each["conversion"]["low"] for each in markets]
    return {
        "markets": len(markets),
        "leads": LEADS,
        "truth inside the interval": sum(inside),
        "mean truth": float(np.mean([each["truth"] for each in markets])),
        "mean estimate": float(np.mean([each["conversion"]["value"] for each in markets])),
        "mean error": float(errors.mean()),
        "standard error of the mean error": float(errors.std(ddof=1) / np.sqrt(len(errors))),
        "mean width of the interval": float(np.mean(widths)),
        "mean share accepted of those sent by points": float(np.mean([each["sent"] for each in markets])),
        "mean leads drawn and judged": float(np.mean([each["judged"] for each in markets])),
    }


def main() -> None:
    """All markets; a line each on standard error."""
    markets = []
    for seed in SEEDS:
        started = time.monotonic()
        markets.append(one_market(seed))
        told = markets[-1]
        seconds = time.monotonic() - started
        sys.stderr.write(f"seed {seed}: {told['truth']:.4f} in {told['conversion']} ({seconds:.1f} s)\n")
    document = {**summary(markets), "each": markets}
    (HERE / "result.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    sys.stderr.write(json.dumps(summary(markets), indent=1) + "\n")


if __name__ == "__main__":
    main()
