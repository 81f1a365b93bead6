"""One training in a process of its own: its cost, as JSON, and what it says of later handoffs, as a file."""

from __future__ import annotations

import json
import resource
import sys
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
from experiments.benchmarks.results import peak_memory_mb
from experiments.benchmarks.train import features
from scipy.special import expit

from salesworthy.model.backbone import fit_backbone
from salesworthy.model.boosting import TreeSettings, grow
from salesworthy.model.calibration import Calibration
from salesworthy.model.columns import read_columns
from salesworthy.model.conversion import ConversionModel
from salesworthy.model.dataset import Floats, Integers
from salesworthy.model.fitted import FittedModel
from salesworthy.model.sampling import sample_rows
from salesworthy.model.trees import Trees

SEED, TEST = 7, 50_000
LEVEL = 3.0
"""Log-odds taken off: about 13 % are accepted."""
REASONED = 5_000


def main() -> None:
    """``fit ROAD ROWS KEPT TARGET``; a road is whole, drawn, weighted or even."""
    road, rows, kept, target = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    everything, labels, moments = handoffs(rows + TEST, SEED)
    table, label, times = everything.slice(0, rows), labels[:rows], moments[:rows]
    tested, truth = everything.slice(rows), labels[rows:]
    before, started, cpu = peak_memory_mb(), time.perf_counter(), _processor_seconds()
    model = {"whole": whole, "drawn": drawn, "weighted": weighted, "even": even}[road](table, label, times, kept)
    cost = {
        "seconds": round(time.perf_counter() - started, 1),
        "processor_seconds": round(_processor_seconds() - cpu, 1),
        "peak_memory_mb": peak_memory_mb(),
        "memory_of_the_table_mb": before,
        "recipe": model.recipe["kind"],
        "trees": model.recipe["trees"],
    }
    shares = model.explain(tested.slice(0, REASONED)).contributions
    np.savez(target, log_odds=model.log_odds(tested), label=truth, shares=shares)
    sys.stdout.write(json.dumps(cost))


def handoffs(rows: int, seed: int) -> tuple[pa.Table, Floats, Integers]:
    """Sixty features, of which a third count, and no drift."""
    columns, log_odds = features(np.random.default_rng(seed), rows)
    label = (np.random.default_rng(seed + 100).random(rows) < expit(log_odds - LEVEL)).astype(float)
    times = np.sort(np.random.default_rng(seed + 200).integers(0, 700 * 86_400_000_000, rows))
    return pa.Table.from_pandas(pd.DataFrame(columns), preserve_index=False), label, times


def whole(table: pa.Table, label: Floats, times: Integers, kept: int) -> FittedModel:  # noqa: ARG001
    """All rows."""
    return ConversionModel(seed=SEED).fit(table, label, times=times).fitted_


def drawn(table: pa.Table, label: Floats, times: Integers, kept: int) -> FittedModel:
    """The rarer result whole, the other drawn; the intercept makes up for it: what the product does."""
    return ConversionModel(seed=SEED, max_rows=kept).fit(table, label, times=times).fitted_


def even(table: pa.Table, label: Floats, times: Integers, kept: int) -> FittedModel:
    """Every row with the same chance."""
    some = np.flatnonzero(np.random.default_rng(SEED).random(len(label)) < kept / len(label))
    return ConversionModel(seed=SEED).fit(table.take(pa.array(some)), label[some], times=times[some]).fitted_


def weighted(table: pa.Table, label: Floats, times: Integers, kept: int) -> FittedModel:
    """The rows of ``drawn``, each weighted by the inverse of its chance; number of trees and penalty are theirs too."""
    sample = sample_rows(label, times, most=kept, seed=SEED)
    if sample is None:
        raise ValueError(f"{kept} of {len(label)} rows is no sample")
    some = sample.rows
    y = label[some]
    plain = ConversionModel(seed=SEED).fit(table.take(pa.array(some)), y, times=times[some]).fitted_
    stands_for = np.where(y == 1, 1 / sample.accepted_share, 1 / sample.refused_share)
    weight = stands_for / stands_for.mean()
    encoder = plain.encoder
    encoded = encoder.encode(read_columns(table.take(pa.array(some))).without(plain.left_out))
    strength = float(plain.recipe["strength"])
    backbone = fit_backbone(encoded, y, weight, encoder, strength=strength, directions={})
    trees = None
    if plain.recipe["trees"]:
        start = backbone.log_odds(encoded)
        trees = Trees.of(
            grow(
                encoded, y, weight, start, encoder,
                trees=plain.recipe["trees"], settings=TreeSettings(), directions={}, seed=SEED,
            )
        )  # fmt: skip
    return replace(plain, backbone=backbone, trees=trees, calibration=Calibration())


def _processor_seconds() -> float:
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


if __name__ == "__main__":
    main()
