"""What ``serve`` lets pages do with calibration reviews: what is quick at once, the rest beside the pages."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesworthy.cli.serve_jobs import Jobs, Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from salesworthy.review.case import Case
    from salesworthy.runs.workspace import Workspace
    from salesworthy.web.work import Adoption, Proposed, Vote

OPENING = "new review"
"""What a piece of work is about while its review has no name."""


class ReviewOperations:
    """Operations on the reviews of a workspace; each loads what it needs when it is first asked.

    Args:
        workspace: Whose.
        jobs: Does what takes long.
    """

    def __init__(self, workspace: Workspace, jobs: Jobs) -> None:
        self._workspace = workspace
        self._jobs = jobs

    def cases(self) -> Sequence[Case]:
        """Every review, oldest first."""
        from salesworthy.review.case import read_case
        from salesworthy.runs.review_case import in_force

        reviews = self._workspace.ledger.reviews
        known = reviews.all()
        now = in_force(self._workspace) if known else None
        return [] if now is None else [read_case(reviews, each, now) for each in known]

    def show(self, review_id: str) -> dict[str, Any]:
        """A review with everything that may be seen of it."""
        from salesworthy.runs.review import show

        return show(self._workspace, review_id)

    def open(self, by: str, as_of: str, name: str, now: int) -> None:
        """Begin to collect the evidence of a new review.

        Raises:
            WrongUsage: When the day cannot be read, or the name cannot be one.
        """
        from salesworthy.runs.review_files import check_name

        if name:
            check_name(name)
        given = {"as_of": self._workspace.moment(as_of, option="as of"), "name": name}
        self._jobs.begin(Task("open", OPENING, given, by, now))

    def propose(self, review_id: str, asked: Proposed, by: str, now: int) -> None:
        """Check what is proposed as far as that is quick, and begin to replay it.

        Raises:
            WrongUsage: When nothing is proposed, or something of it cannot be read.
            GateRefused: When nobody may propose in this review now.
            ConfigurationMistakes: When the policy has mistakes with the new numbers.
        """
        from salesworthy.review.permissions import check_can_propose
        from salesworthy.runs.review_case import the_case
        from salesworthy.runs.review_draft import Turned, draft_folder, write_draft
        from salesworthy.runs.review_proposal import refuse_unclear

        check_can_propose(the_case(self._workspace, review_id), by=by)
        has_policy = bool(asked.draft or asked.values)
        refuse_unclear(policy=has_policy, model=bool(asked.model), recalibrated=asked.recalibrate, why=asked.why)
        if asked.draft:
            draft_folder(self._workspace, asked.draft)
        if asked.values:
            turned = Turned(asked.values, asked.starts, asked.version, asked.against)
            with tempfile.TemporaryDirectory(prefix="salesworthy-draft-") as scratch:
                write_draft(self._workspace, turned, Path(scratch), why=asked.why, by=by)
        moments = {
            option: self._workspace.moment(text, option=option) if text else None
            for option, text in (("from", asked.start), ("to", asked.end))
        }
        given = {
            **{name: getattr(asked, name) for name in ("why", "model", "recalibrate", "draft", "version", "against")},
            "values": dict(asked.values),
            "form": dict(asked.form),
            "starts": asked.starts.isoformat(),
            "start": moments["from"],
            "end": moments["to"],
        }
        self._jobs.begin(Task("propose", review_id, given, by, now))

    def drafts(self) -> Sequence[str]:
        """Draft policies of the workspace, by the names of their folders."""
        from salesworthy.runs.review_draft import drafts_of

        return drafts_of(self._workspace)

    def vote(self, review_id: str, given: Vote, now: int) -> dict[str, Any]:
        """Vote on the newest proposal of a review."""
        from salesworthy.runs.review import vote

        role, said = given.role, given.said
        return vote(self._workspace, review_id, role=role, said=said, by=given.by, now=now, note=given.note)

    def adopt(self, review_id: str, given: Adoption, by: str, now: int) -> None:
        """Put the proposal of a review in force; one with a model beside the pages, because its gate takes a while.

        Raises:
            GateRefused: When not everybody approved, or something else is in force now.
        """
        from salesworthy.review.permissions import check_can_adopt
        from salesworthy.runs.review_adoption import adopt
        from salesworthy.runs.review_case import the_case

        case = the_case(self._workspace, review_id)
        check_can_adopt(case)
        told: dict[str, Any] = {"note": given.note, "despite": list(given.despite), "because": given.because}
        if case.proposals[-1].model_version:
            self._jobs.begin(Task("adopt", review_id, told, by, now))
        else:
            adopt(self._workspace, review_id, by=by, now=now, **told)

    def roll_back(self, by: str, now: int, note: str) -> dict[str, Any]:
        """Take the latest adoption back."""
        from salesworthy.runs.review_adoption import roll_back

        return roll_back(self._workspace, by=by, now=now, note=note)
