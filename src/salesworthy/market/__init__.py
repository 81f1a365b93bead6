"""The synthetic medtech market: tables as a workspace reads them, with known truth."""
