"""Leads that stay open, for a program that asks about single ones again and again, as the files are at that moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from salesworthy.intake.check import content_of
from salesworthy.intake.suppression import read_suppression
from salesworthy.runs.few_leads import ScoredLeads
from salesworthy.runs.few_quickly import QuickLeads, quick_leads

if TYPE_CHECKING:
    from salesworthy.runs.workspace import Workspace


class OpenLeads:
    """The leads of a workspace; see ``open_leads``.

    Args:
        workspace: Whose leads.
        place: Where runs are published.
        model: A version; the champion of the moment by default.
    """

    def __init__(self, workspace: Workspace, place: Path, model: str | None) -> None:
        self._workspace = workspace
        self._place = place
        self._model = model
        self._open = ExitStack()
        self._quick: QuickLeads | None = None
        self._seen: tuple[str, ...] = ()

    def score(self, leads: Sequence[str], *, as_of: int, draft: bool = False) -> ScoredLeads:
        """Score a few leads; nothing is published, and the figures equal the batch's.

        Where a file, the policy or the champion has changed, everything is opened anew, which takes a second; the
        first question after a change of definitions takes several.

        Args:
            leads: Their ids.
            as_of: The moment of the question, in microseconds.
            draft: Whether a policy that is not approved may decide.

        Raises:
            WrongUsage: When a lead is not known as of that moment.
            GateRefused: When a lead objected to direct marketing, or the policy is not approved.
        """
        self._refresh()
        quick = self._quick
        found = None if quick is None else quick.score(leads, as_of=as_of, place=self._place, draft=draft)
        if found is not None:
            return found
        from salesworthy.runs.score import score_leads

        told = score_leads(
            self._workspace, leads, as_of=as_of, model=self._model, out=self._place, draft=draft, keep=True
        )
        self._seen = ()
        return told

    def close(self) -> None:
        """Release memory."""
        self._open.close()

    def _refresh(self) -> None:
        """Open the tables, unless they are open as they are now."""
        seen = self._state()
        if seen == self._seen:
            return
        self.close()
        self._quick = self._open.enter_context(quick_leads(self._workspace, model=self._model))
        self._seen = seen

    def _state(self) -> tuple[str, ...]:
        """What the answers hang on, as it is at this moment."""
        from salesworthy.policy.raw import policy_files
        from salesworthy.runs.feedback_outcomes import with_feedback

        workspace = self._workspace
        champion = workspace.registry.champion()
        policy = policy_files(workspace.folder / workspace.settings.policy.path)
        return (
            content_of(with_feedback(workspace), root=workspace.folder, folder=workspace.cache / "checked"),
            read_suppression(workspace.folder).identity,
            "" if champion is None else champion.version,
            *(f"{path} {path.stat().st_mtime_ns}" for path in policy),
        )


@contextmanager
def open_leads(workspace: Workspace, *, out: Path | None = None, model: str | None = None) -> Iterator[OpenLeads]:
    """The leads of a workspace, open for questions.

    Args:
        workspace: Whose leads.
        out: Where runs are published; ``out`` in the workspace by default.
        model: A version; the champion by default.

    Example:
        >>> with open_leads(workspace) as leads:                                    # doctest: +SKIP
        ...     leads.score(["L0000042"], as_of=workspace.moment("2026-07-01")).scores
    """
    opened = OpenLeads(workspace, (out or workspace.default_out).resolve(), model)
    try:
        yield opened
    finally:
        opened.close()
