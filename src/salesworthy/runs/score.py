"""Score: the batch job. Checked tables in, one published run out; the same question again changes nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import ibis.expr.types as ir

from salesworthy.domain.errors import GateRefused, UserError, WrongUsage
from salesworthy.domain.moments import format_moment
from salesworthy.domain.names import nearest
from salesworthy.intake.checked import CheckedTables
from salesworthy.outcomes.open_leads import known_leads
from salesworthy.runs.deciders import deciders_of
from salesworthy.runs.drift_keeping import keep_counts_up
from salesworthy.runs.duplicates import survivors
from salesworthy.runs.erase_places import remember
from salesworthy.runs.features import OpenTables, opened
from salesworthy.runs.few_leads import ScoredLeads
from salesworthy.runs.few_questions import keep_of_run, keep_questions
from salesworthy.runs.issued import record_missing, record_published
from salesworthy.runs.lock import run_lock
from salesworthy.runs.objections import Arrivals, of_allowed, overtaken, states_of, who_objected, without_objectors
from salesworthy.runs.packets import PacketFiles
from salesworthy.runs.profile import FOLDER, profiled, read_profile, step
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.publish import RunStage, clean_stages, drop_unfinished, published
from salesworthy.runs.rejected import record_rejected
from salesworthy.runs.score_batch import Deciders
from salesworthy.runs.score_few import score_few
from salesworthy.runs.score_files import ScoreFiles
from salesworthy.runs.score_manifest import manifest_of
from salesworthy.runs.score_parts import work_of
from salesworthy.runs.shadow import shadow
from salesworthy.runs.workspace import Workspace

ATTEMPTS = 3
"""So often a run begins anew when somebody objects meanwhile."""


@dataclass(frozen=True)
class ScoreRun:
    """A published run: where it is, its manifest, whether it stood there already, and where its time went.

    ``shadow`` says what the challenger would have changed; None where there is none. ``taken_over`` names the parts
    that an earlier process had finished when it died.
    """

    folder: Path
    manifest: dict[str, Any]
    already_published: bool
    profile: dict[str, dict[str, float]] = field(default_factory=dict)
    shadow: dict[str, Any] | None = None
    taken_over: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The outcome as ``score --json`` prints it."""
        return {
            "folder": str(self.folder),
            "already_published": self.already_published,
            "profile": self.profile,
            "shadow": self.shadow,
            "taken_over": list(self.taken_over),
            **self.manifest,
        }


def run_id_of(*, as_of: int, fingerprint: str, deciders: Deciders, leads: str) -> str:
    """The name of a run: the day asked for, and a hash of everything that decides its content."""
    model, policy = deciders.model, deciders.policy
    models = ["", ""] if model is None else [model.version, model.bundle.sha256]
    parts = [str(as_of), fingerprint, *models, "" if policy is None else policy.identity, leads]
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    day = format_moment(as_of)[:10].replace("-", "")
    return f"{day}-{digest[:16]}"


def score(
    workspace: Workspace,
    *,
    as_of: int,
    out: Path | None = None,
    model: str | None = None,
    now: int,
    draft: bool = False,
    keep: bool = False,
    progress: Progress = silent,
) -> ScoreRun:
    """Score every open lead as of a moment and publish the run.

    The run is complete or absent: it is staged, synced and renamed. The same moment, data, model and policy give the
    same run id and the same bytes; a run that stands already is left as it is. Consents are looked at again right
    before the run is published: where somebody has objected meanwhile, it begins anew without them.

    Args:
        workspace: Whose leads.
        as_of: Facts known by then count (microseconds).
        out: Where runs are published; ``out`` in the workspace by default.
        model: A version; the champion by default.
        now: When this happens; for the ledger and the record of rows set aside only.
        draft: Whether a policy that is not approved may decide; everything written says so.
        keep: Whether the questions about single leads are kept as SQL, so that ``score_leads`` answers at once.
        progress: Told about the steps.

    Raises:
        UserError: When there is neither a model in force nor a policy, or data cannot be read.
        GateRefused: When the policy is not approved, or objections keep arriving.
        RunLocked: When another run writes to the same place.
    """
    place = (out or workspace.default_out).resolve()
    profiles = workspace.cache / FOLDER
    with run_lock(place), profiled() as profile:
        remember(workspace, place)
        clean_stages(place)
        record_missing(workspace, place, now=now)
        for _ in range(ATTEMPTS):
            with suppress(_Overtaken):
                run = _score(workspace, place, model, as_of=as_of, now=now, draft=draft, keep=keep, progress=progress)
                break
        else:
            raise overtaken()
        run_id = run.manifest["run_id"]
        if run.already_published:
            return replace(run, profile=read_profile(profiles, run_id))
        with step("ledger"):
            record_published(workspace, run.folder, run.manifest, now=now)
    profile.write(profiles, run_id)
    return replace(run, profile=profile.as_dict())


class _Overtaken(Exception):
    """Somebody objected, or was erased, while their score was on its way."""


def _score(
    workspace: Workspace,
    place: Path,
    model: str | None,
    *,
    as_of: int,
    now: int,
    draft: bool,
    keep: bool,
    progress: Progress,
) -> ScoreRun:
    """A run on the tables as they are now, published unless somebody objects meanwhile."""
    arrivals = Arrivals(workspace)
    with opened_in_step(workspace, progress) as data:
        record_rejected(workspace, data.checked, now=now)
        with step("model and policy"):
            deciders = deciders_of(data, model, as_of=as_of, draft=draft)
        run_id = _run_id(data, deciders, as_of)
        manifest = published(place, run_id)
        drop_unfinished(place, but=None if manifest else run_id)
        if manifest is not None:
            return ScoreRun(place / "runs" / run_id, manifest, already_published=True)
        run = _publish(data, deciders, place, run_id, arrivals=arrivals, as_of=as_of, progress=progress)
        if model is None:
            with step("weekly counts"):
                keep_counts_up(data, deciders.model, deciders.policy, as_of=as_of)
        if keep:
            with step("SQL about single leads"):
                keep_of_run(data, deciders, as_of=as_of)
        return replace(run, shadow=_shadow(data, run, place, model, as_of=as_of, draft=draft, progress=progress))


@contextmanager
def opened_in_step(workspace: Workspace, progress: Progress) -> Iterator[OpenTables]:
    """The workspace's tables; checking and opening them is a step of its own."""
    with ExitStack() as stack:
        with step("tables checked"):
            data = stack.enter_context(opened(workspace, progress=progress))
        yield data


def score_leads(
    workspace: Workspace,
    leads: Sequence[str],
    *,
    as_of: int,
    model: str | None = None,
    out: Path | None = None,
    draft: bool = False,
    keep: bool = False,
    progress: Progress = silent,
) -> ScoredLeads:
    """Score a few leads, open or not; nothing is published. The figures equal the batch's.

    With ``keep`` the questions about leads are kept as SQL, so that the next process answers at once.

    Raises:
        WrongUsage: When a lead is not known as of that moment.
        GateRefused: When a lead objected to direct marketing, or the policy is not approved.
    """
    if not leads:
        raise WrongUsage("no lead is named", where="--leads", todo="name one or more, separated by commas")
    place = (out or workspace.default_out).resolve()
    with opened(workspace, progress=progress) as data:
        deciders = deciders_of(data, model, as_of=as_of, draft=draft)
        known = known_leads(data.tables, as_of=as_of)
        _refuse_unknown(leads, known, data)
        allowed = without_objectors(data, states_of(workspace, deciders.policy), as_of=as_of)
        _refuse_objectors(leads, known, allowed)
        found = score_few(allowed, deciders, leads, known, place, as_of=as_of)
        if keep:
            keep_questions(data, deciders, leads, as_of=as_of)
        return found


def _publish(
    data: OpenTables,
    deciders: Deciders,
    place: Path,
    run_id: str,
    *,
    arrivals: Arrivals,
    as_of: int,
    progress: Progress,
) -> ScoreRun:
    states = states_of(data.workspace, deciders.policy)
    objected = who_objected(data, states)
    with RunStage(place, run_id, work=work_of(run_id)) as stage:
        asked = data.leads_to_score(as_of=as_of)
        allowed = without_objectors(data, states, as_of=as_of)
        place_of = (stage.folder, stage.journal, run_id, as_of, progress)
        written = ScoreFiles(allowed, deciders, *place_of).write(of_allowed(allowed, asked))
        with step("packets"):
            PacketFiles(allowed, deciders, *place_of).write(written)
        with step("manifest, hashes and publishing"):
            _copy_rejected(data.checked, stage.folder)
            about = manifest_of(data, deciders, written, asked, as_of=as_of)
            if arrivals.any(objected, states):
                raise _Overtaken
            manifest = stage.publish(about)
    taken_over = stage.journal.taken_over
    return ScoreRun(place / "runs" / run_id, manifest, already_published=False, taken_over=taken_over)


def _run_id(data: OpenTables, deciders: Deciders, as_of: int) -> str:
    leads = data.workspace.settings.scoring.leads
    return run_id_of(as_of=as_of, fingerprint=data.checked.fingerprint, deciders=deciders, leads=leads)


def _shadow(
    data: OpenTables, run: ScoreRun, place: Path, model: str | None, *, as_of: int, draft: bool, progress: Progress
) -> dict[str, Any] | None:
    """What the challenger would have said of the leads of a run; a challenger that fails never fails the run."""
    challenger = data.workspace.registry.challenger()
    champion = data.workspace.registry.champion()
    if model is not None or champion is None or challenger is None or not data.workspace.settings.scoring.shadow:
        return None
    try:
        with step("shadow scores"):
            deciders = deciders_of(data, challenger.version, as_of=as_of, draft=draft)
            shadow_id = _run_id(data, deciders, as_of)
            told = shadow(data, deciders, run.folder, place, shadow_id, as_of=as_of, progress=progress)
    except UserError as error:
        return {"model_version": challenger.version, "failed": error.message}
    return {"model_version": challenger.version, **told}


def _copy_rejected(checked: CheckedTables, folder: Path) -> None:
    target = folder / "rejected"
    target.mkdir(exist_ok=True)
    for table, path in sorted(checked.rejected.items()):
        (target / f"{table}.parquet").write_bytes(path.read_bytes())


def _refuse_unknown(asked: Sequence[str], known: ir.Table, data: OpenTables) -> None:
    found = set(_ids(data, known.filter(known.lead_id.isin(list(asked)))))
    missing = [lead for lead in asked if lead not in found]
    if missing:
        _refuse_merged(missing, data)
        some = _ids(data, known.order_by("lead_id").limit(10_000))
        raise WrongUsage(
            f"no lead {', '.join(missing)} is known as of that moment", where="lead_id", todo=nearest(missing[0], some)
        )


def _refuse_merged(asked: Sequence[str], data: OpenTables) -> None:
    kept = survivors(data.checked, "leads", asked)
    if kept:
        told = ", ".join(f"{entry} is a further entry of {survivor}" for entry, survivor in kept.items())
        raise WrongUsage(
            f"{told}: one person, one key",
            where="lead_id",
            todo=f"ask for {', '.join(dict.fromkeys(kept.values()))}; salesworthy duplicates list --merged says why",
        )


def _refuse_objectors(asked: Sequence[str], known: ir.Table, data: OpenTables) -> None:
    mine = known.filter(known.lead_id.isin(list(asked)))
    allowed = set(_ids(data, of_allowed(data, mine)))
    objected = [lead for lead in asked if lead not in allowed]
    if objected:
        raise GateRefused(
            f"{', '.join(objected)} objected to direct marketing, and is not scored",
            where="consent",
            todo="a later consent, recorded in the table consents, lifts the objection",
        )


def _ids(data: OpenTables, leads: ir.Table) -> list[str]:
    return [str(lead) for lead in data.engine.to_arrow(leads.select("lead_id"))["lead_id"].to_pylist()]
