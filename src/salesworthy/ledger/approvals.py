"""Signatures under policies, as the ledger has them: where nobody can add one later."""

from __future__ import annotations

from dataclasses import dataclass, fields

from sqlalchemy import Engine, select

from salesworthy.ledger import audit
from salesworthy.ledger.connection import reading, writing
from salesworthy.ledger.records import Action, named
from salesworthy.ledger.tables import APPROVALS


@dataclass(frozen=True)
class SignedPolicy:
    """That somebody signed a policy's content in a role.

    ``day`` is that of the signature, as written beneath the policy; ``at`` is when the ledger heard of it, in
    microseconds.
    """

    policy_version: str
    content_sha256: str
    role: str
    by: str
    day: str
    at: int


class Approvals:
    """Signatures under policies."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, signed: SignedPolicy) -> SignedPolicy:
        """Record a signature; one that is recorded already stays as it is, and is returned.

        Raises:
            WrongUsage: When nobody is named.
        """
        actor = named(signed.by)
        same = (
            (APPROVALS.c.content_sha256 == signed.content_sha256)
            & (APPROVALS.c.role == signed.role)
            & (APPROVALS.c.by == actor)
        )
        with writing(self._engine) as connection:
            stands = connection.execute(select(*_COLUMNS).where(same)).first()
            if stands is not None:
                return SignedPolicy(**stands._mapping)
            row = {**vars(signed), "by": actor}
            subject = f"policy {signed.policy_version}"
            audit.record(connection, row, at=signed.at, actor=actor, action=Action.APPROVE_POLICY, subject=subject)
        return SignedPolicy(**row)

    def all(self) -> tuple[SignedPolicy, ...]:
        """Every signature, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(*_COLUMNS).order_by(APPROVALS.c.sequence))
            return tuple(SignedPolicy(**row._mapping) for row in rows)


_COLUMNS = [APPROVALS.c[each.name] for each in fields(SignedPolicy)]
