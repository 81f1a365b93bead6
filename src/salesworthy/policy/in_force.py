"""What is in force on a day: plain numbers instead of their histories, and look-ups that decisions ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from salesworthy.domain.decisions import Decision
from salesworthy.domain.moments import from_micros
from salesworthy.policy.criteria import FIT_GRADES, INTEREST_GRADES, Criteria, Motion
from salesworthy.policy.dated import DatedNumber
from salesworthy.policy.document import Policy
from salesworthy.policy.governance import Override
from salesworthy.policy.nurture import Asset, BuyingStep, Track
from salesworthy.policy.parts import Day, Spell
from salesworthy.policy.routing import Owner, Route
from salesworthy.policy.rule import Rule, RuleKind, Says

BLOCKED_REGION = "BLOCKED_REGION"
"""The rule that the list of blocked regions stands for."""
S = TypeVar("S", bound=Spell)


@dataclass(frozen=True)
class RuleInForce:
    """A rule with its numbers of the day. One that is not in force gives NOT_IN_FORCE on every lead."""

    rule: Rule
    in_force: bool
    within_days: float | None = None
    points: float = 0.0
    cap: float | None = None
    half_life_days: float | None = None

    @property
    def code(self) -> str:
        """The rule's code."""
        return self.rule.code

    @property
    def kind(self) -> RuleKind:
        """The rule's kind."""
        return self.rule.kind


@dataclass(frozen=True)
class CriteriaInForce:
    """A criteria set with its thresholds of the day; None where a threshold is not set."""

    criteria: Criteria
    propensity: float | None
    points: float | None
    leads_per_week: float | None

    @property
    def code(self) -> str:
        """The set's code."""
        return self.criteria.code

    def recommends(self, fit_grade: str, interest_grade: str) -> Decision:
        """What the matrix recommends for a cell."""
        return self.criteria.matrix.get(f"{fit_grade}{interest_grade}", Decision.NURTURE)

    def fit_suffices(self, fit_grade: str) -> bool:
        """Whether a fit grade is enough beside a required action."""
        return FIT_GRADES.index(fit_grade) <= FIT_GRADES.index(self.criteria.fit_at_least)


@dataclass(frozen=True)
class PolicyInForce:
    """A policy on a day."""

    policy: Policy
    day: Day

    def value(self, dated: DatedNumber | None) -> float | None:
        """The value of the day; None where there is none yet, or none at all."""
        return None if dated is None else dated.at(self.day)

    @cached_property
    def rules(self) -> tuple[RuleInForce, ...]:
        """All rules in order, in force or not; blocked regions as a rule in front."""
        blocked = _blocked_region_rule(self.policy, self.day)
        rules = self.policy.rules if blocked is None else (blocked, *self.policy.rules)
        return tuple(self._rule(rule) for rule in rules)

    def _rule(self, rule: Rule) -> RuleInForce:
        needed = [each for each in (rule.within, rule.points, rule.half_life) if each is not None]
        in_force = rule.is_in_force(self.day) and all(each.at(self.day) is not None for each in needed)
        return RuleInForce(
            rule,
            in_force,
            within_days=self.value(rule.within),
            points=self.value(rule.points) or 0.0,
            cap=self.value(rule.cap),
            half_life_days=self.value(rule.half_life),
        )

    @cached_property
    def by_code(self) -> Mapping[str, RuleInForce]:
        """Rules by code."""
        return {rule.code: rule for rule in self.rules}

    def of_kind(self, kind: RuleKind) -> tuple[RuleInForce, ...]:
        """Rules of a kind that are in force, in order."""
        return tuple(rule for rule in self.rules if rule.kind == kind and rule.in_force)

    @cached_property
    def criteria(self) -> tuple[CriteriaInForce, ...]:
        """Criteria sets in force, the most specific first."""
        found = sorted(self._in_force(self.policy.criteria), key=lambda each: -each.applies.specificity)
        return tuple(
            CriteriaInForce(each, self.value(each.propensity), self.value(each.points), self.value(each.leads_per_week))
            for each in found
        )

    def criteria_of(self, code: str) -> CriteriaInForce:
        """The criteria set of that code; the rules' output names one for each lead."""
        return next(each for each in self.criteria if each.code == code)

    def criteria_for(self, *, product: str | None, motion: str | None, region: str | None) -> CriteriaInForce | None:
        """The most specific criteria set that applies; None where none is in force."""
        return next((each for each in self.criteria if each.criteria.applies.covers(product, motion, region)), None)

    @cached_property
    def motions(self) -> tuple[Motion, ...]:
        """Sales motions in force, in order."""
        return self._in_force(self.policy.motions)

    @cached_property
    def products(self) -> frozenset[str]:
        """Products that score."""
        return frozenset(each.code for each in self._in_force(self.policy.products))

    @cached_property
    def campaign_types(self) -> frozenset[str]:
        """Types of campaign that score."""
        return frozenset(each.code for each in self._in_force(self.policy.campaign_types))

    @cached_property
    def negative_cap(self) -> float:
        """The most that all deductions take together."""
        return self.value(self.policy.scoring.negative_cap) or 0.0

    @cached_property
    def minimum_outcomes(self) -> float:
        """Mature outcomes below which points decide, not a model."""
        return self.value(self.policy.scoring.minimum_outcomes) or 0.0

    @cached_property
    def exploration(self) -> float:
        """Share of leads below the threshold that is sent to sales at random."""
        return self.value(self.policy.scoring.exploration) or 0.0

    def fit_grade(self, points: float) -> str:
        """The fit grade of points on the fit axis."""
        grades = self.policy.grades.fit
        return _grade(points, FIT_GRADES, [self.value(each) for each in (grades.a, grades.b, grades.c)])

    def interest_grade(self, points: float) -> str:
        """The interest grade of points on the interest axis."""
        grades = self.policy.grades.interest
        return _grade(points, INTEREST_GRADES, [self.value(each) for each in (grades.one, grades.two, grades.three)])

    def route(
        self,
        *,
        path: str,
        region: str | None,
        country: str | None,
        specialty: str | None,
        product: str | None,
        trigger: str | None,
    ) -> Route | None:
        """The first route that matches; None where none is in force."""
        asked = {"region": region, "country": country, "specialty": specialty, "product": product, "trigger": trigger}
        found = (each for each in self._in_force(self.policy.routes) if each.covers(path=path, **asked))
        return next(found, None)

    def owner(self, code: str) -> Owner | None:
        """An owner in force."""
        return next((each for each in self._in_force(self.policy.owners) if each.code == code), None)

    def capacity(self, owner: str) -> float | None:
        """Leads a week that an owner can take; None without limit."""
        found = self.owner(owner)
        return None if found is None else self.value(found.capacity)

    def spill_order(self, owner: str) -> tuple[str, ...]:
        """The owner and who steps in, in order: each one's stand-ins after those before them, nobody twice."""
        order: list[str] = [owner]
        for code in order:
            found = self.owner(code)
            order += [each for each in (found.spills_to if found else ()) if each not in order]
        return tuple(order)

    def response_hours(self, trigger: str | None) -> float | None:
        """How soon sales makes first contact after a trigger."""
        windows = self._in_force(self.policy.response_windows)
        own = [each for each in windows if trigger is not None and trigger in each.triggers]
        default = [each for each in windows if not each.triggers]
        return self.value((own + default)[0].within) if own or default else None

    def step(self, code: str) -> BuyingStep | None:
        """A buying step."""
        return next((each for each in self.policy.buying_steps if each.code == code), None)

    def track(self, code: str) -> Track | None:
        """A nurture track in force."""
        return next((each for each in self._in_force(self.policy.tracks) if each.code == code), None)

    def assets_for(
        self, *, product: str | None, region: str | None, step: str | None = None, topic: str | None = None
    ) -> tuple[Asset, ...]:
        """Assets that may be sent, in order: approved, not expired, for that product and region."""
        suiting = (each for each in self.policy.assets if each.suits(self.day, product=product, region=region))
        return tuple(
            each for each in suiting if (step is None or each.buying_step == step) and topic in (None, each.topic)
        )

    def override_for(self, *, lead: str, account: str | None) -> Override | None:
        """The override that holds for a lead, its own before its site's."""
        found = [each for each in self.policy.overrides if each.is_in_force(self.day)]
        own = [each for each in found if each.lead == lead]
        return next(iter(own + [each for each in found if account is not None and each.account == account]), None)

    def retention_days(self) -> Mapping[str, float]:
        """Table -> days that its rows are kept."""
        found = ((each.table, self.value(each.keep)) for each in self._in_force(self.policy.retention))
        return {table: days for table, days in found if days is not None}

    def _in_force(self, parts: Iterable[S]) -> tuple[S, ...]:
        return tuple(part for part in parts if part.is_in_force(self.day))


def policy_at_moment(policy: Policy, as_of: int) -> PolicyInForce:
    """What of a policy is in force at a moment in microseconds; days are UTC, as everywhere inside."""
    return PolicyInForce(policy, from_micros(as_of).date())


def _grade(points: float, grades: tuple[str, ...], limits: list[float | None]) -> str:
    reached = (grade for grade, limit in zip(grades, limits, strict=False) if limit is not None and points >= limit)
    return next(reached, grades[-1])


def _blocked_region_rule(policy: Policy, day: Day) -> Rule | None:
    """The list of blocked regions as a rule, so that it is evaluated, counted and shown as every other."""
    listed = policy.blocked_regions
    blocked = [each for each in listed if each.is_in_force(day)] or list(listed)
    if not blocked:
        return None
    names = ", ".join("'" + each.region.replace("'", "''") + "'" for each in blocked)
    says = {
        "pass": "The region is served",
        "fail": "The region is blocked: " + "; ".join(dict.fromkeys(each.reason for each in blocked)),
        "unknown": "The region is not known, and some regions are blocked",
    }
    return Rule(
        code=BLOCKED_REGION,
        title="The region is served",
        kind=RuleKind.EXCLUDE,
        when=f"{policy.facts.region} in ({names})",
        decision=Decision.BLOCKED,
        says=Says.model_validate(says),
        review=min(each.review for each in blocked),
        starts=min(each.starts for each in blocked),
        ends=max(each.ends or Day.max for each in blocked),
        reason="; ".join(dict.fromkeys(each.reason for each in blocked)),
        approver="; ".join(dict.fromkeys(each.approver for each in blocked)),
    )
