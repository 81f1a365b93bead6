"""Leads through tables: by numba where there are many, by numpy where there are few or numba is not there.

Both give the same whole numbers, so that a lead's figures depend neither on the leads beside it nor on the kernel.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import import_module
from itertools import pairwise
from types import ModuleType

import numpy as np

from salesworthy.model.dataset import Floats, Integers
from salesworthy.model.encoding import UNKNOWN_LEVEL
from salesworthy.model.reason_tables import few_leads
from salesworthy.model.reason_tables.codes import Codes
from salesworthy.model.reason_tables.tables import ReasonTables

COMPILED = f"{__package__}.many_leads"
LOADING_PAYS = 30_000_000
"""Cells times leads from which loading the compiled kernel costs less than doing without it: about half a second."""
CALLING_PAYS = 8
"""Leads from which the compiled kernel, once loaded, is the quicker one."""

_LOG = logging.getLogger(__name__)


def shares_of(tables: ReasonTables, codes: Codes, *, threads: int = 1) -> Floats:
    """Shares of leads, in log-odds.

    Args:
        tables: The tables.
        codes: Features x leads.
        threads: How many leads are worked on at once, by threads of our own.

    Returns:
        Columns x leads.
    """
    units = np.zeros((tables.columns, codes.shape[1]), np.int64)
    kernel = _kernel(len(tables.cell_block), codes.shape[1])
    parts = np.linspace(0, codes.shape[1], max(1, threads) + 1).astype(int).tolist()
    with ThreadPoolExecutor(max(1, threads)) as pool:
        slices = [slice(*ends) for ends in pairwise(parts)]
        for done in [pool.submit(kernel.add_shares, tables, codes[:, each], units[:, each]) for each in slices]:
            done.result()
    return tables.in_log_odds(units)


def codes_of(tables: ReasonTables, columns: Sequence[Floats | Integers], levels: Sequence[bool]) -> Codes:
    """The codes of leads.

    Args:
        tables: The tables.
        columns: Per feature its values; of a category whole level codes.
        levels: Per feature: whether it holds whole level codes.

    Returns:
        Features x leads.
    """
    leads = len(columns[0]) if columns else 0
    coder = tables.coder
    codes = np.empty((len(columns), leads), coder.dtype)
    kernel = _kernel(len(tables.cell_block), leads)
    for feature, (values, is_level) in enumerate(zip(columns, levels, strict=True)):
        if is_level:
            each = np.arange(values.max(initial=UNKNOWN_LEVEL) + 1, dtype=np.float64)
            each[UNKNOWN_LEVEL] = np.nan
            codes[feature] = coder.code(feature, each)[values]
        elif kernel is few_leads or coder.levels[feature]:
            codes[feature] = coder.code(feature, np.asarray(values, dtype=np.float64))
        else:
            own = coder.of(feature), int(coder.nan[feature]), bool(coder.zero_missing[feature])
            kernel.code_number(np.ascontiguousarray(values, dtype=np.float64), *own, codes[feature])
    return codes


def _kernel(cells: int, leads: int) -> ModuleType:
    if COMPILED in sys.modules:
        return (compiled() or few_leads) if leads >= CALLING_PAYS else few_leads
    return (compiled() or few_leads) if cells * leads >= LOADING_PAYS else few_leads


@cache
def compiled() -> ModuleType | None:
    """The compiled kernel; None where numba does not load."""
    try:
        return import_module(COMPILED)
    except ImportError as error:
        _LOG.warning("numba does not load (%s): reasons are computed by numpy, which takes longer", error)
        return None
