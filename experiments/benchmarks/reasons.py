"""Score and reasons: the kernel beside its peers, and Parquet to Parquet beside a plain script.

Peers that are not installed are left out and named; nothing of the product needs them.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import lightgbm
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from experiments.benchmarks import reasons_job, reasons_script
from experiments.benchmarks.reasons_job import BATCH
from experiments.benchmarks.reasons_kernels import SIZES, TRAINING, measure, peer_versions
from experiments.benchmarks.reasons_leads import CATEGORIES, FEATURES, GROUPS, LEVELS, NUMBERS, leads
from experiments.benchmarks.results import Timed, write

from salesworthy.domain.reasons import SUBJECTS
from salesworthy.features.catalogue import Catalogue, Dtype, Feature, FeatureKind
from salesworthy.model.backbone import fit_backbone
from salesworthy.model.bundle import PROOF, write_bundle
from salesworthy.model.calibration import Calibration
from salesworthy.model.columns import read_columns
from salesworthy.model.encoding import Encoder
from salesworthy.model.fitted import FittedModel
from salesworthy.model.intervals import NO_INTERVALS
from salesworthy.model.reason_tables.proof import prove
from salesworthy.model.trees import Trees

SHAPE = {
    "objective": "binary", "num_leaves": 31, "max_depth": 8, "learning_rate": 0.05, "min_data_in_leaf": 50, "seed": 1,
    "num_threads": 1, "verbose": -1,
}  # fmt: skip
KERNEL_ROWS = 20_000
SCRIPT_ROWS = 3_000
"""The script's cost per lead does not depend on how many there are; a million would take half an hour."""
CODES = tuple(SUBJECTS)[:12]
NAMES = tuple(f"feature_{place}" for place in range(FEATURES))


def run(rows: int) -> None:
    print(f"reasons, {rows:,} leads")
    timed = Timed()
    short = rows < 100_000
    kernels = {}
    for size in SIZES[:1] if short else SIZES:
        with timed.step(size.name):
            kernels[size.name] = measure(size, KERNEL_ROWS)
    with timed.step("end to end"):
        ends = _end_to_end(rows)
    write(
        "reasons",
        timed,
        leads=rows,
        load_average=[round(each, 1) for each in os.getloadavg()],
        versions=peer_versions(),
        kernels=kernels,
        end_to_end=ends,
    )


def _table(X: np.ndarray) -> pa.Table:
    columns = [pa.array(X[:, place], from_pandas=True) for place in range(NUMBERS)]
    for place, levels in enumerate(LEVELS):
        codes = X[:, NUMBERS + place]
        index = pa.array(np.nan_to_num(codes, nan=1.0).astype(np.int32) - 1, mask=np.isnan(codes))
        words = pa.DictionaryArray.from_arrays(index, [f"level {each}" for each in range(levels)])
        columns.append(words.cast(pa.string()))
    return pa.table(columns, names=NAMES)


def _catalogue() -> Catalogue:
    kinds = [Dtype.NUMBER] * NUMBERS + [Dtype.CATEGORY] * len(LEVELS)
    return Catalogue.of(
        Feature(
            name, str(FeatureKind.COLUMN), table="leads", column=name, type=str(kind), known="at_creation",
            dtype=str(kind), reason=CODES[group], says=f"The value of {name} is {{value}}", says_missing="Not known",
        )
        for name, kind, group in zip(NAMES, kinds, GROUPS.tolist(), strict=True)
    )  # fmt: skip


def _bundle(table: pa.Table, y: np.ndarray, folder: Path) -> Path:
    """A model of the product's own form, registered: backbone, 300 trees of 31 leaves, calibration, proved tables."""
    columns = read_columns(table)
    encoder = Encoder.fit(columns)
    encoded = encoder.encode(columns)
    label = y.astype(float)
    backbone = fit_backbone(encoded, label, np.ones(len(y)), encoder, strength=10.0, directions={})
    categories = [place for place, each in enumerate(encoded.is_category) if each]
    data = lightgbm.Dataset(encoded.trees, label, init_score=backbone.log_odds(encoded), categorical_feature=categories)
    trees = Trees.of(lightgbm.train(SHAPE, data, 300))
    model = FittedModel(NAMES, encoder, backbone, trees, Calibration("platt", 0.97, -0.01), NO_INTERVALS)
    proof = prove(trees, encoded.trees[:200]).to_json()
    write_bundle(model, folder / "bundle", metadata={"catalogue": _catalogue().to_json(), PROOF: proof})
    return folder / "bundle"


def _end_to_end(rows: int) -> dict:
    X, y = leads(TRAINING, seed=1)
    with TemporaryDirectory() as place:
        folder = Path(place)
        sources = {count: folder / f"{count}.parquet" for count in (rows, SCRIPT_ROWS)}
        for count, source in sources.items():
            _write_leads(source, count)
        bundle = _bundle(_table(X), y, folder)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            ours = alone.submit(reasons_job.score, bundle, sources[rows], folder).result()
        booster = lightgbm.train(SHAPE, lightgbm.Dataset(X, y, categorical_feature=CATEGORIES), 300)
        levels = {NAMES[NUMBERS + at]: [f"level {each}" for each in range(own)] for at, own in enumerate(LEVELS)}
        groups = {name: CODES[group] for name, group in zip(NAMES, GROUPS.tolist(), strict=True)}
        reasons_script.score(booster, levels, groups, sources[SCRIPT_ROWS], folder)  # loads its libraries
        started = time.process_time()
        reasons_script.score(booster, levels, groups, sources[SCRIPT_ROWS], folder)
        script = (time.process_time() - started) / SCRIPT_ROWS * 1e6
    per_lead = ours["processor seconds"] / rows * 1e6
    return {
        "microseconds per lead": round(per_lead, 1),
        "of the script": round(script, 1),
        "times cheaper than the script": round(script / per_lead, 1),
        "microseconds per lead and step": {name: round(each / rows * 1e6, 2) for name, each in ours["steps"].items()},
        "peak memory, MB": ours["peak memory, MB"],
    }


def _write_leads(source: Path, count: int) -> None:
    writer = None
    for start in range(0, count, BATCH):
        X, _ = leads(min(BATCH, count - start), seed=1_000 + start)
        ids = pa.array([f"L{start + each:08d}" for each in range(len(X))])
        as_of = pa.array(np.zeros(len(X), np.int64))
        table = _table(X)
        table = pa.table([ids, ids, as_of, *table.columns], names=["lead_id", "account_id", "as_of", *NAMES])
        writer = writer or pq.ParquetWriter(source, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()
