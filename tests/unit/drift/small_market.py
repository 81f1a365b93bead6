"""Hand-made tables of sixty weeks, in which one thing changes in the last weeks."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from weekly_sums import MONDAY, weeks

from salesworthy.domain.moments import MICROSECONDS_PER_DAY
from salesworthy.drift.event_tables import Events
from salesworthy.drift.evidence import Evidence
from salesworthy.drift.watched import joined
from salesworthy.drift.watching import Watch, findings_of
from salesworthy.drift.weeks import WEEK
from salesworthy.engines.duckdb import DuckDBEngine
from salesworthy.features.catalogue import Catalogue

COUNT, CHANGED = 60, 56
LEADS, ACTS = 60, 150


@dataclass
class Market:
    """Rows of all tables before anything changes; tests change columns where ``late`` is true."""

    seed: int = 0
    leads: dict[str, np.ndarray] = field(init=False)
    acts: dict[str, np.ndarray] = field(init=False)
    consents: dict[str, np.ndarray] = field(init=False)
    content: dict[str, list] = field(init=False)

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.seed)
        source = rng.choice(["web", "fair", "list"], COUNT * LEADS, p=[0.5, 0.3, 0.2])
        self.leads = self._dated("created_at", LEADS, rng) | {
            "source": source.astype(object),
            "campaign_id": np.array([{"web": "C1", "fair": "C2", "list": "C3"}[each] for each in source], object),
            "account_id": rng.choice(["A1", "A2"], COUNT * LEADS, p=[0.7, 0.3]).astype(object),
        }
        self.acts = self._dated("known_at", ACTS, rng) | {
            "kind": rng.choice(["view", "click", "webinar"], COUNT * ACTS, p=[0.6, 0.3, 0.1]).astype(object),
            "content_id": rng.choice(["T1", "T2", "T3"], COUNT * ACTS, p=[0.5, 0.3, 0.2]).astype(object),
            "agent": rng.choice(["Mozilla", "SafeLinks"], COUNT * ACTS, p=[0.8, 0.2]).astype(object),
        }
        self.consents = self._dated("at", LEADS, rng) | {
            "state": rng.choice(["opt_in", "none"], COUNT * LEADS, p=[0.6, 0.4]).astype(object),
            "notice_version": np.full(COUNT * LEADS, "v1", object),
        }
        self.content = {
            "content_id": ["T1", "T2", "T3"],
            "topic": ["evidence", "news", "pricing"],
            "buying_step": ["clinical_evaluation", "awareness", "procurement_review"],
            "tagged_at": [MONDAY - MICROSECONDS_PER_DAY] * 3,
        }

    @staticmethod
    def _dated(moment: str, rows: int, rng) -> dict[str, np.ndarray]:
        week = np.repeat(np.arange(COUNT), rows)
        at = MONDAY + week * WEEK + rng.integers(0, WEEK, len(week))
        return {"lead_id": np.array([f"L{place}" for place in range(len(week))], object), moment: at}

    @staticmethod
    def late(table: dict[str, np.ndarray], moment: str) -> np.ndarray:
        return table[moment] >= MONDAY + CHANGED * WEEK

    def findings(self, engine: DuckDBEngine):
        """The findings of the last week, by code."""
        tables = {
            "leads": self.leads,
            "engagements": self.acts | {"occurred_at": self.acts["known_at"]},
            "consents": self.consents,
            "content": self.content,
            "campaigns": {"campaign_id": ["C1", "C2", "C3"], "type": ["online", "trade_show", "bought"]},
            "accounts": {"account_id": ["A1", "A2", "A3"], "region": ["dach", "nordics", "iberia"]},
        }
        opened = {name: engine.from_arrow(name, pa.table(columns)) for name, columns in tables.items()}
        events = Events(engine, opened, weeks(COUNT), MONDAY + COUNT * WEEK)
        week = (self.leads["created_at"] - MONDAY) // WEEK
        sample = pa.table({"drift_week": week, "source": self.leads["source"]})
        watch = Watch(joined(weeks(COUNT), events.parts()), Evidence(events, sample), Catalogue())
        return {each.code: each for each in findings_of(watch, COUNT - 1)}
