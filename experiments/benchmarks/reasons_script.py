"""The script that a data scientist would write: pandas, LightGBM and shap; Parquet in, scores and top reasons out.

Written with care for its speed: one call per library over all rows, and sums per reason by one matrix product.
"""

from __future__ import annotations

from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd

TOP = 3


def score(
    booster: lightgbm.Booster, levels: dict[str, list[str]], groups: dict[str, str], source: Path, out: Path
) -> int:
    """Score a file of features; returns how many leads.

    Args:
        booster: Trained on the columns of the file but for ``lead_id`` and ``account_id``.
        levels: Per category its levels, in the order of their codes.
        groups: Feature -> reason.
        source: Parquet with one row per lead.
        out: Folder for ``scores.parquet`` and ``reasons.parquet``.
    """
    import shap

    frame = pd.read_parquet(source)
    features = frame.drop(columns=["lead_id", "account_id", "as_of"])
    for name, own in levels.items():
        features[name] = pd.Categorical(features[name], categories=own)
    values = features.apply(lambda each: each.cat.codes.where(each.cat.codes >= 0) + 1 if each.name in levels else each)
    X = values.to_numpy(dtype=np.float64)
    log_odds = booster.predict(X, raw_score=True, num_threads=1)
    found = shap.TreeExplainer(booster).shap_values(X)
    shares = found[1] if isinstance(found, list) else found
    codes = sorted(set(groups.values()))
    member = np.array([[groups[name] == code for code in codes] for name in features.columns], float)
    totals = shares @ member
    top = np.argsort(-totals, axis=1)[:, :TOP]
    leading = np.stack(
        [np.where(member[:, code], shares, -np.inf).argmax(axis=1) for code in range(len(codes))], axis=1
    )
    _write(frame, features, log_odds, totals, top, leading, codes, out)
    return len(frame)


def _write(  # noqa: PLR0917
    frame, features, log_odds, totals, top, leading, codes, out: Path
) -> None:
    propensity = 1 / (1 + np.exp(-log_odds))
    scores = pd.DataFrame({"lead_id": frame["lead_id"], "propensity": propensity, "log_odds": log_odds})
    scores.to_parquet(out / "scores.parquet")
    rows, ranks = np.repeat(np.arange(len(frame)), TOP), np.tile(np.arange(TOP), len(frame))
    code = top.ravel()
    feature = leading[rows, code]
    texts = features.astype(str).to_numpy()
    names = np.array(features.columns)
    sentences = [f"{name} is {text}" for name, text in zip(names[feature], texts[rows, feature], strict=True)]
    reasons = pd.DataFrame(
        {
            "lead_id": frame["lead_id"].to_numpy()[rows],
            "rank": ranks + 1,
            "code": np.array(codes)[code],
            "log_odds": totals[rows, code],
            "sentence": sentences,
        }
    )
    reasons.to_parquet(out / "reasons.parquet")
