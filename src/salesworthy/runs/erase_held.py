"""Lead ids that something written still names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from salesworthy.runs.erase_files import files_below
from salesworthy.runs.erase_published import runs_of
from salesworthy.runs.erase_rejected import ids_in_record
from salesworthy.runs.workspace import Workspace


def ids_held(workspace: Workspace, places: tuple[Path, ...]) -> set[str]:
    """Lead ids in published runs, the ledger and rows set aside; what else is written speaks of the same leads."""
    found = set(workspace.ledger.people.lead_ids().values()) | ids_in_record(workspace)
    for place in places:
        for run in runs_of(place):
            for path in files_below(run):
                found.update(_ids(path))
    return found


def _ids(path: Path) -> Iterator[str]:
    if path.suffix == ".parquet" and "lead_id" in pq.read_schema(path).names:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(columns=["lead_id"]):
                yield from (str(each) for each in pc.unique(batch.column("lead_id")).to_pylist() if each is not None)
    elif path.suffix == ".jsonl":
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                yield from _named(json.loads(line))


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("lead_id"), str):
            yield value["lead_id"]
        for each in value.values():
            yield from _named(each)
    elif isinstance(value, list):
        for each in value:
            yield from _named(each)
