"""Workspaces on the synthetic market with exactly ten acts per lead; beyond a million leads, several markets in one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

OF_ONE_MARKET = 1_000_000
"""Leads of one market at most: larger ones need more memory to write than to score."""
ACTS = 10
KEYS = ("lead_id", "account_id", "parent_account_id")
UNREAD = ("truth", "true_people", "true_sites", "true_acts")


def market(folder: Path, leads: int, one: Callable[[], Path]) -> None:
    """Write a workspace with its tables.

    Args:
        folder: Where to.
        leads: How many; beyond a market's own, a multiple of it.
        one: The workspace with one whole market.
    """
    if leads > OF_ONE_MARKET:
        copies(one(), folder, leads // OF_ONE_MARKET)
        return
    command = [sys.executable, "-m", "salesworthy.cli.main", "init", str(folder), "--example", "--leads", str(leads)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    thin(folder / "data" / "market", leads)


def thin(tables: Path, leads: int) -> None:
    """Keep ten acts per lead, evenly over the table, in its order."""
    whole, target, seen = pq.ParquetFile(tables / "engagements.parquet"), tables / "few.parquet", 0
    rows = whole.metadata.num_rows
    with pq.ParquetWriter(target, whole.schema_arrow, compression="zstd", store_schema=False) as writer:
        for number in range(whole.num_row_groups):
            group = whole.read_row_group(number)
            place = np.arange(seen, seen + group.num_rows, dtype=np.int64) * ACTS * leads
            kept = (place + ACTS * leads) // rows > place // rows
            writer.write_table(group.filter(pa.array(kept)))
            seen += group.num_rows
    target.replace(tables / "engagements.parquet")


def copies(source: Path, folder: Path, count: int) -> None:
    """The tables of a market so many times, each time with leads and accounts of its own."""
    left_out = shutil.ignore_patterns("data", ".salesworthy", "out", "mlflow", "models", "ledger.db*")
    shutil.copytree(source, folder, ignore=left_out)
    (folder / "data" / "market").mkdir(parents=True)
    step = pq.read_metadata(source / "data" / "market" / "leads.parquet").num_rows
    with duckdb.connect(config={"threads": 1, "memory_limit": "2GB"}) as connection:
        for path in sorted((source / "data" / "market").glob("*.parquet")):
            target = folder / "data" / "market" / path.name
            columns = pq.read_schema(path).names
            if path.stem in UNREAD:
                continue
            if not set(columns) & set(KEYS):
                shutil.copy(path, target)
                continue
            queries = (f"SELECT {_selected(columns, number * step)} FROM '{path}'" for number in range(count))
            connection.execute(
                f"COPY ({' UNION ALL '.join(queries)}) TO '{target}' "
                "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 500000)"
            )


def _selected(columns: list[str], further: int) -> str:
    key = "substr({0}, 1, 1) || lpad((substr({0}, 2)::INT + {1})::VARCHAR, 7, '0') AS {0}"
    return ", ".join(key.format(name, further) if name in KEYS else f'"{name}"' for name in columns)
