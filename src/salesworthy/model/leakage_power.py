"""Columns that alone foretell the outcome far better than the others do, in order of time.

Each column's levels get their smoothed outcome rate from the earlier rows; the skill is the ROC AUC of these rates on
the later rows, among rows of the same stretch of time, so that a rate that moves over time neither adds nor hides any.
The limits were set on the public sets and the synthetic market of ``experiments/leakage``: there the best honest column
reaches 0.60 to 0.73 and stands at most 0.08 above the next, while fields that sales or the outcome fill in reach 0.78
to 1.00 and stand 0.11 to 0.33 above the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from salesworthy.model.dataset import Floats, Integers
from salesworthy.model.leakage_findings import LeakageFinding, LeakCode, block, warn
from salesworthy.model.leakage_levels import AuditRows, Levels

SMOOTHING = 10.0
"""Rows that the overall rate weighs in the rate of a level."""
NO_FACT_KNOWS = 0.9
"""No single fact about a lead foretells what sales will say as well as this."""
GAP = 0.1
"""Above the next column by so much, and beyond ``STRONG``: a leak."""
STRONG = 0.74
SMALL_GAP = 0.08
"""Above the next column by so much, and beyond ``NOTABLE``: worth a look."""
NOTABLE = 0.7
NAMED_SKILL = 0.62
"""A column that is named like something from after the outcome needs less to be one."""
NAMED_ABOVE = 0.03
"""... but stands above three quarters of the others by so much."""
TOGETHER = 3
"""So many leaks may stand close together without hiding one another."""
ERRORS = 3.0
"""Standard errors that a difference must have."""
MIN_OTHERS = 4
"""With fewer columns beside it, nothing is far above the rest."""
MIN_POSITIVES = 10
"""With fewer later rows of either outcome, skill is not measured."""
SAME = 0.9
"""Share of the errors of always naming the commoner outcome that the column avoids on later rows."""
MIN_LATER_IN_BLOCK = 20


@dataclass(frozen=True)
class Skill:
    """ROC AUC of one column on later rows, its standard error, and the share of errors that it avoids."""

    auc: float
    error: float
    avoided: float


def skills(rows: AuditRows) -> dict[str, Skill]:
    """Skill per column; empty where there are too few later outcomes of either sort."""
    later = ~rows.earlier
    positives = int(rows.label[later].sum())
    fewer = min(positives, int(later.sum()) - positives)
    if fewer < MIN_POSITIVES or not 0 < rows.label[rows.earlier].sum() < rows.earlier.sum():
        return {}
    stretch = _stretches(rows, fewer)
    return {each.name: _skill(each, rows, stretch) for each in rows.levels}


def _stretches(rows: AuditRows, fewer: int) -> Integers:
    """Stretch of time per later row: as fine as the blocks where outcomes are many, one where they are few."""
    blocks = rows.blocks[~rows.earlier]
    wanted = max(1, min(int(blocks[-1] - blocks[0]) + 1, fewer // MIN_LATER_IN_BLOCK))
    found = (blocks - blocks[0]) * wanted // (int(blocks[-1] - blocks[0]) + 1)
    return np.asarray(found, dtype=np.int64)


def _skill(levels: Levels, rows: AuditRows, stretch: Integers) -> Skill:
    codes, earlier = levels.codes, rows.earlier
    rate = float(rows.label[earlier].mean())
    won = np.bincount(codes[earlier], rows.label[earlier], levels.count)
    told = np.bincount(codes[earlier], minlength=levels.count)
    rates = (won + SMOOTHING * rate) / (told + SMOOTHING)
    label = rows.label[~earlier]
    auc = auc_within(np.unique(rates, return_inverse=True)[1][codes[~earlier]], label, stretch)
    wrong = float(np.mean((rates[codes[~earlier]] > 0.5) != (label > 0.5)))
    error = _standard_error(auc, float(label.sum()), float((1 - label).sum()))
    return Skill(auc, error, 1 - wrong / float(min(label.mean(), 1 - label.mean())))


def _standard_error(auc: float, won: float, lost: float) -> float:
    """Standard error of a ROC AUC (Hanley and McNeil 1982); never that of certainty."""
    area = min(max(auc, 1 - auc), 0.99)
    two_won, two_lost = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (won - 1) * (two_won - area**2) + (lost - 1) * (two_lost - area**2)
    return float(np.sqrt(spread / (won * lost)))


def auc_within(ranks: Integers, label: Floats, stretch: Integers) -> float:
    """ROC AUC of ranks among rows of the same stretch, weighted by their comparable pairs; 0.5 where there is none."""
    height, width = int(stretch.max()) + 1, int(ranks.max()) + 1
    if height * width > 20 * len(label):
        ranks = np.unique(ranks, return_inverse=True)[1]
        width = int(ranks.max()) + 1
    cells = stretch * width + ranks
    won = np.bincount(cells, label, height * width).reshape(height, width)
    lost = np.bincount(cells, 1 - label, height * width).reshape(height, width)
    below = np.cumsum(lost, axis=1) - lost / 2
    pairs = float(won.sum(axis=1) @ lost.sum(axis=1))
    return float((won * below).sum() / pairs) if pairs > 0 else 0.5


def powerful(found: Mapping[str, Skill]) -> Iterator[LeakageFinding]:
    """Columns that know too much by themselves, whatever they are called."""
    next_best = _next_best(found)
    for name, skill in found.items():
        below = next_best.get(name)
        gap = skill.auc - below[1] if below else 0.0
        sure = gap > ERRORS * skill.error
        if skill.avoided >= SAME:
            says = f"it avoids {skill.avoided:.0%} of the errors on later handoffs: it is the outcome in other words"
            yield block(name, LeakCode.SAME_AS_OUTCOME, f"{says} (ROC AUC {skill.auc:.3f})")
        elif skill.auc - ERRORS * skill.error > NO_FACT_KNOWS or (skill.auc >= STRONG and gap >= GAP and sure):
            yield block(name, LeakCode.TOO_PREDICTIVE, _alone(skill, below))
        elif skill.auc >= NOTABLE and gap >= SMALL_GAP and sure:
            yield warn(name, LeakCode.TOO_PREDICTIVE, _alone(skill, below))


def unusual(name: str, found: Mapping[str, Skill]) -> Skill | None:
    """The skill of a column that stands above most others, as a suspicious name needs; None where it does not."""
    skill = found.get(name)
    if skill is None:
        return None
    others = [each.auc for other, each in found.items() if other != name]
    usual = float(np.quantile(others, 0.75)) if others else 0.5
    enough = max(NAMED_SKILL, usual + NAMED_ABOVE, 0.5 + ERRORS * skill.error)
    return skill if skill.auc >= enough else None


def _alone(skill: Skill, below: tuple[str, float] | None) -> str:
    says = f"alone it orders later handoffs with ROC AUC {skill.auc:.3f}"
    return f"{says}; the next column, {below[0]}, reaches {below[1]:.3f}" if below else says


def _next_best(found: Mapping[str, Skill]) -> dict[str, tuple[str, float]]:
    """For each column in front of a gap: the first column behind it, and that column's skill.

    A few leaks may stand close together, so a column is compared with what follows the widest gap just below it, not
    with its neighbour.
    """
    ranked = sorted(found, key=lambda name: -found[name].auc)
    front = min(len(ranked) - MIN_OTHERS, -(-len(ranked) // 3))
    best: dict[str, tuple[str, float]] = {}
    for place in range(front):
        ends = range(place, min(front, place + TOGETHER))
        gaps = [found[ranked[end]].auc - found[ranked[end + 1]].auc for end in ends]
        end = place + int(np.argmax(gaps))
        if gaps[end - place] >= SMALL_GAP:
            behind = ranked[end + 1]
            best[ranked[place]] = (behind, found[behind].auc)
    return best
