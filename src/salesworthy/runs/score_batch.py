"""One batch of leads: features, verdicts and facts in, scores and reasons out. A pure function over Arrow tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from salesworthy.domain.errors import InternalError
from salesworthy.model.fitted import Explained
from salesworthy.qualification.deciding import decide
from salesworthy.qualification.decisions import Propensities, scores_without_policy
from salesworthy.qualification.exploration import with_exploration
from salesworthy.qualification.follow_up import follow_up
from salesworthy.qualification.reasons import name_reasons
from salesworthy.qualification.rule_reasons import leading_reasons, points_reasons
from salesworthy.qualification.scoring import Versions, kept_of, scores_under_policy
from salesworthy.runs.batch_columns import facts_of, verdicts_of
from salesworthy.runs.champion import LoadedModel
from salesworthy.runs.profile import step
from salesworthy.runs.run_policy import RunPolicy

NO_MODEL = "no model is in force, so points decide"


@dataclass(frozen=True)
class Deciders:
    """What decides in a run: a model, a policy, or both.

    Attributes:
        model: None where there is none, or where it is not in force.
        policy: None where the workspace has none.
        by_points: Why points decide and not the propensity; empty where the propensity does.
        thresholds: Criteria set -> threshold, where that follows from a run.
    """

    model: LoadedModel | None
    policy: RunPolicy | None = None
    by_points: str = ""
    thresholds: Mapping[str, float] = field(default_factory=dict)

    @property
    def base_log_odds(self) -> float | None:
        """Log-odds of the average lead, to which reasons are added."""
        return None if self.model is None else float(self.model.bundle.model.base_log_odds_)

    @property
    def model_version(self) -> str | None:
        """The model in force."""
        return None if self.model is None else self.model.version

    @property
    def policy_version(self) -> str:
        """How the policy is named on everything written; empty without one."""
        return "" if self.policy is None else self.policy.version


def too_few(mature: int, policy: RunPolicy) -> str:
    """Why points decide although there is a model; empty where so many mature outcomes are enough."""
    needed = policy.in_force.minimum_outcomes
    if mature >= needed:
        return ""
    return f"{mature:,} outcomes are mature and the policy asks for {needed:,.0f}, so points decide"


@dataclass(frozen=True)
class ScoredBatch:
    """Scores, one row per lead, and reasons, one row per lead and code; leads in the order given.

    With a policy also the verdicts of all rules, and the leads that the handover needs.
    """

    scores: pa.Table
    reasons: pa.Table
    verdicts: pa.Table | None = None
    kept: pa.Table | None = None

    @property
    def tables(self) -> dict[str, pa.Table]:
        """The tables that are there, by name."""
        given = {"scores": self.scores, "reasons": self.reasons, "verdicts": self.verdicts, "kept": self.kept}
        return {name: table for name, table in given.items() if table is not None}


@dataclass(frozen=True)
class Scorer:
    """``score_batch`` as a function that an engine applies where the rows are, in this process or in others.

    Attributes:
        deciders: The model and the policy in force.
        as_of: The moment of the question, in microseconds.
        run_id: Written on every row.
    """

    deciders: Deciders
    as_of: int
    run_id: str

    def __call__(self, rows: pa.Table) -> dict[str, pa.Table]:
        """The tables of a scored batch."""
        return score_batch(rows, self.deciders, as_of=self.as_of, run_id=self.run_id).tables


def score_batch(rows: pa.Table, deciders: Deciders, *, as_of: int, run_id: str) -> ScoredBatch:
    """Score a batch of leads.

    Args:
        rows: ``lead_id``, ``account_id``, one column per feature of the model's catalogue; with a policy verdicts and
            facts. One row per lead.
        deciders: The model and the policy in force.
        as_of: The moment of the question, in microseconds.
        run_id: Written on every row.
    """
    told = None if deciders.model is None else _told(rows, deciders.model)
    if deciders.policy is not None:
        return _under_policy(rows, deciders, deciders.policy, told, as_of=as_of, run_id=run_id)
    if told is None:
        raise InternalError("neither a model nor a policy decides")
    version = deciders.model_version or ""
    scores = scores_without_policy(rows, told.scored, as_of=as_of, model_version=version, run_id=run_id)
    return ScoredBatch(scores, _reasons_of_model(rows, told, run_id=run_id))


@dataclass(frozen=True)
class _Told:
    """What a model says of a batch."""

    model: LoadedModel
    features: pa.Table
    explained: Explained
    scored: Propensities


def _told(rows: pa.Table, model: LoadedModel) -> _Told:
    features = rows.select(list(model.catalogue.names))
    with step("scores and shares"):
        explained = model.bundle.model.explain(features)
        low, high = model.bundle.model.propensity_interval_of(explained.log_odds)
    return _Told(model, features, explained, Propensities(explained.propensity, low, high, explained.log_odds))


def _reasons_of_model(rows: pa.Table, told: _Told, *, run_id: str, leading: pa.Table | None = None) -> pa.Table:
    lead_id = rows.column("lead_id").combine_chunks()
    shares, reason_map = told.explained.contributions, told.model.reason_map
    with step("reasons"):
        return name_reasons(lead_id, shares, told.features, reason_map, run_id=run_id, leading=leading)


def _under_policy(
    rows: pa.Table, deciders: Deciders, policy: RunPolicy, told: _Told | None, *, as_of: int, run_id: str
) -> ScoredBatch:
    verdicts, facts = verdicts_of(rows, policy), facts_of(rows)
    scored = None if told is None else told.scored
    with step("decisions"):
        decided = decide(
            verdicts,
            policy.in_force,
            propensity=None if scored is None or deciders.by_points else scored.propensity,
            thresholds=deciders.thresholds,
            reads=policy.rules.reads,
        )
        decided = with_exploration(decided, facts, policy.in_force, as_of=as_of)
        next_up = follow_up(decided, facts, policy.in_force, as_of=as_of)
        versions = Versions(as_of, deciders.model_version, policy.version, run_id)
        scores = scores_under_policy(decided, scored, next_up, versions)
        kept = kept_of(decided, facts, scored, next_up)
        leading = leading_reasons(decided, verdicts, policy.in_force)
    if told is None:
        reasons = _reasons_of_points(rows, policy, verdicts, leading, run_id=run_id)
    else:
        reasons = _reasons_of_model(rows, told, run_id=run_id, leading=leading)
    return ScoredBatch(scores, reasons, verdicts, kept)


def _reasons_of_points(
    rows: pa.Table, policy: RunPolicy, verdicts: pa.Table, leading: pa.Table, *, run_id: str
) -> pa.Table:
    found = points_reasons(verdicts, policy.in_force).led_by(leading, log_odds=None)
    return found.table(rows.column("lead_id").combine_chunks(), run_id)
