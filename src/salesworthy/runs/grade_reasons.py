"""How often a stated reason matched what sales found: from feedback, and from outcomes that say so."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from salesworthy.domain.reasons import reason_code
from salesworthy.ledger.decisions import HandedDecision
from salesworthy.ledger.feedback import Feedback
from salesworthy.runs.features import OpenTables
from salesworthy.runs.grade_groups import FEWEST, share

Answer = tuple[str, bool]
"""A reason code, and whether it matched."""


def match_rates(answers: Iterable[Answer]) -> dict[str, dict[str, Any]]:
    """Reason code -> answers, those that matched, and their share with Wilson's interval; in the order of codes."""
    asked: Counter[str] = Counter()
    matched: Counter[str] = Counter()
    for code, is_match in answers:
        asked[code] += 1
        matched[code] += is_match
    return {
        code: {
            "title": reason_code(code).title,
            "answers": asked[code],
            "matched": matched[code],
            "too_few": asked[code] < FEWEST,
            "share": None if asked[code] < FEWEST else share(matched[code], asked[code]).to_json(),
        }
        for code in sorted(asked)
    }


def answers_of_feedback(feedback: Iterable[Feedback], *, as_of: int) -> list[Answer]:
    """Answers about reasons that were given by then; who answers again about the same decision takes the first back."""
    found: dict[tuple[Any, ...], Answer] = {}
    given = sorted((each for each in feedback if each.at <= as_of), key=lambda each: each.at)
    for number, each in enumerate(given):
        who = (each.lead_id, each.run_id, each.by) if each.lead_id is not None else (number,)
        for code, is_match in sorted(each.reasons_matched.items()):
            found[*who, code] = (code, is_match)
    return list(found.values())


def answers_of_outcomes(
    data: OpenTables, decisions: Sequence[HandedDecision], feedback: Iterable[Feedback], *, as_of: int
) -> list[Answer]:
    """Answers of the table ``outcomes``, each about the heaviest reason of the lead's latest decision before it.

    Leads whose feedback in the ledger answers already are left out: the table may repeat what it says.
    """
    if "outcomes" not in data.tables:
        return []
    outcomes = data.tables["outcomes"]
    said = outcomes.filter(outcomes.reason_matched.notnull(), outcomes["at"] <= as_of)
    rows = data.engine.to_arrow(said.select("lead_id", "at", "reason_matched").order_by("lead_id", "at")).to_pylist()
    told_already = {each.lead_id for each in feedback if each.reasons_matched}
    history = _by_lead(decisions)
    found = []
    for row in rows:
        before = history.get(row["lead_id"], [])
        place = bisect_right(before, row["at"], key=lambda each: each.as_of)
        if row["lead_id"] not in told_already and place and before[place - 1].reasons:
            found.append((before[place - 1].reasons[0], bool(row["reason_matched"])))
    return found


def _by_lead(decisions: Sequence[HandedDecision]) -> dict[str, list[HandedDecision]]:
    found: dict[str, list[HandedDecision]] = defaultdict(list)
    for each in sorted(decisions, key=lambda each: each.as_of):
        if each.lead_id is not None:
            found[each.lead_id].append(each)
    return found
