"""How many leads sales can work, for the figures of an evaluation: as somebody says, as the policy says, or a tenth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from salesworthy.model.at_capacity import SHARE
from salesworthy.policy.in_force import policy_at_moment
from salesworthy.policy.loading import load_policy
from salesworthy.runs.run_policy import policy_folder

if TYPE_CHECKING:
    from salesworthy.policy.in_force import PolicyInForce
    from salesworthy.runs.workspace import Workspace


@dataclass(frozen=True)
class Capacity:
    """Leads a week that sales can take, and who says so; None for a tenth of the leads."""

    a_week: float | None
    says: str


def capacity_of(workspace: Workspace, *, as_of: int, asked: float | None = None) -> Capacity:
    """The capacity to report at.

    Args:
        workspace: Whose policy.
        as_of: The policy of that moment (microseconds).
        asked: What somebody asked for; leads a week.

    Raises:
        ConfigurationMistakes: When the policy has mistakes.
    """
    if asked is not None:
        return Capacity(asked, f"{asked:g} leads a week, as asked for")
    folder = policy_folder(workspace)
    found = None if folder is None else _of_owners(policy_at_moment(load_policy(folder), as_of))
    if found is not None:
        return Capacity(found, f"{found:g} leads a week, what the owners of the policy can take together")
    return Capacity(None, f"the best {SHARE:.0%} of each window's leads, because no limit is set for all of sales")


def _of_owners(policy: PolicyInForce) -> float | None:
    """What all owners in force can take together; None where one of them takes everything that is left."""
    limits = [policy.capacity(each.code) for each in policy.policy.owners if each.is_in_force(policy.day)]
    return None if not limits or None in limits else sum(each for each in limits if each is not None)
