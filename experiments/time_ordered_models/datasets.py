"""The public data sets as features and labels, leaks left out, with the windows that the figures are for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from salesworthy.model.dataset import LabelledFeatures

DAY = 86_400_000_000
RETAIL = "retail Mar-Jul, Sep-Oct"
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


@dataclass(frozen=True)
class Problem:
    """Rows to learn from and later rows to be tested on, and the directions that people gave for some features."""

    name: str
    train: LabelledFeatures
    test: LabelledFeatures
    directions: Mapping[str, str] = field(default_factory=dict)


def labelled(
    features: pd.DataFrame,
    label: np.ndarray,
    handed_at: np.ndarray,
    matured_at: np.ndarray,
    account: np.ndarray | None = None,
) -> LabelledFeatures:
    nobody = np.full(len(label), None, dtype=object)
    return LabelledFeatures(
        pa.Table.from_pandas(features, preserve_index=False),
        np.arange(len(label)).astype(str).astype(object),
        nobody if account is None else account.astype(object),
        handed_at.astype(np.int64),
        matured_at.astype(np.int64),
        label.astype(np.float64),
    )


def micros(moments: pd.Series) -> np.ndarray:
    return moments.astype("datetime64[us]").astype(np.int64).to_numpy()


def bank(data: Path) -> LabelledFeatures:
    """Calls in their order; the outcome of a call is known at once."""
    calls = pd.read_csv(data / "bank_marketing" / "bank-additional-full.csv.gz", sep=";")
    month = calls["month"].map({name: number for number, name in enumerate(MONTHS, start=1)})
    start = pd.to_datetime({"year": 2008 + (month.diff() < 0).cumsum(), "month": month, "day": 1})
    within = (calls.groupby(start).cumcount() + 0.5) / start.map(start.value_counts())
    at = micros(start + pd.to_timedelta((within * start.dt.days_in_month * 86_400).round(), unit="s"))
    label = (calls["y"] == "yes").to_numpy()
    return labelled(calls.drop(columns=["duration", "y"]), label, at, at)


def shoppers(data: Path) -> LabelledFeatures:
    """Sessions; only the month is known, and the rows keep their order within it."""
    sessions = pd.read_csv(data / "online_shoppers" / "online_shoppers_intention.csv.gz")
    order = ["Feb", "Mar", "May", "June", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    sessions["rank"] = sessions["Month"].map({name: number for number, name in enumerate(order)})
    sessions = sessions.sort_values("rank", kind="stable").reset_index(drop=True)
    calendar = sessions["rank"].map(dict(enumerate([2, 3, 5, 6, 7, 8, 9, 10, 11, 12])))
    start = pd.to_datetime({"year": 2017, "month": calendar, "day": 1})
    within = (sessions.groupby("rank").cumcount() + 0.5) / sessions["rank"].map(sessions["rank"].value_counts())
    at = micros(start + pd.to_timedelta((within * 28 * 86_400).round(), unit="s"))
    named = sessions.astype(dict.fromkeys(("OperatingSystems", "Browser", "Region", "TrafficType"), str))
    return labelled(named.drop(columns=["PageValues", "Revenue", "rank"]), sessions["Revenue"].to_numpy(), at, at)


def retail(data: Path, window_days: int = 60) -> LabelledFeatures:
    """Monthly questions per customer: does this customer order again within 60 days?"""
    lines = pd.read_parquet(data / "online_retail" / "online_retail_uci352.parquet").dropna(subset="CustomerID")
    lines["customer"] = lines["CustomerID"].astype(int).astype(str)
    last = lines["InvoiceDate"].max()
    asked = pd.date_range("2011-01-01", "2011-11-01", freq="MS")
    frames = [_retail_snapshot(lines, day, window_days) for day in asked]
    rows = pd.concat(frames, ignore_index=True)
    at = micros(rows["asked"])
    matured = at + window_days * DAY
    label = np.where(matured <= last.value // 1_000, rows["again"], np.nan)
    features = rows.drop(columns=["asked", "again", "customer"])
    return labelled(features, label, at, matured, rows["customer"].to_numpy())


def _retail_snapshot(lines: pd.DataFrame, day: pd.Timestamp, window_days: int) -> pd.DataFrame:
    before = lines[lines["InvoiceDate"] < day]
    bought, returned = before[before["Quantity"] > 0], before[before["Quantity"] < 0]
    later = lines[(lines["InvoiceDate"] >= day) & (lines["InvoiceDate"] < day + pd.Timedelta(days=window_days))]
    again = set(later[later["Quantity"] > 0]["customer"])
    rows = bought.groupby("customer").agg(
        first=("InvoiceDate", "min"), latest=("InvoiceDate", "max"), country=("Country", "first"),
        lines=("Quantity", "size"), pieces=("Quantity", "sum"), articles=("Description", "nunique"),
        order_times=("InvoiceDate", "nunique"),
    )  # fmt: skip
    rows["spent"] = (bought["Quantity"] * bought["UnitPrice"]).groupby(bought["customer"]).sum()
    for days in (30, 90):
        recent = bought[bought["InvoiceDate"] > day - pd.Timedelta(days=days)].groupby("customer")
        rows[f"lines_{days}d"] = recent["Quantity"].size()
        rows[f"pieces_{days}d"] = recent["Quantity"].sum()
        rows[f"order_times_{days}d"] = recent["InvoiceDate"].nunique()
    rows["returns"] = returned.groupby("customer").size()
    counts = [name for name in rows if name.endswith("d") or name == "returns"]
    rows[counts] = rows[counts].fillna(0)
    rows["days_since_order"] = (day - rows["latest"]).dt.total_seconds() / 86_400
    rows["days_as_customer"] = (day - rows["first"]).dt.total_seconds() / 86_400
    rows["orders_per_day"] = rows["order_times"] / (rows["days_as_customer"] + 30)
    rows["asked"], rows["again"] = day, [customer in again for customer in rows.index]
    return rows.drop(columns=["first", "latest"]).reset_index()


HOTEL_LEAKS = ["ReservationStatus", "AssignedRoomType", "BookingChanges", "RequiredCarParkingSpaces", "Country"]
HOTEL_NOT_FEATURES = ["IsCanceled", "ReservationStatusDate", "HotelNumber", "ArrivalDateYear", "ArrivalDateWeekNumber"]


def hotel(data: Path) -> LabelledFeatures:
    """Resort bookings: is the booking cancelled within 90 days of being made? Settled after 90 days for every row."""
    bookings = pd.read_parquet(data / "hotel_bookings" / "hotel_h1.parquet")
    parts = bookings[["ArrivalDateYear", "ArrivalDateMonth", "ArrivalDateDayOfMonth"]].astype(str).agg("-".join, axis=1)
    arrival = pd.to_datetime(parts, format="%Y-%B-%d")
    booked = arrival - pd.to_timedelta(bookings["LeadTime"], unit="D")
    at = micros(booked)
    matured = at + 90 * DAY
    decided = micros(bookings["ReservationStatusDate"])
    cancelled = (bookings["IsCanceled"] == 1).to_numpy() & (decided <= matured)
    label = np.where(matured <= micros(arrival).max(), cancelled, np.nan)
    features = bookings.drop(columns=HOTEL_LEAKS + HOTEL_NOT_FEATURES)
    words = features.select_dtypes(include=["object", "string"]).columns
    features[words] = features[words].apply(lambda column: column.str.strip().mask(column.str.strip() == "NULL"))
    found = labelled(features, label, at, matured)
    return found.take(np.argsort(at, kind="stable"))


def in_two(
    name: str, data: LabelledFeatures, boundary: int, until: int | None = None, since: int | None = None
) -> Problem:
    """Training on what was settled at the boundary, testing on what was asked from then on."""
    judged = data.judged
    before = judged & (data.handed_at < boundary) & (data.matured_at <= boundary)
    after = judged & (data.handed_at >= (boundary if since is None else since))
    if until is not None:
        after &= data.handed_at < until
    return Problem(name, data.take(before), data.take(after))


def share_boundary(data: LabelledFeatures, share: float) -> int:
    at = np.sort(data.handed_at[data.judged])
    return int(at[int(share * len(at))])


def moment(day: str) -> int:
    return pd.Timestamp(day).value // 1_000


def problems(data: Path) -> list[Problem]:
    """The windows of the published floors."""
    calls, sessions, orders, bookings = bank(data), shoppers(data), retail(data), hotel(data)
    rng = np.random.default_rng(0)
    mixed = rng.permutation(len(calls))
    cut = int(0.7 * len(calls))
    return [
        in_two("bank 70/30", calls, share_boundary(calls, 0.7)),
        in_two("bank 2008-09, 2010", calls, moment("2010-01-01")),
        Problem("bank random", calls.take(np.sort(mixed[:cut])), calls.take(np.sort(mixed[cut:]))),
        in_two("shoppers Feb-Oct, Nov-Dec", sessions, moment("2017-11-01")),
        in_two(
            "retail Mar-Jul, Sep-Oct",
            since_month(orders, "2011-03-01"),
            moment("2011-08-30"),
            since=moment("2011-09-01"),
        ),
        in_two("hotel 70/30", bookings, share_boundary(bookings, 0.7)),
    ]


def since_month(data: LabelledFeatures, day: str) -> LabelledFeatures:
    return data.take(data.handed_at >= moment(day))


def development(data: Path) -> list[Problem]:
    """Windows inside the training parts, which designs were chosen on: nothing here is a test row of ``problems``."""
    found = []
    for problem in problems(data):
        rows = problem.train
        for share in (0.5, 0.65, 0.8):
            boundary = share_boundary(rows, share)
            until = share_boundary(rows, min(share + 0.2, 0.999))
            inner = in_two(f"{problem.name} dev {share}", rows, boundary, until=until + 1)
            if len(inner.train) > 100 and len(inner.test) > 100 and 0 < inner.train.label.mean() < 1:
                found.append(inner)
    return found
