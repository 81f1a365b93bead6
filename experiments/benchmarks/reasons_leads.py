"""Leads of the reasons benchmark: 45 numbers (counts, amounts, days, flags; some unknown) and 15 categories."""

from __future__ import annotations

import numpy as np

NUMBERS = 45
LEVELS = (5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 80, 100, 150, 200)
FEATURES = NUMBERS + len(LEVELS)
CATEGORIES = list(range(NUMBERS, FEATURES))
GROUPS = np.arange(FEATURES) % 12
"""Twelve reasons."""
UNKNOWN = (0.0, 0.0, 0.05, 0.2, 0.5)


def leads(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Feature values (categories as level codes from 1 on) and outcomes."""
    draw = np.random.default_rng(seed)
    common = draw.standard_normal((rows, 6))
    X = np.empty((rows, FEATURES))
    for column in range(NUMBERS):
        X[:, column] = _number(draw, common[:, column % 6], column, rows)
    effects = [_category(draw, X, NUMBERS + place, levels, place) for place, levels in enumerate(LEVELS)]
    log_odds = _log_odds(np.nan_to_num(X), np.isnan(X[:, 19]), effects, common)
    return X, (draw.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(np.int8)


def _number(draw: np.random.Generator, common: np.ndarray, column: int, rows: int) -> np.ndarray:
    base = 0.6 * common + 0.8 * draw.standard_normal(rows)
    if column < 15:
        return draw.poisson(np.exp(np.clip(0.9 * base - 0.3, -4, 4))).astype(float)
    if column >= 40:
        return (base > 0.7).astype(float)
    values = np.exp(base) if column < 30 else np.floor(np.exp(3 + base))
    values[draw.random(rows) < UNKNOWN[column % 5]] = np.nan
    return values


def _category(draw: np.random.Generator, X: np.ndarray, column: int, levels: int, seed: int) -> np.ndarray:
    often = 1 / np.arange(1, levels + 1) ** 0.8
    codes = draw.choice(levels, len(X), p=often / often.sum())
    X[:, column] = np.where(draw.random(len(X)) < 0.02, np.nan, codes + 1)
    return (np.random.default_rng(100 + seed).standard_normal(levels) * 0.45)[codes]


def _log_odds(N: np.ndarray, is_unknown: np.ndarray, effects: list[np.ndarray], common: np.ndarray) -> np.ndarray:
    found = -3.3 + 0.35 * np.log1p(N[:, 0]) + 0.3 * np.log1p(N[:, 1]) * N[:, 40] + 0.25 * np.log1p(N[:, 2])
    found += 0.4 * (N[:, 31] < 10) - 0.15 * np.log1p(N[:, 30]) + 0.3 * np.sin(N[:, 15]) + 0.3 * is_unknown
    found += 0.25 * N[:, 41] * np.log1p(N[:, 3]) + 0.2 * np.tanh(N[:, 16] - N[:, 17]) + 0.5 * effects[5] * N[:, 42]
    found += 0.5 * effects[0] + 0.6 * effects[3] + 0.6 * effects[8] + 0.7 * effects[12] + 0.7 * effects[14]
    found += 0.075 * np.log1p(N[:, 4:12]).sum(axis=1) + 0.2 * common[:, 0] * common[:, 1]
    return np.asarray(found)
