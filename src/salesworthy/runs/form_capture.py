"""Form capture: which facts are missing, how many rules cannot tell for want of each, and which to ask for first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from salesworthy.domain.moments import format_moment
from salesworthy.domain.verdicts import Verdict, missing_column, verdict_column
from salesworthy.runs.features import OpenTables
from salesworthy.runs.run_policy import policy_folder
from salesworthy.runs.workspace import Workspace, open_tables

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import polars as pl

    from salesworthy.features.catalogue import Catalogue
    from salesworthy.intake.checked import CheckedTables
    from salesworthy.rules.compiling import RuleSet
    from salesworthy.runs.run_policy import RunPolicy

FEWEST = 10
"""Sources with fewer leads are not shown by themselves."""
SOURCES = 5
SOURCE, LEADS = "salesworthy.source", "salesworthy.leads"
"""Columns beside those of facts, which may be called anything."""
ASK = {
    "leads": "ask for it in forms",
    "accounts": "add it to the data about sites",
    "campaigns": "add it to the list of campaigns",
}
"""Table that a fact is made of -> what to do about its absence."""
OTHERWISE = "it is counted from acts: look whether the feed comes in"


@dataclass(frozen=True)
class MissingFact:
    """A fact that rules ask for and that leads lack.

    Attributes:
        fact: Its name, such as ``leads.role``.
        missing: Leads that lack it.
        unknown: Verdicts that are UNKNOWN and hang on it, perhaps on others too.
        alone: Those that hang on nothing else.
        rules: Whose verdicts, the one with most first.
        settled: Verdicts that can be told once this and all facts before it in the list are known.
        sources: Source of the lead -> leads, and how many of them lack it; the worst first.
        made_of: Columns that it is made of.
    """

    fact: str
    missing: int
    unknown: int
    alone: int
    rules: tuple[str, ...]
    settled: int
    sources: tuple[tuple[str, int, int], ...] = ()
    made_of: tuple[str, ...] = ()

    @property
    def todo(self) -> str:
        """What to do about its absence: the first that helps."""
        tables = {each.partition(".")[0] for each in self.made_of}
        return next((ASK[table] for table in ASK if table in tables), OTHERWISE)

    def as_dict(self) -> dict[str, Any]:
        """The fact as ``check --json`` prints it."""
        sources = [{"source": name, "leads": leads, "missing": missing} for name, leads, missing in self.sources]
        return {
            "fact": self.fact,
            "missing": self.missing,
            "unknown": self.unknown,
            "alone": self.alone,
            "rules": list(self.rules),
            "settled": self.settled,
            "sources": sources,
            "made_of": list(self.made_of),
            "todo": self.todo,
        }


@dataclass(frozen=True)
class Pattern:
    """Leads that lack the same facts and for whom the same rules cannot tell: rule -> the facts it lacks."""

    leads: int
    missing: frozenset[str]
    unknown: Mapping[str, frozenset[str]]


def form_capture(workspace: Workspace, checked: CheckedTables, *, as_of: int) -> dict[str, Any] | None:
    """Which facts the leads that are to be scored lack, under the rules of today; None where there is no policy.

    Whether the policy is approved does not matter: nothing is decided.

    Args:
        workspace: Whose policy.
        checked: Its tables.
        as_of: The moment of the question, in microseconds.

    Raises:
        ConfigurationMistakes: When the policy has mistakes.
    """
    from salesworthy.runs.journal import Journal
    from salesworthy.runs.lead_rows import lead_rows
    from salesworthy.runs.objections import of_allowed, states_of, without_objectors
    from salesworthy.runs.rule_points import present_rules
    from salesworthy.runs.score_parts import write_rows

    folder = policy_folder(workspace)
    if folder is None:
        return None
    with workspace.open_engine() as engine:
        data = OpenTables(workspace, checked, engine, open_tables(engine, checked))
        policy = present_rules(data, folder, as_of=as_of)
        asked = data.leads_to_score(as_of=as_of)
        data = without_objectors(data, states_of(workspace, policy), as_of=as_of)

        def verdicts_of(some: OpenTables) -> ir.Table:
            leads = of_allowed(some, some.leads_to_score(as_of=as_of))
            rows = lead_rows(some, leads, None, policy, as_of=as_of)
            return rows.rows if rows.verdicts is None else rows.verdicts

        workspace.cache.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=workspace.cache, prefix="capture-") as place:
            journal = Journal(Path(place), "form capture")
            parts = write_rows(data, of_allowed(data, asked), verdicts_of, journal, as_of=as_of)
            facts = _facts([part.rows for part in parts], policy, checked)
    judged = sum(part.leads for part in parts)
    unknown = sum(each.settled for each in facts[-1:])
    return {
        "as_of": format_moment(as_of),
        "policy_version": policy.version,
        "leads": judged,
        "verdicts": judged * len(policy.rules.in_force),
        "unknown": unknown,
        "facts": [each.as_dict() for each in facts],
    }


def _facts(parts: Sequence[Path], policy: RunPolicy, checked: CheckedTables) -> list[MissingFact]:
    """What the verdicts in some files say, one file in memory at a time."""
    import polars as pl

    leads: Counter[tuple[frozenset[str], frozenset[tuple[str, frozenset[str]]]]] = Counter()
    by_source = []
    for path in parts:
        frame = pl.read_parquet(path)
        for each in _patterns(frame, policy.rules):
            leads[each.missing, frozenset(each.unknown.items())] += each.leads
        by_source.append(_by_source(frame, policy.rules, checked))
    sources = _sources(by_source, policy.rules)
    patterns = [Pattern(count, missing, dict(unknown)) for (missing, unknown), count in leads.items()]
    return [
        replace(each, sources=tuple(sources.get(each.fact, ())), made_of=_made_of(each.fact, policy.catalogue))
        for each in ask_first(patterns)
    ]


def _made_of(fact: str, catalogue: Catalogue) -> tuple[str, ...]:
    """The columns of leads, accounts and campaigns that a fact is made of."""
    from salesworthy.features.facts import CREATED, FIRST_HANDOFF
    from salesworthy.features.reads import fact_columns

    if "." in fact:
        return (fact,)
    found, names = set[str](), [fact]
    for feature in reversed(list(catalogue)):
        if feature.name in names:
            found |= {str(ref) for ref in fact_columns(feature) - {CREATED, FIRST_HANDOFF}}
            names += feature.reads
    return tuple(sorted(found))


def _patterns(frame: pl.DataFrame, rules: RuleSet) -> list[Pattern]:
    import polars as pl

    facts = [str(ref) for ref in rules.inputs]
    read = {code: facts for code, facts in rules.reads.items() if facts}
    missing = [pl.col(missing_column(fact)).alias(fact) for fact in facts]
    unknown = [(pl.col(verdict_column(code)) == int(Verdict.UNKNOWN)).alias(f"rule.{code}") for code in read]
    groups = frame.select(*missing, *unknown).group_by(pl.all(), maintain_order=True).len(LEADS)
    found = []
    for row in groups.iter_rows(named=True):
        lacks = frozenset(fact for fact in facts if row[fact])
        cannot = {code: lacks & set(needs) for code, needs in read.items() if row[f"rule.{code}"]}
        found.append(Pattern(row[LEADS], lacks, {code: each for code, each in cannot.items() if each}))
    return found


def ask_first(patterns: Sequence[Pattern]) -> list[MissingFact]:
    """Facts in the order in which to ask for them: each time the one that most verdicts wait for.

    A verdict that waits for several facts counts for each of them by its part, and is settled by the last.

    Args:
        patterns: Leads by what they lack.
    """
    open_ = [(each.leads, code, facts) for each in patterns for code, facts in each.unknown.items()]
    left, known, settled = sorted({fact for _, _, facts in open_ for fact in facts}), set[str](), 0
    found = []
    while left:
        worth = {
            fact: sum(leads / len(facts - known) for leads, _, facts in open_ if fact in facts - known) for fact in left
        }
        best = max(left, key=lambda fact: worth[fact])
        left.remove(best)
        known.add(best)
        settled = sum(leads for leads, _, facts in open_ if facts <= known)
        found.append(_missing(best, patterns, settled))
    return found


def _missing(fact: str, patterns: Sequence[Pattern], settled: int) -> MissingFact:
    per_rule: dict[str, int] = {}
    alone = 0
    for each in patterns:
        for code, facts in each.unknown.items():
            if fact in facts:
                per_rule[code] = per_rule.get(code, 0) + each.leads
                alone += each.leads * (len(facts) == 1)
    rules = tuple(sorted(per_rule, key=lambda code: (-per_rule[code], code)))
    missing = sum(each.leads for each in patterns if fact in each.missing)
    return MissingFact(fact, missing, sum(per_rule.values()), alone, rules, settled)


def _by_source(frame: pl.DataFrame, rules: RuleSet, checked: CheckedTables) -> pl.DataFrame:
    """Source -> leads, and how many of them lack each fact; empty where leads have no source."""
    import polars as pl

    if not checked.schema["leads"]["source"].present:
        return pl.DataFrame()
    leads = pl.scan_parquet(checked.paths["leads"]).select("lead_id", "source")
    leads = leads.filter(pl.col("lead_id").is_in(frame["lead_id"].implode()))
    facts = [str(ref) for ref in rules.inputs]
    mine = frame.select("lead_id", *(missing_column(fact) for fact in facts))
    joined = mine.join(leads.collect(engine="streaming"), on="lead_id", how="left")
    return joined.group_by(pl.col("source").fill_null("not known").alias(SOURCE)).agg(
        pl.len().alias(LEADS), *(pl.col(missing_column(fact)).sum().alias(fact) for fact in facts)
    )


def _sources(by_source: Sequence[pl.DataFrame], rules: RuleSet) -> dict[str, list[tuple[str, int, int]]]:
    """Fact -> sources of leads, with their leads and how many lack it; the worst first."""
    import polars as pl

    told = [each for each in by_source if each.width]
    if not told:
        return {}
    facts = [str(ref) for ref in rules.inputs]
    added = pl.concat(told).group_by(SOURCE).agg(pl.col(LEADS, *facts).sum())
    rows = [row for row in added.sort(SOURCE).iter_rows(named=True) if row[LEADS] >= FEWEST]
    return {fact: _worst([(row[SOURCE], row[LEADS], int(row[fact])) for row in rows]) for fact in facts}


def _worst(sources: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    lacking = [each for each in sources if each[2]]
    return sorted(lacking, key=lambda each: (-each[2] / each[1], -each[1], each[0]))[:SOURCES]
