"""The trees of a model: LightGBM's text, its shares as tables, and LightGBM itself only where it is needed.

Scoring reads tables and never loads LightGBM. Where there are none (``NoTables`` says why), LightGBM computes the
shares, about two hundred times slower.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

from salesworthy.model.dataset import Floats
from salesworthy.model.encoding import Encoded
from salesworthy.model.reason_tables.building import build_tables
from salesworthy.model.reason_tables.forest import Forest, NoTables, read_forest
from salesworthy.model.reason_tables.kernels import codes_of, shares_of
from salesworthy.model.reason_tables.tables import ReasonTables

if TYPE_CHECKING:
    import lightgbm

Read = Callable[["Trees"], ReasonTables]
"""Gives the tables of trees; raises ``NoTables`` where there are none."""


def built(trees: Trees) -> ReasonTables:
    """Tables built from the text."""
    return build_tables(trees.forest)


class Trees:
    """A forest that adds to a score in log-odds.

    Args:
        text: LightGBM's text model, found sound.
        read: Where its tables come from; they are built by default.
    """

    def __init__(self, text: str, read: Read = built) -> None:
        self.text = text
        self.why_no_tables = ""
        self._read = read

    @classmethod
    def of(cls, booster: lightgbm.Booster | None) -> Self | None:
        """The trees of a booster, all of them; None without one."""
        return None if booster is None else cls(booster.model_to_string(num_iteration=-1))

    @cached_property
    def forest(self) -> Forest:
        """The trees as arrays.

        Raises:
            NoTables: When the model is of a kind that is not read.
        """
        return read_forest(self.text)

    @cached_property
    def booster(self) -> lightgbm.Booster:
        """LightGBM's own form."""
        import lightgbm

        return lightgbm.Booster(model_str=self.text)

    @cached_property
    def tables(self) -> ReasonTables | None:
        """The shares as tables; None where there are none, and ``why_no_tables`` says why."""
        try:
            return self._read(self)
        except NoTables as why:
            self.why_no_tables = str(why)
            return None

    @cached_property
    def base(self) -> float:
        """What shares are measured from, in log-odds: the average over the training rows."""
        if self.tables is not None:
            return self.tables.base
        features = self.booster.num_feature()
        return float(self.shares_by_lightgbm(np.full((1, features), np.nan))[0, -1])

    def log_odds(self, values: Floats) -> Floats:
        """What the trees add to each row's score, by LightGBM: equal to base and shares but for rounding.

        Args:
            values: Rows x features as LightGBM reads them; see ``Encoded.trees``.
        """
        return np.asarray(self.booster.predict(values, raw_score=True, num_threads=1), dtype=np.float64)

    def shares(self, rows: Encoded, *, threads: int = 1) -> Floats:
        """Rows x features: what each feature adds to the base. A row's shares depend on no other row."""
        if not len(rows):
            return np.zeros((0, len(rows.inputs)))
        if self.tables is None:
            return self.shares_by_lightgbm(rows.trees)[:, :-1]
        codes = codes_of(self.tables, rows.inputs, rows.is_category)
        return shares_of(self.tables, codes, threads=threads).T

    def shares_by_lightgbm(self, values: Floats) -> Floats:
        """Rows x features and the base: LightGBM's ``pred_contrib``."""
        found = self.booster.predict(values, pred_contrib=True, num_threads=1)
        return np.asarray(found, dtype=np.float64)
