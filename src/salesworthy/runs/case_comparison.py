"""What came of a worked case, beside what people expected of it: differences in words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from salesworthy.policy.cases import Case, Expected
from salesworthy.policy.words import shown

NAMES = {
    "decision": "the decision",
    "decided_by": "what decided",
    "fit_grade": "the fit grade",
    "interest_grade": "the interest grade",
    "buying_step": "the buying step",
    "tier": "the account tier",
    "owner": "the owner",
    "path": "the path",
    "respond_within_hours": "the response window in hours",
    "next_step": "the next step",
    "call_plan": "the call plan",
    "track": "the track",
    "may_contact": "whether they may be contacted",
    "scored": "whether they are scored",
}
"""What may be expected, and what it is called; verdicts, points and criteria are compared by ``rules.cases``."""


def differences(case: Case, outcome: Mapping[str, Any]) -> Iterator[str]:
    """What was expected and did not come, a sentence each.

    Args:
        case: The case.
        outcome: What came of it, under the keys of ``Expected``; nothing beyond ``scored`` counts of a lead who
            objected.
    """
    expect = case.expect
    decides = {name for name in NAMES if name not in ("scored", "may_contact")}
    if not outcome["scored"] and decides & expect.model_fields_set:
        yield "the lead objected to direct marketing and is not scored, so nothing else can be expected of it"
        return
    for name, called in NAMES.items():
        wanted, came = getattr(expect, name), outcome.get(name)
        if name in expect.model_fields_set and wanted != came:
            yield f"{called} is {_shown(came)}, not {_shown(wanted)}"
    if expect.missing is not None and set(expect.missing) != set(outcome["missing"] or ()):
        yield f"missing is {_shown(outcome['missing'])}, not {_shown(expect.missing)}"
    for channel, wanted in expect.channels.items():
        if outcome["channels"].get(channel, False) != wanted:
            yield f"{channel} {'may not' if wanted else 'may'} be used"
    yield from _asset_differences(expect, outcome["assets"])


def _asset_differences(expect: Expected, suggested: Collection[str]) -> Iterator[str]:
    for asset in expect.assets:
        if asset not in suggested:
            yield f"the asset {asset} is not suggested; suggested: {_shown(sorted(suggested))}"
    for asset in expect.not_assets:
        if asset in suggested:
            yield f"the asset {asset} is suggested"


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "nothing"
    return shown(value)
