"""What waits for people: content without tags and campaigns without approval, the most used first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from salesworthy.domain.approved_use import NoScore
from salesworthy.domain.findings import Finding, Severity
from salesworthy.domain.moments import format_moment
from salesworthy.intake.limited import limited_database

ACTS, CONTENT, CAMPAIGNS = "engagements", "content", "campaigns"
TAGS = ("topic", "buying_step")
NAMED = 3
"""Items that the sentence of a finding names."""


def untagged_content(paths: Mapping[str, Path]) -> list[dict[str, Any]]:
    """Content that acts of people name and that lacks a tag, or its row; by how often it was used, most often first.

    Grain: one entry per ``content_id``: ``content_id``, ``acts``, ``people``, ``last_at`` (ISO 8601, UTC), and
    ``lacks``: tags; ``row`` where the table of content does not have the item, or is not there.

    Args:
        paths: Checked tables by name.
    """
    if ACTS not in paths:
        return []
    rows = _asked(
        f"SELECT acts.content_id, {_VOLUME} FROM {_read(paths[ACTS])} AS acts "
        f"WHERE acts.content_id IS NOT NULL AND {_BY_PEOPLE} GROUP BY 1 ORDER BY volume DESC, 1"
    )
    tags = _asked(f"SELECT content_id, {', '.join(TAGS)} FROM {_read(paths[CONTENT])}") if CONTENT in paths else []
    lacks = {name: [tag for tag, value in zip(TAGS, values, strict=True) if value is None] for name, *values in tags}
    return [
        {"content_id": name, **_used(volume), "lacks": lacks.get(name, ["row"])}
        for name, *volume in rows
        if lacks.get(name, ["row"])
    ]


def unapproved_campaigns(paths: Mapping[str, Path]) -> list[dict[str, Any]]:
    """Campaigns whose acts score nothing because nobody approved them; the most used first.

    Grain: one entry per ``campaign_id``: ``campaign_id``, ``acts``, ``people``, ``last_at`` (ISO 8601, UTC).

    Args:
        paths: Checked tables by name.
    """
    if ACTS not in paths:
        return []
    rows = _asked(
        f"SELECT acts.campaign_id, {_VOLUME} FROM {_read(paths[ACTS])} AS acts "
        f"WHERE no_score = '{NoScore.UNAPPROVED_CAMPAIGN}' GROUP BY 1 ORDER BY volume DESC, 1"
    )
    return [{"campaign_id": name, **_used(volume)} for name, *volume in rows]


def tagging(paths: Mapping[str, Path]) -> dict[str, list[dict[str, Any]]]:
    """Both lists, as ``check --json`` prints them."""
    return {"untagged_content": untagged_content(paths), "unapproved_campaigns": unapproved_campaigns(paths)}


def tagging_findings(untagged: list[dict[str, Any]]) -> Iterator[Finding]:
    """``UNTAGGED_CONTENT``: how much there is, and what to begin with."""
    if untagged:
        acts = sum(each["acts"] for each in untagged)
        first = ", ".join(f"{each['content_id']} ({each['acts']:,} acts)" for each in untagged[:NAMED])
        says = f"{CONTENT}: {len(untagged):,} item(s) without tags score nothing; used most: {first}"
        todo = "tag them in the table content, from the top; check --json lists all"
        yield Finding("UNTAGGED_CONTENT", Severity.WARN, says, CONTENT, "topic", acts, todo)


_VOLUME = "count(*) AS volume, count(DISTINCT acts.lead_id), max(acts.occurred_at)"
_BY_PEOPLE = "machine IS NOT TRUE AND no_score IS NULL"


def _used(volume: Sequence[Any]) -> dict[str, Any]:
    acts, people, last_at = volume
    return {"acts": acts, "people": people, "last_at": format_moment(last_at)}


def _asked(query: str) -> list[tuple[Any, ...]]:
    with limited_database() as connection:
        rows: list[tuple[Any, ...]] = connection.execute(query).fetchall()
        return rows


def _read(path: Path) -> str:
    return "read_parquet('" + str(path).replace("'", "''") + "')"
