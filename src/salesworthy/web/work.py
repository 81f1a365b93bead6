"""What pages may have done: operations of runs, passed in by ``serve``, because pages themselves reach none of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from salesworthy.ledger.feedback import Feedback

Document = dict[str, Any]


@dataclass(frozen=True)
class Work:
    """Operations of a workspace. Moments are microseconds; what cannot be done raises ``UserError`` with its sentence.

    Attributes:
        give_feedback: ``(given, now)``: record one piece; None when it was said before in the same words.
    """

    give_feedback: Callable[[Feedback, int], Feedback | None]
