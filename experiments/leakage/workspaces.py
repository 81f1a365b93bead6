"""The public data sets as workspaces with every column a candidate, leaks included, and the answer key."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

EXAMPLES = Path(__file__).parents[2] / "tests" / "examples"

BANK = """
[workspace]
name = "bank"
[tables.leads]
path = "bank.csv.gz"
missing = ["unknown"]
[tables.leads.columns]
lead_id = "id"
created_at = "called_at"
[tables.outcomes]
path = "bank.csv.gz"
[tables.outcomes.columns]
lead_id = "id"
disposition = "y"
[tables.outcomes.values.disposition]
yes = "accepted"
no = "rejected"
[label]
undated = "final"
[features]
auto = true
catalogue = []
"""

SHOPPERS = """
[workspace]
name = "shoppers"
[tables.leads]
path = "sessions.csv.gz"
[tables.leads.columns]
lead_id = "id"
created_at = "seen_at"
[tables.outcomes]
path = "sessions.csv.gz"
[tables.outcomes.columns]
lead_id = "id"
disposition = "Revenue"
[tables.outcomes.values.disposition]
1 = "accepted"
0 = "rejected"
[label]
undated = "final"
[features]
auto = true
catalogue = []
"""

HOTEL = """
[workspace]
name = "hotel"
[tables.leads]
path = "bookings.parquet"
missing = ["NULL", "Undefined"]
[tables.leads.columns]
lead_id = "id"
created_at = "booked_on"
[tables.outcomes]
path = "decided.parquet"
[tables.outcomes.columns]
lead_id = "id"
at = "ReservationStatusDate"
disposition = "ReservationStatus"
[tables.outcomes.values.disposition]
Canceled = "accepted"
No-Show = "accepted"
Check-Out = "rejected"
[label]
window_days = 90
[features]
auto = true
catalogue = []
"""


@dataclass(frozen=True)
class AnswerKey:
    """Columns that must be found, columns about which a warning is right, and when the audit is asked."""

    traps: frozenset[str]
    clocks: frozenset[str] = field(default_factory=frozenset)
    as_of: str = "2030-01-01"


KEYS = {
    "bank": AnswerKey(
        frozenset({"duration", "y"}),
        frozenset(
            {"emp.var.rate", "cons.price.idx", "cons.conf.idx", "euribor3m", "nr.employed"} | {"month", "contact"}
        ),
    ),
    "shoppers": AnswerKey(frozenset({"PageValues", "Revenue"}), frozenset({"Month"})),
    "hotel": AnswerKey(
        frozenset(
            {"ReservationStatus", "ReservationStatusDate", "AssignedRoomType", "BookingChanges", "IsCanceled"}
            | {"RequiredCarParkingSpaces", "Country"}
        ),
        frozenset({"ArrivalDateYear"}),
    ),
    "hotel, one file": AnswerKey(
        frozenset(
            {"ReservationStatus", "ReservationStatusDate", "AssignedRoomType", "BookingChanges", "IsCanceled"}
            | {"RequiredCarParkingSpaces", "Country"}
        ),
        frozenset({"ArrivalDateYear"}),
    ),
    "retail": AnswerKey(frozenset(), as_of="2011-12-09"),
}


def _prepare(name: str, data: Path, folder: Path) -> None:
    spec = importlib.util.spec_from_file_location(f"prepare_{name}", EXAMPLES / name / "prepare.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.prepare(data, folder)


def write(name: str, data: Path, folder: Path) -> None:
    """Write one set's workspace."""
    folder.mkdir(parents=True)
    if name == "bank":
        _prepare("bank_marketing", data, folder)
        text = BANK
    elif name == "shoppers":
        _sessions(data, folder)
        text = SHOPPERS
    elif name.startswith("hotel"):
        _prepare("hotel_bookings", data, folder)
        text = _hotel(folder, one_file=name != "hotel")
    else:
        _prepare("online_retail", data, folder)
        (folder / "features.yaml").write_bytes((EXAMPLES / "online_retail" / "features.yaml").read_bytes())
        text = (
            (EXAMPLES / "online_retail" / "salesworthy.toml")
            .read_text()
            .replace("[features]", "[features]\nauto = true")
        )
    (folder / "salesworthy.toml").write_text(text)


def _sessions(data: Path, folder: Path) -> None:
    """Only the month of a session is known; its rows are spread over it in their order."""
    sessions = pd.read_csv(data / "online_shoppers" / "online_shoppers_intention.csv.gz")
    months = {"Feb": 2, "Mar": 3, "May": 5, "June": 6, "Jul": 7, "Aug": 8, "Sep": 9, "Oct": 10, "Nov": 11, "Dec": 12}
    number = sessions["Month"].map(months)
    within = (sessions.groupby(number).cumcount() + 0.5) / number.map(number.value_counts())
    start = pd.to_datetime({"year": 2017, "month": number, "day": 1})
    seen = start + pd.to_timedelta((within * 28 * 86_400).round(), unit="s")
    sessions.insert(0, "seen_at", seen.dt.strftime("%Y-%m-%d %H:%M:%S"))
    sessions.insert(0, "id", [f"S{number:05d}" for number in range(len(sessions))])
    sessions.to_csv(folder / "sessions.csv.gz", index=False)


def _hotel(folder: Path, *, one_file: bool) -> str:
    if one_file:
        return HOTEL.replace("decided.parquet", "bookings.parquet")
    columns = ["id", "ReservationStatus", "ReservationStatusDate"]
    pd.read_parquet(folder / "bookings.parquet", columns=columns).to_parquet(folder / "decided.parquet", index=False)
    return HOTEL
