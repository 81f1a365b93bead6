"""The fingerprint of checked tables: content and settings, and nothing of the machine they were read on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from salesworthy.intake.settings import SourceSettings, Tables

VERSION = 5
"""Raised whenever the same input gives other checked tables than before."""
PLACES = frozenset({"path", "source", "table"})


def fingerprint(
    tables: Tables,
    contents: Mapping[str, Sequence[Sequence[str]]],
    *,
    timezone: tzinfo,
    refuse_undated: bool,
    suppressed: str = "",
    care: Mapping[str, Any] | None = None,
    mended: str = "",
) -> str:
    """A hash that is equal exactly when the checked tables are.

    Args:
        tables: Settings; where the rows lie does not count.
        contents: Table -> per source the names and hashes of its files and of the files that it joins.
        timezone: For times without a zone.
        refuse_undated: Whether settled outcomes need a date.
        suppressed: What decides which rows stay out; empty where none does.
        care: What decides how acts and duplicates are told; None where nothing is done.
        mended: What people made of rows that were set aside; empty where nothing.
    """
    document = {
        "version": VERSION,
        "timezone": str(timezone),
        "refuse_undated": refuse_undated,
        "care": care,
        "tables": {
            name: [[_settings(source), list(content)] for source, content in zip(sources, contents[name], strict=True)]
            for name, sources in tables.items()
        },
    }
    document |= {"suppressed": suppressed} if suppressed else {}
    document |= {"mended": mended} if mended else {}
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _settings(source: SourceSettings) -> dict[str, Any]:
    whole = source.model_dump(mode="json", exclude=set(PLACES))
    whole["join"] = [{key: value for key, value in join.items() if key not in PLACES} for join in whole["join"]]
    return whole
