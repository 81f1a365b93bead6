"""Explain: one lead, its decision, the rules and reasons behind it, and its packet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from salesworthy.domain.moments import parse_moment
from salesworthy.policy.document import Policy
from salesworthy.policy.in_force import PolicyInForce, policy_at_moment
from salesworthy.qualification.rule_path import rule_path
from salesworthy.runs.few_quickly import quick_leads
from salesworthy.runs.packet_rows import POLICY_FILE
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.publish import latest_run
from salesworthy.runs.workspace import Workspace

if TYPE_CHECKING:
    from salesworthy.runs.few_leads import ScoredLeads


def explain(
    workspace: Workspace,
    lead_id: str,
    *,
    now: int,
    as_of: int | None = None,
    out: Path | None = None,
    model: str | None = None,
    draft: bool = False,
    what_if: bool = False,
    progress: Progress = silent,
) -> dict[str, Any]:
    """What stands behind one lead's decision and score.

    The newest published run is read where it holds the lead; otherwise, or when a moment or a model is named, the lead
    is scored on the spot, with the same figures.

    Returns:
        The lead's row of ``scores``, ``base_log_odds``, and its ``reasons`` in order of weight; under a policy also
        ``rule_path`` and, for an MQL, ``packet``. With ``what_if`` also ``would_change`` and ``would_change_why``; see
        ``what_if.what_would_change``.

    Raises:
        WrongUsage: When no such lead is known.
        GateRefused: When the lead objected to direct marketing, or the policy is not approved.
    """
    found = _explained(workspace, lead_id, now=now, as_of=as_of, out=out, model=model, draft=draft, progress=progress)
    if not what_if:
        return found
    from salesworthy.runs.what_if import what_would_change

    return {**found, **what_would_change(workspace, found, out=out, draft=draft, progress=progress)}


def _explained(
    workspace: Workspace,
    lead_id: str,
    *,
    now: int,
    as_of: int | None,
    out: Path | None,
    model: str | None,
    draft: bool,
    progress: Progress,
) -> dict[str, Any]:
    """As published where the newest run holds the lead; scored on the spot otherwise."""
    latest = latest_run((out or workspace.default_out).resolve())
    if latest is not None and as_of is None and model is None:
        found = _published(lead_id, *latest)
        if found is not None:
            return found
        as_of = parse_moment(latest[1]["as_of"])
    moment = now if as_of is None else as_of
    return explain_now(workspace, [lead_id], as_of=moment, model=model, out=out, draft=draft, progress=progress)[0]


def explain_now(
    workspace: Workspace,
    leads: Sequence[str],
    *,
    as_of: int,
    model: str | None = None,
    out: Path | None = None,
    draft: bool = False,
    keep: bool = False,
    progress: Progress = silent,
) -> list[dict[str, Any]]:
    """Score a few leads as of a moment and tell what stands behind each, in order of their ids; nothing is published.

    Where the questions were put into SQL before, by this or by ``score``, that is asked; with ``keep`` it is written
    down for the next time.

    Raises:
        WrongUsage: When a lead is not known as of that moment.
        GateRefused: When a lead objected to direct marketing, or the policy is not approved.
    """
    scored = _scored(workspace, leads, as_of=as_of, model=model, out=out, draft=draft, keep=keep, progress=progress)
    policy = scored.deciders.policy
    told = []
    for lead in scored.scores["lead_id"].to_pylist():
        found = _as_dict(_of(scored.scores, lead), _of(scored.reasons, lead), scored.deciders.base_log_odds)
        if policy is not None and scored.verdicts is not None:
            found = _with_policy(found, _of(scored.verdicts, lead), policy.in_force, scored.packets.get(lead))
        told.append(found)
    return told


def _scored(
    workspace: Workspace,
    leads: Sequence[str],
    *,
    as_of: int,
    model: str | None,
    out: Path | None,
    draft: bool,
    keep: bool,
    progress: Progress,
) -> ScoredLeads:
    with quick_leads(workspace, model=model) as quick:
        place = (out or workspace.default_out).resolve()
        found = quick.score(leads, as_of=as_of, place=place, draft=draft) if quick is not None else None
    if found is not None:
        return found
    from salesworthy.runs.score import score_leads

    return score_leads(workspace, leads, as_of=as_of, model=model, out=out, draft=draft, keep=keep, progress=progress)


def write_page(explained: dict[str, Any], path: Path) -> None:
    """Write an explained lead as a page to print: its packet, or where it has none its decision, rules and reasons.

    Both show how its chance comes about. The page is complete or not there.
    """
    from salesworthy.qualification.lead_page import lead_page
    from salesworthy.qualification.packet_page import packets_page
    from salesworthy.qualification.reason_waterfall import reason_figure
    from salesworthy.reporting.page import write_page as write_html

    picture = reason_figure(explained["base_log_odds"], explained["reasons"])
    if explained.get("packet") is None:
        write_html(lead_page(explained, picture=picture), path)
        return
    write_html(packets_page([explained["packet"]], pictures={explained["lead_id"]: picture}), path)


def _of(table: pa.Table, lead_id: str) -> pa.Table:
    return table.filter(pc.equal(table.column("lead_id"), lead_id))


def _published(lead_id: str, folder: Path, manifest: dict[str, Any]) -> dict[str, Any] | None:
    scores = _rows_of(folder / "scores", lead_id)
    if not scores.num_rows:
        return None
    found = _as_dict(scores, _rows_of(folder / "reasons", lead_id), manifest["base_log_odds"])
    if not (folder / POLICY_FILE).is_file():
        return found
    policy = Policy.from_json((folder / POLICY_FILE).read_text(encoding="utf-8"))
    in_force = policy_at_moment(policy, parse_moment(manifest["as_of"]))
    return _with_policy(found, _rows_of(folder / "verdicts", lead_id), in_force, _packet_of(folder, lead_id))


def _with_policy(
    found: dict[str, Any], verdicts: pa.Table, policy: PolicyInForce, packet: dict[str, Any] | None
) -> dict[str, Any]:
    path = rule_path(verdicts.to_pylist()[0], policy, decided_by=found["decided_by"])
    return {**found, "rule_path": path, "packet": packet}


def _packet_of(folder: Path, lead_id: str) -> dict[str, Any] | None:
    """The packet of a lead; only lines that could be its are read."""
    sought = json.dumps(lead_id, ensure_ascii=False)
    for path in sorted((folder / "packets").glob("*.jsonl")):
        with path.open(encoding="utf-8") as file:
            for line in file:
                if f'"lead_id": {sought}' in line:
                    packet: dict[str, Any] = json.loads(line)
                    if packet["lead_id"] == lead_id:
                        return packet
    return None


def _rows_of(folder: Path, lead_id: str) -> pa.Table:
    """The rows of a lead; only row groups that may hold it are read."""
    found = []
    for path in sorted(folder.glob("*.parquet")):
        with pq.ParquetFile(path) as file:
            groups = [
                group for group in range(file.num_row_groups) if _may_hold(file.metadata.row_group(group), lead_id)
            ]
            found.append(_of(file.read_row_groups(groups), lead_id))
    return pa.concat_tables(found)


def _may_hold(group: pq.RowGroupMetaData, lead_id: str) -> bool:
    column = next(at for at in range(group.num_columns) if group.column(at).path_in_schema == "lead_id")
    known = group.column(column).statistics
    return known is None or not known.has_min_max or bool(known.min <= lead_id <= known.max)


def _as_dict(scores: pa.Table, reasons: pa.Table, base: float | None) -> dict[str, Any]:
    row = {name: _plain(value) for name, value in scores.to_pylist()[0].items()}
    told = [
        {name: value for name, value in reason.items() if name not in ("lead_id", "run_id")}
        for reason in reasons.sort_by("rank").to_pylist()
    ]
    return {**row, "base_log_odds": base, "reasons": told}


def _plain(value: Any) -> Any:
    return value.isoformat().replace("+00:00", "Z") if hasattr(value, "isoformat") else value
