"""The calibration review, as the ledger has it: reviews, proposals, votes unseen until all are in, adoptions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, Engine, Row, Table, select

from salesworthy.domain.errors import GateRefused, WrongUsage
from salesworthy.domain.names import nearest
from salesworthy.ledger import audit
from salesworthy.ledger.connection import reading, writing
from salesworthy.ledger.records import Action, named
from salesworthy.ledger.tables import ADOPTIONS, PROPOSALS, REVIEWS, VOTES

APPROVE, REJECT, CHANGES = "approve", "reject", "changes"
VOTE_WORDS = (APPROVE, REJECT, CHANGES)
"""What a role may say of a proposal; ``changes`` asks for another one."""
FOUND = "found in force, before a review changed it"
"""Note of an adoption that nobody proposed: what stood, so that there is a way back to it."""


@dataclass(frozen=True)
class Review:
    """A review that was opened: for which moment (microseconds), on which evidence, by whom and when."""

    review_id: str
    as_of: int
    evidence_sha256: str
    by: str
    at: int


@dataclass(frozen=True)
class Proposal:
    """What somebody proposes in a review.

    Attributes:
        proposal_id: Its name.
        review_id: The review.
        kind: What changes, such as ``policy``, ``recalibration`` or ``policy, retrain``.
        policy_sha256: Content of the proposed policy; None where the policy stays.
        model_version: The proposed model; None where the model stays.
        replay_sha256: Hash of the replay that shows its consequences.
        content: What is proposed, as JSON.
        by: The author.
        at: When, in microseconds.
    """

    proposal_id: str
    review_id: str
    kind: str
    policy_sha256: str | None
    model_version: str | None
    replay_sha256: str
    content: Mapping[str, Any]
    by: str
    at: int


@dataclass(frozen=True)
class Vote:
    """What a role says of a proposal: one of ``VOTE_WORDS``."""

    proposal_id: str
    role: str
    vote: str
    note: str
    by: str
    at: int


@dataclass(frozen=True)
class Adoption:
    """What is in force since then: by adopting a proposal, or by going back (``action``: adopt, revert).

    A row without a proposal says what was found in force when the next one was adopted.
    """

    sequence: int
    action: str
    proposal_id: str | None
    policy_sha256: str | None
    model_version: str | None
    by: str
    at: int
    note: str

    @property
    def in_force(self) -> InForce:
        """What decides since then."""
        return InForce(self.policy_sha256, self.model_version)


@dataclass(frozen=True)
class InForce:
    """What decides at a moment: the hash of the policy's content, and the champion; None where there is none."""

    policy_sha256: str | None
    model_version: str | None


class AdoptionChanged(GateRefused):
    """Somebody else adopted or reverted between looking and doing; look again."""


class Reviews:
    """Reviews, proposals, votes and adoptions."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open(self, review: Review) -> Review:
        """Record that a review was opened.

        Raises:
            GateRefused: When there is a review of that name.
        """
        with writing(self._engine) as connection:
            _refuse_twin(connection, REVIEWS, "review_id", review.review_id)
            _record(connection, Action.OPEN_REVIEW, vars(review), subject=review.review_id)
        return review

    def propose(self, proposal: Proposal) -> Proposal:
        """Record a proposal.

        Raises:
            WrongUsage: When there is no such review.
            GateRefused: When there is a proposal of that name.
        """
        with writing(self._engine) as connection:
            _required(connection, REVIEWS, "review_id", proposal.review_id)
            _refuse_twin(connection, PROPOSALS, "proposal_id", proposal.proposal_id)
            _record(connection, Action.PROPOSE, vars(proposal), subject=proposal.proposal_id)
        return proposal

    def vote(self, vote: Vote) -> Vote:
        """Record a vote; a role votes once, a person for one role, and the author not at all.

        Raises:
            WrongUsage: When there is no such proposal, or the vote is none of ``VOTE_WORDS``.
            GateRefused: When the role or the person has voted, the person is the author, or the proposal was replaced.
        """
        if vote.vote not in VOTE_WORDS:
            raise WrongUsage(f"{vote.vote!r} is no vote", where="--vote", todo=nearest(vote.vote, VOTE_WORDS))
        with writing(self._engine) as connection:
            proposal = _required(connection, PROPOSALS, "proposal_id", vote.proposal_id)
            _check_newest(connection, proposal)
            _check_may_vote(vote, proposal.by, _votes(connection, vote.proposal_id))
            _record(connection, Action.VOTE, vars(vote), subject=vote.proposal_id)
        return vote

    def voted(self, proposal_id: str) -> dict[str, str]:
        """Role -> who has voted in it; not how."""
        with reading(self._engine) as connection:
            return {each.role: each.by for each in sorted(_votes(connection, proposal_id), key=lambda each: each.role)}

    def votes(self, proposal_id: str, *, roles: Collection[str]) -> tuple[Vote, ...]:
        """The votes on a proposal, once every role has voted.

        Raises:
            GateRefused: While a role has not voted.
        """
        with reading(self._engine) as connection:
            found = _votes(connection, proposal_id)
        missing = sorted(set(roles) - {each.role for each in found})
        if missing:
            todo = f"wait for {', '.join(missing)}"
            raise GateRefused("votes are shown once all are in", where=f"proposal {proposal_id}", todo=todo)
        return found

    def adopt(
        self,
        proposal_id: str,
        *,
        by: str,
        now: int,
        expected: int,
        stands: InForce,
        roles: Collection[str],
        note: str = "",
    ) -> Adoption:
        """Put a proposal in force: compare and set, in one transaction.

        Where what stands is not what the latest adoption says, what stands is recorded first: a way back to it.

        Args:
            proposal_id: What is adopted.
            by: Who says so.
            now: Microseconds UTC.
            expected: Sequence of the adoption that this one was weighed against; 0 for none.
            stands: What was in force until now.
            roles: Who must have approved.
            note: Why, in words.

        Raises:
            AdoptionChanged: When another adoption came first.
            GateRefused: When a role has not approved, or the proposal was replaced.
            WrongUsage: When there is no such proposal, or nobody is named.
        """
        with writing(self._engine) as connection:
            proposal = _required(connection, PROPOSALS, "proposal_id", proposal_id)
            _check_newest(connection, proposal)
            _check_approved(proposal_id, _votes(connection, proposal_id), roles)
            adoptions = _adoptions(connection)
            _compare(adoptions, expected)
            who = {"by": named(by), "at": now}
            standing = _standing(adoptions)
            if not standing or standing[-1].in_force != stands:
                found = {"proposal_id": None, **vars(stands), **who, "note": FOUND}
                _adopted(connection, Action.ADOPT, found, subject="")
            what = {
                "policy_sha256": proposal.policy_sha256 or stands.policy_sha256,
                "model_version": proposal.model_version or stands.model_version,
            }
            row = {"proposal_id": proposal_id, **what, **who, "note": note}
            return _adopted(connection, Action.ADOPT, row, subject=proposal_id)

    def revert(self, *, by: str, now: int, expected: int, note: str = "") -> Adoption:
        """Go back to what was in force before the latest adoption, as a new row; repeated, it walks further back.

        Raises:
            GateRefused: When nothing stood before.
            AdoptionChanged: When another adoption came first.
        """
        with writing(self._engine) as connection:
            adoptions = _adoptions(connection)
            _compare(adoptions, expected)
            standing = _standing(adoptions)
            if len(standing) < 2:
                raise GateRefused("there is no earlier adoption to go back to", where="review")
            before = standing[-2]
            what = {name: getattr(before, name) for name in ("proposal_id", "policy_sha256", "model_version")}
            row = {**what, "by": named(by), "at": now, "note": note}
            return _adopted(connection, Action.REVERT, row, subject=before.proposal_id or "")

    def adoptions(self) -> tuple[Adoption, ...]:
        """Every adoption, oldest first."""
        with reading(self._engine) as connection:
            return _adoptions(connection)

    def standing(self) -> tuple[Adoption, ...]:
        """The adoption in force and those that wait behind it, oldest first: going back takes the last one away."""
        with reading(self._engine) as connection:
            return tuple(_standing(_adoptions(connection)))

    def all(self) -> tuple[Review, ...]:
        """Every review, oldest first."""
        with reading(self._engine) as connection:
            return tuple(Review(**_without_sequence(row)) for row in _rows(connection, REVIEWS))

    def proposals(self, review_id: str) -> tuple[Proposal, ...]:
        """The proposals of a review, oldest first."""
        with reading(self._engine) as connection:
            rows = _rows(connection, PROPOSALS)
            return tuple(Proposal(**_without_sequence(row)) for row in rows if row.review_id == review_id)


def _check_newest(connection: Connection, proposal: Row[Any]) -> None:
    """Votes on a proposal end with the next one."""
    mine = [row for row in _rows(connection, PROPOSALS) if row.review_id == proposal.review_id]
    if mine[-1].proposal_id != proposal.proposal_id:
        raise GateRefused(
            f"it was replaced by {mine[-1].proposal_id}", where=f"proposal {proposal.proposal_id}", todo="look again"
        )


def _check_approved(proposal_id: str, votes: tuple[Vote, ...], roles: Collection[str]) -> None:
    missing = sorted(set(roles) - {each.role for each in votes if each.vote == APPROVE})
    if missing:
        raise GateRefused(f"{', '.join(missing)} did not approve it", where=f"proposal {proposal_id}")


def _check_may_vote(vote: Vote, author: str, given: tuple[Vote, ...]) -> None:
    where = f"proposal {vote.proposal_id}"
    if named(vote.by).casefold() == author.casefold():
        raise GateRefused(f"{author} made this proposal and does not vote on it", where=where)
    for each in given:
        if each.role == vote.role:
            raise GateRefused(f"{vote.role} has voted already", where=where)
        if each.by.casefold() == named(vote.by).casefold():
            raise GateRefused(f"{each.by} has voted already, for {each.role}", where=where)


def _standing(adoptions: tuple[Adoption, ...]) -> list[Adoption]:
    standing: list[Adoption] = []
    for each in adoptions:
        if each.action == Action.REVERT:
            standing.pop()
        else:
            standing.append(each)
    return standing


def _compare(adoptions: tuple[Adoption, ...], expected: int) -> None:
    last = adoptions[-1].sequence if adoptions else 0
    if last != expected:
        raise AdoptionChanged(f"adoption {last} stands now, not {expected}", where="review", todo="look again")


def _adopted(connection: Connection, action: Action, row: Mapping[str, Any], *, subject: str) -> Adoption:
    return Adoption(**_record(connection, action, {"action": str(action), **row}, subject=subject))


def _record(connection: Connection, action: Action, row: Mapping[str, Any], *, subject: str) -> dict[str, Any]:
    actor = named(row["by"])
    whole = {**row, "by": actor}
    return audit.record(connection, whole, at=row["at"], actor=actor, action=action, subject=subject)


def _refuse_twin(connection: Connection, table: Table, key: str, value: str) -> None:
    if connection.execute(select(table.c[key]).where(table.c[key] == value)).first() is not None:
        raise GateRefused(f"{value} stands already", where=table.name, todo="take another name")


def _required(connection: Connection, table: Table, key: str, value: str) -> Row[Any]:
    row = connection.execute(select(table).where(table.c[key] == value)).first()
    if row is None:
        known = connection.execute(select(table.c[key])).scalars()
        raise WrongUsage(f"there is no {table.name.removesuffix('s')} {value!r}", todo=nearest(value, known))
    return row


def _votes(connection: Connection, proposal_id: str) -> tuple[Vote, ...]:
    rows = _rows(connection, VOTES)
    return tuple(Vote(**_without_sequence(row)) for row in rows if row.proposal_id == proposal_id)


def _adoptions(connection: Connection) -> tuple[Adoption, ...]:
    names = [each.name for each in fields(Adoption)]
    return tuple(Adoption(**{name: row._mapping[name] for name in names}) for row in _rows(connection, ADOPTIONS))


def _rows(connection: Connection, table: Table) -> list[Row[Any]]:
    return list(connection.execute(select(table).order_by(table.c.sequence)).all())


def _without_sequence(row: Row[Any]) -> dict[str, Any]:
    return {name: value for name, value in row._mapping.items() if name != "sequence"}
