"""The files of a scoring run: written part by part and batch by batch, so that memory does not grow with the leads.

First what is known about every lead is written down, in order of leads, and cut into parts (``runs.score_parts``). Then
each part is scored. Under a policy there is a second pass: the first writes reasons and verdicts, and drafts of the
scores; it keeps the few leads that share something: a threshold that follows from all of them, a site, an owner's
capacity. The second writes the scores with what the handover says of the MQLs. Every part is finished once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from salesworthy.domain.decisions import EXPLORATION, Decision
from salesworthy.qualification.exploration import may_explore, send_drawn
from salesworthy.qualification.handover import KEPT, hand_over
from salesworthy.qualification.scoring import patched
from salesworthy.qualification.tables import CODED_REASONS, SCORES
from salesworthy.qualification.thresholds import over_threshold, thresholds_of_run
from salesworthy.runs.features import OpenTables
from salesworthy.runs.journal import Journal
from salesworthy.runs.lead_rows import lead_rows
from salesworthy.runs.objections import of_allowed
from salesworthy.runs.parquet_parts import PartWriter
from salesworthy.runs.profile import each_in_step, step
from salesworthy.runs.progress import Progress
from salesworthy.runs.run_policy import RunPolicy
from salesworthy.runs.score_batch import Deciders, ScoredBatch, Scorer
from salesworthy.runs.score_parts import Part, all_rows, read_batches, whole, write_rows

PACKET_REASONS = 8
"""Reasons of an MQL that are kept for its packet."""


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes:
        counts: Leads per decision.
        rows: What is known about the leads, as the scores were made of it.
        thresholds: Criteria set -> threshold that followed from the run.
        handed: The MQLs as handed over, in order of leads.
        kept: Every lead that the first pass kept, decided.
        parts: The parts of the run, in order, each with the file of the heaviest reasons of its kept leads.
        not_drawn: Leads below the threshold that could have been drawn and were not.
    """

    counts: dict[str, int]
    rows: ir.Table
    thresholds: Mapping[str, float] = field(default_factory=dict)
    handed: pa.Table | None = None
    kept: pa.Table | None = None
    parts: Sequence[tuple[Part, Path]] = ()
    not_drawn: int = 0

    @property
    def drawn(self) -> int:
        """Leads below the threshold that were sent at random."""
        if self.handed is None:
            return 0
        return int(pc.sum(pc.equal(self.handed.column("decided_by"), EXPLORATION)).as_py() or 0)


@dataclass(frozen=True)
class ScoreFiles:
    """Writes the scores of a run.

    Attributes:
        data: Checked tables, without the rows of leads who have objected.
        deciders: The model and the policy in force.
        folder: Where to.
        journal: What is finished of the run, with room for drafts.
        run_id: Written on every row.
        as_of: The moment of the question, in microseconds.
        progress: Told about the steps.
    """

    data: OpenTables
    deciders: Deciders
    folder: Path
    journal: Journal
    run_id: str
    as_of: int
    progress: Progress

    def write(self, leads: ir.Table) -> Written:
        """Write scores and reasons, and under a policy verdicts too, with the handover of the MQLs.

        Args:
            leads: The leads of the run, those who have objected left out.
        """
        with step("features and rules"):
            parts = write_rows(self.data, leads, self._rows_of, self.journal, as_of=self.as_of)
        policy = self.deciders.policy
        drafts = self.folder if policy is None else self.journal.folder
        for part in parts:
            if self.journal.facts(part.named("scored")) is None:
                self._score(part, drafts, total=sum(each.leads for each in parts))
        everything = all_rows(self.data.engine, parts)
        if policy is None:
            return Written(_added(self._facts(part, "scored")["counts"] for part in parts), everything)
        with step("handover"):
            return self._second_pass(parts, everything, policy)

    def _rows_of(self, data: OpenTables) -> ir.Table:
        """What is known about the leads of some tables that are to be scored."""
        leads = of_allowed(data, data.leads_to_score(as_of=self.as_of))
        return lead_rows(data, leads, self.deciders.model, self.deciders.policy, as_of=self.as_of).rows

    def _facts(self, part: Part, what: str) -> dict[str, Any]:
        return self.journal.facts(part.named(what)) or {}

    def _score(self, part: Part, drafts: Path, *, total: int) -> None:
        """The first pass over a part."""
        counts: Counter[str] = Counter()
        with ExitStack() as files:
            writers = _Writers(part, files)
            scores = writers.open(drafts, "scores", SCORES)
            reasons = writers.open(self.folder, "reasons", CODED_REASONS)
            for batch in each_in_step("rows read", self._scored(part)):
                first = part.first + scores.rows
                with step("files written"):
                    scores.write(batch.scores)
                    reasons.write(batch.reasons)
                    if batch.verdicts is not None and batch.kept is not None:
                        writers.open(self.folder, "verdicts", batch.verdicts.schema).write(batch.verdicts)
                        writers.open(self.journal.folder, "kept", KEPT).write(_placed(batch.kept, first))
                        heaviest = writers.open(self.journal.folder, "kept_reasons", CODED_REASONS)
                        heaviest.write(_of_leads(batch.reasons, batch.kept))
                counts.update(batch.scores["decision"].to_pylist())
                self.progress("scoring", (part.first + scores.rows) / max(total, 1))
        self.journal.finish(part.named("scored"), writers.paths, counts=dict(sorted(counts.items())))

    def _scored(self, part: Part) -> Iterator[ScoredBatch]:
        """Batches in order of lead ids, scored where the engine keeps the rows."""
        scorer = Scorer(self.deciders, self.as_of, self.run_id)
        size = self.data.workspace.settings.scoring.batch_rows
        rows = self.data.engine.read_parquet(f"rows_of_{part.number}", part.rows)
        for tables in self.data.engine.apply(rows.order_by("lead_id"), scorer, rows=size):
            yield ScoredBatch(**tables)

    def _second_pass(self, parts: Sequence[Part], rows: ir.Table, policy: RunPolicy) -> Written:
        kept = self._kept(parts)
        thresholds = thresholds_of_run(kept, policy.in_force)
        kept = send_drawn(over_threshold(kept, thresholds))
        mqls = kept.filter(pc.equal(kept.column("decision"), str(Decision.MQL)))
        handed = hand_over(mqls, policy.in_force, as_of=self.as_of)
        for part in parts:
            if self.journal.facts(part.named("decided")) is None:
                self._decide(part, handed)
        facts = [self._facts(part, "decided") for part in parts]
        return Written(
            _added(each["counts"] for each in facts),
            rows,
            thresholds,
            handed,
            kept,
            [(part, self.journal.folder / "kept_reasons" / f"{part.name}.parquet") for part in parts],
            sum(each["not_drawn"] for each in facts),
        )

    def _kept(self, parts: Sequence[Part]) -> pa.Table:
        files = [self.journal.folder / "kept" / f"{part.name}.parquet" for part in parts if part.leads]
        return pa.concat_tables([KEPT.empty_table(), *(whole(path, KEPT) for path in files)])

    def _decide(self, part: Part, handed: pa.Table) -> None:
        """The second pass over a part."""
        counts: Counter[str] = Counter()
        not_drawn = 0
        with ExitStack() as files:
            draft = files.enter_context(pq.ParquetFile(self.journal.folder / "scores" / f"{part.name}.parquet"))
            writers = _Writers(part, files)
            scores = writers.open(self.folder, "scores", SCORES)
            for batch in draft.iter_batches():
                done = patched(pa.Table.from_batches([batch]), handed, part.first + scores.rows)
                scores.write(done)
                counts.update(done["decision"].to_pylist())
                not_drawn += int(may_explore(done).sum())
        told = dict(sorted(counts.items()))
        self.journal.finish(part.named("decided"), writers.paths, counts=told, not_drawn=not_drawn)


class _Writers:
    """The files of a part, each opened when it is first written to."""

    def __init__(self, part: Part, files: ExitStack) -> None:
        self._part = part
        self._files = files
        self._open: dict[Path, PartWriter] = {}

    @property
    def paths(self) -> list[Path]:
        """The files."""
        return list(self._open)

    def open(self, folder: Path, name: str, schema: pa.Schema) -> PartWriter:
        """The writer of a table."""
        path = folder / name / f"{self._part.name}.parquet"
        if path not in self._open:
            path.parent.mkdir(exist_ok=True)
            self._open[path] = self._files.enter_context(PartWriter(path, schema))
        return self._open[path]


def reasons_of(path: Path, leads: pa.Table) -> pa.Table:
    """The kept reasons of some leads of a part; more than these are never in memory."""
    found = [_of_leads(pa.Table.from_batches([batch]), leads) for batch in read_batches(path, CODED_REASONS)]
    return pa.concat_tables([CODED_REASONS.empty_table(), *found])


def _added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Leads per decision, over all parts."""
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return dict(sorted(total.items()))


def _placed(kept: pa.Table, first: int) -> pa.Table:
    """Kept leads of a batch that know their place in the run."""
    rows = pc.add(kept.column("row"), first)
    return kept.set_column(KEPT.get_field_index("row"), KEPT.field("row"), rows)


def _of_leads(reasons: pa.Table, leads: pa.Table) -> pa.Table:
    """The heaviest reasons of some leads."""
    mine = pc.is_in(reasons.column("lead_id"), leads.column("lead_id").combine_chunks())
    return reasons.filter(pc.and_(mine, pc.less_equal(reasons.column("rank"), PACKET_REASONS)))
