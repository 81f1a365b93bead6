"""Path-dependent or interventional: how often the top reason differs, and which of them is nearer to the truth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import lightgbm
import numpy as np
import pandas as pd
from experiments.reasons.interventional import interventional_tables
from experiments.reasons.sweep import QUIET

from salesworthy.domain.reasons import SUBJECTS, TAXONOMY
from salesworthy.model.backbone import Backbone, fit_backbone
from salesworthy.model.boosting import TreeSettings, grow
from salesworthy.model.columns import read_columns
from salesworthy.model.encoding import Encoded, Encoder
from salesworthy.model.reason_tables.kernels import codes_of, shares_of
from salesworthy.model.trees import Trees
from salesworthy.runs.check import check
from salesworthy.runs.init import write_workspace
from salesworthy.runs.training_set import TrainingSet, training_set
from salesworthy.runs.workspace import open_workspace

DAY = "2026-07-01"
BACKGROUND = 1_000
"""The most recent handoffs before those that are explained."""
STRENGTH = 10.0


@dataclass(frozen=True)
class Part:
    """A model in two parts, either of which may be absent."""

    encoder: Encoder
    backbone: Backbone | None
    trees: Trees | None

    def path_dependent(self, rows: Encoded) -> np.ndarray:
        shares = self._linear(rows)
        return shares if self.trees is None else shares + self.trees.shares(rows)

    def interventional(self, rows: Encoded, background: Encoded) -> np.ndarray:
        shares = self._linear(rows) - self._linear(background).mean(axis=0)
        if self.trees is None:
            return shares
        base = float(self.trees.log_odds(background.trees).mean())
        tables = interventional_tables(self.trees.forest, background.trees, base=base)
        return shares + shares_of(tables, codes_of(tables, rows.inputs, rows.is_category)).T

    def _linear(self, rows: Encoded) -> np.ndarray:
        if self.backbone is None:
            return np.zeros((len(rows), len(self.encoder.names)))
        return self.backbone.contributions(rows, self.encoder)


def compare(leads: int) -> dict:
    """The two kinds on the handoffs of a synthetic market, for three shapes of model."""
    with TemporaryDirectory() as place:
        folder = Path(place) / "market"
        write_workspace(folder, example=True, leads=leads, seed=11)
        workspace = open_workspace(folder, environ={})
        check(workspace)
        found = training_set(workspace, as_of=workspace.moment(DAY))
        truth = pd.read_parquet(folder / "data" / "market" / "truth.parquet")
    return {"leads": leads, **_compare(found, truth)}


def _compare(found: TrainingSet, truth: pd.DataFrame) -> dict:
    order = np.argsort(found.data.handed_at, kind="stable")
    order = order[np.isfinite(found.data.label[order])]
    cut = int(0.75 * len(order))
    learned, asked = found.data.take(order[:cut]), found.data.take(order[cut:])
    true = _true_shares(truth, asked.lead_id, asked.handed_at)
    groups = _groups(found)
    told = {"learned from": len(learned), "explained": len(asked), "background": BACKGROUND, "reasons": len(groups)}
    for name in ("backbone", "backbone and 100 small trees", "300 trees of 31 leaves"):
        told[name] = _judge(name, learned, asked, groups, true)
    return told


def _judge(name, learned, asked, groups, true) -> dict:
    per_kind: dict[str, list[np.ndarray]] = {"path-dependent": [], "interventional": []}
    draw = np.random.default_rng(1)
    for again in range(3):  # all handoffs, then two bootstrap samples of them
        places = np.arange(len(learned)) if again == 0 else draw.integers(0, len(learned), len(learned))
        part = _fit(name, learned.take(np.sort(places)))
        rows = part.encoder.encode(read_columns(asked.features, part.encoder.kinds))
        recent = learned.take(np.arange(len(learned))[-BACKGROUND:])
        background = part.encoder.encode(read_columns(recent.features, part.encoder.kinds))
        per_kind["path-dependent"].append(_summed(part.path_dependent(rows), part.encoder, groups))
        per_kind["interventional"].append(_summed(part.interventional(rows, background), part.encoder, groups))
    first = {kind: each[0].argmax(axis=1) for kind, each in per_kind.items()}
    of_kinds = [each[0] for each in per_kind.values()]
    return {
        "leads with another top reason": float((first["path-dependent"] != first["interventional"]).mean()),
        "largest difference of a reason": float(np.abs(of_kinds[0] - of_kinds[1]).max()),
        **{kind: _figures(each, true[list(groups)].to_numpy()) for kind, each in per_kind.items()},
    }


def _figures(shares: list[np.ndarray], true: np.ndarray) -> dict[str, float]:
    """Of the shares of one kind, by the model and by two retrained on bootstrap samples."""
    first, again, and_again = (each.argmax(axis=1) for each in shares)
    true_top = np.argsort(-true, axis=1)[:, :3]
    return {
        "top reason among the three true largest": float((true_top == first[:, None]).any(axis=1).mean()),
        "same top reason in two bootstrap retrains": float((again == and_again).mean()),
        "correlation with the true shares": float(np.corrcoef(shares[0].ravel(), true.ravel())[0, 1]),
    }


def _fit(name, learned) -> Part:
    columns = read_columns(learned.features)
    encoder = Encoder.fit(columns)
    rows = encoder.encode(columns)
    y, weight = learned.label, np.ones(len(learned))
    if name.startswith("300"):
        categories = [place for place, each in enumerate(rows.is_category) if each]
        data = lightgbm.Dataset(rows.trees, y, categorical_feature=categories, params=QUIET)
        shape = {"objective": "binary", "num_leaves": 31, "max_depth": 8, "learning_rate": 0.05, "min_data_in_leaf": 50}
        return Part(encoder, None, Trees.of(lightgbm.train({**shape, "seed": 1, **QUIET}, data, 300)))
    backbone = fit_backbone(rows, y, weight, encoder, strength=STRENGTH, directions={})
    if name == "backbone":
        return Part(encoder, backbone, None)
    start = backbone.log_odds(rows)
    booster = grow(rows, y, weight, start, encoder, trees=100, settings=TreeSettings(), directions={}, seed=1)
    return Part(encoder, backbone, Trees.of(booster))


def _groups(found: TrainingSet) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for feature in found.loaded.catalogue.features:
        if feature.reason in TAXONOMY and feature.name in found.data.features.column_names:
            groups.setdefault(feature.reason, []).append(feature.name)
    return groups


def _summed(shares: np.ndarray, encoder: Encoder, groups: dict[str, list[str]]) -> np.ndarray:
    place = {name: position for position, name in enumerate(encoder.names)}
    members = ([place[name] for name in names if name in place] for names in groups.values())
    return np.stack([shares[:, each].sum(axis=1) for each in members], axis=1)


def _true_shares(truth: pd.DataFrame, lead_id, handed_at) -> pd.DataFrame:
    moments = truth["as_of"].astype("datetime64[us, UTC]").astype("int64")
    truth = truth.assign(moment=moments).drop_duplicates(["lead_id", "moment"]).set_index(["lead_id", "moment"])
    rows = truth.loc[list(zip(lead_id, handed_at.tolist(), strict=True))]
    subjects = {code: [each for each, of in SUBJECTS.items() if of.reason == code] for code in TAXONOMY}
    return pd.DataFrame({code: rows[each].sum(axis=1) for code, each in subjects.items()})
