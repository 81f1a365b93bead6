"""Replay: past weeks decided under the policy in force and under another, with the same features and the same model.

Another model can be tried too, alone or with another policy.

The moments are the Mondays of the window, first instant, where the workspace is: a lead that stays open is decided
again every week, as a nightly run would. Features are built once and both policies decide on them. Facts and consents
are those of each week; the model is the champion of today.

A change that starts later than a week of the window would show nothing there. So each week is decided with the values
of the day on which the last change of the new policy holds, under both policies: what differs is what people changed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from salesworthy.domain.errors import WrongUsage
from salesworthy.domain.moments import MICROSECONDS_PER_DAY, format_moment
from salesworthy.policy.approvals import status_line
from salesworthy.policy.differences import differences
from salesworthy.policy.document import Policy
from salesworthy.rules.checking import load_checked_policy
from salesworthy.runs.champion import LoadedModel, load_model
from salesworthy.runs.features import OpenTables, opened
from salesworthy.runs.governance import folder_of, named
from salesworthy.runs.objections import states_of, without_objectors
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.replay_days import changes_hold_from, mondays
from salesworthy.runs.replay_report import Replayed, report
from salesworthy.runs.replay_week import Replay, replay_weeks
from salesworthy.runs.run_policy import what_rules_read
from salesworthy.runs.workspace import Workspace

STALE_AFTER = 60 * MICROSECONDS_PER_DAY
MOMENTS = "decided every Monday at its first instant"


def replay(
    workspace: Workspace,
    new: Path | None,
    *,
    start: int,
    end: int,
    as_of: int,
    model: str | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Which leads would change decision under another policy, and what sales would gain, as ``--json`` prints it.

    Args:
        workspace: Whose leads, policy in force and champion.
        new: Folder of the other policy; that in force where another model is tried alone.
        start: First day of the window, in microseconds.
        end: Last day of the window.
        as_of: Outcomes known by then count.
        model: The version that the other policy decides with; the champion by default.
        progress: Told about the steps.

    Raises:
        WrongUsage: When no Monday lies in the window, or it reaches beyond ``as_of``.
        UserError: When the workspace has no policy.
        ConfigurationMistakes: When one of the policies has mistakes.
    """
    moments = mondays(workspace, start, end)
    if moments[-1] > as_of:
        raise WrongUsage(
            "the window reaches beyond what is known", where="--to", todo=f"end it by {format_moment(as_of)}"
        )
    old = folder_of(workspace)
    new = old if new is None else new
    with opened(workspace, progress=progress) as everything:
        data = without_objectors(everything, states_of(workspace))
        catalogue, columns = what_rules_read(workspace, data.checked)
        before, after = load_checked_policy(old, columns), load_checked_policy(new, columns)
        champion, changes_from = _champion(workspace), changes_hold_from(before, after)
        other = None if model is None else load_model(workspace, model)
        asked = Replay(data, before, after, catalogue, columns, champion, changes_from, other)
        replayed = Replayed()
        progress("replay", 0.0)
        for week in replay_weeks(asked, moments):
            replayed.add(week)
            progress("replay", len(replayed.weeks) / len(moments))
        progress("outcomes", 0.0)
        found = report(replayed, data, as_of=as_of)
        progress("outcomes", 1.0)
        notes = [*_notes(before, after, changes_from, moments[0]), *_notes_on_data(data, champion, other, as_of)]
    return {
        "headline": found.pop("headline"),
        "old": named(before, old),
        "new": named(after, new),
        "from": format_moment(start)[:10],
        "to": format_moment(end)[:10],
        "moments": MOMENTS,
        "model_version": None if champion is None else champion.version,
        "new_model_version": None if other is None else other.version,
        **found,
        "differences": [each.says for each in differences(before, after)],
        "notes": notes,
    }


def _champion(workspace: Workspace) -> LoadedModel | None:
    return None if workspace.registry.champion() is None else load_model(workspace)


def _notes(old: Policy, new: Policy, changes_from: int, first: int) -> list[str]:
    """What a reader must know about the policies to read the figures rightly."""
    drafts = [policy for policy in (old, new) if not policy.is_approved]
    found = [f"the policy {policy.version} is not approved. {status_line(policy)}" for policy in drafts]
    if changes_from > first:
        found.append(
            f"the last change of {new.version} holds from {format_moment(changes_from)} on: earlier weeks are decided "
            "with the values of that day, under both policies"
        )
    if any(each.value for policy in (old, new) for each in policy.scoring.exploration.versions):
        found.append("leads that are drawn at random from below the threshold are left out: chance is no difference")
    return found


def _versions(champion: LoadedModel | None, other: LoadedModel | None) -> str:
    versions = [each.version for each in (champion, other) if each is not None]
    return versions[0] if len(versions) == 1 else f"{' and '.join(versions)}, of each lead the mean"


def _notes_on_data(data: OpenTables, champion: LoadedModel | None, other: LoadedModel | None, as_of: int) -> list[str]:
    """The same about the model and the outcomes."""
    found = []
    if champion is None and other is None:
        found.append("no model is in force, so points decide and nothing can be estimated")
    else:
        found.append(
            f"propensities are those of {_versions(champion, other)}, which may have learned from these very weeks: "
            "they compare the two sides, and are no forecast"
        )
    newest = data.engine.to_arrow(data.tables["leads"].created_at.max().as_table()).column(0)[0].as_py()
    if newest is not None and as_of - newest > STALE_AFTER:
        days = (as_of - newest) // MICROSECONDS_PER_DAY
        found.append(
            f"the newest lead is {days:,} days old: outcomes that were not exported count as no; name the day of the "
            "export with --as-of"
        )
    return found
