"""What every part of a policy has in common: known keys only, never changed once read, and who decided it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

Day = dt.date
Code = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=60)]
"""A stable code, such as EVALUATION_REQUEST: it stands in the ledger for years."""
Word = Annotated[str, Field(min_length=1, max_length=200)]
"""A value as the data spell it, such as infusion_pump."""
Text = Annotated[str, Field(min_length=1, max_length=2_000)]
Condition = Annotated[str, Field(min_length=1)]
"""SQL; parsed and checked in ``rules.checking``, where the columns are known."""


class Part(BaseModel):
    """A part of the policy. Unknown keys are mistakes, so that a misspelt one is never silently without effect."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


class Spell(Part):
    """Something that holds from a day on, and until the day before another where one is given."""

    starts: Day
    ends: Day | None = None

    @model_validator(mode="after")
    def _ends_after_start(self) -> Spell:
        if self.ends is not None and self.ends <= self.starts:
            raise ValueError(f"it ends on {self.ends}, which is not after its start on {self.starts}")
        return self

    def is_in_force(self, day: Day) -> bool:
        """Whether it holds on that day; ``ends`` is the first day on which it no longer does."""
        return self.starts <= day and (self.ends is None or day < self.ends)


class Decided(Spell):
    """Something that people decided: since when it holds, why, and who answers for it.

    A value inside may be written as a plain number or window; it then holds from ``starts`` on, for the same reason
    and with the same approver. A value that changed is written as a list, one entry per change.
    """

    reason: Text
    approver: Text

    @model_validator(mode="before")
    @classmethod
    def _spread_plain_values(cls, raw: Any) -> Any:
        from salesworthy.policy.dated import spread_plain_values

        return spread_plain_values(cls, raw)
