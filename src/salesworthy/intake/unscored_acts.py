"""Acts that score nothing: off-label topics, transfers of value, and campaigns that nobody approved.

An act does not become off-label on the day on which somebody notices: the status of content counts for all of its acts,
whenever it was set. An approval counts from its day on: an act of a campaign that was approved later is known from
then. The rows stay in the table, each with why; features, rules, reasons and packets never see them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from salesworthy.domain.approved_use import NoScore, why_no_score
from salesworthy.intake.row_writers import PartsWriter
from salesworthy.intake.table_finishing import frames

ACTS = "engagements"
COLUMN = "no_score"
NEVER = 2**62
"""The day on which a campaign that nobody approved is approved."""
Why = dict[str, str]


@dataclass(frozen=True)
class Unscored:
    """How many acts score nothing, by why; and how many count later than they happened."""

    by_why: Mapping[NoScore, int]
    later: int = 0


@dataclass(frozen=True)
class _Reasons:
    """Kind, content and campaign -> why their acts score nothing; campaign -> since when its acts count."""

    kinds: Why
    content: Why
    campaigns: Why
    approved: dict[str, int]
    approvals: bool
    """Whether campaigns are approved here at all: whoever is not listed is not approved then."""

    def change(self, acts: pl.LazyFrame) -> bool:
        """Whether any act may score nothing, or later."""
        if self.kinds or self.content or self.campaigns or not self.approvals:
            return bool(self.kinds or self.content or self.campaigns)
        waiting = (
            acts.filter(_approved_on(self) > pl.col("known_at")).select(pl.len()).collect(engine="streaming").item()
        )
        return bool(waiting)


def mark_unscored(paths: Mapping[str, Path], *, approvals: bool) -> Unscored:
    """Write into ``engagements.no_score`` why acts score nothing; what the source says itself stands.

    Args:
        paths: Checked tables by name; the file of engagements is replaced.
        approvals: Whether the campaigns have a day of approval.
    """
    reasons = _reasons(paths, approvals=approvals and "campaigns" in paths)
    path = paths[ACTS]
    if not reasons.change(pl.scan_parquet(path)):
        said = pl.scan_parquet(path).select(pl.col(COLUMN).drop_nulls()).collect(engine="streaming")
        return Unscored(_counted(said[COLUMN]))
    target, later = path.with_suffix(".unscored.parquet"), 0
    found: Counter[NoScore] = Counter()
    with PartsWriter(target) as writer:
        for frame in frames([path]):
            marked = _marked(frame, reasons)
            later += int((marked["known_at"] > frame["known_at"]).sum())
            found += _counted(marked[COLUMN])
            writer.write(marked)
    target.replace(path)
    return Unscored(found, later)


def _counted(column: pl.Series) -> Counter[NoScore]:
    counts = column.drop_nulls().value_counts().iter_rows()
    return Counter({NoScore(why): count for why, count in counts})


def _marked(frame: pl.DataFrame, reasons: _Reasons) -> pl.DataFrame:
    why = pl.coalesce(
        COLUMN,
        _looked_up("kind", reasons.kinds),
        _looked_up("content_id", reasons.content),
        _looked_up("campaign_id", reasons.campaigns),
    )
    if not reasons.approvals:
        return frame.with_columns(why.alias(COLUMN))
    approved = _approved_on(reasons)
    unapproved = pl.when(approved == NEVER).then(pl.lit(NoScore.UNAPPROVED_CAMPAIGN.value))
    known = pl.when(approved < NEVER).then(pl.max_horizontal("known_at", approved)).otherwise("known_at")
    return frame.with_columns(pl.coalesce(why, unapproved).alias(COLUMN), known.alias("known_at"))


def _approved_on(reasons: _Reasons) -> pl.Expr:
    """The day on which the campaign of an act was approved; null where it belongs to none."""
    days = pl.col("campaign_id").replace_strict(reasons.approved, default=NEVER, return_dtype=pl.Int64)
    return pl.when(pl.col("campaign_id").is_not_null()).then(days)


def _looked_up(column: str, why: Why) -> pl.Expr:
    return pl.col(column).replace_strict(why, default=None, return_dtype=pl.String)


def _reasons(paths: Mapping[str, Path], *, approvals: bool) -> _Reasons:
    kinds = pl.scan_parquet(paths[ACTS]).select(pl.col("kind").unique().sort()).collect(engine="streaming")["kind"]
    campaigns = _rows(paths, "campaigns", "campaign_id", "type", "approved_at")
    return _Reasons(
        kinds=_without_none((kind, why_no_score(kind)) for kind in kinds),
        content=_without_none(
            (item, why_no_score(None, topic, approved_use=status))
            for item, topic, status in _rows(paths, "content", "content_id", "topic", "approved_use")
        ),
        campaigns=_without_none((name, why_no_score(None, campaign_type=sort)) for name, sort, _ in campaigns),
        approved={name: day for name, _, day in campaigns if day is not None},
        approvals=approvals,
    )


def _rows(paths: Mapping[str, Path], table: str, *columns: str) -> list[tuple[Any, ...]]:
    return pl.read_parquet(paths[table], columns=list(columns)).rows() if table in paths else []


def _without_none(found: Iterable[tuple[str, NoScore | None]]) -> Why:
    return {key: why.value for key, why in found if why is not None}
