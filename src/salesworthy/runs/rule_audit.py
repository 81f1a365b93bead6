"""The audit of negative rules: what became of leads that a rule speaks against, and were sent nevertheless, at random.

A rule that takes points, or excludes, hides its own mistakes: leads that it speaks against are not sent, so nobody sees
what they would have become. Leads drawn at random from below the threshold show it. The rules are those of today, asked
as of the moment at which each drawn lead was sent. Where too few drawn leads had what a rule names, nothing can be
known, and that is said; a rule that excludes is never drawn from, so that only leads sent under an earlier policy tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from salesworthy.domain.moments import format_moment
from salesworthy.domain.verdicts import Verdict, verdict_column
from salesworthy.outcomes.exposure import COLUMN, with_exposure
from salesworthy.outcomes.labels import label_handoffs
from salesworthy.policy.rule import RuleKind
from salesworthy.runs.features import OpenTables, opened
from salesworthy.runs.governance import folder_of, named
from salesworthy.runs.issued_exposure import issued_exposure
from salesworthy.runs.label_rule import rule_as_recorded
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.rule_points import present_rules, present_rules_on
from salesworthy.runs.run_policy import RunPolicy
from salesworthy.runs.workspace import Workspace

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    from salesworthy.model.weighted import WeightedShare
    from salesworthy.policy.in_force import RuleInForce

NEGATIVE = (RuleKind.DEDUCT, RuleKind.EXCLUDE)
UNKNOWABLE = "cannot_be_known"
CONVERT_LESS, CONVERT_MORE, NO_DIFFERENCE = "convert_less", "convert_more", "no_difference"


@dataclass(frozen=True)
class DrawnLeads:
    """Judged leads that were drawn at random, and what the rules of today say of each as of that moment.

    Attributes:
        verdicts: Columns of ``evaluate_rules``.
        label: 1.0 or 0.0 per lead.
        chance: With which probability each was sent.
        accounts: Account number per lead.
        set_aside: Judged leads whose probability is not on record.
    """

    verdicts: pa.Table
    label: npt.NDArray[np.float64]
    chance: npt.NDArray[np.float64]
    accounts: npt.NDArray[np.int64]
    set_aside: int

    def share(self, rows: npt.NDArray[np.bool_]) -> WeightedShare | None:
        """What would be accepted of the leads that some of these stand for; None where there are too few."""
        from salesworthy.model.selection import MIN_DRAWN
        from salesworthy.model.weighted import truncated, weighted_share

        if rows.sum() < MIN_DRAWN:
            return None
        return weighted_share(self.label[rows], truncated(1 / self.chance[rows])[0], self.accounts[rows])


def audit_rules(
    workspace: Workspace, *, as_of: int, folder: Path | None = None, progress: Progress = silent
) -> dict[str, Any]:
    """What became of drawn leads that each negative rule speaks against, as ``policy audit --json`` prints it.

    Args:
        workspace: Whose handoffs.
        as_of: Outcomes settled by then count, and rules in force then, in microseconds.
        folder: Another policy; the workspace's own by default.
        progress: Told about the steps.

    Raises:
        UserError: When the workspace has no policy.
        ConfigurationMistakes: When the policy has mistakes.
    """
    from salesworthy.model.selection import MIN_DRAWN

    place = folder_of(workspace, folder)
    with opened(workspace, progress=progress) as data:
        policy = present_rules(data, place, as_of=as_of)
        progress("audit of rules", 0.0)
        drawn = drawn_leads(data, policy, as_of=as_of)
        progress("audit of rules", 1.0)
    rules = [each for kind in NEGATIVE for each in policy.in_force.of_kind(kind)]
    return {
        **named(policy.policy, place),
        "as_of": format_moment(as_of),
        "drawn": len(drawn.label),
        "set_aside": drawn.set_aside,
        "needed": MIN_DRAWN,
        "rules": [audited(rule, drawn) for rule in rules],
    }


def drawn_leads(data: OpenTables, policy: RunPolicy, *, as_of: int) -> DrawnLeads:
    """The judged leads of a workspace that were drawn at random.

    Args:
        data: Checked tables.
        policy: Whose rules are asked.
        as_of: Outcomes settled by then count, in microseconds.
    """
    from salesworthy.model.dataset import account_numbers

    labels = label_handoffs(data.tables, rule_as_recorded(data, as_of=as_of), until=as_of)
    labels = with_exposure(labels, data.tables, issued=issued_exposure(data, until=as_of))
    labels = data.engine.materialise("exposed_labels", labels)
    judged = labels.filter(labels.settled, labels.label.notnull()).rename(as_of="handed_at")
    if COLUMN not in judged.columns:
        judged = judged.filter(False).mutate(**{COLUMN: judged.label})
    unknown = int(data.engine.to_arrow(judged[COLUMN].isnull().sum().as_table()).column(0)[0].as_py() or 0)
    drawn = data.engine.materialise("drawn_leads", judged.filter(judged[COLUMN] < 1))
    verdicts = present_rules_on(data, drawn, policy, until=as_of)
    told = drawn.select("lead_id", "as_of", "account_id", "label", COLUMN)
    rows = data.engine.to_arrow(verdicts.join(told, ["lead_id", "as_of"]).order_by("as_of", "lead_id"))
    return DrawnLeads(
        rows,
        rows["label"].to_numpy(),
        rows[COLUMN].to_numpy(),
        account_numbers(rows["account_id"].to_numpy(zero_copy_only=False)),
        unknown,
    )


def audited(rule: RuleInForce, drawn: DrawnLeads) -> dict[str, Any]:
    """What became of the drawn leads that a rule speaks against, beside the others that it was asked about.

    Args:
        rule: A negative rule.
        drawn: The drawn leads.
    """
    verdict = drawn.verdicts[verdict_column(rule.code)].to_numpy()
    against, others = verdict == int(Verdict.FAIL), verdict == int(Verdict.PASS)
    found, rest = drawn.share(against), drawn.share(others)
    low, high = difference(found, rest) if found and rest else (None, None)
    finding = _finding(low, high)
    return {
        "rule": rule.code,
        "title": rule.rule.title,
        "kind": str(rule.kind),
        "points": rule.points if rule.kind == RuleKind.DEDUCT else None,
        "review": rule.rule.review.isoformat(),
        "leads": {
            "with": int(against.sum()),
            "without": int(others.sum()),
            "unknown": int((verdict == int(Verdict.UNKNOWN)).sum()),
        },
        "with": None if found is None else found.to_json(),
        "without": None if rest is None else rest.to_json(),
        "difference": None if low is None else {"low": low, "high": high},
        "finding": finding,
        "says": SAYS[finding],
    }


SAYS = {
    UNKNOWABLE: "what leads like these would have become cannot be known: too few of them were drawn",
    CONVERT_LESS: "these leads are accepted less often than the others: the rule holds",
    CONVERT_MORE: "these leads are accepted more often than the others: the rule is wrong, look at it",
    NO_DIFFERENCE: "no difference is seen: these leads may be as good as the others",
}


def difference(one: WeightedShare, other: WeightedShare) -> tuple[float, float]:
    """95 % interval of the difference of two shares, from their own intervals (Newcombe 1998, method 10)."""
    (p, low, high), (q, other_low, other_high) = (
        (each.share.value or 0.0, each.share.low or 0.0, each.share.high or 0.0) for each in (one, other)
    )
    below = np.hypot(p - low, other_high - q)
    above = np.hypot(high - p, q - other_low)
    return float(p - q - below), float(p - q + above)


def _finding(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return UNKNOWABLE
    if high < 0:
        return CONVERT_LESS
    return CONVERT_MORE if low > 0 else NO_DIFFERENCE
