"""Facts about leads that the handoff asks for, beside verdicts: where they are, what they want, who was in contact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

GENERAL = "general"
CLINICAL = "clinical"
CONTENT_TYPES = (GENERAL, CLINICAL)
"""Sorts of content that the consent matrix may tell apart."""
EMAIL = "email"
MARKETING = "marketing"


def state_column(content_type: str) -> str:
    """The column with the latest consent for marketing by e-mail with that sort of content."""
    return f"consent.{content_type}.state"


def since_column(content_type: str) -> str:
    """The column with the moment of that consent, in microseconds."""
    return f"consent.{content_type}.at"


LEAD_FACTS = pa.schema(
    [
        ("lead_id", pa.string()),
        ("product", pa.string()),
        ("region", pa.string()),
        ("country", pa.string()),
        ("specialty", pa.string()),
        ("handed_at", pa.int64()),
        ("contact_at", pa.int64()),
        *((state_column(each), pa.string()) for each in CONTENT_TYPES),
        *((since_column(each), pa.int64()) for each in CONTENT_TYPES),
    ]
)
"""One row per lead. ``handed_at`` is the latest handover, ``contact_at`` the latest first contact by sales; moments in
microseconds, null where there was none."""


def is_contacted(lead: Mapping[str, Any], since: int | None = None) -> bool:
    """Whether sales made contact with a lead since its latest handover, and not before ``since``.

    Args:
        lead: A row of ``LEAD_FACTS``.
        since: Contact before that moment was about something else.
    """
    contact, handed = lead["contact_at"], lead["handed_at"]
    if contact is None or (since is not None and contact < since):
        return False
    return since is not None or handed is None or contact >= handed
