"""Export: upload files that write the newest published run back into a CRM."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesworthy.domain.errors import GateRefused, UserError, WrongUsage
from salesworthy.domain.names import nearest
from salesworthy.intake.field_map_files import upload_map
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.publish import latest_run, published
from salesworthy.runs.settings import ExportSettings
from salesworthy.runs.workspace import Workspace

if TYPE_CHECKING:
    import polars as pl

    from salesworthy.intake.field_map import FieldMap, UploadForm
    from salesworthy.ledger.exports import WrittenFile
    from salesworthy.runs.export_file import UploadFile
    from salesworthy.runs.export_rows import Changes

FOLDER = "exports"


@dataclass(frozen=True)
class Export:
    """What was exported, or would be.

    Attributes:
        map: The field map that the file is written by.
        object: What the CRM calls the records.
        key: The column that names a record.
        fields: What is exported -> the CRM's field.
        run_id: The run.
        changed_since: The earlier run, where only what changed since is exported.
        dry_run: Whether nothing was written.
        rows: Leads in the file.
        new: Those of them that the earlier run did not have; all without one.
        unchanged: Leads that are left out because nothing differs.
        no_longer_scored: Leads that the earlier run had and this one has not, or who have objected since: judged, or
            not to be profiled.
        decisions: Decision -> leads in the file.
        changed: Column -> leads that differ in it.
        files: The files that were written.
    """

    map: str
    object: str
    key: str
    fields: dict[str, str]
    run_id: str
    changed_since: str | None
    dry_run: bool
    rows: int
    new: int
    unchanged: int
    no_longer_scored: int
    decisions: dict[str, int]
    changed: dict[str, int]
    files: tuple[WrittenFile, ...]

    def as_dict(self) -> dict[str, Any]:
        """The export as ``export --json`` prints it."""
        return {**asdict(self), "files": [each.as_dict() for each in self.files]}


def export(
    workspace: Workspace,
    name: str,
    *,
    changed_since: str | None = None,
    out: Path | None = None,
    dry_run: bool = False,
    progress: Progress = silent,
) -> Export:
    """Write upload files for a CRM from the newest published run, into ``exports`` where runs are published.

    The same runs, settings and objections give the same bytes. Leads that are no longer scored since the earlier run,
    and those who objected to direct marketing since the run, stand in a file of their own, by their keys, so that what
    the CRM says of them can be emptied.

    Args:
        workspace: Whose runs.
        name: A field map with an upload part, such as ``salesforce/lead``, or a CRM.
        changed_since: An earlier run; only leads of which something else is said now are exported.
        out: Where runs are published; ``out`` in the workspace by default.
        dry_run: Count, and write nothing.
        progress: Told about the steps.

    Raises:
        ConfigurationMistakes: When there is no such map.
        WrongUsage: When the earlier run was not published there.
        UserError: When nothing was published yet, or a run was changed since.
        GateRefused: When the run was decided by a policy that is not approved.
    """
    place = (out or workspace.default_out).resolve()
    found, file = _upload(workspace, name)
    run_id = _newest(place)
    progress("export", 0.0)
    chosen = _changes(place, run_id, changed_since, _objected(workspace, progress))
    stem = f"{found.name.replace('/', '-').removesuffix('.yaml')}-{run_id}"
    stem = stem if changed_since is None else f"{stem}-since-{changed_since}"
    files = () if dry_run else _write(file, place / FOLDER, stem, chosen)
    progress("export", 1.0)
    return Export(
        map=found.name,
        object=file.form.object,
        key=file.key,
        fields=dict(file.columns),
        run_id=run_id,
        changed_since=changed_since,
        dry_run=dry_run,
        rows=chosen.rows.height,
        new=chosen.new,
        unchanged=chosen.unchanged,
        no_longer_scored=len(chosen.gone),
        decisions=dict(sorted(Counter(chosen.rows["decision"].to_list()).items())),
        changed=chosen.changed,
        files=files,
    )


def _upload(workspace: Workspace, name: str) -> tuple[FieldMap, UploadFile]:
    from salesworthy.runs.export_file import UploadFile

    leads = workspace.settings.tables.get("leads", ())
    preferred = next((source.map for source in leads if source.map is not None), None)
    found = upload_map(name, workspace.folder, preferred=preferred)
    own = _own_settings(workspace, found.name)
    return found, UploadFile.of(_form(found), key=own.key, columns=own.columns, owners=own.owners)


def _form(found: FieldMap) -> UploadForm:
    if found.upload is None:
        raise TypeError(f"{found.name} has no upload part")
    return found.upload


def _own_settings(workspace: Workspace, name: str) -> ExportSettings:
    given = workspace.settings.export
    return given.get(name) or given.get(name.partition("/")[0]) or ExportSettings()


def _newest(place: Path) -> str:
    latest = latest_run(place)
    if latest is None:
        raise UserError("nothing was published there yet", where=str(place), todo="salesworthy score")
    manifest = published(place, latest[1]["run_id"]) or {}
    if manifest.get("draft"):
        raise GateRefused(
            f"{manifest['run_id']} was decided by a policy that is not approved",
            where="policy",
            todo="have it approved (salesworthy policy approve), and score again: nobody may act upon a draft",
        )
    return str(manifest["run_id"])


def _changes(place: Path, run_id: str, changed_since: str | None, objected: frozenset[str]) -> Changes:
    from salesworthy.runs.export_rows import changes, exported

    before = None if changed_since is None else _earlier(place, changed_since)
    return changes(exported(place / "runs" / run_id), before, objected=objected)


def _objected(workspace: Workspace, progress: Progress) -> frozenset[str]:
    """Leads whose objection is on record by now, whatever the run knew."""
    from salesworthy.rules.consents import TABLE as CONSENTS
    from salesworthy.runs.features import opened
    from salesworthy.runs.objections import states_of, who_objected

    if CONSENTS not in workspace.settings.tables:
        return frozenset()
    with opened(workspace, progress=progress) as data:
        return who_objected(data, states_of(workspace))


def _earlier(place: Path, run_id: str) -> pl.DataFrame:
    from salesworthy.runs.export_rows import exported

    if not run_id or Path(run_id).name != run_id or published(place, run_id) is None:
        known = [each.name for each in (place / "runs").iterdir() if not each.name.startswith(".")]
        raise WrongUsage(f"no run {run_id!r} was published there", where="--changed-since", todo=nearest(run_id, known))
    return exported(place / "runs" / run_id)


def _write(file: UploadFile, folder: Path, stem: str, chosen: Changes) -> tuple[WrittenFile, ...]:
    written = [file.write(folder / f"{stem}.csv", chosen.rows)]
    if chosen.gone:
        written.append(file.write_keys(folder / f"{stem}-no-longer-scored.csv", chosen.gone))
    return tuple(written)
