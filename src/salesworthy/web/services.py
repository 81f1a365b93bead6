"""What the pages are given: a store to read from, and what they may have done; neither is made by them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from salesworthy.ledger.store import Ledger


@dataclass(frozen=True)
class Services:
    """What pages work with.

    Attributes:
        ledger: The record; people and tokens are in it.
        store: The published run as pages read it.
        work: What changes something, or is computed: feedback, review, replay.
        clock: This moment, in microseconds.
        workspace: What the workspace is called.
    """

    ledger: Ledger
    store: Any
    work: Any
    clock: Callable[[], int]
    workspace: str
