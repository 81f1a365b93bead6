"""A market of people who are dined, hired to speak and asked about other uses scores as the market without all that."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from tests.functional.conftest import DAY

from salesworthy.domain.moments import parse_moment
from salesworthy.runs.score import score
from salesworthy.runs.workspace import open_workspace

pytestmark = pytest.mark.slow

CONTENT = {
    "OFF1": ("evaluation", "clinical_evaluation", "off_label"),
    "OFF2": ("off-label use", "procurement_review", None),
    "TOV1": ("clinical_outcomes", "clinical_evaluation", "transfer_of_value"),
}
ACTS = (
    ("form", "OFF1", None), ("download", "OFF2", None), ("webinar", "TOV1", None), ("dinner_meal", None, None),
    ("speaker fee", None, None), ("click", "OFF1", None), ("click", "OFF2", None), ("form", None, "NEW"),
)  # fmt: skip
"""Kind, content and campaign of what every second lead does more."""


def tempted(market):
    """Add content, a campaign that nobody approved, and acts with both, shortly before the day that is scored."""
    content = pl.read_parquet(market / "content.parquet").with_columns(approved_use=pl.lit(None, pl.String))
    rows = [(name, topic, step, use) for name, (topic, step, use) in CONTENT.items()]
    more = pl.DataFrame(rows, schema=["content_id", "topic", "buying_step", "approved_use"], orient="row")
    pl.concat([content, more], how="diagonal_relaxed").write_parquet(market / "content.parquet")
    campaigns = pl.read_parquet(market / "campaigns.parquet")
    new = pl.DataFrame({"campaign_id": ["NEW"], "type": ["trade_show"]})
    pl.concat([campaigns, new], how="diagonal_relaxed").write_parquet(market / "campaigns.parquet")
    acts = pl.read_parquet(market / "engagements.parquet")
    last = pl.lit(DAY).str.to_datetime(time_unit="us", time_zone="UTC")
    people = pl.read_parquet(market / "leads.parquet").gather_every(2).select("lead_id")
    done = pl.DataFrame(ACTS, schema=["kind", "content_id", "campaign_id"], orient="row").with_row_index("number")
    added = people.join(done, how="cross").with_columns(
        occurred_at=last - pl.lit(timedelta(days=2)) + pl.duration(seconds=pl.col("number"))
    )
    added = added.drop("number").with_columns(pl.col("occurred_at").cast(acts.schema["occurred_at"]))
    pl.concat([acts, added], how="diagonal_relaxed").write_parquet(market / "engagements.parquet")
    return len(added)


def said(folder):
    """Everything that a run says of the leads, without its name."""
    moment = parse_moment(DAY)
    run = score(open_workspace(folder, environ={}), as_of=moment, now=moment)
    tables = [pl.read_parquet(run.folder / name / "*.parquet").drop("run_id") for name in ("scores", "reasons")]
    packets = "".join(path.read_text() for path in sorted((run.folder / "packets").glob("*.jsonl")))
    return tables, packets.replace(run.manifest["run_id"], ""), run.manifest["base_log_odds"]


def test_the_same_scores_reasons_and_packets_to_the_bit(workspace):
    (scores, reasons), packets, base = said(workspace)
    assert (len(scores) > 1000, packets.count("\n") > 10) == (True, True)
    assert tempted(workspace / "data" / "market") > 10_000
    (again, reasons_again), packets_again, base_again = said(workspace)
    assert again.equals(scores)
    assert reasons_again.equals(reasons)
    assert (packets_again, base_again) == (packets, base)
