"""Decisions: verdicts, points and propensity in, what becomes of each lead out; a million leads in seconds.

The order of precedence. The first line that holds decides, and ``decided_by`` says which it was:

===================================================================  ============  ===========================
of a lead                                                            decision      decided by
===================================================================  ============  ===========================
objected to direct marketing: it is not scored, and never gets here
a blocking exclusion FAILs                                           BLOCKED       the rule
a live override, to MQL only where fit PASSes and no block is open   as it says    ``override:CODE``
another exclusion FAILs                                              DISQUALIFIED  the rule
an exclusion that holds, or a requirement of fit, is UNKNOWN         HELD          the rule
a requirement of fit FAILs                                           NURTURE       the rule
product or campaign type is not approved for scoring                 NURTURE       ``not_approved``
a required action PASSes, and the fit grade is enough for it         MQL           the action
propensity over the threshold, in a cell of the matrix that is MQL   MQL           ``propensity``
the same with points, where there is no propensity or threshold      MQL           ``points``
a target account, in a cell that is TRACKED                          TRACKED       the tier
over the threshold, in another cell                                  NURTURE       ``matrix``
anything else                                                        NURTURE       ``propensity`` or ``points``
===================================================================  ============  ===========================

So the model never overrides a hard rule, nobody is an MQL without fit, and what is not known is never a pass. Of those
who fit and are NURTURE by ``propensity``, ``points`` or ``matrix``, ``exploration`` sends a small share at random.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesworthy.domain.decisions import Decision
from salesworthy.domain.verdicts import (
    APPROVED,
    CRITERIA,
    POINTS,
    POINTS_FIT,
    POINTS_INTEREST,
    Verdict,
    days_column,
    missing_column,
    verdict_column,
)
from salesworthy.policy.criteria import FIT_GRADES, INTEREST_GRADES
from salesworthy.policy.in_force import CriteriaInForce, PolicyInForce, RuleInForce
from salesworthy.policy.rule import RuleKind
from salesworthy.qualification.arrays import NOTHING, Bools, Codes, Floats, coded, numbers, worded, yes
from salesworthy.qualification.tables import DECIDED

BY_PROPENSITY = "propensity"
BY_POINTS = "points"
BY_MATRIX = "matrix"
BY_OVERRIDE = "override:"
NOT_APPROVED = "not_approved"
NO_CRITERIA = "no_criteria"
SALES = "sales"
DECISIONS = tuple(Decision)


def decide(
    judged: pa.Table,
    policy: PolicyInForce,
    *,
    propensity: Floats | None = None,
    thresholds: Mapping[str, float] | None = None,
    reads: Mapping[str, Sequence[str]] | None = None,
) -> pa.Table:
    """What becomes of each lead of a batch, or of one; see the order of precedence above.

    Grain: one row per row of ``judged``, in its order, with the columns of ``DECIDED``.

    Args:
        judged: What ``rules.evaluation.evaluate_rules`` gave, and ``account_id``.
        policy: What is in force on the day.
        propensity: What the model says, one per row; None, or not a number for single leads, where points decide.
        thresholds: Criteria set -> threshold on the propensity, for sets that name ``leads_per_week``. Where one is
            missing, ``waits`` marks the leads that a threshold could make MQLs.
        reads: Rule -> the facts that its verdict hangs on, to name those that are missing.
    """
    return _Batch(judged, policy, propensity, thresholds or {}, reads or {}).decided()


class _Batch:
    """One batch on its way through the order of precedence."""

    def __init__(
        self,
        judged: pa.Table,
        policy: PolicyInForce,
        propensity: Floats | None,
        thresholds: Mapping[str, float],
        reads: Mapping[str, Sequence[str]],
    ) -> None:
        self.judged = judged
        self.policy = policy
        self.rows = judged.num_rows
        self.propensity = np.full(self.rows, np.nan) if propensity is None else np.asarray(propensity, dtype=np.float64)
        self.thresholds = thresholds
        self.reads = reads
        self.verdicts: dict[str, Codes] = {}
        self.decision = np.full(self.rows, NOTHING, np.int8)
        self.by = np.full(self.rows, NOTHING, np.int32)
        self.names: dict[str, int] = {}
        self.waits = np.zeros(self.rows, np.bool_)
        self.fits = np.zeros(self.rows, np.bool_)
        self.criteria, self.criteria_codes = coded(judged.column(CRITERIA))
        self.approved = yes(judged, APPROVED)
        grades = policy.policy.grades
        self.fit = _grades(
            numbers(judged, POINTS_FIT), [policy.value(each) for each in (grades.fit.a, grades.fit.b, grades.fit.c)]
        )
        interest = (grades.interest.one, grades.interest.two, grades.interest.three)
        self.interest = _grades(numbers(judged, POINTS_INTEREST), [policy.value(each) for each in interest])
        self.tier = self._tiers()

    def decided(self) -> pa.Table:
        """The batch, decided."""
        exclusions = self.policy.of_kind(RuleKind.EXCLUDE)
        for rule in exclusions:
            if rule.rule.decision == Decision.BLOCKED:
                self._settle(self._is(rule.code, Verdict.FAIL), Decision.BLOCKED, rule.code)
        self._override(exclusions)
        for rule in exclusions:
            self._settle(self._is(rule.code, Verdict.FAIL), Decision.DISQUALIFIED, rule.code)
        for rule in _holding(exclusions):
            self._settle(self._is(rule.code, Verdict.UNKNOWN), Decision.HELD, rule.code)
        for criteria, rows in self._by_criteria():
            self._decide_by(criteria, rows)
        self._settle(np.ones(self.rows, np.bool_), Decision.NURTURE, NO_CRITERIA)
        return self._table()

    def _decide_by(self, criteria: CriteriaInForce, rows: Bools) -> None:
        """Fit, then actions, then the threshold, then the account."""
        fit = self._requirements(criteria)
        for rule in fit:
            self._settle(rows & self._is(rule, Verdict.UNKNOWN), Decision.HELD, rule)
        for rule in fit:
            self._settle(rows & ~self._is(rule, Verdict.PASS), Decision.NURTURE, rule)
        if not fit:
            self._settle(rows, Decision.NURTURE, criteria.code)
        self._settle(rows & ~self.approved, Decision.NURTURE, NOT_APPROVED)
        suffices = self.fit <= FIT_GRADES.index(criteria.criteria.fit_at_least)
        for action in criteria.criteria.actions:
            self._settle(rows & suffices & self._is(action, Verdict.PASS), Decision.MQL, action)
        self.fits |= rows & suffices & (self.decision < 0)
        recommended = self._matrix(criteria)
        says_mql = recommended == DECISIONS.index(Decision.MQL)
        for by, has_it, over in self._thresholds(criteria, rows & says_mql):
            self._settle(rows & has_it & over & says_mql, Decision.MQL, by)
            self._track(rows & has_it & (recommended == DECISIONS.index(Decision.TRACKED)))
            self._settle(rows & has_it & over, Decision.NURTURE, BY_MATRIX)
            self._settle(rows & has_it, Decision.NURTURE, by)

    def _thresholds(self, criteria: CriteriaInForce, candidates: Bools) -> list[tuple[str, Bools, Bools]]:
        """By what leads are measured, which of them, and which are over it."""
        points = numbers(self.judged, POINTS)
        enough = np.inf if criteria.points is None else criteria.points
        threshold = criteria.propensity
        if criteria.leads_per_week is not None:
            threshold = self.thresholds.get(criteria.code)
            if threshold is None:
                self.waits |= candidates & (self.decision < 0) & ~np.isnan(self.propensity)
                threshold = np.inf
        has_propensity = np.zeros(self.rows, np.bool_) if threshold is None else ~np.isnan(self.propensity)
        with np.errstate(invalid="ignore"):
            over = has_propensity & (self.propensity >= (np.inf if threshold is None else threshold))
        return [(BY_PROPENSITY, has_propensity, over), (BY_POINTS, ~has_propensity, points >= enough)]

    def _track(self, holds: Bools) -> None:
        tiers = self.policy.of_kind(RuleKind.TIER)
        for place, rule in enumerate(tiers):
            if rule.rule.target:
                self._settle(holds & (self.tier == place), Decision.TRACKED, rule.code)

    def _override(self, exclusions: Sequence[RuleInForce]) -> None:
        """Live overrides: a lead's own before its site's."""
        live = [each for each in self.policy.policy.overrides if each.is_in_force(self.policy.day)]
        if not live:
            return
        may_be_mql = self._fits()
        for rule in exclusions:
            if rule.rule.decision == Decision.BLOCKED:
                may_be_mql &= ~self._is(rule.code, Verdict.UNKNOWN)
        for column, about in (("lead_id", "lead"), ("account_id", "account")):
            named: dict[str, int] = {}
            for place, override in enumerate(live):
                if getattr(override, about) is not None:
                    named.setdefault(getattr(override, about), place)
            found, words = coded(self.judged.column(column))
            chosen = np.asarray([named.get(word, NOTHING) for word in [*words, ""]], np.int32)[found]
            for place in sorted(set(named.values())):
                override = live[place]
                allowed = may_be_mql if override.decision == Decision.MQL else np.ones(self.rows, np.bool_)
                self._settle((chosen == place) & allowed, Decision(override.decision), f"{BY_OVERRIDE}{override.code}")

    def _fits(self) -> Bools:
        """Whether all requirements of the lead's criteria set PASS."""
        found = np.zeros(self.rows, np.bool_)
        for criteria, rows in self._by_criteria():
            fit = self._requirements(criteria)
            passed = np.logical_and.reduce([self._is(rule, Verdict.PASS) for rule in fit]) if fit else False
            found |= rows & passed & self.approved
        return found

    def _requirements(self, criteria: CriteriaInForce) -> list[str]:
        return [code for code in criteria.criteria.fit if self.policy.by_code[code].in_force]

    def _by_criteria(self) -> list[tuple[CriteriaInForce, Bools]]:
        places = {code: place for place, code in enumerate(self.criteria_codes)}
        present = [each for each in self.policy.criteria if each.code in places]
        return [(each, self.criteria == places[each.code]) for each in present]

    def _settle(self, holds: Bools, decision: Decision, by: str) -> None:
        """Decide those that nothing has decided yet."""
        rows = holds & (self.decision < 0)
        self.decision[rows] = DECISIONS.index(decision)
        self.by[rows] = self.names.setdefault(by, len(self.names))

    def _is(self, rule: str, verdict: Verdict) -> Bools:
        if rule not in self.verdicts:
            column = self.judged.column(verdict_column(rule)).combine_chunks()
            self.verdicts[rule] = np.asarray(column.to_numpy(), dtype=np.int32)
        return np.asarray(self.verdicts[rule] == int(verdict))

    def _matrix(self, criteria: CriteriaInForce) -> Codes:
        cells = [[DECISIONS.index(criteria.recommends(fit, each)) for each in INTEREST_GRADES] for fit in FIT_GRADES]
        return np.asarray(cells, np.int32)[self.fit, self.interest]

    def _tiers(self) -> Codes:
        """Place of the first tier that holds."""
        tiers = self.policy.of_kind(RuleKind.TIER)
        found = np.full(self.rows, NOTHING, np.int32)
        for place in range(len(tiers) - 1, -1, -1):
            found[self._is(tiers[place].code, Verdict.PASS)] = place
        return found

    def _step(self) -> pa.Array:
        """The highest buying step for which there is evidence."""
        order = [step.code for step in self.policy.policy.buying_steps]
        found = np.full(self.rows, NOTHING, np.int32)
        rules = [rule for rule in self.policy.of_kind(RuleKind.STEP) if rule.rule.step in order]
        for rule in sorted(rules, key=lambda each: order.index(str(each.rule.step))):
            found[self._is(rule.code, Verdict.PASS)] = order.index(str(rule.rule.step))
        return worded(found, order)

    def _sent_probability(self) -> Floats:
        """1 for MQLs; of the others, the policy's share where only threshold or matrix stood in the way."""
        below = self.fits & (self.decision == DECISIONS.index(Decision.NURTURE))
        is_mql = self.decision == DECISIONS.index(Decision.MQL)
        return np.select([is_mql, below], [1.0, self.policy.exploration], 0.0)

    def _triggers(self) -> tuple[Codes, list[str], Floats]:
        """The first action of the criteria set that an MQL, or who may become one, did, and how many days ago."""
        codes = [rule.code for rule in self.policy.of_kind(RuleKind.ACTION)]
        found, days = np.full(self.rows, NOTHING, np.int32), np.full(self.rows, np.nan)
        may_be_mql = self.waits | (self.decision == DECISIONS.index(Decision.MQL))
        for criteria, rows in self._by_criteria():
            for code in criteria.criteria.actions:
                if code in codes:
                    found[rows & may_be_mql & (found < 0) & self._is(code, Verdict.PASS)] = codes.index(code)
        for place, code in enumerate(codes):
            if days_column(code) in self.judged.column_names:
                chosen = found == place
                days[chosen] = numbers(self.judged, days_column(code))[chosen]
        return found, codes, days

    def _missing(self) -> pa.Array:
        """Per held lead: the facts whose absence leaves what it needs UNKNOWN; null for all others."""
        held = np.flatnonzero(self.decision == DECISIONS.index(Decision.HELD))
        rules = [rule.code for rule in _holding(self.policy.of_kind(RuleKind.EXCLUDE))]
        needing = [(code, np.ones(self.rows, np.bool_)) for code in rules]
        needing += [(code, rows) for criteria, rows in self._by_criteria() for code in self._requirements(criteria)]
        facts = list(dict.fromkeys(fact for code, _ in needing for fact in self.reads.get(code, ())))
        is_missing = np.zeros((len(held), len(facts)), np.bool_)
        for code, rows in needing:
            unknown = (rows & self._is(code, Verdict.UNKNOWN))[held]
            for fact in self.reads.get(code, ()):
                is_missing[:, facts.index(fact)] |= unknown & yes(self.judged, missing_column(fact))[held]
        patterns, which = np.unique(is_missing, axis=0, return_inverse=True)
        lists = [[fact for fact, gone in zip(facts, each, strict=True) if gone] for each in patterns]
        place = np.full(self.rows, NOTHING, np.int32)
        place[held] = which.reshape(-1) if len(held) else []
        indices = pa.array(place, mask=place < 0)
        return pa.array(lists or [[]], pa.list_(pa.string())).take(indices)

    def _table(self) -> pa.Table:
        trigger, actions, days = self._triggers()
        paths = [str(self.policy.by_code[code].rule.path) for code in actions]
        may_be_mql = self.waits | (self.decision == DECISIONS.index(Decision.MQL))
        path = pc.fill_null(worded(trigger, paths), SALES)
        columns = {
            "lead_id": self.judged.column("lead_id").combine_chunks(),
            "account_id": self.judged.column("account_id").combine_chunks(),
            "decision": worded(self.decision, [str(each) for each in DECISIONS]),
            "decided_by": worded(self.by, list(self.names)),
            "criteria": worded(self.criteria, self.criteria_codes),
            "trigger": worded(trigger, actions),
            "trigger_days": pa.array(days, mask=np.isnan(days)),
            "path": pc.if_else(pa.array(may_be_mql), path, pa.scalar(None, pa.string())),
            "fit_grade": worded(self.fit, FIT_GRADES),
            "interest_grade": worded(self.interest, INTEREST_GRADES),
            "buying_step": self._step(),
            "tier": worded(self.tier, [rule.code for rule in self.policy.of_kind(RuleKind.TIER)]),
            "points": self.judged.column(POINTS).combine_chunks(),
            "missing": self._missing(),
            "waits": pa.array(self.waits),
            "sent_probability": pa.array(self._sent_probability()),
        }
        return pa.table(columns, schema=DECIDED)


def _holding(exclusions: Sequence[RuleInForce]) -> list[RuleInForce]:
    """Exclusions that hold a lead while they are UNKNOWN."""
    return [rule for rule in exclusions if rule.rule.when_unknown == "hold"]


def _grades(points: Floats, limits: Sequence[float | None]) -> Codes:
    """Place of the first grade that is reached; the last one below all limits."""
    found = np.full(len(points), len(limits), np.int32)
    for place in range(len(limits) - 1, -1, -1):
        limit = limits[place]
        if limit is not None:
            found[points >= limit] = place
    return found
