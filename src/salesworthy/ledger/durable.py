"""Files that survive a crash: synced before they are given their name; and texts that tell when a disk changed them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_SEAL = ', "seal": "{}"}}'
_SEAL_LENGTH = len(_SEAL.format("0" * 64))


def sync(path: Path) -> None:
    """Wait until a file, or the list of names in a folder, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Wait until a folder and everything in it is on the disk."""
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            sync(Path(place) / name)
        sync(Path(place))


def sealed(document: Mapping[str, Any]) -> str:
    """A document that is not empty as JSON, with the hash of its text at the end.

    Example:
        >>> text = sealed({"kept": 12})
        >>> unsealed(text)["kept"]
        12
        >>> unsealed(text.replace("12", "13"))
        Traceback (most recent call last):
        ...
        ValueError: the text has changed since it was sealed
    """
    body = json.dumps(document, ensure_ascii=False)
    return body[:-1] + _SEAL.format(_hash(body))


def unsealed(text: str) -> dict[str, Any]:
    """What ``sealed`` was given.

    Raises:
        ValueError: When as much as one letter of the text has changed.
    """
    body = text[:-_SEAL_LENGTH] + "}"
    if text[-_SEAL_LENGTH:] != _SEAL.format(_hash(body)):
        raise ValueError("the text has changed since it was sealed")
    found: dict[str, Any] = json.loads(body)
    return found


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
