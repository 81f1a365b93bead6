"""Settings: ``salesworthy.toml`` and the environment variables that override it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator

from salesworthy.domain.errors import ConfigurationMistakes, MistakeCollector, UserError
from salesworthy.domain.moments import parse_moment, zone
from salesworthy.domain.names import nearest
from salesworthy.domain.tables import Disposition
from salesworthy.intake.duplicates_settings import DuplicateSettings
from salesworthy.intake.field_map import check_upload_columns
from salesworthy.intake.field_map_files import upload_map
from salesworthy.intake.machine_clicks_settings import MachineClickSettings
from salesworthy.intake.settings import Path as KeyPath
from salesworthy.intake.settings import Report, SourceSettings
from salesworthy.intake.settings_mistakes import report_invalid
from salesworthy.intake.settings_parts import Part
from salesworthy.intake.settings_reader import read_tables
from salesworthy.runs.settings_overrides import override
from salesworthy.runs.settings_web import WebSettings
from salesworthy.runs.toml_lines import key_lines

FILE = "salesworthy.toml"


class WorkspaceSettings(Part):
    """What the workspace is called, and the zone in which times without one are read."""

    name: str = "workspace"
    timezone: str = "UTC"

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            zone(value)
        except UserError as error:
            raise ValueError(f"{error.what}; {error.todo}") from error
        return value


class LabelSettings(Part):
    """What counts as a conversion, and when it is settled; see ``outcomes.labels.LabelRule``.

    ``recorded_since`` is the day since which outcomes are written down, ``start`` (of the data), or ``found``: training
    finds the day in the data, and says so.
    """

    positive: tuple[str, ...] = Field((Disposition.ACCEPTED.value,), min_length=1)
    window_days: float = Field(90.0, gt=0, le=3650)
    absent: Literal["open", "exclude"] = "open"
    undated: Literal["refuse", "final"] = "refuse"
    recorded_since: str = "found"

    @field_validator("recorded_since")
    @classmethod
    def _day(cls, value: str) -> str:
        if value not in {"found", "start"}:
            try:
                parse_moment(value)
            except UserError as error:
                raise ValueError(f"{value!r} is no day; write a day, 'found' or 'start'") from error
        return value

    @field_validator("positive")
    @classmethod
    def _known_dispositions(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            if each not in tuple(Disposition):
                raise ValueError(
                    f"{each!r} is not a disposition; {nearest(each, [known.value for known in Disposition])}"
                )
        return value


class FeatureSettings(Part):
    """Which features there are. ``waive`` names a finding's column and who answers for it, and why."""

    catalogue: tuple[str, ...] = ("medtech",)
    auto: bool = False
    remove: tuple[str, ...] = ()
    waive: dict[str, str] = Field(default_factory=dict)

    @field_validator("waive")
    @classmethod
    def _answered_for(cls, value: dict[str, str]) -> dict[str, str]:
        for column, why in value.items():
            reason, semicolon, by = why.rpartition(";")
            if not (semicolon and _says_something(reason) and _says_something(by.partition(",")[0])):
                raise ValueError(
                    f"the waiver of {column!r} does not say why and who answers for it; "
                    'write "REASON; NAME, DATE", such as "measured before the visit; J. Doe, 2026-03-01"'
                )
        return value


def _says_something(text: str) -> bool:
    return any(letter.isalpha() for letter in text)


class PolicySettings(Part):
    """The folder of the policy."""

    path: str = "policy"


class EngineSettings(Part):
    """The engine and what it may use.

    ``memory_limit`` is what a job may take altogether. The engine gets its share of it (``engines.memory``), and beyond
    that it spills to ``spill``, a folder (`.salesworthy/spill` by default). ``spark`` holds Spark's own settings, such
    as ``"spark.master"``.
    """

    kind: Literal["duckdb", "spark"] = "duckdb"
    memory_limit: str = Field("4GB", pattern=r"^\d+(\.\d+)? ?([KMGT]i?B|%)$")
    threads: int = Field(2, ge=1, le=1024)
    spill: str | None = Field(None, min_length=1)
    spark: dict[str, str] = Field(default_factory=dict)


class MlflowSettings(Part):
    """Where runs are recorded."""

    tracking_uri: str = "sqlite:///mlflow/mlflow.db"
    model: str = Field("conversion", min_length=1)


class LedgerSettings(Part):
    """The database of the ledger."""

    url: str = "sqlite:///ledger.db"


class LimitSettings(Part):
    """Limits that data must keep."""

    max_rejected_share: float = Field(0.5, ge=0, le=1)


class TrainingSettings(Part):
    """From how many handoffs a model learns at most; beyond, they are drawn as ``model.sampling`` says."""

    max_rows: int | None = Field(None, ge=1_000)


class ScoringSettings(Part):
    """Which leads are scored, how many at a time, and whether the challenger scores them too; see ``runs.shadow``.

    ``single_leads`` says whether the questions about single leads are kept as SQL, so that they are answered at once.
    """

    leads: Literal["open", "all"] = "open"
    batch_rows: int = Field(16_384, ge=1)
    shadow: bool = True
    single_leads: bool = True


class ExportSettings(Part):
    """What upload files for a CRM have otherwise than its field map says.

    ``key`` is the column that names a record; ``columns`` calls what is exported by the CRM's fields, "" leaves it out;
    ``owners`` says what the CRM calls our owners.
    """

    key: str | None = Field(None, min_length=1)
    columns: dict[str, str] = Field(default_factory=dict)
    owners: dict[str, str] = Field(default_factory=dict)

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, value: dict[str, str]) -> dict[str, str]:
        check_upload_columns(value)
        return value


class Settings(Part):
    """The settings of a workspace."""

    workspace: WorkspaceSettings = WorkspaceSettings()
    tables: dict[str, tuple[SourceSettings, ...]] = Field(default_factory=dict)
    label: LabelSettings = LabelSettings()
    features: FeatureSettings = FeatureSettings()
    policy: PolicySettings = PolicySettings()
    engine: EngineSettings = EngineSettings()
    mlflow: MlflowSettings = MlflowSettings()
    ledger: LedgerSettings = LedgerSettings()
    limits: LimitSettings = LimitSettings()
    machine_clicks: MachineClickSettings = MachineClickSettings()
    duplicates: DuplicateSettings = DuplicateSettings()
    training: TrainingSettings = TrainingSettings()
    scoring: ScoringSettings = ScoringSettings()
    export: dict[str, ExportSettings] = Field(default_factory=dict)
    web: WebSettings = WebSettings()


def load_settings(root: Path, environ: Mapping[str, str]) -> Settings:
    """The settings of the workspace in a folder.

    Args:
        root: Folder that holds ``salesworthy.toml``.
        environ: Variables such as ``SALESWORTHY__LEDGER__URL`` override single settings.

    Raises:
        UserError: When there is no ``salesworthy.toml``, or it cannot be read.
        ConfigurationMistakes: With every mistake, each with its line.
    """
    mistakes = MistakeCollector(of=FILE)
    text = _read(root)
    raw = _parse(text, mistakes)
    variables = override(raw, environ, mistakes)
    places = _Places(key_lines(text), variables)

    def report(path: KeyPath, what: str, todo: str) -> None:
        mistakes.add(places.of(path), what, todo)

    tables = {
        name: tuple(source.model_copy(update={"places": places.below(name, source, sources)}) for source in sources)
        for name, sources in read_tables(raw.pop("tables", {}), report, root).items()
    }
    settings = Settings()
    _report_exports(raw.get("export"), root, report)
    try:
        settings = Settings(**raw)
    except ValidationError as error:
        report_invalid(error, Settings, (), report)
    mistakes.found.sort(key=lambda mistake: _line_of(mistake.where))
    mistakes.raise_if_any()
    return settings.model_copy(update={"tables": tables})


def _report_exports(raw: object, root: Path, report: Report) -> None:
    """Names of CRMs and field maps under ``export`` that nothing can be written by."""
    for name in raw if isinstance(raw, dict) else ():
        try:
            upload_map(name, root)
        except ConfigurationMistakes as error:
            report(("export", name), error.mistakes[0].what, error.mistakes[0].todo)


def _read(root: Path) -> str:
    path = root / FILE
    try:
        return path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError) as error:
        todo = "change to a workspace, name one with -w, or write one: salesworthy init DIR"
        raise UserError(f"there is no {FILE} here", where=str(root), todo=todo) from error
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"the settings cannot be read: {error}", where=str(path), todo="save them as UTF-8") from error


def _parse(text: str, mistakes: MistakeCollector) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = _told_line(str(error)) or str(len(text.splitlines()))
        mistakes.add(f"{FILE}:{line}", f"this is not TOML: {str(error).partition(' (at ')[0]}", "")
        mistakes.raise_if_any()
        raise


def _told_line(message: str) -> str:
    return message.partition("(at line ")[2].partition(",")[0]


def _line_of(where: str) -> tuple[int, str]:
    line = where.rpartition(":")[2]
    return (int(line) if line.isdigit() else 0, where)


class _Places:
    """Where keys stand: in a variable that overrides them, or on a line of the file."""

    def __init__(self, lines: dict[KeyPath, int], variables: dict[KeyPath, str]) -> None:
        self.lines = lines
        self.variables = variables

    def of(self, path: KeyPath) -> str:
        """Where a key stands, or the nearest that it is part of."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.variables:
                return self.variables[path[:end]]
            if path[:end] in self.lines:
                return f"{FILE}:{self.lines[path[:end]]}"
        inside = (name for key, name in self.variables.items() if path and key[: len(path)] == path)
        return next(inside, FILE)

    def below(self, table: str, source: SourceSettings, sources: tuple[SourceSettings, ...]) -> dict[str, str]:
        """Dotted key inside a source of a table -> where it stands."""
        number = next(index for index, each in enumerate(sources) if each is source)
        start: KeyPath = ("tables", table, number)
        if start not in self.lines:
            start = ("tables", table)
        return {
            ".".join(map(str, path[len(start) :])): self.of(path)
            for path in [*self.lines, *self.variables]
            if path[: len(start)] == start
        }
