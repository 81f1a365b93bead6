"""Score and reasons: the kernel beside its peers, and Parquet to Parquet beside a plain script.

Peers that are not installed are left out and named; nothing of the product needs them.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import lightgbm
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from experiments.benchmarks import reasons_script
from experiments.benchmarks.reasons_kernels import SIZES, TRAINING, measure, peer_versions
from experiments.benchmarks.reasons_leads import FEATURES, GROUPS, LEVELS, NUMBERS, leads
from experiments.benchmarks.results import Timed, write

from salesworthy.domain.reasons import TAXONOMY
from salesworthy.features.catalogue import Catalogue, Dtype, Feature, FeatureKind
from salesworthy.model.backbone import fit_backbone
from salesworthy.model.bundle import Bundle
from salesworthy.model.calibration import Calibration
from salesworthy.model.columns import read_columns
from salesworthy.model.encoding import Encoder
from salesworthy.model.fitted import FittedModel
from salesworthy.model.intervals import NO_INTERVALS
from salesworthy.model.trees import Trees
from salesworthy.qualification.tables import REASONS, SCORES
from salesworthy.runs.champion import LoadedModel
from salesworthy.runs.parquet_parts import PartWriter
from salesworthy.runs.profile import Profile, each_in_step, profiled, step
from salesworthy.runs.score_batch import Deciders, score_batch

BATCH = 65_536
SHAPE = {
    "objective": "binary", "num_leaves": 31, "max_depth": 8, "learning_rate": 0.05, "min_data_in_leaf": 50, "seed": 1,
    "num_threads": 1, "verbose": -1,
}  # fmt: skip
SCRIPT_ROWS = 5_000
"""The script's cost per lead does not depend on how many there are; a million would take half an hour."""
CODES = tuple(TAXONOMY)[:12]
NAMES = tuple(f"feature_{place}" for place in range(FEATURES))


def run(rows: int) -> None:
    print(f"reasons, {rows:,} leads")
    timed = Timed()
    short = rows < 100_000
    kernels = {}
    for size in SIZES[:1] if short else SIZES:
        with timed.step(size.name):
            kernels[size.name] = measure(size, 20_000)
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
    json.dump({"kernels": kernels, "end to end": ends}, sys.stdout, indent=1)


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


def _product(table: pa.Table, y: np.ndarray) -> LoadedModel:
    """A model of the product's own form: backbone, 300 trees of 31 leaves, calibration."""
    columns = read_columns(table)
    encoder = Encoder.fit(columns)
    encoded = encoder.encode(columns)
    label, weight = y.astype(float), np.ones(len(y))
    backbone = fit_backbone(encoded, label, weight, encoder, strength=10.0, directions={})
    categories = [place for place, each in enumerate(encoded.is_category) if each]
    start = backbone.log_odds(encoded)
    data = lightgbm.Dataset(encoded.trees, label, init_score=start, categorical_feature=categories)
    trees = Trees.of(lightgbm.train(SHAPE, data, 300))
    line = Calibration("platt", 0.97, -0.01)
    model = FittedModel(NAMES, encoder, backbone, trees, line, NO_INTERVALS)
    return LoadedModel("v1", Bundle(model, {"catalogue": _catalogue().to_json()}, ""))


def _end_to_end(rows: int) -> dict:
    X, y = leads(TRAINING, seed=1)
    with TemporaryDirectory() as place:
        folder = Path(place)
        sources = {count: folder / f"{count}.parquet" for count in (rows, SCRIPT_ROWS)}
        for count, source in sources.items():
            _write_leads(source, count)
        model = _product(_table(X), y)
        model.bundle.model.base_log_odds_  # noqa: B018 -- tables are read with the bundle, before any lead
        started = time.process_time()
        with profiled() as profile:
            _score(model, sources[rows], folder)
        ours = (time.process_time() - started) / rows * 1e6
        booster = lightgbm.train(SHAPE, lightgbm.Dataset(X, y, categorical_feature=list(range(NUMBERS, FEATURES))), 300)
        levels = {NAMES[NUMBERS + at]: [f"level {each}" for each in range(own)] for at, own in enumerate(LEVELS)}
        groups = {name: CODES[group] for name, group in zip(NAMES, GROUPS.tolist(), strict=True)}
        started = time.process_time()
        reasons_script.score(booster, levels, groups, sources[SCRIPT_ROWS], folder)
        script = (time.process_time() - started) / SCRIPT_ROWS * 1e6
    return {
        "microseconds per lead": round(ours, 1),
        "of the script": round(script, 1),
        "times faster": round(script / ours, 1),
        "steps": _per_lead(profile, rows),
    }


def _per_lead(profile: Profile, rows: int) -> dict[str, float]:
    return {name: round(seconds / rows * 1e6, 2) for name, seconds in profile.processor.items()}


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


def _score(model: LoadedModel, source: Path, folder: Path) -> None:
    deciders = Deciders(model)
    with (
        pq.ParquetFile(source) as file,
        PartWriter(folder / "scores.out", SCORES) as scores,
        PartWriter(folder / "reasons.out", REASONS) as reasons,
    ):
        for batch in each_in_step("rows read", file.iter_batches(BATCH)):
            found = score_batch(pa.Table.from_batches([batch]), deciders, as_of=0, run_id="benchmark")
            with step("files written"):
                scores.write(found.scores)
                reasons.write(found.reasons)
