"""Documents of a review: plain values, written so that equal figures give equal bytes, and named by their hash."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from salesworthy.domain.errors import InternalError, UserError

PERSONAL = ("lead_id", "lead_ids", "leads_named", "email", "phone", "first_name", "last_name", "account_id")
"""Names under which a document would hold a person or a site. What is recorded for good holds neither."""


def frozen(document: Mapping[str, Any]) -> bytes:
    """A document as it is written down.

    Raises:
        InternalError: When it names a lead or a site.
    """
    found = sorted(set(_names(document)) & set(PERSONAL))
    if found:
        raise InternalError(f"a document of a review names somebody: {', '.join(found)}")
    text = json.dumps(_finite(document), ensure_ascii=False, allow_nan=False, sort_keys=True, indent=1)
    return (text + "\n").encode("utf-8")


def hash_of(content: bytes) -> str:
    """SHA-256 of what was written down."""
    return sha256(content).hexdigest()


def thawed(content: bytes, expected_sha256: str, *, where: str) -> dict[str, Any]:
    """A document that was written down, when it is still the one that the ledger names.

    Raises:
        UserError: When it was changed since.
    """
    found = hash_of(content)
    if found != expected_sha256:
        raise UserError(
            f"it was changed since the ledger recorded it (its hash is {found[:12]}, not {expected_sha256[:12]})",
            where=where,
            todo="restore the file from a backup",
        )
    document: dict[str, Any] = json.loads(content)
    return document


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from value
        for each in value.values():
            yield from _names(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _names(each)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value
