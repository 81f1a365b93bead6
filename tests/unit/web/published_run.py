"""A small published run with its tables, written as a scoring run writes them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from salesworthy.qualification.tables import REASONS, SCORES
from salesworthy.web.store.building import build_index
from salesworthy.web.store.index import Index
from salesworthy.web.store.sources import Sources

AS_OF = datetime(2026, 7, 1, tzinfo=UTC)


def score(lead_id: str, **given: object) -> dict[str, object]:
    """A row of ``scores``; what is not given is null, or plain."""
    plain = {"as_of": AS_OF, "decision": "NURTURE", "log_odds": -1.0, "propensity": 0.2, "run_id": "run-1"}
    return {**dict.fromkeys(SCORES.names), **plain, "lead_id": lead_id, **given}


def reason(lead_id: str, rank: int, **given: object) -> dict[str, object]:
    plain = {"family": "INTEREST", "code": "WEBINAR", "log_odds": 0.5, "degree": "clear", "sentence": "Came"}
    return {**plain, "lead_id": lead_id, "rank": rank, "run_id": "run-1", **given}


def hours(count: float) -> datetime:
    """A moment so many hours after the run."""
    return AS_OF + timedelta(hours=count)


def micros(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000


def published(place: Path, name: str, scores: list[dict], reasons: list[dict], as_of: str = "2026-07-01") -> Path:
    """A run's folder."""
    run = place / "out" / "runs" / name
    for table, rows, kind in (("scores", scores, SCORES), ("reasons", reasons, REASONS)):
        (run / table).mkdir(parents=True)
        ordered = sorted(rows, key=lambda row: (row["lead_id"], row.get("rank", 0)))
        pq.write_table(pa.Table.from_pylist(ordered, schema=kind), run / table / "part-0000.parquet")
    (run / "packets").mkdir()
    handed = [row["lead_id"] for row in scores if row["decision"] == "MQL"]
    packets = [{"lead_id": lead, "deal": {"primary": None, "leads": [lead]}, "owner": "x"} for lead in sorted(handed)]
    (run / "packets" / "part-0000.jsonl").write_text("".join(json.dumps(each) + "\n" for each in packets))
    counts = {"all": len(scores)}
    manifest = {"run_id": name, "as_of": as_of, "base_log_odds": -1.5, "counts": counts, "model_version": "v1"}
    (run / "manifest.json").write_text(json.dumps({**manifest, "policy_version": None}))
    return run


def written(place: Path, tables: dict[str, list[dict]]) -> dict[str, Path]:
    """Checked tables; every row names all columns of its table."""
    folder = place / "checked"
    folder.mkdir(parents=True)
    paths = {}
    for name, rows in tables.items():
        paths[name] = folder / f"{name}.parquet"
        pq.write_table(pa.Table.from_pylist(rows), paths[name])
    return paths


def index_of(place: Path, scores: list[dict], reasons: list[dict] = (), **tables: list[dict]) -> Index:
    """The index of a run of these scores."""
    sources = Sources(published(place, "run-1", scores, list(reasons)), written(place, tables))
    return Index(build_index(sources, place / "pages"), sources.run)
