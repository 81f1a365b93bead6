"""Linking: the pairs of entries that may be one, each with its probability."""

from __future__ import annotations

import logging
from typing import Any

import polars as pl

from salesworthy.intake.row_writers import rows_of

PAIRS = {"left": pl.String, "right": pl.String, "probability": pl.Float64, "time": pl.Int64}
"""Columns of pairs: the smaller key, the larger, the probability, the moment from which both were known."""


STATED_ROWS = 50
"""How many rows the stated share of a term weighs as much as, beside the rows at hand."""


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
    for term, stated in _terms(model).items():
        shares = api.register(_make_shares(connection, table, term, stated))
        linker.table_management.register_term_frequency_lookup(shares, term)
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


def _terms(model: dict[str, Any]) -> dict[str, float]:
    """Column -> the share that the model states for its terms."""
    levels = [level for comparison in model["comparisons"] for level in comparison["comparison_levels"]]
    return {
        level["tf_adjustment_column"]: level["u_probability"] for level in levels if "tf_adjustment_column" in level
    }


def _make_shares(connection: Any, table: str, term: str, stated: float) -> str:
    """A table of the share of each term among the others; returns its name.

    The two entries at hand are no evidence that their term is common: among twenty rows any pair would seem to be. So
    they are not counted, and the stated share is given the weight of ``STATED_ROWS`` rows.
    """
    name = f"{table}_{term}_shares"
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE {name} AS
        WITH counted AS (SELECT "{term}", count(*) AS n FROM {table} WHERE "{term}" IS NOT NULL GROUP BY 1)
        SELECT "{term}", greatest(n - 2 + {stated * STATED_ROWS}, 1.0)
            / ((SELECT sum(n) FROM counted) + {STATED_ROWS}) AS tf_{term}
        FROM counted
    """)
    return name
