"""Leads that stay open, for a program that asks about single ones again and again, as the files are at that moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import pyarrow as pa

from salesworthy.domain.errors import WrongUsage
from salesworthy.intake.check import content_of
from salesworthy.intake.suppression import read_suppression
from salesworthy.runs.few_leads import ScoredLeads
from salesworthy.runs.few_quickly import QuickLeads, quick_leads

if TYPE_CHECKING:
    from salesworthy.runs.few_acts import GivenActs
    from salesworthy.runs.workspace import Workspace

ACTS = "engagements"


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
        self._is_ready = False
        self._acts: GivenActs | None = None
        self._lock = Lock()

    def score(
        self, leads: Sequence[str], *, as_of: int, draft: bool = False, engagements: pa.Table | None = None
    ) -> ScoredLeads:
        """Score a few leads; nothing is published, and the figures equal the batch's.

        Where a file, the policy or the champion has changed, everything is opened anew, which takes seconds. The
        first question is asked twice, of the files and of the tables in memory, and later ones of memory alone where
        both said the same. Threads may ask; they are answered in turn.

        Args:
            leads: Their ids.
            as_of: The moment of the question, in microseconds.
            draft: Whether a policy that is not approved may decide.
            engagements: Acts of these leads that are not in the files yet, one row per act, with columns of the table
                ``engagements``: at least ``lead_id``, ``occurred_at`` and ``kind``. They count for this answer alone,
                as if they were in the table; see ``few_acts``.

        Raises:
            WrongUsage: When a lead is not known as of that moment, or given acts cannot be taken as they are.
            GateRefused: When a lead objected to direct marketing, or the policy is not approved.
        """
        with self._lock:
            self._refresh()
            found = self._quickly(leads, as_of, draft, engagements)
            if found is not None:
                return found
            told = self._by_the_long_road(leads, as_of, draft)
            if engagements is None:
                return told
            self._refresh()  # the long road kept the questions
            found = self._quickly(leads, as_of, draft, engagements)
            if found is None:
                raise WrongUsage(
                    "acts that are not in the tables can only be added where the questions about single leads are kept",
                    where="engagements",
                    todo="set scoring.single_leads = true, with the engine duckdb; or put the acts into the tables",
                )
            return found

    def close(self) -> None:
        """Release memory."""
        self._open.close()

    def _quickly(
        self, leads: Sequence[str], as_of: int, draft: bool, engagements: pa.Table | None
    ) -> ScoredLeads | None:
        """The answer from kept questions; None where somebody else must be asked."""
        if self._quick is None:
            return None
        more: dict[str, pa.Table] = {}
        if engagements is not None:
            more = {ACTS: self._given_acts(self._quick).as_checked(engagements, leads, as_of=as_of)}
        found = self._quick.score(leads, as_of=as_of, place=self._place, draft=draft, more=more)
        if found is not None and not self._is_ready:
            self._make_ready(self._quick, leads, as_of)
        return found

    def _given_acts(self, quick: QuickLeads) -> GivenActs:
        if self._acts is None:
            from salesworthy.runs.few_acts import GivenActs

            self._acts = GivenActs.of(self._workspace, quick.checked)
        return self._acts

    def _make_ready(self, quick: QuickLeads, leads: Sequence[str], as_of: int) -> None:
        """Ask tables in memory from now on, where they say what the files say."""
        from salesworthy.runs.few_making import at_once

        self._is_ready = True
        made = at_once(quick, leads, as_of=as_of)
        if made is not None:
            self._open.callback(made.close)
            self._quick = replace(quick, ask_memory=made.ask)

    def _by_the_long_road(self, leads: Sequence[str], as_of: int, draft: bool) -> ScoredLeads:
        from salesworthy.runs.score import score_leads

        self._seen = ()
        return score_leads(
            self._workspace, leads, as_of=as_of, model=self._model, out=self._place, draft=draft, keep=True
        )

    def _refresh(self) -> None:
        """Open the tables, unless they are open as they are now."""
        seen = self._state()
        if seen == self._seen:
            return
        self.close()
        self._is_ready, self._acts = False, None
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

        An evaluation request that has just come in, and is in no file yet:

        >>> now = workspace.moment("2026-07-01T09:30:00Z")                          # doctest: +SKIP
        >>> asked = pa.Table.from_pylist(                                           # doctest: +SKIP
        ...     [{"lead_id": "L0000042", "occurred_at": now, "kind": "form", "content_id": "C0001"}]
        ... )
        >>> with open_leads(workspace) as leads:                                    # doctest: +SKIP
        ...     leads.score(["L0000042"], as_of=now, engagements=asked).packets
    """
    opened = OpenLeads(workspace, (out or workspace.default_out).resolve(), model)
    try:
        yield opened
    finally:
        opened.close()
