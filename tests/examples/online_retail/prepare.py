"""Online retail, prepared outside the product: customers, monthly questions, and orders as outcomes.

The order lines themselves are read by the workspace as they are. A customer becomes a lead with the first order; on
the first of every month each customer known by then is asked about (a handoff); a purchase is an acceptance.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

SNAPSHOTS = pd.date_range("2011-01-01", "2011-12-01", freq="MS")


def prepare(data: Path, folder: Path) -> None:
    """Write ``customers.csv``, ``snapshots.csv`` and ``orders.csv``, and link the order lines."""
    source = data / "online_retail" / "online_retail_uci352.parquet"
    lines = pd.read_parquet(source, columns=["CustomerID", "InvoiceDate", "Quantity", "Country"]).dropna(
        subset="CustomerID"
    )
    lines["customer"] = lines["CustomerID"].astype(int).astype(str)
    orders = (
        lines[lines["Quantity"] > 0]
        .drop_duplicates(["customer", "InvoiceDate"])
        .sort_values(["InvoiceDate", "customer"])
    )
    customers = (
        orders.groupby("customer").agg(first_order=("InvoiceDate", "min"), country=("Country", "first")).reset_index()
    )
    asked = customers.merge(pd.Series(SNAPSHOTS, name="asked_on"), how="cross")
    asked = asked[asked["first_order"] <= asked["asked_on"]].sort_values(["asked_on", "customer"])
    customers.to_csv(folder / "customers.csv", index=False)
    asked[["customer", "asked_on"]].to_csv(folder / "snapshots.csv", index=False)
    orders[["customer", "InvoiceDate"]].to_csv(folder / "orders.csv", index=False)
    (folder / "lines.parquet").write_bytes(source.read_bytes())


if __name__ == "__main__":
    prepare(Path(sys.argv[1]), Path(sys.argv[2]))
