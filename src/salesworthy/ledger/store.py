"""The ledger: what was registered, promoted and run, and who did it; append-only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Table, select
from sqlalchemy.exc import IntegrityError

from salesworthy.domain.errors import GateRefused, WrongUsage
from salesworthy.ledger import audit
from salesworthy.ledger.approvals import Approvals
from salesworthy.ledger.attempts import Attempts
from salesworthy.ledger.connection import open_database, reading, writing
from salesworthy.ledger.decisions import Decisions, HandedDecision, OverrideSeen, record_decisions, record_overrides
from salesworthy.ledger.feedback import FeedbackBook
from salesworthy.ledger.people import People
from salesworthy.ledger.records import (
    ANY_CHAMPION,
    Action,
    AuditCheck,
    AuditEvent,
    ChampionChanged,
    Expected,
    ModelVersion,
    Promotion,
    RunRecord,
    named,
)
from salesworthy.ledger.reviews import Reviews
from salesworthy.ledger.tables import MODEL_VERSIONS, PROMOTIONS, RUNS
from salesworthy.ledger.tokens import Tokens
from salesworthy.ledger.users import Users


class Ledger:
    """An append-only record in SQLite or PostgreSQL.

    Every write carries its audit event in the same transaction; nothing is ever updated or deleted, and triggers in the
    database refuse to. Writers wait for each other, so that what one checks still holds when it writes.

    Args:
        url: Database URL, such as ``sqlite:///ledger.db``; a relative SQLite path starts at ``root``.
        root: The workspace's folder.

    Attributes:
        people: The leads that it knows, and their erasure.
        decisions: Decisions that were handed to people.
        approvals: Signatures under policies.
        feedback: What sales said of them.
        reviews: The calibration review: proposals, votes, adoptions.
        users: Who uses the pages, with their rights, passwords and sessions.
        tokens: Programs that ask the API.
        attempts: Sign-ins that failed lately.

    Raises:
        UserError: When the database cannot be opened.

    Example:
        >>> import tempfile
        >>> ledger = Ledger("sqlite:///ledger.db", Path(tempfile.mkdtemp()))
        >>> _ = ledger.register_model(
        ...     "v1", bundle_sha256="ab", trained_as_of=0, data_fingerprint="cd", figures={}, now=1
        ... )
        >>> ledger.promote("v1", by="J. Doe", now=2).version
        'v1'
        >>> ledger.champion().version
        'v1'
    """

    def __init__(self, url: str, root: Path) -> None:
        self._engine = open_database(url, root)
        self.people = People(self._engine)
        self.decisions = Decisions(self._engine)
        self.approvals = Approvals(self._engine)
        self.feedback = FeedbackBook(self._engine)
        self.reviews = Reviews(self._engine)
        self.users = Users(self._engine)
        self.tokens = Tokens(self._engine)
        self.attempts = Attempts(self._engine)

    # Models

    def register_model(
        self,
        version: str,
        *,
        bundle_sha256: str,
        trained_as_of: int,
        data_fingerprint: str,
        figures: Mapping[str, Any],
        now: int,
        by: str = "train",
        mlflow_run_id: str | None = None,
    ) -> ModelVersion:
        """Record a model version; times in microseconds UTC. ``by`` is the person or the job that trained it.

        Raises:
            GateRefused: When the version is already there.
            WrongUsage: When nobody is named.
        """
        model = ModelVersion(version, bundle_sha256, trained_as_of, data_fingerprint, figures, mlflow_run_id, now)
        actor = named(by)
        with writing(self._engine) as connection:
            if _find(connection, MODEL_VERSIONS, "version", version) is not None:
                raise GateRefused(
                    f"model version {version} is already registered", todo="register under the next number"
                )
            audit.record(connection, vars(model), at=now, actor=actor, action=Action.REGISTER_MODEL, subject=version)
        return model

    def models(self) -> tuple[ModelVersion, ...]:
        """All versions, in the order of registration."""
        with reading(self._engine) as connection:
            return tuple(_model(row) for row in _all(connection, MODEL_VERSIONS))

    def model(self, version: str) -> ModelVersion:
        """That version.

        Raises:
            WrongUsage: When there is no such version.
        """
        with reading(self._engine) as connection:
            return _required_model(connection, version)

    # Promotions

    def promote(
        self, version: str, by: str, now: int, *, expected: str | Expected | None = ANY_CHAMPION, note: str = ""
    ) -> Promotion:
        """Make a version the champion: compare and set, in one transaction.

        Promoting the champion again changes nothing and returns the promotion that stands.

        Args:
            version: A registered version.
            by: The person who says so.
            now: Microseconds UTC.
            expected: The champion that this promotion was weighed against (None: there was none).
            note: Why, in words.

        Raises:
            ChampionChanged: When the champion is no longer the expected one; nothing was written.
            WrongUsage: When there is no such version, or nobody is named.
        """
        actor = named(by)
        with writing(self._engine) as connection:
            _required_model(connection, version)
            last = _last(_promotions(connection))
            _compare(last, expected)
            if last is not None and last.version == version:
                return last
            return _append(connection, Action.PROMOTE, version, last, by=actor, at=now, note=note)

    def rollback(
        self, by: str, now: int, *, expected: str | Expected | None = ANY_CHAMPION, note: str = ""
    ) -> Promotion:
        """Return to the champion before the present one, as a new event; repeated, it walks further back.

        Raises:
            GateRefused: When there is no earlier champion.
            ChampionChanged: When the champion is no longer the expected one; nothing was written.
            WrongUsage: When nobody is named.
        """
        actor = named(by)
        with writing(self._engine) as connection:
            promotions = _promotions(connection)
            last = _last(promotions)
            _compare(last, expected)
            standing = champions_standing(promotions)
            if len(standing) < 2:
                raise GateRefused(
                    "there is no earlier champion to go back to", todo="promote another version: salesworthy models"
                )
            return _append(connection, Action.ROLLBACK, standing[-2], last, by=actor, at=now, note=note)

    def promotions(self) -> tuple[Promotion, ...]:
        """Every change of champion, oldest first."""
        with reading(self._engine) as connection:
            return _promotions(connection)

    def champion(self) -> ModelVersion | None:
        """The model in force; None before the first promotion."""
        with reading(self._engine) as connection:
            last = _last(_promotions(connection))
            return None if last is None else _required_model(connection, last.version)

    # Runs

    def record_run(
        self,
        run_id: str,
        *,
        kind: str,
        as_of: int,
        model_version: str,
        policy_version: str | None,
        data_fingerprint: str,
        manifest_sha256: str,
        counts: Mapping[str, int],
        now: int,
        by: str = "score",
        decisions: Sequence[HandedDecision] = (),
        overrides: Sequence[OverrideSeen] = (),
    ) -> RunRecord:
        """Record a published run, with the decisions that it hands to people and the overrides of its policy.

        All of it is recorded, or nothing; the same run again changes nothing and returns the first record.

        Raises:
            GateRefused: When that run id was recorded with another content.
            WrongUsage: When nobody is named.
        """
        run = RunRecord(
            run_id, kind, as_of, model_version, policy_version, data_fingerprint, manifest_sha256, dict(counts), now
        )
        actor = named(by)
        with writing(self._engine) as connection:
            row = _find(connection, RUNS, "run_id", run_id)
            if row is not None:
                return _same_run(_run(row), run)
            audit.record(connection, vars(run), at=now, actor=actor, action=Action.RECORD_RUN, subject=run_id)
            record_decisions(connection, decisions, run_id=run_id, now=now, actor=actor)
            record_overrides(
                connection, overrides, policy_version=policy_version or "", run_id=run_id, now=now, actor=actor
            )
        return run

    def run(self, run_id: str) -> RunRecord | None:
        """The record of that run; None when it was never recorded."""
        with reading(self._engine) as connection:
            row = _find(connection, RUNS, "run_id", run_id)
            return None if row is None else _run(row)

    def runs(self) -> tuple[RunRecord, ...]:
        """All runs, in the order they were recorded."""
        with reading(self._engine) as connection:
            return tuple(_run(row) for row in _all(connection, RUNS))

    # Audit

    def audit_events(self) -> tuple[AuditEvent, ...]:
        """The audit trail, oldest first."""
        with reading(self._engine) as connection:
            return tuple(audit.events(connection))

    def verify_audit(self, *, head: str | None = None) -> AuditCheck:
        """Check that nothing recorded was changed since.

        Args:
            head: The hash that an earlier check ended with; it must still stand in the trail.

        Raises:
            LedgerDamaged: Naming the first bad row.
        """
        with reading(self._engine) as connection:
            return audit.verify(connection, head=head)


def champions_standing(promotions: Sequence[Promotion]) -> list[str]:
    """Champions in force and waiting behind it, oldest first: a promotion adds one, a rollback takes one away."""
    standing: list[str] = []
    for promotion in promotions:
        if promotion.action == Action.ROLLBACK:
            standing.pop()
        else:
            standing.append(promotion.version)
    return standing


def _compare(last: Promotion | None, expected: str | Expected | None) -> None:
    champion = None if last is None else last.version
    if expected is not ANY_CHAMPION and champion != expected:
        raise ChampionChanged(
            f"the champion is now {champion or 'nobody'}, not {expected or 'nobody'}",
            todo="compare with the new champion and promote again",
        )


def _append(
    connection: Connection, action: Action, version: str, last: Promotion | None, *, by: str, at: int, note: str
) -> Promotion:
    previous = None if last is None else last.version
    row = {"version": version, "previous_version": previous, "by": by, "at": at, "action": str(action), "note": note}
    try:
        return Promotion(**audit.record(connection, row, at=at, actor=by, action=action, subject=version))
    except IntegrityError as error:
        raise ChampionChanged("another promotion came first", todo="look again and repeat") from error


def _same_run(recorded: RunRecord, run: RunRecord) -> RunRecord:
    if recorded.manifest_sha256 != run.manifest_sha256:
        raise GateRefused(
            "it is already recorded with other content "
            f"(manifest {recorded.manifest_sha256[:12]}, now {run.manifest_sha256[:12]})",
            where=f"run {run.run_id}",
            todo="publish it where it was published first, or ask for another moment with --as-of",
        )
    return recorded


def _all(connection: Connection, table: Table) -> Sequence[Row[Any]]:
    return connection.execute(select(table).order_by(table.c.sequence)).all()


def _find(connection: Connection, table: Table, key: str, value: str) -> Row[Any] | None:
    return connection.execute(select(table).where(table.c[key] == value)).first()


def _required_model(connection: Connection, version: str) -> ModelVersion:
    row = _find(connection, MODEL_VERSIONS, "version", version)
    if row is None:
        raise WrongUsage(f"there is no model version {version!r}", todo="see the list: salesworthy models")
    return _model(row)


def _promotions(connection: Connection) -> tuple[Promotion, ...]:
    return tuple(Promotion(**row._mapping) for row in _all(connection, PROMOTIONS))


def _last(promotions: Sequence[Promotion]) -> Promotion | None:
    return promotions[-1] if promotions else None


def _model(row: Row[Any]) -> ModelVersion:
    return ModelVersion(**_without_sequence(row))


def _run(row: Row[Any]) -> RunRecord:
    return RunRecord(**_without_sequence(row))


def _without_sequence(row: Row[Any]) -> dict[str, Any]:
    return {name: value for name, value in row._mapping.items() if name != "sequence"}
