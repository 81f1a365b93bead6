"""What would change a decision, in words: the policy's where it has them, plain ones for acts otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from salesworthy.domain.decisions import Decision
from salesworthy.domain.verdicts import Verdict
from salesworthy.features.sentences import percent, title
from salesworthy.policy.in_force import CriteriaInForce, PolicyInForce
from salesworthy.policy.rule import RuleKind
from salesworthy.qualification.deciding import BY_MATRIX, BY_POINTS, BY_PROPENSITY, NO_CRITERIA, NOT_APPROVED
from salesworthy.qualification.what_would_change import Change, Judgement, Tried

KINDS = {
    "view": "Viewed a page on {topic}",
    "open": "Opened a document on {topic}",
    "download": "Downloaded a document on {topic}",
    "click": "Followed a link in our e-mails on {topic}",
    "webinar": "Attended a webinar on {topic}",
    "booth": "Came to our booth and asked about {topic}",
    "form": "Sent us a form on {topic}",
}
"""What people do, by the kind of act; other kinds are told by their name."""


def act_in_words(kind: str, topic: str | None) -> str:
    """An act in words.

    Example:
        >>> act_in_words("webinar", "clinical_outcomes")
        'Attended a webinar on clinical outcomes'
        >>> act_in_words("phone_call", None)
        'Phone call'
    """
    if topic is None:
        return KINDS[kind].partition(" on ")[0].partition(" and ")[0] if kind in KINDS else title(kind)
    about = title(topic).lower()
    return KINDS[kind].replace("{topic}", about) if kind in KINDS else f"{title(kind)} on {about}"


def told(change: Change, found: Judgement, base: Judgement, policy: PolicyInForce) -> dict[str, Any]:
    """A change and what comes of it, as ``explain --what-if`` prints it.

    Returns:
        ``acts`` in words and order, ``facts`` in words, ``decision``, ``propensity``, and all in one ``sentence``.
    """
    return {
        "acts": [each.says for each in change.acts],
        "facts": [each.says for each in change.facts],
        "decision": found.decision,
        "propensity": found.propensity,
        "sentence": f"{change.says}: {found.decision}{_by(found, policy)}{_figures(found, base, policy)}",
    }


def named_by_rules(base: Judgement, tried: Tried, policy: PolicyInForce) -> list[tuple[Change, Judgement]]:
    """Single acts that meet an action of the policy all by themselves, told in the policy's words.

    Args:
        base: The lead as it is.
        tried: Changes of one act, and what came of them.
        policy: What is in force on the day.
    """
    actions = [rule.rule for rule in policy.of_kind(RuleKind.ACTION) if len(rule.rule.sequence) == 1]
    named = []
    for change, found in tried:
        met = [rule.title for rule in actions if rule.code in found.passed - base.passed]
        acts = tuple(replace(each, says=met[0]) for each in change.acts) if len(met) == 1 else change.acts
        named.append((replace(change, acts=acts), found))
    return named


def beyond_acts(base: Judgement, tried: Tried, policy: PolicyInForce) -> str:
    """What stands in the way whatever the lead does; empty where that is the score, or some act moves it.

    Args:
        base: The lead as it is.
        tried: Changes of one act, and what came of them.
        policy: What is in force on the day.
    """
    says = _settled(base, policy)
    moved = any((found.decision, found.decided_by) != (base.decision, base.decided_by) for _, found in tried)
    return f"{says}; no act changes that" if says and not moved else ""


def why_held(missing: Sequence[str]) -> str:
    """Why nothing was filled in for a lead that is held.

    Example:
        >>> why_held(["accounts.region", "facility_type", "department"])
        'Held until these are known: region, facility type and department'
    """
    words = [title(name.rpartition(".")[2]).lower() for name in missing]
    if len(words) < 2:
        return f"Held until this is known: {''.join(words)}"
    return f"Held until these are known: {', '.join(words[:-1])} and {words[-1]}"


def why_nothing(base: Judgement, tried: Tried, criteria: CriteriaInForce | None, threshold: float | None) -> str:
    """Why no act, and no two of them, would make an MQL of a lead.

    Args:
        base: The lead as it is.
        tried: Everything that was tried, and what came of it.
        criteria: The lead's criteria set; None where none applies.
        threshold: Of that set, on what it is measured by; None where there is none.
    """
    if not tried:
        return "Nobody did anything lately that could be suggested"
    best = max((found for _, found in tried), key=lambda each: each.strength)
    if best.strength <= base.strength:
        return "None of the acts that people do raises its score"
    reached = f"With the acts that help most it would reach {_measure(best)}"
    if criteria is not None and not criteria.fit_suffices(base.fit_grade):
        needed = criteria.criteria.fit_at_least
        reached = f"Fit is {base.fit_grade}, and below {needed} no action makes an MQL; {_lower(reached)}"
    if best.decided_by == BY_MATRIX:
        return f"{reached}, and fit {best.fit_grade} with interest {best.interest_grade} is not enough for an MQL"
    if threshold is None or threshold == float("inf"):
        return f"{reached}, which is not enough"
    limit = percent(threshold) if not best.by_points else f"{threshold:.0f} points"
    return f"{reached}, and an MQL needs {limit}"


def _settled(base: Judgement, policy: PolicyInForce) -> str:
    """What stands in the way whatever the lead does; empty where it is the score."""
    if base.decided_by in policy.by_code:
        rule = policy.by_code[base.decided_by]
        if rule.kind == RuleKind.REQUIRE:
            return f"Fit fails: {_lower(rule.rule.sentence(Verdict.FAIL))}"
        return "" if rule.kind == RuleKind.TIER else rule.rule.sentence(Verdict.FAIL)
    return {
        NOT_APPROVED: "Its product or type of campaign is not approved for scoring",
        NO_CRITERIA: "No criteria set applies to it",
    }.get(base.decided_by, "" if base.decided_by in (BY_PROPENSITY, BY_POINTS, BY_MATRIX) else "It is decided by hand")


def _by(found: Judgement, policy: PolicyInForce) -> str:
    """What decides, where that is an action or a rule."""
    rule = policy.by_code.get(found.decided_by)
    if rule is None:
        return {BY_MATRIX: f", fit {found.fit_grade} with interest {found.interest_grade}"}.get(found.decided_by, "")
    if rule.kind == RuleKind.ACTION:
        return " by this action, whatever the score"
    if rule.kind in (RuleKind.REQUIRE, RuleKind.EXCLUDE):
        verdict = Verdict.UNKNOWN if found.decision == Decision.HELD else Verdict.FAIL
        return f", since {_lower(rule.rule.sentence(verdict))}"
    return ""


def _figures(found: Judgement, base: Judgement, policy: PolicyInForce) -> str:
    if found.decision not in (Decision.MQL, Decision.NURTURE, Decision.TRACKED):
        return ""
    rule = policy.by_code.get(found.decided_by)
    if rule is not None and rule.kind == RuleKind.REQUIRE:
        return ""
    if found.by_points or found.propensity is None or base.propensity is None:
        now, before = f"{found.points:.0f}", f"{base.points:.0f}"
        return f" ({now} points{'' if now == before else f' instead of {before}'})"
    now, before = percent(found.propensity), percent(base.propensity)
    return f" (chance {now}{'' if now == before else f' instead of {before}'})"


def _measure(found: Judgement) -> str:
    """What a judgement is measured by, in words."""
    if found.by_points or found.propensity is None:
        return f"{found.points:.0f} points"
    return f"a chance of {percent(found.propensity)}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
