"""Worked cases end to end: features, rules, decision, route and packet, compared with what people expect.

A case is judged as the only lead of a run. What it says of owners, that some are full or that somebody works the site
already, is taken as given. A threshold that follows from a whole run is one that no case reaches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesworthy.domain.decisions import Decision
from salesworthy.domain.verdicts import APPROVED, CRITERIA, MOTION
from salesworthy.engines.protocol import Engine
from salesworthy.features.catalogue import Catalogue
from salesworthy.features.readable_tables import Tables
from salesworthy.features.vocabulary import Schema
from salesworthy.policy.cases import Case
from salesworthy.policy.document import Policy
from salesworthy.qualification.deciding import decide
from salesworthy.qualification.decisions import Propensities
from salesworthy.qualification.follow_up import follow_up, sendable
from salesworthy.qualification.handover import hand_over
from salesworthy.qualification.lead_facts import EMAIL
from salesworthy.qualification.packet_building import consent_lines
from salesworthy.qualification.scoring import kept_of
from salesworthy.rules.case_tables import as_of as moment_of
from salesworthy.rules.case_tables import case_tables
from salesworthy.rules.cases import JudgedCase, judge_cases
from salesworthy.rules.columns import RuleColumns
from salesworthy.rules.consents import objectors
from salesworthy.rules.inputs import with_facts
from salesworthy.runs.batch_columns import facts_of
from salesworthy.runs.case_comparison import differences
from salesworthy.runs.evidence import consents_of, evidence_of
from salesworthy.runs.lead_rows import handoff_facts
from salesworthy.runs.packet_rows import packets_with
from salesworthy.runs.run_policy import RunPolicy, run_policy
from salesworthy.runs.score_batch import Deciders

PREFIXES = {"rule.": pa.int8(), "days.": pa.float64(), "points": pa.float64(), "missing.": pa.bool_()}


@dataclass(frozen=True)
class CaseResult:
    """What came of a worked case.

    Attributes:
        case: The case.
        outcome: What came of it: the keys of ``Expected``, and ``packet`` for an MQL.
        failures: What was expected and did not come, a sentence each; empty where the case holds.
    """

    case: Case
    outcome: dict[str, Any]
    failures: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether everything came as expected."""
        return not self.failures

    def as_dict(self) -> dict[str, Any]:
        """The result as JSON writes it."""
        return {"case": self.case.code, "says": self.case.says, "holds": self.holds, "failures": list(self.failures)}


def run_cases(
    engine: Engine,
    policy: Policy,
    cases: Sequence[Case] | None = None,
    *,
    catalogue: Catalogue,
    columns: RuleColumns,
    schema: Schema,
) -> tuple[CaseResult, ...]:
    """Worked cases through everything that a lead goes through, in their order.

    Args:
        engine: An engine; tables called ``case_...`` and ``worked_...`` are written to it.
        policy: The policy, whose values of each case's day count.
        cases: The cases; those of the policy by default.
        catalogue: The workspace's features.
        columns: What rules may read.
        schema: Tables and columns of the workspace.

    Raises:
        ConfigurationMistakes: When a case states a fact that the workspace does not know.
    """
    chosen = policy.cases if cases is None else tuple(cases)
    judged = judge_cases(engine, policy, chosen, catalogue=catalogue, columns=columns, schema=schema)
    made = case_tables(chosen, schema)
    tables = {name: engine.from_arrow(f"worked_{name}", table) for name, table in made.items()}
    found: dict[str, CaseResult] = {}
    for _, group in groupby(sorted(judged, key=_day), key=_day):
        of_day = list(group)
        of_run = run_policy(policy, catalogue, columns, as_of=moment_of(of_day[0].case))
        for each in _Day(engine, tables, of_run, of_day).results():
            found[each.case.code] = each
    return tuple(found[case.code] for case in chosen)


def _day(judged: JudgedCase) -> Any:
    return judged.case.as_of


class _Day:
    """The cases of one day, decided together and handed over one by one."""

    def __init__(self, engine: Engine, tables: Tables, policy: RunPolicy, judged: Sequence[JudgedCase]) -> None:
        self.engine = engine
        self.tables = tables
        self.policy = policy
        self.judged = judged
        self.as_of = moment_of(judged[0].case)
        self.asked = engine.from_arrow("worked_asked", self._asked())

    def results(self) -> Iterator[CaseResult]:
        """What came of each case."""
        in_force, verdicts = self.policy.in_force, self._verdicts()
        stated = np.asarray([np.nan if each.case.propensity is None else each.case.propensity for each in self.judged])
        decided = decide(verdicts, in_force, propensity=stated, reads=self.policy.rules.reads)
        facts = self._facts()
        next_up = follow_up(decided, facts, in_force, as_of=self.as_of)
        scored = Propensities(stated, stated, stated, np.log(stated / (1 - stated)))
        kept = kept_of(decided, facts, scored, next_up)
        kept = kept.set_column(kept.schema.get_field_index("propensity"), "propensity", _null_nan(kept["propensity"]))
        objected = self._objected()
        consents = self._consents()
        rows = zip(self.judged, decided.to_pylist(), facts.to_pylist(), next_up.track.to_pylist(), strict=True)
        outcomes: dict[str, dict[str, Any]] = {}
        for place, (judged, row, lead, track) in enumerate(rows):
            is_scored = judged.case.code not in objected
            outcome = {**row, "scored": is_scored, "next_step": next_up.next_step[place].as_py(), "track": track}
            outcome |= self._contact(consents.get(judged.case.code, []), lead["region"], is_scored)
            outcomes[judged.case.code] = outcome | self._sending(track, lead, outcome["lines"])
        for code, handover in self._handovers(outcomes, kept):
            outcomes[code] |= handover
        for judged in self.judged:
            outcome = outcomes[judged.case.code]
            yield CaseResult(judged.case, outcome, (*judged.failures(), *differences(judged.case, outcome)))

    def _handovers(
        self, outcomes: Mapping[str, Mapping[str, Any]], kept: pa.Table
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """Owner, time and packet of each MQL as if it were alone; the evidence for all of them is asked at once."""
        alone = {
            each.case.code: kept.filter(pc.equal(kept.column("lead_id"), each.case.code))
            for each in self.judged
            if outcomes[each.case.code]["scored"] and outcomes[each.case.code]["decision"] == Decision.MQL
        }
        if not alone:
            return
        handed = [self._handed(each.case, alone[each.case.code]) for each in self.judged if each.case.code in alone]
        parts = evidence_of(self.engine, self.tables, pa.concat_tables(handed), self.policy.in_force, as_of=self.as_of)
        for part, evidence in parts:
            for place, row in enumerate(part.to_pylist()):
                mine = alone[row["lead_id"]]
                (packet,) = packets_with(
                    [(part.slice(place, 1), evidence)],
                    Deciders(None, self.policy), mine, None, run_id="", as_of=self.as_of,
                )  # fmt: skip
                yield row["lead_id"], self._handover(row, packet)

    def _handed(self, case: Case, mine: pa.Table) -> pa.Table:
        site_owner = next((each.owner for each in case.colleagues if each.owner), case.site_owner)
        known = {} if site_owner is None else {f"{case.code}/site": site_owner}
        return hand_over(mine, self.policy.in_force, as_of=self.as_of, site_owners=known, full=case.full_owners)

    def _handover(self, row: Mapping[str, Any], packet: dict[str, Any]) -> dict[str, Any]:
        steps = packet["nurture"].get("steps", []) if row["track"] else []
        return {
            "owner": row["owner"],
            "path": row["path"],
            "next_step": row["next_step"],
            "track": row["track"],
            "respond_within_hours": self.policy.in_force.response_hours(row["trigger"]),
            "call_plan": tuple(packet["call_plan"]),
            "assets": {*(each["id"] for each in packet["assets"]), *(each["asset"] for each in steps)},
            "packet": packet,
        }

    def _contact(self, consents: list[dict[str, Any]], region: str | None, is_scored: bool) -> dict[str, Any]:
        """Which channels may be used; none of a lead who objected."""
        lines = consent_lines(consents, self.policy.in_force, region, self.as_of) if is_scored else []
        channels: dict[str, bool] = {each["channel"]: False for each in consents}
        for line in lines:
            channels[line["channel"]] |= line["allowed"]
        return {"channels": channels, "may_contact": any(channels.values()), "lines": lines}

    def _sending(self, track: str | None, lead: dict[str, Any], lines: list[dict[str, Any]]) -> dict[str, Any]:
        """What a lead on a track is sent."""
        if track is None:
            return {"assets": set()}
        allowed = [line["content_type"] for line in lines if line["allowed"] and line["channel"] == EMAIL]
        found = sendable(
            self.policy.in_force, track, product=lead["product"], region=lead["region"], content_types=allowed
        )
        return {"assets": {each.id for each in found}}

    def _asked(self) -> pa.Table:
        """The leads of the cases; features that the policy names as facts come along."""
        refs = [self.policy.rules.fact(name) for name in type(self.policy.policy.facts).model_fields]
        named = [ref.name for ref in refs if ref is not None and not ref.table]
        rows = {name: [each.features.get(name) for each in self.judged] for name in named}
        codes = [each.case.code for each in self.judged]
        return pa.table(
            {
                "lead_id": pa.array(codes, pa.string()),
                "account_id": pa.array([f"{code}/site" for code in codes], pa.string()),
                "as_of": pa.array([self.as_of] * len(codes), pa.int64()),
                **{name: pa.array(values) for name, values in rows.items()},
            }
        )

    def _verdicts(self) -> pa.Table:
        names = [name for name in self.judged[0].verdicts if name not in ("lead_id", "as_of")]
        columns = {name: pa.array([each.verdicts[name] for each in self.judged], _kind(name)) for name in names}
        asked = self._asked()
        return pa.table({"lead_id": asked["lead_id"], "account_id": asked["account_id"], **columns})

    def _facts(self) -> pa.Table:
        rows = with_facts(self.asked, self.tables, self.policy.rules)
        found = self.engine.to_arrow(handoff_facts(self.tables, rows, self.policy, as_of=self.as_of))
        places = {lead: place for place, lead in enumerate(found["lead_id"].to_pylist())}
        return facts_of(found.take([places[each.case.code] for each in self.judged]))

    def _objected(self) -> set[str]:
        found = objectors(self.tables, self.policy.policy.consent.states, as_of=self.as_of)
        return set(self.engine.to_arrow(found)["lead_id"].to_pylist())

    def _consents(self) -> dict[str, list[dict[str, Any]]]:
        found = consents_of(self.tables, self.asked, self.policy.in_force, as_of=self.as_of)
        grouped: dict[str, list[dict[str, Any]]] = {}
        for row in self.engine.to_arrow(found.order_by(["lead_id", "channel", "content_type"])).to_pylist():
            grouped.setdefault(row["lead_id"], []).append(row)
        return grouped


def _kind(column: str) -> pa.DataType:
    if column == APPROVED:
        return pa.bool_()
    if column in (CRITERIA, MOTION):
        return pa.string()
    return next(kind for prefix, kind in PREFIXES.items() if column.startswith(prefix))


def _null_nan(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
