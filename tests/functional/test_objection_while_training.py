"""Somebody objects while a model learns from them: no model is left that did."""

from __future__ import annotations

import polars as pl
import pytest

from salesworthy.cli.main import run
from salesworthy.domain.errors import GateRefused
from salesworthy.domain.moments import parse_moment
from salesworthy.runs import train as training
from salesworthy.runs.workspace import open_workspace

pytestmark = pytest.mark.slow

DAY = "2026-07-01"


def test_an_objection_that_arrives_while_a_model_is_trained_leaves_no_model(tmp_path, capsys, monkeypatch):
    """Written while the report is drawn, as a CRM would at any moment; the same command again learns without them."""
    folder = tmp_path / "w"
    assert run(["init", str(folder), "--example", "--leads", "400", "--seed", "5"]) == 0
    consents = folder / "data" / "market" / "consents.parquet"
    handed = pl.read_parquet(folder / "data" / "market" / "handoffs.parquet").sort("handed_at", "lead_id")
    lead, inner = handed["lead_id"][0], training.evaluation_report

    def arrives(*given, **named):
        rows = pl.read_parquet(consents)
        row = rows.head(1).with_columns(lead_id=pl.lit(lead), state=pl.lit("objected"), at=rows["at"].max())
        pl.concat([rows, row.select(rows.columns).cast(rows.schema)]).write_parquet(consents)
        return inner(*given, **named)

    monkeypatch.setattr(training, "evaluation_report", arrives)
    workspace, moment = open_workspace(folder, environ={}), parse_moment(DAY)
    with pytest.raises(GateRefused, match="objected to direct marketing, or was erased, while this went on"):
        training.train(workspace, as_of=moment, now=moment)
    assert workspace.registry.list() == ()
    monkeypatch.undo()
    assert lead in training.training_set(workspace, as_of=moment).objected
