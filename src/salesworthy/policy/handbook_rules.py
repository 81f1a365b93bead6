"""Chapters of the handbook about what makes an MQL: criteria sets, numbers for all, rules."""

from __future__ import annotations

from salesworthy.policy.handbook_text import Lines, decided, history, rule_name, table
from salesworthy.policy.in_force import PolicyInForce
from salesworthy.policy.rule import Rule, RuleKind
from salesworthy.policy.words import day_in_words, listed_in_words

KIND_TITLES = {
    RuleKind.REQUIRE: "Fit requirements",
    RuleKind.EXCLUDE: "Exclusions",
    RuleKind.AWARD: "Points given",
    RuleKind.DEDUCT: "Points taken",
    RuleKind.ACTION: "High-intent actions",
    RuleKind.TIER: "Account tiers",
    RuleKind.STEP: "Evidence for buying steps",
}


def criteria_chapter(now: PolicyInForce) -> Lines:
    """What makes an MQL."""
    yield "## What makes an MQL"
    yield ""
    for each in now.criteria:
        criteria = each.criteria
        applies = [
            f"{name} {listed_in_words(getattr(criteria.applies, name))}"
            for name in ("products", "motions", "regions")
            if getattr(criteria.applies, name)
        ]
        yield f"### {criteria.title} ({criteria.code})"
        yield ""
        yield f"- Applies to: {'; '.join(applies) or 'all others'}"
        yield f"- Fit: {listed_in_words([rule_name(now, code) for code in criteria.fit])}"
        yield f"- Actions: {listed_in_words([rule_name(now, code) for code in criteria.actions])}"
        yield f"- Beside an action: fit grade {criteria.fit_at_least} or better"
        for name, dated in (
            ("Propensity", criteria.propensity),
            ("Points", criteria.points),
            ("Leads that sales can work", criteria.leads_per_week),
        ):
            if dated is not None:
                yield f"- {name}: {history(dated, now.day)}"
        yield f"- {decided(criteria)}"
        yield ""
        yield from table(
            ("fit \\ interest", "1", "2", "3", "4"),
            [(fit, *(each.recommends(fit, interest) for interest in "1234")) for fit in "ABCD"],
        )


def scoring_chapter(now: PolicyInForce) -> Lines:
    """Numbers for all criteria sets."""
    scoring, grades = now.policy.scoring, now.policy.grades
    yield "## Numbers for all"
    yield ""
    yield f"- All deductions together take at most: {history(scoring.negative_cap, now.day)}"
    yield f"- A model decides from so many mature outcomes on: {history(scoring.minimum_outcomes, now.day)}"
    yield f"- Sent to sales at random from below the threshold: {history(scoring.exploration, now.day)}"
    for axis, limits in (
        ("Fit", zip("ABC", (grades.fit.a, grades.fit.b, grades.fit.c), strict=True)),
        ("Interest", zip("123", (grades.interest.one, grades.interest.two, grades.interest.three), strict=True)),
    ):
        reached = ", ".join(f"{grade} from {history(limit, now.day)}" for grade, limit in limits)
        yield f"- {axis} grades: {reached}; {'D' if axis == 'Fit' else '4'} below"
    yield ""


def rules_chapter(now: PolicyInForce) -> Lines:
    """Every rule, by kind."""
    for kind, title in KIND_TITLES.items():
        yield f"## {title}"
        yield ""
        for rule in (each for each in now.policy.rules if each.kind == kind):
            yield from _rule(rule, now)


def _rule(rule: Rule, now: PolicyInForce) -> Lines:
    yield f"### {rule.title} ({rule.code})"
    yield ""
    if rule.when:
        yield f"- When: `{rule.when}`"
    if rule.sequence and rule.within is not None:
        acts = ", THEN ".join(f"`{act.where}`" for act in rule.sequence)
        yield f"- Acts ({rule.of}): {acts}, all within {history(rule.within, now.day)}"
    for name, dated in (("Points", rule.points), ("At most", rule.cap), ("Halved every", rule.half_life)):
        if dated is not None:
            yield f"- {name}: {history(dated, now.day)}" + (
                f", times `{rule.per}`" if name == "Points" and rule.per else ""
            )
    yield from _kind_lines(rule)
    yield f"- Pass: {rule.says.when_pass}. Fail: {rule.says.when_fail}." + (
        f" Unknown: {rule.says.when_unknown}." if rule.says.when_unknown else ""
    )
    state = "" if rule.is_in_force(now.day) else "NOT IN FORCE. "
    yield f"- {state}Review by {day_in_words(rule.review)}. {decided(rule)}"
    yield ""


def _kind_lines(rule: Rule) -> Lines:
    unknown = "holds the lead" if rule.when_unknown == "hold" else "is let be"
    lines = {
        RuleKind.EXCLUDE: f"- Decision: {rule.decision}; a missing fact {unknown}",
        RuleKind.AWARD: f"- Axis: {rule.axis}",
        RuleKind.ACTION: f"- Path: {rule.path}. Next step: {rule.next_step}."
        + (f" Call plan: {', then '.join(rule.call_plan)}." if rule.call_plan else "")
        + (f" Stays in its track until there is evidence of {rule.nurture_until}." if rule.nurture_until else ""),
        RuleKind.TIER: f"- Target accounts: {'yes' if rule.target else 'no'}"
        + (f"; track {rule.track}" if rule.track else ""),
        RuleKind.STEP: f"- Step: {rule.step}",
    }
    if rule.kind in lines:
        yield lines[rule.kind]
