"""How much memory a job may take, and the engine's part of it."""

from __future__ import annotations

import os
import re

from salesworthy.domain.errors import UserError

_UNITS = {"K": 1, "M": 2, "G": 3, "T": 4}
DUCKDB_SHARE = 0.5
"""The rest is Python with its libraries, one batch of leads, the leads that a run keeps, and what DuckDB takes without
counting it: rows on their way out of it, and buffers of files."""


def duckdb_share(limit: str) -> str:
    """DuckDB's part of the memory of a job, as DuckDB writes it.

    Example:
        >>> duckdb_share("4GiB")
        '2048MiB'
    """
    return f"{max(int(mebibytes(limit) * DUCKDB_SHARE), 1)}MiB"


def mebibytes(limit: str) -> int:
    """A memory limit as the settings write it, in MiB: a size, or a share of this machine's memory.

    Raises:
        UserError: When this is no amount of memory.

    Example:
        >>> mebibytes("4GiB"), mebibytes("1 GB")
        (4096, 953)
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?(?:([KMGT])(i?)B|%)", limit)
    if found is None:
        raise UserError(f"{limit!r} is no amount of memory", where="engine.memory_limit", todo='write "4GB"')
    number, unit, binary = found.groups()
    if unit is None:
        size = float(number) / 100 * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    else:
        size = float(number) * (1024 if binary else 1000) ** _UNITS[unit]
    return max(int(size / 2**20), 1)
