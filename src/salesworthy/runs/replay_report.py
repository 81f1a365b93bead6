"""What a replay shows: decisions that change per week, pair and region, and what sales would gain or lose.

An MQL counts once per policy, in the first week in which it is one. Whether it became an SQL is taken from the outcome
of the handover that was then still undecided, or came later, once its window has closed; where there is none, the
propensity of that week is the expectation. A lead with neither is unknown, and is left out of rates.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from salesworthy.domain.decisions import Decision
from salesworthy.domain.moments import format_moment
from salesworthy.outcomes.labels import label_handoffs
from salesworthy.review.expected import difference_interval, sql_interval
from salesworthy.runs.features import OpenTables
from salesworthy.runs.replay_examples import examples
from salesworthy.runs.replay_week import ReplayWeek

NOT_KNOWN = "not known"
MQL = str(Decision.MQL)
Row = dict[str, Any]
Outcomes = Mapping[str, Sequence[tuple[int, float]]]
"""Lead -> when the window of each of its handovers closed, and what came of it."""


@dataclass
class Replayed:
    """The weeks of a replay, one after the other; all leads are counted, those that matter are kept."""

    weeks: list[ReplayWeek] = field(default_factory=list)
    decided: list[int] = field(default_factory=list)
    leads: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))

    def add(self, week: ReplayWeek) -> None:
        """Add a week; of its leads only those that change or are MQLs stay in memory, and the names of all."""
        self.leads = pc.unique(pa.chunked_array([self.leads, week.lead_id]))
        self.decided.append(len(week.lead_id))
        self.weeks.append(week)


@dataclass(frozen=True)
class FirstMql:
    """A lead in the first week in which it is an MQL under a policy."""

    lead_id: str
    moment: int
    propensity: float | None
    region: str | None


def report(replayed: Replayed, data: OpenTables, *, as_of: int) -> Row:
    """A replay as ``policy replay --json`` prints it, but for what it is about.

    Args:
        replayed: The weeks.
        data: Checked tables, for the outcomes.
        as_of: Outcomes known by then count, in microseconds.
    """
    old, new = (_first_mqls(replayed, side) for side in ("old", "new"))
    outcomes = _outcomes(data, as_of)
    changed = _changed_leads(replayed)
    gained = [new[lead] for lead in new.keys() - old.keys()]
    lost = [old[lead] for lead in old.keys() - new.keys()]
    both = old.keys() & new.keys()
    mqls = {
        "old": sales_of(old.values(), outcomes),
        "new": sales_of(new.values(), outcomes),
        "gained": sales_of(gained, outcomes),
        "lost": sales_of(lost, outcomes),
        "difference": _difference(gained, lost, outcomes),
        "sooner": sum(1 for lead in both if new[lead].moment < old[lead].moment),
        "later": sum(1 for lead in both if new[lead].moment > old[lead].moment),
    }
    return {
        "headline": headline(len(changed), len(replayed.leads), mqls),
        "leads": len(replayed.leads),
        "changed": len(changed),
        "weeks": [_week(week, count) for week, count in zip(replayed.weeks, replayed.decided, strict=True)],
        "pairs": _pairs(replayed),
        "regions": _regions(changed, gained, lost),
        "mqls": mqls,
        "examples": examples(replayed.weeks),
    }


def headline(changed: int, leads: int, mqls: Mapping[str, Any]) -> str:
    """What a replay comes to, in one sentence.

    Example:
        >>> mqls = {"old": {"leads": 600, "sql_per_100": 31.0}, "new": {"leads": 500, "sql_per_100": 40.0}}
        >>> headline(412, 9000, mqls)
        '412 of 9,000 leads change decision; 100 fewer MQLs; 9 more SQL per 100 MQLs (31.0 before, 40.0 after)'
    """
    before, after = mqls["old"], mqls["new"]
    more = after["leads"] - before["leads"]
    says = f"{changed:,} of {leads:,} leads {'changes' if changed == 1 else 'change'} decision"
    count = "as many MQLs" if not more else f"{abs(more):,} {'more' if more > 0 else 'fewer'} MQLs"
    rates = before["sql_per_100"], after["sql_per_100"]
    if rates[0] is None or rates[1] is None:
        return f"{says}; {count}; what sales would gain is not known"
    gain = f"{abs(rates[1] - rates[0]):.1f}".removesuffix(".0")
    words = "as many" if gain == "0" else f"{gain} {'more' if rates[1] > rates[0] else 'fewer'}"
    return f"{says}; {count}; {words} SQL per 100 MQLs ({rates[0]:.1f} before, {rates[1]:.1f} after)"


def sales_of(mqls: Any, outcomes: Outcomes) -> Row:
    """What sales makes of MQLs: known outcomes, expected ones, and how many are neither.

    Args:
        mqls: Leads with the week in which each is first an MQL.
        outcomes: Lead -> settled outcomes of its handovers.
    """
    known, estimates, unknown = _told_of(mqls, outcomes)
    counted = len(known) + len(estimates)
    expected = math.fsum([*known, *estimates])
    low, high = sql_interval(math.fsum(known), estimates)
    return {
        "leads": counted + unknown,
        "known": len(known),
        "sql_known": int(sum(known)),
        "estimated": len(estimates),
        "sql_estimated": math.fsum(estimates),
        "unknown": unknown,
        "sql_expected": expected if counted else None,
        "sql_low": low if counted else None,
        "sql_high": high if counted else None,
        "sql_per_100": 100 * expected / counted if counted else None,
    }


def _told_of(mqls: Any, outcomes: Outcomes) -> tuple[list[float], list[float], int]:
    """Known outcomes, propensities where they are not known, and how many leads have neither."""
    known, estimates, unknown = [], [], 0
    for each in mqls:
        label = _outcome(outcomes.get(each.lead_id, ()), each.moment)
        if label is not None:
            known.append(label)
        elif each.propensity is not None:
            estimates.append(each.propensity)
        else:
            unknown += 1
    return known, estimates, unknown


def _difference(gained: Sequence[FirstMql], lost: Sequence[FirstMql], outcomes: Outcomes) -> Row:
    """How many more SQL the new policy gives; leads that are MQLs under both make no difference."""
    (won, more, _), (missed, fewer, _) = (_told_of(each, outcomes) for each in (gained, lost))
    expected, low, high = difference_interval((math.fsum(won), more), (math.fsum(missed), fewer))
    return {"sql_expected": expected, "low": low, "high": high}


def _outcome(handovers: Sequence[tuple[int, float]], moment: int) -> float | None:
    """What came of handovers that were not decided yet at a moment; None where that is not known."""
    labels = [label for matured_at, label in handovers if matured_at >= moment]
    return max(labels) if labels else None


def _outcomes(data: OpenTables, as_of: int) -> Outcomes:
    labels = label_handoffs(data.tables, data.workspace.label_rule, until=as_of)
    settled = labels.filter(labels.settled, labels.label.notnull()).select("lead_id", "matured_at", "label")
    found: dict[str, list[tuple[int, float]]] = {}
    for row in data.engine.to_arrow(settled).to_pylist():
        found.setdefault(row["lead_id"], []).append((row["matured_at"], row["label"]))
    return found


def _first_mqls(replayed: Replayed, side: str) -> dict[str, FirstMql]:
    found: dict[str, FirstMql] = {}
    for week in replayed.weeks:
        mine = week.rows.filter(pc.equal(week.rows[f"{side}.decision"], MQL))
        for row in mine.select(["lead_id", "propensity", "region"]).to_pylist():
            if row["lead_id"] not in found:
                found[row["lead_id"]] = FirstMql(row["lead_id"], week.moment, row["propensity"], row["region"])
    return found


def _changed_leads(replayed: Replayed) -> dict[str, str]:
    """Leads whose decision differs in some week, each with its region."""
    found: dict[str, str] = {}
    for week in replayed.weeks:
        mine = week.rows.filter(week.rows["changed"])
        for lead, region in zip(mine["lead_id"].to_pylist(), mine["region"].to_pylist(), strict=True):
            found.setdefault(lead, region or NOT_KNOWN)
    return found


def _week(week: ReplayWeek, leads: int) -> Row:
    rows = week.rows
    pairs = Counter(_pairs_of(week))
    mqls = {side: int(pc.sum(pc.equal(rows[f"{side}.decision"], MQL)).as_py() or 0) for side in ("old", "new")}
    return {
        "week": format_moment(week.moment)[:10],
        "leads": leads,
        "changed": sum(pairs.values()),
        "mqls": mqls,
        "pairs": [{"from": before, "to": after, "leads": count} for (before, after), count in pairs.most_common()],
    }


def _pairs_of(week: ReplayWeek) -> list[tuple[str, str]]:
    mine = week.rows.filter(week.rows["changed"])
    return list(zip(mine["old.decision"].to_pylist(), mine["new.decision"].to_pylist(), strict=True))


def _pairs(replayed: Replayed) -> list[Row]:
    """From-to pairs over all weeks: how many leads, and how many times."""
    times, leads = Counter[tuple[str, str]](), dict[tuple[str, str], set[str]]()
    for week in replayed.weeks:
        names = week.rows.filter(week.rows["changed"])["lead_id"].to_pylist()
        for lead, pair in zip(names, _pairs_of(week), strict=True):
            times[pair] += 1
            leads.setdefault(pair, set()).add(lead)
    order = sorted(leads, key=lambda pair: (-len(leads[pair]), pair))
    return [{"from": pair[0], "to": pair[1], "leads": len(leads[pair]), "lead_weeks": times[pair]} for pair in order]


def _regions(changed: Mapping[str, str], gained: Sequence[FirstMql], lost: Sequence[FirstMql]) -> dict[str, Row]:
    counts = Counter(changed.values())
    more, fewer = (Counter(each.region or NOT_KNOWN for each in group) for group in (gained, lost))
    order = sorted(counts, key=lambda region: (-counts[region], region))
    return {
        region: {"changed": counts[region], "mqls_gained": more[region], "mqls_lost": fewer[region]} for region in order
    }
