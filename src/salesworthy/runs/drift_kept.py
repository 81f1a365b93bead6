"""Weekly counts that are kept in the cache of a workspace, so that past weeks need not be counted again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from salesworthy.drift.cells import COUNTS
from salesworthy.drift.grid import DIGITS
from salesworthy.runs.drift_digests import counted_features

if TYPE_CHECKING:
    from salesworthy.features.catalogue import Catalogue
    from salesworthy.runs.features import OpenTables

FOLDER = "drift"
_DIGESTS, _EXCLUDED = b"digests", b"excluded"


@dataclass(frozen=True)
class KeptCounts:
    """Counts of earlier weeks.

    Attributes:
        counts: A table like ``cells.COUNTS``.
        digests: What each week was counted from, by its first instant.
        excluded: Leads of these weeks that were left out because they had objected.
    """

    counts: pa.Table = field(default_factory=COUNTS.empty_table)
    digests: Mapping[int, str] = field(default_factory=dict)
    excluded: frozenset[str] = frozenset()


def place_of(data: OpenTables, catalogue: Catalogue) -> Path:
    """Where counts of a catalogue are kept; they are rows of nobody, but name those who objected."""
    told = {
        "catalogue": catalogue.to_json(),
        "counted": counted_features(catalogue, data).names,
        "digits": DIGITS,
        "engine": data.workspace.settings.engine.kind,
    }
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    return data.workspace.cache / FOLDER / f"{digest[:16]}.parquet"


def kept_weeks(path: Path) -> frozenset[int]:
    """First instants of the weeks whose counts are kept there; none where nothing can be read."""
    try:
        return frozenset(map(int, json.loads(pq.read_schema(path).metadata[_DIGESTS])))
    except (pa.ArrowInvalid, OSError, ValueError, KeyError, TypeError):
        return frozenset()


def read_kept(path: Path) -> KeptCounts:
    """What is kept there; nothing where nothing can be read."""
    if not path.is_file():
        return KeptCounts()
    try:
        counts = pq.read_table(path, page_checksum_verification=True)
        written = counts.schema.metadata
        digests = {int(start): str(digest) for start, digest in json.loads(written[_DIGESTS]).items()}
        return KeptCounts(counts.cast(COUNTS), digests, frozenset(json.loads(written[_EXCLUDED])))
    except (pa.ArrowInvalid, OSError, ValueError, KeyError, TypeError):
        return KeptCounts()  # a cache: what is damaged is counted again


def write_kept(path: Path, kept: KeptCounts) -> None:
    """Keep counts, complete or not at all, in the place of all earlier ones."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = {_DIGESTS: json.dumps(dict(kept.digests)), _EXCLUDED: json.dumps(sorted(kept.excluded))}
    with NamedTemporaryFile(dir=path.parent, prefix=".counts-", delete=False) as stage:
        counts = kept.counts.replace_schema_metadata(written)
        pq.write_table(counts, stage, compression="zstd", write_page_checksum=True)
    Path(stage.name).replace(path)
    for other in path.parent.glob("*.parquet"):
        if other != path:
            other.unlink(missing_ok=True)
