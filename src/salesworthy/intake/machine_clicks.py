"""Machine clicks: mail scanners and bots that open links are told from people, by stated rules, in one pass.

======== =============================================================================================================
rule     an act is a machine's when
======== =============================================================================================================
GIVEN    the data says so
HINT     its agent holds one of the words
BURST    it is one of several clicks of a lead, on different links, within seconds
NIGHT    the same with fewer clicks, at an hour when nobody works
UNOPENED the same with fewer clicks, where the lead had opened no mail; only where the data records that
DELIVERY it follows a delivery within seconds; only where the data records that
RATE     the lead had clicked more often within the hour than anybody does; the clicks before it stand
SITE     several leads of one site clicked at the same second
======== =============================================================================================================

Nothing that becomes known later changes what counted on a day. A click is judged by acts up to ``burst_seconds`` after
it, as far as they became known within ``settle_seconds`` of their happening, and is known only from the moment when
both have passed (``known_at`` is moved there). A single act that machines do not make is known as soon as before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from salesworthy.domain.moments import MICROSECONDS_PER_DAY, MICROSECONDS_PER_SECOND
from salesworthy.intake.local_times import local_hours
from salesworthy.intake.machine_clicks_settings import MachineClickSettings
from salesworthy.intake.row_writers import PartsWriter, rows_of
from salesworthy.intake.table_finishing import frames

Masks = npt.NDArray[np.uint8]
ACTS = "engagements"


class MachineRule(StrEnum):
    """What tells a machine; the value is the end of a sentence."""

    GIVEN = "marked by the data"
    HINT = "named by their agent"
    BURST = "in bursts across links"
    NIGHT = "in pairs at night"
    UNOPENED = "in pairs in mails that nobody opened"
    DELIVERY = "within seconds of delivery"
    RATE = "faster than anybody clicks"
    SITE = "at several people of a site at once"


@dataclass(frozen=True)
class MachineClicks:
    """How many acts were judged to be by machines, and how many each rule found; an act may be found by several."""

    acts: int
    machines: int
    by_rule: Mapping[MachineRule, int]


def mark_machine_clicks(
    connection: Any, paths: Mapping[str, Path], settings: MachineClickSettings, timezone: tzinfo
) -> MachineClicks:
    """Judge all acts, and write what was found into ``engagements.machine``; ``known_at`` of clicks waits for it.

    Args:
        connection: An open DuckDB connection.
        paths: Checked tables by name; the file of engagements is replaced.
        settings: The rules.
        timezone: Where night falls.
    """
    found = _flags(connection, paths, settings)
    rows = pl.scan_parquet(paths[ACTS]).select(pl.len()).collect().item()
    masks = np.zeros(rows, np.uint8)
    counts: dict[MachineRule, int] = {}
    for number, rule in enumerate(MachineRule):
        flagged = found[rule.name.lower()].to_numpy().astype(bool)
        if rule == MachineRule.NIGHT:
            flagged &= _at_night(found["t"].to_numpy(), settings, timezone)
        counts[rule] = int(flagged.sum())
        masks[found["row"].to_numpy()[flagged]] |= 1 << number
    _write(paths[ACTS], masks, settings)
    return MachineClicks(rows, int(np.count_nonzero(masks)), counts)


def _at_night(
    moments: npt.NDArray[np.int64], settings: MachineClickSettings, timezone: tzinfo
) -> npt.NDArray[np.bool_]:
    if not settings.night:
        return np.zeros(len(moments), np.bool_)
    first, end = settings.night
    hours = local_hours(moments, timezone)
    within: npt.NDArray[np.bool_] = (
        (hours >= first) & (hours < end) if first <= end else (hours >= first) | (hours < end)
    )
    return within


def _write(path: Path, masks: Masks, settings: MachineClickSettings) -> None:
    """The same rows in the same order, with what was judged."""
    target, start = path.with_suffix(".judged.parquet"), 0
    wait = round(settings.waits_seconds * MICROSECONDS_PER_SECOND)
    clicked = pl.col("kind").str.to_lowercase().is_in(list(settings.kinds))
    with PartsWriter(target) as writer:
        for frame in frames([path]):
            judged = pl.Series("machine", masks[start : start + len(frame)] > 0)
            start += len(frame)
            settled = pl.max_horizontal("known_at", pl.col("occurred_at") + wait)
            known = pl.when(clicked & ~pl.col("machine")).then(settled).otherwise("known_at")
            writer.write(frame.with_columns(judged).with_columns(known.alias("known_at")))
    target.replace(path)


def _flags(connection: Any, paths: Mapping[str, Path], settings: MachineClickSettings) -> pl.DataFrame:
    """``row``, ``t`` and one yes-or-no column per rule, for the acts that some rule may hold for."""
    leads = paths.get("leads")
    members = "SELECT NULL::VARCHAR AS lead_id, NULL::VARCHAR AS account_id, NULL::BIGINT AS created_at LIMIT 0"
    values = {
        "acts": _text(str(paths[ACTS])),
        "leads": f"read_parquet({_text(str(leads))})" if leads is not None else f"({members})",
        "hinted": " OR ".join(f"contains(agent_lower, {_text(each)})" for each in settings.hints) or "false",
        "kinds": _list(settings.kinds), "delivered": _list(settings.delivered), "opens": _list(settings.opens),
        "burst": _micros(settings.burst_seconds), "settle": _micros(settings.settle_seconds),
        "site": _micros(settings.site_seconds), "soon": _micros(settings.delivery_seconds),
        "hour": 3600 * MICROSECONDS_PER_SECOND, "open": round(settings.open_days * MICROSECONDS_PER_DAY),
        "clicks": settings.burst_clicks, "links": settings.burst_links, "doubtful": settings.doubtful_clicks,
        "doubtful_links": min(settings.burst_links, settings.doubtful_clicks),
        "hourly": settings.hourly_clicks, "people": settings.site_people,
        "opens_told": "true" if settings.opens else "false",
    }  # fmt: skip
    return rows_of(connection.execute(_QUERY.format(**values)))


def _micros(seconds: float) -> int:
    return round(seconds * MICROSECONDS_PER_SECOND)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _list(words: tuple[str, ...]) -> str:
    return "(" + (", ".join(map(_text, words)) or "NULL") + ")"


_QUERY = """
WITH own AS (
  SELECT file_row_number AS row, lead_id, occurred_at AS t, known_at, content_id, coalesce(machine, false) AS given,
    lower(kind) AS kind, lower(coalesce(agent, '')) AS agent_lower
  FROM read_parquet({acts}, file_row_number = true) WHERE no_score IS NULL
), told AS (
  SELECT *, ({hinted}) AS hint, kind IN {kinds} AS clicked, coalesce(kind IN {delivered}, false) AS delivery,
    coalesce(kind IN {opens}, false) AS opening
  FROM own
), near AS (
  SELECT told.row, told.lead_id, leads.account_id, t, clicked, delivery, opening, given, hint,
    told.known_at <= t + {settle} AS prompt,
    greatest(told.known_at, coalesce(leads.created_at, told.known_at)) <= t + {settle} AS prompt_colleague,
    coalesce(content_id, 'row ' || row) AS link
  FROM told LEFT JOIN {leads} AS leads ON leads.lead_id = told.lead_id
  WHERE clicked OR delivery OR opening
), counted AS (
  SELECT *,
    count(*) FILTER (clicked AND prompt) OVER ahead AS clicks_ahead,
    count(DISTINCT CASE WHEN clicked AND prompt THEN link END) OVER ahead AS links_ahead,
    count(*) FILTER (clicked AND prompt) OVER hour AS clicks_before,
    coalesce(bool_or(delivery AND prompt) OVER just_before, false) AS delivery_before,
    coalesce(bool_or(opening AND prompt) OVER lately, false) AS open_before,
    count(DISTINCT CASE WHEN clicked AND prompt_colleague THEN lead_id END) OVER site_ahead AS people_ahead
  FROM near
  WINDOW ahead AS (PARTITION BY lead_id ORDER BY t RANGE BETWEEN CURRENT ROW AND {burst} FOLLOWING),
    hour AS (PARTITION BY lead_id ORDER BY t RANGE BETWEEN {hour} PRECEDING AND CURRENT ROW),
    just_before AS (PARTITION BY lead_id ORDER BY t RANGE BETWEEN {soon} PRECEDING AND CURRENT ROW),
    lately AS (PARTITION BY lead_id ORDER BY t RANGE BETWEEN {open} PRECEDING AND CURRENT ROW),
    site_ahead AS (PARTITION BY coalesce(account_id, 'lead ' || lead_id) ORDER BY t
      RANGE BETWEEN CURRENT ROW AND {site} FOLLOWING)
), begun AS (
  SELECT *,
    clicked AND prompt AND clicks_ahead >= {clicks} AND links_ahead >= {links} AS begins,
    clicked AND prompt AND clicks_ahead >= {doubtful} AND links_ahead >= {doubtful_links} AS begins_doubtful,
    clicked AND prompt_colleague AND account_id IS NOT NULL AND people_ahead >= {people} AS begins_site
  FROM counted
), judged AS (
  SELECT row, t, clicked AND bool_or(begins) OVER behind AS burst,
    clicked AND bool_or(begins_doubtful) OVER behind AS night,
    clicked AND {opens_told} AND NOT open_before AND bool_or(begins_doubtful) OVER behind AS unopened,
    clicked AND delivery_before AS delivery,
    clicked AND clicks_before > {hourly} AS rate,
    clicked AND bool_or(begins_site) OVER site_behind AS site
  FROM begun
  WINDOW behind AS (PARTITION BY lead_id ORDER BY t RANGE BETWEEN {burst} PRECEDING AND CURRENT ROW),
    site_behind AS (PARTITION BY coalesce(account_id, 'lead ' || lead_id) ORDER BY t
      RANGE BETWEEN {site} PRECEDING AND CURRENT ROW)
), found AS (
  SELECT told.row, told.t, given, hint, coalesce(burst, false) AS burst, coalesce(night, false) AS night,
    coalesce(unopened, false) AS unopened, coalesce(judged.delivery, false) AS delivery, coalesce(rate, false) AS rate,
    coalesce(site, false) AS site
  FROM told LEFT JOIN judged ON judged.row = told.row
)
SELECT * FROM found WHERE given OR hint OR burst OR night OR unopened OR delivery OR rate OR site ORDER BY row
"""
