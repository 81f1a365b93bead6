"""Tables held against LightGBM's own shares, on training rows and on rows made to break them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from salesworthy.domain.errors import GateRefused, InternalError
from salesworthy.model.dataset import Floats, Integers
from salesworthy.model.reason_tables import few_leads
from salesworthy.model.reason_tables.codes import Coder, Codes
from salesworthy.model.reason_tables.kernels import compiled
from salesworthy.model.reason_tables.tables import FORMAT, ReasonTables
from salesworthy.model.trees import Trees

LARGEST_ERROR = 1e-5
"""In log-odds: tables that are further from LightGBM's shares are refused."""
TRAINING_ROWS = 400
"""How many training rows are enough, spread over all of them."""
HOSTILE_ROWS = 400
CHANGED = 0.3
"""How many of a hostile row's values are replaced."""
ODD_NUMBERS: tuple[float, ...] = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-36, -1e-36, 1e-35, 1e300, -1e300, 5e-324)
ODD_LEVELS: tuple[float, ...] = (np.nan, np.inf, -np.inf, -1.0, -0.5, -3.7, 0.5, 3.7, 1e-36, 1e9, 2.0**31, 2.0**32)


@dataclass(frozen=True)
class Proof:
    """What stands in a bundle about its tables.

    Attributes:
        sha256: Hash of the tables; None where there are none.
        largest_error: Largest distance of any share, or of the sum of a row, from LightGBM's; log-odds.
        rows: How many rows were compared.
        format: Of the tables.
        why_none: Why there are no tables.
    """

    sha256: str | None = None
    largest_error: float | None = None
    rows: int = 0
    format: int = FORMAT
    why_none: str = ""

    def to_json(self) -> dict[str, Any]:
        """The proof as plain values."""
        return asdict(self)


def prove(trees: Trees | None, training: Floats | None = None) -> Proof:
    """Compare tables with LightGBM.

    Args:
        trees: A model's trees.
        training: Some training rows as the trees read them (``Encoded.trees``).

    Raises:
        GateRefused: When a share is more than 1e-5 log-odds from LightGBM's.
    """
    if trees is None:
        return Proof(why_none="the model has no trees")
    if trees.tables is None:
        return Proof(why_none=trees.why_no_tables)
    rows = hostile_rows(trees.tables.coder, training, HOSTILE_ROWS, seed=0)
    error = largest_error(trees, rows)
    if not error <= LARGEST_ERROR:
        raise GateRefused(
            f"reasons from tables are {error:.1e} log-odds from LightGBM's, more than {LARGEST_ERROR:.0e}",
            where="reason tables",
            todo="this is a defect of salesworthy: please report it with the model's trees.txt",
        )
    return Proof(trees.tables.sha256, error, len(rows))


def largest_error(trees: Trees, rows: Floats) -> float:
    """The largest distance of a share, the base, or a row's sum from LightGBM's, in log-odds.

    Raises:
        InternalError: When the two kernels differ.
    """
    tables = trees.tables
    assert tables is not None  # noqa: S101 -- callers ask first
    codes = np.stack([tables.coder.code(each, rows[:, each]) for each in range(tables.coder.features)])
    ours = np.vstack([tables.in_log_odds(_units(tables, codes)), np.full(len(rows), tables.base)]).T
    theirs = trees.shares_by_lightgbm(rows)
    raw = trees.booster.predict(rows, raw_score=True, num_threads=1)
    return float(max(np.abs(ours - theirs).max(), np.abs(ours.sum(axis=1) - raw).max()))


def _units(tables: ReasonTables, codes: Codes) -> Integers:
    units = np.zeros((tables.columns, codes.shape[1]), np.int64)
    few_leads.add_shares(tables, codes, units)
    kernel = compiled()
    if kernel is not None:
        again = np.zeros_like(units)
        kernel.add_shares(tables, codes, again)
        if not np.array_equal(units, again):
            raise InternalError("the kernels for few and for many leads differ")
    return units


def hostile_rows(coder: Coder, rows: Floats | None, count: int, *, seed: int) -> Floats:
    """Rows that are hard to read: values on thresholds and beside them, missing, infinite, tiny and unseen ones.

    Args:
        coder: Knows the thresholds and levels.
        rows: Ordinary rows; they come first, and hostile ones are made from them.
        count: How many hostile rows.
        seed: Of the values drawn.
    """
    draw = np.random.default_rng(seed)
    if rows is None or not len(rows):
        rows = np.stack([_hard_values(coder, feature, count, draw) for feature in range(coder.features)], axis=1)
    made = rows[draw.integers(0, len(rows), count)]
    for feature in range(coder.features):
        changed = draw.random(count) < CHANGED
        made[changed, feature] = _hard_values(coder, feature, int(changed.sum()), draw)
    return np.concatenate([rows, made])


def _hard_values(coder: Coder, feature: int, count: int, draw: np.random.Generator) -> Floats:
    """Half of them odd, half of them where the model decides."""
    on = coder.of(feature)
    if coder.levels[feature]:
        odd, decisive = ODD_LEVELS, np.arange(coder.levels[feature] + 2, dtype=np.float64)
    else:
        odd, decisive = ODD_NUMBERS, np.concatenate([on, np.nextafter(on, -np.inf), np.nextafter(on, np.inf), [0.0]])
    return np.where(draw.random(count) < 0.5, draw.choice(odd, count), draw.choice(decisive, count))
