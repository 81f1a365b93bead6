"""What people do here, and the territory that is everything."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody does here. The values are public: commands, the ledger and the API use them."""

    SALES = "sales"
    MARKETING = "marketing"
    COMPLIANCE = "compliance"
    DATA_SCIENCE = "data_science"
    ADMIN = "admin"


WHOLE = "*"
"""The territory that is everything."""
