"""A workspace: the folder of a user's project, and what its settings open."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from salesworthy.domain.moments import parse_moment, zone
from salesworthy.runs.settings import Settings, load_settings

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from salesworthy.engines.protocol import Engine
    from salesworthy.features.loading import LoadedCatalogue
    from salesworthy.intake.checked import CheckedTables
    from salesworthy.ledger.store import Ledger
    from salesworthy.model.registry import Registry
    from salesworthy.outcomes.labels import LabelRule


@dataclass(frozen=True)
class Workspace:
    """A folder with a ``salesworthy.toml``, and everything that is opened from it."""

    folder: Path
    settings: Settings

    @property
    def cache(self) -> Path:
        """Where intermediate files live; safe to delete."""
        return self.folder / ".salesworthy"

    @property
    def default_out(self) -> Path:
        """Where ``score`` publishes when nothing else is said."""
        return self.folder / "out"

    def moment(self, text: str, *, option: str = "--as-of") -> int:
        """A day or moment as a person wrote it, read in the workspace's time zone; microseconds.

        Raises:
            WrongUsage: When the text is neither a day nor a moment.
        """
        return parse_moment(text, timezone=zone(self.settings.workspace.timezone), option=option)

    @property
    def spill(self) -> Path:
        """Where engines put what does not fit into memory; safe to delete while nothing runs."""
        chosen = self.settings.engine.spill
        return self.cache / "spill" if chosen is None else self.folder / chosen

    def open_engine(self) -> Engine:
        """The engine that the settings name; close it after use.

        Raises:
            UserError: When Spark is chosen, and PySpark or Java is missing.
        """
        chosen = self.settings.engine
        if chosen.kind == "spark":
            from salesworthy.engines.spark import SparkEngine

            return SparkEngine(
                memory_limit=chosen.memory_limit,
                threads=chosen.threads,
                temp_directory=self.spill,
                options=chosen.spark,
            )
        from salesworthy.engines.duckdb import DuckDBEngine
        from salesworthy.engines.memory import duckdb_share

        share = duckdb_share(chosen.memory_limit)
        return DuckDBEngine(memory_limit=share, threads=chosen.threads, temp_directory=self.spill)

    def catalogue(self, checked: CheckedTables) -> LoadedCatalogue:
        """The feature catalogue that fits the tables at hand."""
        from salesworthy.features.loading import load_catalogue
        from salesworthy.intake.outcome_columns import outcome_columns

        chosen = self.settings.features
        return load_catalogue(
            chosen.catalogue,
            root=self.folder,
            schema=checked.schema,
            auto=chosen.auto,
            remove=chosen.remove,
            outcomes=outcome_columns(self.settings.tables),
        )

    @cached_property
    def label_rule(self) -> LabelRule:
        """What counts as a conversion here."""
        from salesworthy.intake.local_times import utc_offsets
        from salesworthy.outcomes.labels import LabelRule

        label = self.settings.label
        offsets = utc_offsets(zone(self.settings.workspace.timezone))
        since = None
        if label.recorded_since not in {"found", "start"}:
            since = self.moment(label.recorded_since, option="label.recorded_since")
        return LabelRule(tuple(label.positive), label.window_days, label.absent, label.undated, offsets, since)

    @cached_property
    def ledger(self) -> Ledger:
        """The append-only record of models, promotions and runs."""
        from salesworthy.ledger.store import Ledger

        return Ledger(self.settings.ledger.url, self.folder)

    @cached_property
    def registry(self) -> Registry:
        """The models of this workspace."""
        from salesworthy.model.registry import Registry
        from salesworthy.model.tracking import ModelMirror

        mirror = ModelMirror(self.settings.mlflow.tracking_uri, self.settings.mlflow.model, self.folder)
        return Registry(self.ledger, self.folder / "models", mirror=mirror)


def open_workspace(folder: Path | str = ".", *, environ: Mapping[str, str] | None = None) -> Workspace:
    """Open the workspace in a folder.

    Args:
        folder: Folder that holds ``salesworthy.toml``.
        environ: Environment whose ``SALESWORTHY__...`` variables override settings; the process's own by default.

    Raises:
        UserError: When there is no ``salesworthy.toml``.
        ConfigurationMistakes: With every mistake of the file.
    """
    root = Path(folder).resolve()
    return Workspace(root, load_settings(root, os.environ if environ is None else environ))


def open_tables(engine: Engine, checked: CheckedTables) -> dict[str, ir.Table]:
    """Checked tables as expressions of an engine."""
    return {name: engine.read_parquet(name, path) for name, path in checked.paths.items()}
