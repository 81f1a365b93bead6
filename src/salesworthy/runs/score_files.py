"""The files of a scoring run: written batch by batch, so that memory does not grow with the number of leads.

Under a policy there are two passes. The first writes reasons and verdicts, and drafts of the scores; it keeps the few
leads that share something: a threshold that follows from all of them, a site, an owner's capacity. The second writes
the scores with what the handover says of the MQLs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

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
from salesworthy.runs.parquet_parts import PartWriter
from salesworthy.runs.profile import each_in_step, step
from salesworthy.runs.progress import Progress
from salesworthy.runs.run_policy import RunPolicy
from salesworthy.runs.score_batch import Deciders, ScoredBatch, Scorer

PART = "part-0000.parquet"
PACKET_REASONS = 8
"""Reasons of an MQL that are kept for its packet."""


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes:
        counts: Leads per decision.
        thresholds: Criteria set -> threshold that followed from the run.
        handed: The MQLs as handed over, in order of leads.
        kept: Every lead that the first pass kept, decided.
        reasons: The heaviest reasons of the kept leads.
        not_drawn: Leads below the threshold that could have been drawn and were not.
    """

    counts: dict[str, int]
    thresholds: Mapping[str, float] = field(default_factory=dict)
    handed: pa.Table | None = None
    kept: pa.Table | None = None
    reasons: pa.Table | None = None
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
        data: Checked tables.
        deciders: The model and the policy in force.
        folder: Where to.
        run_id: Written on every row.
        as_of: The moment of the question, in microseconds.
        progress: Told about the steps.
    """

    data: OpenTables
    deciders: Deciders
    folder: Path
    run_id: str
    as_of: int
    progress: Progress

    def write(self, rows: ir.Table) -> Written:
        """Write scores and reasons, and under a policy verdicts too, with the handover of the MQLs."""
        policy = self.deciders.policy
        if policy is None:
            counts: Counter[str] = Counter()
            for batch in self._first_pass(rows, self.folder):
                counts.update(batch.scores["decision"].to_pylist())
            return Written(dict(sorted(counts.items())))
        self.data.workspace.cache.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self.data.workspace.cache, prefix="drafts-") as drafts:
            kept = [KEPT.empty_table()]
            with _part(Path(drafts), "reasons", CODED_REASONS) as reasons:
                for batch in self._first_pass(rows, Path(drafts)):
                    kept.append(_given(batch.kept))
                    reasons.write(_of_leads(batch.reasons, kept[-1]))
            with step("handover"):
                return self._second_pass(Path(drafts), pa.concat_tables(kept), policy)

    def _first_pass(self, rows: ir.Table, scores_to: Path) -> Iterator[ScoredBatch]:
        total = max(int(self.data.engine.to_arrow(rows.count().as_table()).column(0)[0].as_py()), 1)
        with ExitStack() as files:
            scores = files.enter_context(_part(scores_to, "scores", SCORES))
            reasons = files.enter_context(_part(self.folder, "reasons", CODED_REASONS))
            verdicts: PartWriter | None = None
            for batch in each_in_step("rows read", self._scored(rows)):
                first = scores.rows
                with step("files written"):
                    scores.write(batch.scores)
                    reasons.write(batch.reasons)
                    if batch.verdicts is not None:
                        kind = batch.verdicts.schema
                        verdicts = verdicts or files.enter_context(_part(self.folder, "verdicts", kind))
                        verdicts.write(batch.verdicts)
                self.progress("scoring", scores.rows / total)
                yield _placed(batch, first)

    def _scored(self, rows: ir.Table) -> Iterator[ScoredBatch]:
        """Batches in order of lead ids, scored where the engine keeps the rows."""
        scorer = Scorer(self.deciders, self.as_of, self.run_id)
        size = self.data.workspace.settings.scoring.batch_rows
        for tables in self.data.engine.apply(rows.order_by("lead_id"), scorer, rows=size):
            yield ScoredBatch(**tables)

    def _second_pass(self, drafts: Path, kept: pa.Table, policy: RunPolicy) -> Written:
        thresholds = thresholds_of_run(kept, policy.in_force)
        kept = send_drawn(over_threshold(kept, thresholds))
        mqls = kept.filter(pc.equal(kept.column("decision"), str(Decision.MQL)))
        handed = hand_over(mqls, policy.in_force, as_of=self.as_of)
        counts: Counter[str] = Counter()
        not_drawn = 0
        with pq.ParquetFile(drafts / "scores" / PART) as file, _part(self.folder, "scores", SCORES) as scores:
            for batch in file.iter_batches():
                done = patched(pa.Table.from_batches([batch]), handed, scores.rows)
                scores.write(done)
                counts.update(done["decision"].to_pylist())
                not_drawn += int(may_explore(done).sum())
        reasons = _drafted_reasons(drafts, mqls)
        return Written(dict(sorted(counts.items())), thresholds, handed, kept, reasons, not_drawn)


def _part(folder: Path, name: str, schema: pa.Schema) -> PartWriter:
    (folder / name).mkdir()
    return PartWriter(folder / name / PART, schema)


def _placed(batch: ScoredBatch, first: int) -> ScoredBatch:
    """A batch whose kept leads know their place in the run."""
    if batch.kept is None:
        return batch
    rows = pc.add(batch.kept.column("row"), first)
    return replace(batch, kept=batch.kept.set_column(KEPT.get_field_index("row"), KEPT.field("row"), rows))


def _given(kept: pa.Table | None) -> pa.Table:
    return KEPT.empty_table() if kept is None else kept


def _drafted_reasons(drafts: Path, leads: pa.Table) -> pa.Table:
    """The drafted reasons of some leads; more than these are never in memory."""
    coded = [field.name for field in CODED_REASONS if pa.types.is_dictionary(field.type)]
    with pq.ParquetFile(drafts / "reasons" / PART, read_dictionary=coded) as file:
        found = [_of_leads(pa.Table.from_batches([batch]), leads) for batch in file.iter_batches()]
    return pa.concat_tables([CODED_REASONS.empty_table(), *(each.cast(CODED_REASONS) for each in found)])


def _of_leads(reasons: pa.Table, leads: pa.Table) -> pa.Table:
    """The heaviest reasons of some leads."""
    mine = pc.is_in(reasons.column("lead_id"), leads.column("lead_id").combine_chunks())
    return reasons.filter(pc.and_(mine, pc.less_equal(reasons.column("rank"), PACKET_REASONS)))
