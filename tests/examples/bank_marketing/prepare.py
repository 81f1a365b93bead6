"""Bank marketing, prepared outside the product: a call date for every row, rebuilt from the order of the rows.

The file is in date order from May 2008 and names only the month of a call; a year passes each time the month number
falls. The calls of a month are spread evenly over it, in their order.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def prepare(data: Path, folder: Path) -> None:
    """Write ``bank.csv.gz``: the raw columns, a row number as ``id``, and ``called_at``."""
    calls = pd.read_csv(data / "bank_marketing" / "bank-additional-full.csv.gz", sep=";")
    month = calls["month"].map({name: number for number, name in enumerate(MONTHS, start=1)})
    year = 2008 + (month.diff() < 0).cumsum()
    start = pd.to_datetime({"year": year, "month": month, "day": 1})
    within = (calls.groupby(start).cumcount() + 0.5) / start.map(start.value_counts())
    called_at = start + pd.to_timedelta((within * start.dt.days_in_month * 86_400).round(), unit="s")
    calls.insert(0, "called_at", called_at.dt.strftime("%Y-%m-%d %H:%M:%S"))
    calls.insert(0, "id", [f"C{number:05d}" for number in range(len(calls))])
    calls.to_csv(folder / "bank.csv.gz", sep=";", index=False, compression={"method": "gzip", "mtime": 0})


if __name__ == "__main__":
    prepare(Path(sys.argv[1]), Path(sys.argv[2]))
