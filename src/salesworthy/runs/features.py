"""Features for a spine that somebody brings, and for the questions that training and scoring ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import ibis.expr.types as ir
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from salesworthy.domain.errors import UserError, WrongUsage
from salesworthy.domain.moments import parse_moment, zone
from salesworthy.features.as_of import features_as_of
from salesworthy.intake.csv_dialect import read_dialect
from salesworthy.intake.locations import is_parquet
from salesworthy.intake.row_writers import to_arrow
from salesworthy.intake.values import as_id
from salesworthy.outcomes.labels import label_handoffs, results
from salesworthy.outcomes.open_leads import known_leads, open_leads
from salesworthy.runs.check import checked_tables
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.workspace import Workspace, open_tables

if TYPE_CHECKING:
    from salesworthy.engines.protocol import Engine
    from salesworthy.features.catalogue import Catalogue
    from salesworthy.intake.checked import CheckedTables

SPINE_ROW = "spine_row_number"


@dataclass(frozen=True)
class OpenTables:
    """Checked tables, opened in an engine, with the settings that questions about them need."""

    workspace: Workspace
    checked: CheckedTables
    engine: Engine
    tables: dict[str, ir.Table]

    def features(self, spine: ir.Table, catalogue: Catalogue, *, until: int) -> ir.Table:
        """Features of a spine; ``history`` features see labels that the data hold up to ``until``."""
        return features_as_of(self.engine, self.tables, spine, catalogue, results=self.results(catalogue, until=until))

    def open_leads(self, *, as_of: int) -> ir.Table:
        """The leads that sales has not judged yet: ``lead_id, account_id``, one row per lead."""
        return open_leads(self.tables, as_of=as_of, utc_offsets=self.workspace.label_rule.utc_offsets)

    def leads_to_score(self, *, as_of: int) -> ir.Table:
        """The leads that a run is about: open ones, or all, as ``scoring.leads`` says."""
        everyone = self.workspace.settings.scoring.leads == "all"
        return known_leads(self.tables, as_of=as_of) if everyone else self.open_leads(as_of=as_of)

    def results(self, catalogue: Catalogue, *, until: int) -> ir.Table | None:
        """Results that ``history`` features learn from, as the data hold them up to then; None where none does."""
        if not any(feature.kind == "history" for feature in catalogue.features):
            return None
        return self.engine.materialise("known_results", self.known_results(until=until))

    def known_results(self, *, until: int) -> ir.Table:
        """The results of all handoffs, as the data hold them up to then."""
        rule = self.workspace.label_rule
        return results(label_handoffs(self.tables, rule, until=until), rule)


@contextmanager
def opened(workspace: Workspace, *, progress: Progress = silent) -> Iterator[OpenTables]:
    """Check the workspace's tables and open them in its engine, which is closed at the end."""
    checked = checked_tables(workspace, progress=progress, hashed=True)
    with workspace.open_engine() as engine:
        yield OpenTables(workspace, checked, engine, open_tables(engine, checked))


def features_for_spine(
    workspace: Workspace, spine: pa.Table, *, catalogue: Catalogue | None = None, progress: Progress = silent
) -> pa.Table:
    """Point-in-time features of a spine.

    Grain: one row per row of the spine, in its order; its columns first, then one column per feature. Nothing is known
    of leads whose objection to direct marketing stood at the earliest moment of the spine: their features are those of
    a stranger. Later objections change nothing here; training and scoring leave those leads out.

    Args:
        workspace: Where the tables are.
        spine: ``lead_id`` (text or whole number) and ``as_of`` (timestamp, date, ISO text or microseconds).
        catalogue: Features to build; the workspace's catalogue by default.
        progress: Told about the steps.

    Raises:
        UserError: When the spine lacks a column or a moment cannot be read.
    """
    normal = normal_spine(spine, timezone=workspace.settings.workspace.timezone)
    numbered = normal.append_column(SPINE_ROW, pa.array(range(normal.num_rows), pa.int64()))
    from salesworthy.runs.objections import states_of, without_past_objectors

    states = states_of(workspace)
    since, until = (each(normal["as_of"]).as_py() if normal.num_rows else 0 for each in (pc.min, pc.max))
    with opened(workspace, progress=progress) as everything:
        data = without_past_objectors(everything, states, since=since)
        chosen = catalogue or workspace.catalogue(data.checked).catalogue
        progress("features", 0.0)
        asked = data.engine.from_arrow("spine", numbered)
        found = data.engine.to_arrow(data.features(asked, chosen, until=until).order_by(SPINE_ROW))
        progress("features", 1.0)
    found = found.drop_columns([SPINE_ROW])
    as_of = found.column("as_of").cast(pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC"))
    return found.set_column(found.schema.get_field_index("as_of"), "as_of", as_of)


def read_spine(path: Path) -> pa.Table:
    """A spine from a CSV or Parquet file.

    Text may be compressed, and written with any delimiter and encoding that is found out for tables.

    Raises:
        UserError: When the file is absent or neither CSV nor Parquet.
    """
    if not path.exists():
        raise UserError(
            "there is no such file", where=str(path), todo="give a CSV or Parquet file with lead_id and as_of"
        )
    try:
        if is_parquet(path):
            return pq.read_table(path)
        written = read_dialect(path, delimiter=None, encoding=None)
        reading = pa_csv.ReadOptions(encoding=written.encoding)
        parsing = pa_csv.ParseOptions(delimiter=written.delimiter, newlines_in_values=True)
        header = pa_csv.open_csv(path, reading, parsing).schema.names
        texts = pa_csv.ConvertOptions(column_types=dict.fromkeys(header, pa.string()))
        return pa_csv.read_csv(path, reading, parsing, texts).rename_columns([name.strip() for name in header])
    except (pa.ArrowInvalid, OSError) as error:
        raise UserError(
            f"this cannot be read as a table: {error}", where=str(path), todo="give a CSV or Parquet file"
        ) from error


def write_features(table: pa.Table, path: Path) -> None:
    """Write features as Parquet, or as CSV where the name ends so; complete or not at all.

    Raises:
        WrongUsage: When the path is a folder.
    """
    if not path.name or path.is_dir():
        raise WrongUsage("this is a folder", where=str(path), todo="name a file: features.parquet or features.csv")
    stage = path.with_name(f".{path.name}.stage")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        if path.suffix.lower() == ".csv":
            pa_csv.write_csv(table, stage)
        else:
            pq.write_table(table, stage, compression="zstd")
        stage.replace(path)
    finally:
        stage.unlink(missing_ok=True)


def normal_spine(spine: pa.Table, *, timezone: str) -> pa.Table:
    """The spine with ``lead_id`` as text and ``as_of`` as microseconds since the epoch.

    Raises:
        UserError: When a column is missing or a moment cannot be read.
    """
    missing = [name for name in ("lead_id", "as_of") if name not in spine.column_names]
    if missing:
        raise UserError(
            f"the spine has no column {' and no column '.join(missing)}",
            where="--spine",
            todo="give a table with the columns lead_id and as_of",
        )
    _refuse_twins(spine.column_names)
    ids = _ids(spine["lead_id"].combine_chunks())
    moments = _moments(spine["as_of"].combine_chunks(), timezone)
    if moments.null_count:
        raise UserError(f"{moments.null_count} row(s) have no as_of", where="--spine", todo="fill as_of on every row")
    spine = spine.set_column(spine.schema.get_field_index("lead_id"), "lead_id", ids)
    return spine.set_column(spine.schema.get_field_index("as_of"), "as_of", moments)


def _refuse_twins(names: Sequence[str]) -> None:
    """Engines do not tell the cases of a name apart."""
    lowered = [name.lower() for name in names]
    twins = [name for name in names if lowered.count(name.lower()) > 1]
    if twins:
        raise UserError(
            f"the spine has the columns {', '.join(twins)}, which differ in case at most",
            where="--spine",
            todo="rename or leave out one of them",
        )


def _ids(column: pa.Array) -> pa.Array:
    """Identifiers as text; whole floats without their ``.0``, as identifiers in tables are read."""
    if pa.types.is_floating(column.type):
        return to_arrow(as_id(pl.Series("lead_id", column)).to_frame())["lead_id"].combine_chunks()
    return column.cast(pa.string())


def _moments(column: pa.Array, timezone: str) -> pa.Array:
    if pa.types.is_integer(column.type):
        return column.cast(pa.int64())
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        return column.cast(pa.timestamp("us", tz="UTC"), safe=False).cast(pa.int64())
    here = zone(timezone)
    distinct = pc.dictionary_encode(column)
    texts = ("" if each is None else str(each) for each in distinct.dictionary.to_pylist())
    read = [parse_moment(text, timezone=here, option="--spine as_of") if text else None for text in texts]
    return pa.array(read, pa.int64()).take(distinct.indices)
