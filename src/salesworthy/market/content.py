"""Content: items tagged by buying step and topic; a few are not tagged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from salesworthy.market.arrays import Ints, Words, choose, stream
from salesworthy.market.calendar import DAY, START
from salesworthy.market.distributions import FITTING_WARDS
from salesworthy.market.vocabulary import ACT_TYPES, BUYING_STEP_OF_TOPIC

_ITEMS_PER_TOPIC = 8
_UNTAGGED = 8


@dataclass(frozen=True)
class Content:
    """One row per item, grouped by topic; the untagged ones last."""

    topic: Words
    buying_step: Words
    product: Words
    tagged_at: Ints

    def __len__(self) -> int:
        return len(self.topic)


def make_content(seed: int) -> Content:
    """All items. Tags were set before the market starts; an untagged item has neither topic, step nor date."""
    rng = stream(seed, "content")
    topics = tuple(BUYING_STEP_OF_TOPIC)
    steps = tuple(dict.fromkeys(BUYING_STEP_OF_TOPIC.values()))
    codes = np.concatenate([np.repeat(np.arange(len(topics)), _ITEMS_PER_TOPIC), np.full(_UNTAGGED, -1)])
    step_of = np.array([*(steps.index(BUYING_STEP_OF_TOPIC[topic]) for topic in topics), -1])
    return Content(
        topic=Words(codes.astype(np.int16), topics),
        buying_step=Words(step_of[codes].astype(np.int16), steps),
        product=choose(rng, {**dict.fromkeys(FITTING_WARDS, 0.15), None: 0.4}, len(codes)),
        tagged_at=START - rng.integers(1, 400, len(codes)) * DAY,
    )


def items_for(act_types: Ints, draws: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Ints:
    """Row of the item that each act was with, by its type and a number in [0, 1); -1 for acts without content."""
    topics = tuple(BUYING_STEP_OF_TOPIC)
    first, count = np.zeros(len(ACT_TYPES), np.int64), np.full(len(ACT_TYPES), _ITEMS_PER_TOPIC)
    for number, act in enumerate(ACT_TYPES):
        if act.topic is not None:
            first[number] = topics.index(act.topic) * _ITEMS_PER_TOPIC
        else:
            first[number], count[number] = len(topics) * _ITEMS_PER_TOPIC, _UNTAGGED
    items = first[act_types] + (draws * count[act_types]).astype(np.int64)
    scanned = np.array([act.kind == "booth" for act in ACT_TYPES])
    return np.where(scanned[act_types], -1, items)
