"""What an export says of every lead of a published run, and which leads it says something new of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

FOR, AGAINST = 3, 2
"""Reasons that are told: as many as fit on a page of a CRM."""
COMPARED = (
    "decision", "score", "fit_grade", "interest_grade", "reasons", "next_step", "respond_by", "owner",
)  # fmt: skip
"""A lead is exported again when one of these differs; runs and their days differ always."""
_FROM_SCORES = (
    "lead_id", "decision", "propensity", "fit_grade", "interest_grade", "next_step", "respond_by", "owner", "as_of",
    "run_id",
)  # fmt: skip


@dataclass(frozen=True)
class Changes:
    """Leads to export, and how they were chosen.

    Attributes:
        rows: The leads that are new or differ, in order of their ids.
        unchanged: How many are left out because nothing differs.
        new: How many were not in the earlier run.
        gone: Ids of the leads that were in the earlier run only, and of those who objected since the run, in order.
        changed: Column -> how many leads differ in it.
    """

    rows: pl.DataFrame
    unchanged: int
    new: int
    gone: tuple[str, ...]
    changed: dict[str, int]


def exported(folder: Path) -> pl.DataFrame:
    """What is exported of a run: one row per lead, in order of lead ids.

    Columns are ``lead_id`` and those of ``intake.field_map.UPLOAD_COLUMNS``. ``score`` is the propensity in whole
    percent, as pages show it; null without a model.

    Args:
        folder: A published run.
    """
    scores = pl.read_parquet(folder / "scores" / "*.parquet", columns=list(_FROM_SCORES))
    texts = _reasons(folder)
    found = scores.join(texts, on="lead_id", how="left", maintain_order="left")
    percent = pl.Series("score", np.rint(found["propensity"].to_numpy() * 100), nan_to_null=True).cast(pl.Int64)
    return found.with_columns(percent).rename({"as_of": "scored_as_of"}).drop("propensity").sort("lead_id")


def _reasons(folder: Path) -> pl.DataFrame:
    """The heaviest reasons of every lead as one text: ``lead_id, reasons``."""
    every = pl.scan_parquet(folder / "reasons" / "*.parquet").select(
        "lead_id", "rank", "log_odds", "degree", "sentence"
    )
    speaks_for = (pl.col("log_odds") > 0) | (pl.col("degree") == "decided")
    parts = [
        every.filter(chosen & pl.col("sentence").is_not_null())
        .group_by("lead_id")
        .agg(pl.col("sentence").sort_by("rank").head(most).str.join("; ").alias(name))
        for chosen, name, most in ((speaks_for, "for", FOR), (pl.col("log_odds") < 0, "against", AGAINST))
    ]
    both = parts[0].join(parts[1], on="lead_id", how="full", coalesce=True)
    text = pl.concat_str(
        pl.lit("For: ") + pl.col("for") + ".",
        pl.lit("Against: ") + pl.col("against") + ".",
        separator=" ",
        ignore_nulls=True,
    )
    return both.select("lead_id", reasons=text).collect()


def changes(now: pl.DataFrame, before: pl.DataFrame | None, *, objected: frozenset[str] = frozenset()) -> Changes:
    """Choose the leads to export.

    Args:
        now: What the newest run says.
        before: What an earlier run said; None to export every lead.
        objected: Leads of which nothing is exported any more.
    """
    away = pl.col("lead_id").is_in(sorted(objected))
    withdrawn = now.filter(away)["lead_id"].to_list()
    now = now.filter(~away)
    if before is None:
        return Changes(now, 0, now.height, tuple(withdrawn), {})
    earlier = before.select("lead_id", *(pl.col(name).alias(f"{name} before") for name in COMPARED))
    both = now.join(
        earlier.with_columns(pl.lit(value=True).alias("known")), on="lead_id", how="left", maintain_order="left"
    )
    is_new = pl.col("known").is_null()
    differs = {name: pl.col(name).ne_missing(pl.col(f"{name} before")) & ~is_new for name in COMPARED}
    counted = both.select(new=is_new.sum(), **{name: each.sum() for name, each in differs.items()}).row(0, named=True)
    rows = both.filter(is_new | pl.any_horizontal(differs.values())).select(now.columns)
    missing = before.join(now.select("lead_id"), on="lead_id", how="anti", maintain_order="left")["lead_id"]
    gone = sorted({*missing, *withdrawn})
    changed = {name: int(counted[name]) for name in COMPARED if counted[name]}
    return Changes(rows, now.height - rows.height, int(counted["new"]), tuple(gone), changed)
