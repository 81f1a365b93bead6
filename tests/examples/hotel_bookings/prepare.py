"""Hotel bookings, prepared outside the product: the day of the booking, which is the arrival less the lead time."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd


def prepare(data: Path, folder: Path) -> None:
    """Write ``bookings.parquet``: the raw columns, a row number as ``id``, and ``booked_on``."""
    bookings = pd.read_parquet(data / "hotel_bookings" / "hotel_h1.parquet")
    parts = bookings[["ArrivalDateYear", "ArrivalDateMonth", "ArrivalDateDayOfMonth"]].astype(str).agg("-".join, axis=1)
    arrival = pd.to_datetime(parts, format="%Y-%B-%d")
    bookings["booked_on"] = arrival - pd.to_timedelta(bookings["LeadTime"], unit="D")
    bookings.insert(0, "id", [f"B{number:05d}" for number in range(len(bookings))])
    bookings.to_parquet(folder / "bookings.parquet", index=False)


if __name__ == "__main__":
    prepare(Path(sys.argv[1]), Path(sys.argv[2]))
