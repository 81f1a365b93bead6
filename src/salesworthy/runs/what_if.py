"""What would change it: the nearest acts, or the missing fact, that would make an MQL of a lead.

Exact, not estimated: each act is added to a copy of the lead's own history at the moment of the question, and the whole
pipeline answers for all copies at once. A copy without any act goes along; unless it is judged as the lead itself is,
to the last bit, nothing is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from salesworthy.domain.decisions import EXPLORATION, Decision
from salesworthy.domain.errors import InternalError, WrongUsage
from salesworthy.domain.moments import parse_moment
from salesworthy.domain.verdicts import Verdict, verdict_column
from salesworthy.policy.in_force import CriteriaInForce
from salesworthy.qualification.arrays import numbers
from salesworthy.qualification.deciding import BY_POINTS, decide
from salesworthy.qualification.what_would_change import (
    MOST_TOLD,
    Act,
    Change,
    Judgement,
    best_pair,
    enough,
    in_pairs,
    most_helpful,
)
from salesworthy.qualification.what_would_change_words import (
    beyond_acts,
    named_by_rules,
    told,
    why_held,
    why_nothing,
)
from salesworthy.runs.deciders import deciders_of
from salesworthy.runs.features import OpenTables, opened
from salesworthy.runs.few_leads import thresholds_in_force
from salesworthy.runs.lead_rows import lead_rows
from salesworthy.runs.objections import states_of, without_objectors
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.run_policy import RunPolicy
from salesworthy.runs.score_batch import Deciders, score_batch
from salesworthy.runs.what_if_acts import acts_people_do
from salesworthy.runs.what_if_copies import copy_lead
from salesworthy.runs.what_if_facts import facts_filled_in
from salesworthy.runs.workspace import Workspace

PAIRED = 8
"""The acts that help most are tried in pairs, where none alone is enough."""
BELOW = (Decision.NURTURE, Decision.TRACKED)
NO_COPY = "This lead cannot be copied faithfully: a feature or rule knows it, or its site, by name"


def what_would_change(
    workspace: Workspace,
    lead: Mapping[str, Any],
    *,
    out: Path | None = None,
    draft: bool = False,
    progress: Progress = silent,
) -> dict[str, Any]:
    """What would make an MQL of a lead that was explained; for a held one, what it would be once the fact is known.

    Args:
        workspace: Whose lead.
        lead: The lead as ``explain`` tells of it: its row of ``scores``.
        out: Where runs are published.
        draft: Whether a policy that is not approved may decide.
        progress: Told about the steps.

    Returns:
        ``would_change``: a list of ``acts``, ``facts``, ``decision``, ``propensity`` and ``sentence``; and
        ``would_change_why``: why there is nothing to tell, or nothing in one or two acts; null otherwise.

    Raises:
        WrongUsage: When tables, model or policy are others now than when the lead was scored.
    """
    is_drawn = lead["decided_by"] == EXPLORATION
    if lead["decision"] not in (*BELOW, Decision.HELD) and not is_drawn:
        return _answer([], f"Nothing is asked of a lead that is {lead['decision']}")
    as_of = parse_moment(lead["as_of"])
    with opened(workspace, progress=progress) as data:
        place = (out or workspace.default_out).resolve()
        asking = question_about(data, lead, place, as_of=as_of, draft=draft)
        if asking is None:
            return _answer([], "There is no policy, so nothing makes an MQL of a lead")
        return asking.asked(lead)


def question_about(
    data: OpenTables, lead: Mapping[str, Any], place: Path, *, as_of: int, draft: bool = False
) -> WhatIf | None:
    """Questions about a lead, with the tables and the thresholds that single leads are scored with.

    Args:
        data: Checked tables.
        lead: ``lead_id``, ``account_id`` and ``model_version``.
        place: Where runs are published.
        as_of: The moment of the question, in microseconds.
        draft: Whether a policy that is not approved may decide.

    Returns:
        None without a policy.
    """
    deciders = deciders_of(data, lead["model_version"], as_of=as_of, draft=draft)
    policy = deciders.policy
    if policy is None:
        return None
    allowed = without_objectors(data, states_of(data.workspace, policy), as_of=as_of)
    deciders = replace(deciders, thresholds=thresholds_in_force(place, policy))
    return WhatIf(allowed, deciders, policy, lead["lead_id"], lead["account_id"], as_of)


@dataclass(frozen=True)
class WhatIf:
    """Questions about one lead.

    Attributes:
        data: The real tables, without the rows of leads who have objected.
        deciders: The model and the policy in force.
        policy: The policy.
        lead_id: The lead.
        site: Its account; None where it has none.
        as_of: The moment of the question, in microseconds.
    """

    data: OpenTables
    deciders: Deciders
    policy: RunPolicy
    lead_id: str
    site: str | None
    as_of: int

    def asked(self, lead: Mapping[str, Any]) -> dict[str, Any]:
        """What would change the decision about the lead; see ``what_would_change``."""
        acts = [Change((each,)) for each in self._acts()]
        base, copied, *found = self.judged([Change(), *acts])
        if base.log_odds != lead["log_odds"] or base.propensity != lead["propensity"]:
            raise WrongUsage(
                "the tables, the model or the policy are others now than when this lead was scored",
                where="--what-if",
                todo="score again, or name the moment: --as-of",
            )
        if copied != base:
            return _answer([], NO_COPY)
        if base.decision == Decision.HELD:
            return self._once_known(base)
        return self._once_done(base, list(zip(acts, found, strict=True)))

    def judged(self, changes: Sequence[Change]) -> list[Judgement]:
        """What the pipeline says of the lead as it is, and of a copy of it with each change; without the draw."""
        copied = copy_lead(self.data, self.lead_id, self.site, changes, as_of=self.as_of)
        rows = lead_rows(copied.data, copied.leads, self.deciders.model, self.policy, as_of=self.as_of).rows
        found = self.data.engine.to_arrow(rows)
        places = {lead: place for place, lead in enumerate(found["lead_id"].to_pylist())}
        if len(places) != len(copied.ids) or set(places) != set(copied.ids):
            raise InternalError("not every copy of the lead was answered")
        return self._decided(found.take(pa.array([places[each] for each in copied.ids])))

    def _decided(self, rows: pa.Table) -> list[Judgement]:
        """Rows of copies, decided under the lead's own name: overrides name leads and sites."""
        for name, own in (("lead_id", self.lead_id), ("account_id", self.site)):
            column = pa.repeat(pa.scalar(own, pa.string()), rows.num_rows)
            rows = rows.set_column(rows.schema.get_field_index(name), name, column)
        scored = score_batch(rows, self.deciders, as_of=self.as_of, run_id="")
        if scored.verdicts is None:
            raise InternalError("a policy decides, and gave no verdicts")
        decided = decide(
            scored.verdicts,
            self.policy.in_force,
            propensity=None if self.deciders.by_points else numbers(scored.scores, "propensity"),
            thresholds=self.deciders.thresholds,
            reads=self.policy.rules.reads,
        )
        figures = scored.scores.select(["propensity", "log_odds"]).to_pylist()
        answers = zip(decided.to_pylist(), figures, scored.verdicts.to_pylist(), strict=True)
        return [self._judgement(*each) for each in answers]

    def _judgement(
        self, decided: Mapping[str, Any], figures: Mapping[str, float | None], verdicts: Mapping[str, Any]
    ) -> Judgement:
        rules = [rule.code for rule in self.policy.in_force.rules]
        by_points = bool(self.deciders.by_points)
        return Judgement(
            decided["decision"],
            decided["decided_by"],
            figures["propensity"],
            figures["log_odds"],
            decided["points"],
            decided["fit_grade"],
            decided["interest_grade"],
            decided["criteria"],
            decided["path"],
            tuple(decided["missing"] or ()),
            frozenset(code for code in rules if verdicts[verdict_column(code)] == Verdict.PASS),
            by_points or figures["log_odds"] is None,
        )

    def _acts(self) -> list[Act]:
        facts = self.policy.rules
        names = {name: facts.fact(name) for name in ("product", "region")}
        known = {name: None if ref is None else self._fact(ref.table, ref.name) for name, ref in names.items()}
        return acts_people_do(self.data, self.policy.in_force, **known, as_of=self.as_of)

    def _fact(self, table: str, column: str) -> str | None:
        """A fact about the lead or its site, as it stands in the tables."""
        key, own = ("account_id", self.site) if table == "accounts" else ("lead_id", self.lead_id)
        if own is None or key not in self.data.tables[table].columns:
            return None
        source = self.data.tables[table]
        found = self.data.engine.to_arrow(source.filter(source[key] == own).select(column))[column].to_pylist()
        return None if not found or found[0] is None else str(found[0])

    def _once_known(self, base: Judgement) -> dict[str, Any]:
        """What a held lead would be, per plausible value of what is missing; MQLs first."""
        changes = facts_filled_in(self.data, base.missing, self.policy.catalogue)
        if not changes:
            return _answer([], why_held(base.missing))
        _, *found = self.judged(changes)
        order = sorted(zip(changes, found, strict=True), key=lambda each: not each[1].is_mql)
        return _answer([told(change, each, base, self.policy.in_force) for change, each in order])

    def _once_done(self, base: Judgement, tried: list[tuple[Change, Judgement]]) -> dict[str, Any]:
        """The nearest acts that make an MQL of the lead: one, or else two."""
        tried = named_by_rules(base, tried, self.policy.in_force)
        if says := beyond_acts(base, tried, self.policy.in_force):
            return _answer([], says)
        found = enough(base, tried)[:MOST_TOLD]
        if not found and (pairs := in_pairs(most_helpful(base, tried, PAIRED))):
            _, *answers = self.judged(pairs)
            tried = [*tried, *zip(pairs, answers, strict=True)]
            found = best_pair(base, tried)
        if not found:
            return _answer([], why_nothing(base, tried, self._criteria(base), self._threshold(base)))
        return _answer([told(change, each, base, self.policy.in_force) for change, each in found])

    def _criteria(self, base: Judgement) -> CriteriaInForce | None:
        return next((each for each in self.policy.in_force.criteria if each.code == base.criteria), None)

    def _threshold(self, base: Judgement) -> float | None:
        """Of the lead's criteria set, on what the lead is measured by."""
        criteria = self._criteria(base)
        if criteria is None:
            return None
        if base.by_points or base.decided_by == BY_POINTS:
            return criteria.points
        return self.deciders.thresholds.get(criteria.code, criteria.propensity)


def _answer(would_change: list[dict[str, Any]], why: str | None = None) -> dict[str, Any]:
    return {"would_change": would_change, "would_change_why": why}
