"""Made-up handoffs with a known truth, for the tests of the model layer."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from salesworthy.model.dataset import LabelledFeatures

DAY = 86_400_000_000


def features(rows: int, seed: int) -> pa.Table:
    """Numbers, a yes/no and a category, some unknown."""
    rng = np.random.default_rng(seed)
    unknown = rng.random(rows) < 0.15
    return pa.table(
        {
            "visits": pa.array(rng.poisson(2, rows), pa.int64()),
            "days_since_visit": pa.array(rng.exponential(20, rows), mask=unknown),
            "attended": pa.array(rng.random(rows) < 0.3),
            "role": pa.array(rng.choice(["physician", "nurse", "procurement"], rows), mask=rng.random(rows) < 0.1),
        }
    )


def true_log_odds(table: pa.Table) -> np.ndarray:
    frame = table.to_pandas()
    role = frame["role"].map({"physician": 0.8, "nurse": -0.2, "procurement": 0.3}).fillna(-0.5).to_numpy(dtype=float)
    recent = np.where(frame["days_since_visit"].fillna(99) < 10, 0.9, 0.0)
    return -1.6 + 0.5 * frame["visits"].to_numpy() + recent + role + 0.7 * frame["attended"].to_numpy(dtype=float)


def handoffs(rows: int = 2_000, *, seed: int = 0, window_days: int = 30, until_day: int = 400) -> LabelledFeatures:
    """Handoffs over 400 days at 200 accounts; labels are settled ``window_days`` later, up to ``until_day``."""
    rng = np.random.default_rng(seed + 1)
    table = features(rows, seed)
    label = (rng.random(rows) < 1 / (1 + np.exp(-true_log_odds(table)))).astype(float)
    handed = np.sort(rng.integers(0, 400 * DAY, rows))
    matured = handed + window_days * DAY
    label[matured > until_day * DAY] = np.nan
    accounts = np.array([f"A{number}" for number in rng.integers(0, 200, rows)], dtype=object)
    leads = np.array([f"L{number}" for number in range(rows)], dtype=object)
    return LabelledFeatures(table, leads, accounts, handed, matured, label)
