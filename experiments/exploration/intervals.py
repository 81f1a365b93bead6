"""Which interval of a weighted share holds the truth, over simulated designs?

python -m experiments.exploration.intervals          # writes result_intervals.json beside this file
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from scipy.stats import beta

from salesworthy.model.weighted import wilson

HERE = Path(__file__).parent
REPEATS = 2_000
SPREADS = ((0.0, 0.0), (0.5, 0.0), (0.8, 0.5))
"""Standard deviation of the logarithm of the weights, and what one adds to the log-odds of the outcome."""


def clopper_pearson(share: float, leads: float) -> tuple[float, float]:
    """The interval of Korn and Graubard (1998)."""
    won = share * leads
    low = beta.ppf(0.025, won, leads - won + 1) if won > 0 else 0.0
    return float(low), float(beta.ppf(0.975, won + 1, leads - won) if won < leads else 1.0)


def intervals(label: np.ndarray, weights: np.ndarray) -> dict[str, tuple[float, float]]:
    """Intervals of the weighted share of single leads, by method."""
    share = float(weights @ label / weights.sum())
    kish = float(weights.sum() ** 2 / (weights @ weights))
    variance = float(((weights * (label - share)) ** 2).sum() / weights.sum() ** 2 * len(label) / (len(label) - 1))
    linearised = share * (1 - share) / variance if variance > 0 else kish
    return {
        "Wilson, Kish": wilson(share, kish),
        "Wilson, linearised": wilson(share, min(linearised, len(label))),
        "Wilson, the smaller": wilson(share, min(linearised, kish)),
        "Clopper-Pearson, the smaller": clopper_pearson(share, min(linearised, kish)),
    }


def coverage(leads: int, rate: float, spread: float, slope: float, rng: np.random.Generator) -> dict[str, float]:
    """How often each interval holds the share of all leads, of which the drawn ones are those with small weights."""
    middle = np.log(rate / (1 - rate))

    def chance(logarithm: np.ndarray) -> np.ndarray:
        tilt = slope * (logarithm - spread**2) / spread if spread else 0.0 * logarithm
        return 1 / (1 + np.exp(-(middle + tilt)))

    truth = float(chance(rng.normal(spread**2, spread, 1_000_000)).mean())
    inside: dict[str, int] = {}
    for _ in range(REPEATS):
        logarithm = rng.normal(0.0, spread, leads)
        label = (rng.random(leads) < chance(logarithm)).astype(float)
        for name, (low, high) in intervals(label, np.exp(logarithm)).items():
            inside[name] = inside.get(name, 0) + (low <= truth <= high)
    return {name: count / REPEATS for name, count in inside.items()}


def main() -> None:
    """All designs."""
    rng = np.random.default_rng(1)
    designs = [
        {"leads": leads, "rate": rate, "spread": spread, "slope": slope, **coverage(leads, rate, spread, slope, rng)}
        for leads in (40, 150, 600)
        for rate in (0.03, 0.1)
        for spread, slope in SPREADS
    ]
    (HERE / "result_intervals.json").write_text(json.dumps(designs, indent=1) + "\n", encoding="utf-8")
    for name in list(designs[0])[4:]:
        held = [each[name] for each in designs]
        sys.stderr.write(f"{name}: {min(held):.3f} to {max(held):.3f}\n")


if __name__ == "__main__":
    main()
