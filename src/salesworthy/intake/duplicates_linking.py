"""Linking: the pairs of entries that may be one, each with its probability."""

from __future__ import annotations

import logging
from typing import Any

import polars as pl

from salesworthy.intake.row_writers import rows_of

PAIRS = {"left": pl.String, "right": pl.String, "probability": pl.Float64, "time": pl.Int64}
"""Columns of pairs: the smaller key, the larger, the probability, the moment from which both were known."""


def link(connection: Any, table: str, model: dict[str, Any], *, at_least: float) -> pl.DataFrame:
    """Pairs of a table of records with at least that probability, as ``PAIRS``, the likeliest first.

    The same records give the same pairs: nothing is drawn, nothing is learnt.

    Args:
        connection: The open DuckDB connection that has the table.
        table: Records, with ``unique_id`` and ``created_at``.
        model: See ``duplicates_model.model``.
        at_least: Smallest probability.
    """
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    api = DuckDBAPI(connection)
    linker = Linker(api.register(connection.table(table)), model, log_level=None, validate_settings=False)
    predicted = linker.inference.predict(threshold_match_probability=at_least, warning_mode="never")
    query = f"""
        SELECT least(unique_id_l, unique_id_r) AS "left", greatest(unique_id_l, unique_id_r) AS "right",
          match_probability AS probability,
          greatest(coalesce(one.created_at, other.created_at, 0), coalesce(other.created_at, 0)) AS "time"
        FROM {predicted.physical_name}
        JOIN {table} AS one ON one.unique_id = unique_id_l JOIN {table} AS other ON other.unique_id = unique_id_r
        ORDER BY probability DESC, "left", "right"
    """
    found = rows_of(connection.execute(query))
    predicted.drop_table_from_database_and_remove_from_cache(force_non_splink_table=False)
    return found.select(pl.col(name).cast(kind) for name, kind in PAIRS.items())
