"""How often the 95 % intervals of the figures hold the truth.

    python -m experiments.interval_coverage.run          # 200 repetitions each; writes result.json beside this file

Leads are made with known probabilities: a feature shared in part by the leads of an account, and an effect of the
account that no model sees. A model's probabilities are true ones, bent. The truth of every figure is its value on four
hundred thousand such leads, with true probabilities in the place of outcomes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
from scipy.special import expit

from salesworthy.model.metrics import Figure, figures
from salesworthy.model.weighted_figures import Ranked, Weighted, ece, roc_auc

HERE = Path(__file__).parent
REPETITIONS = 200
MANY = 400_000
WANTED = (0.90, 0.99)
Measure = Callable[[np.ndarray, np.ndarray, np.ndarray, int], dict[str, Figure]]


@dataclass(frozen=True)
class Case:
    """A sample size, and how its leads and a model's probabilities are made.

    Attributes:
        leads: Per repetition.
        per_account: Leads of an account, on average; geometric, so that a few accounts have many.
        level: Log-odds of the average lead.
        account_effect: Spread of what no model sees of an account, in log-odds.
        boldness: Slope of the model's log-odds on the best ones; 1 is right.
        shift: What the model adds to them.
        noise: Spread of what it adds at random.
    """

    leads: int = 1_000
    per_account: float = 3.0
    level: float = -1.5
    account_effect: float = 0.5
    boldness: float = 1.0
    shift: float = 0.0
    noise: float = 0.0


CASES = {
    "120 leads": Case(leads=120),
    "200 leads": Case(leads=200),
    "500 leads": Case(leads=500),
    "2,000 leads": Case(leads=2_000),
    "one lead per account, true probabilities": Case(per_account=1.0, account_effect=0.0),
    "5,000 leads, true probabilities": Case(leads=5_000, per_account=1.0, account_effect=0.0),
    "300 leads, 5 % accepted": Case(leads=300, level=-3.2),
    "1,000 leads, 4 % accepted": Case(level=-3.5),
    "20 leads per account": Case(per_account=20.0, account_effect=1.0),
    "25 accounts": Case(leads=400, per_account=16.0, account_effect=0.8),
    "too bold and too high": Case(boldness=1.8, shift=0.4),
    "too timid and too low": Case(boldness=0.5, shift=-0.4),
    "noisy": Case(noise=1.0),
}


@dataclass(frozen=True)
class Leads:
    """Outcome, the model's probability, the true one, and the account number per lead."""

    y: np.ndarray
    p: np.ndarray
    true: np.ndarray
    account: np.ndarray


def make(case: Case, leads: int, seed: int) -> Leads:
    rng = np.random.default_rng(seed)
    account = np.repeat(np.arange(leads), rng.geometric(1 / case.per_account, leads))[:leads]
    shared = rng.normal(0, 0.6, leads)[account]
    hidden = rng.normal(0, case.account_effect, leads)[account]
    known = case.level + shared + rng.normal(0, 0.6, leads)
    true = expit(known + hidden)
    told = expit(case.shift + case.boldness * (known + rng.normal(0, case.noise, leads)))
    return Leads((rng.random(leads) < true).astype(float), told, true, account)


def truth(case: Case) -> dict[str, float]:
    many = make(case, MANY, seed=1_000_003)
    ranked = Ranked.of(many.true, many.p)
    everyone = Weighted(ranked, np.ones((1, MANY)))
    return {
        "roc_auc": float(roc_auc(everyone)[0]),
        "calibration_slope": float(ranked.line[1]),
        "calibration_intercept": float(ranked.shift[0]),
        "ece": float(ece(everyone)[0]),
        "brier": float((many.true * (1 - many.p) ** 2 + (1 - many.true) * many.p**2).mean()),
        "log_loss": float(-(many.true * np.log(many.p) + (1 - many.true) * np.log(1 - many.p)).mean()),
    }


def by_account(y: np.ndarray, p: np.ndarray, account: np.ndarray, seed: int) -> dict[str, Figure]:
    """The product's intervals."""
    return figures(y, p, account, seed=seed)


def coverage(case: Case, *, repetitions: int, measure: Measure = by_account) -> dict[str, float]:
    """Share of repetitions whose interval holds the truth, per figure; a figure without an interval does not."""
    known, held = truth(case), dict.fromkeys(truth(case), 0)
    for seed in range(repetitions):
        leads = make(case, case.leads, seed)
        found = measure(leads.y, leads.p, leads.account, seed)
        for name, value in known.items():
            low, high = found[name].low, found[name].high
            held[name] += low is not None and high is not None and low <= value <= high
    return {name: hits / repetitions for name, hits in held.items()}


def main() -> None:
    results = {}
    for name, case in CASES.items():
        found = coverage(case, repetitions=REPETITIONS)
        truths = {figure: round(value, 4) for figure, value in truth(case).items()}
        results[name] = {"case": asdict(case), "truth": truths, "coverage": found}
        print(f"{name:42}", "  ".join(f"{figure} {share:.3f}" for figure, share in found.items()), flush=True)
    shares = [share for each in results.values() for share in each["coverage"].values()]
    inside = sum(WANTED[0] <= share <= WANTED[1] for share in shares)
    summary = {"repetitions": REPETITIONS, "lowest": min(shares), "highest": max(shares), "inside": inside}
    print(summary, len(shares))
    (HERE / "result.json").write_text(json.dumps({**summary, "of": len(shares), "cases": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
