"""The product's part after features, in a process of its own: Parquet in, scores and reasons on disk."""

from __future__ import annotations

import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from experiments.benchmarks.results import peak_memory_mb

from salesworthy.model.bundle import read_bundle
from salesworthy.qualification.tables import CODED_REASONS, SCORES
from salesworthy.runs.champion import LoadedModel
from salesworthy.runs.parquet_parts import PartWriter
from salesworthy.runs.profile import each_in_step, profiled, step
from salesworthy.runs.score_batch import Deciders, score_batch

BATCH = 16_384


def score(bundle: Path, source: Path, out: Path) -> dict:
    """Score a file of features; returns processor seconds per step, and the peak memory of the process."""
    started = time.process_time()
    with profiled() as profile:
        with step("model read"):
            deciders = Deciders(LoadedModel("v1", read_bundle(bundle)))
            deciders.base_log_odds  # noqa: B018 -- tables are read when they are first asked for
        with (
            pq.ParquetFile(source) as file,
            PartWriter(out / "scores.out", SCORES) as scores,
            PartWriter(out / "reasons.out", CODED_REASONS) as reasons,
        ):
            for batch in each_in_step("rows read", file.iter_batches(BATCH)):
                found = score_batch(pa.Table.from_batches([batch]), deciders, as_of=0, run_id="benchmark")
                with step("files written"):
                    scores.write(found.scores)
                    reasons.write(found.reasons)
    return {
        "processor seconds": time.process_time() - started,
        "steps": profile.processor,
        "peak memory, MB": peak_memory_mb(),
    }
