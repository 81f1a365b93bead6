"""People and tokens: rights are given here, checked against the policy, and recorded in the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

from salesworthy.domain.errors import MistakeCollector, UserError, WrongUsage
from salesworthy.domain.moments import MICROSECONDS_PER_DAY, format_moment
from salesworthy.domain.names import nearest
from salesworthy.domain.roles import WHOLE, Role
from salesworthy.ledger.tokens import Token
from salesworthy.ledger.users import User
from salesworthy.policy.governance import ROLES as SIGNING
from salesworthy.policy.loading import load_policy
from salesworthy.runs.workspace import Workspace

ROLES = tuple(role.value for role in Role)
"""What people do."""


def known_territories(workspace: Workspace) -> frozenset[str] | None:
    """Teams and regions of the policy; None where there is no policy that could be read."""
    try:
        policy = load_policy(workspace.folder / workspace.settings.policy.path)
    except UserError:
        return None
    return frozenset({*(each.code for each in policy.owners), *(each.code for each in policy.regions)})


def check_rights(
    workspace: Workspace, *, roles: Sequence[str], territories: Sequence[str], signs_as: str | None = None
) -> None:
    """Refuse rights that mean nothing.

    Raises:
        ConfigurationMistakes: With everything that is wrong with them.
    """
    mistakes = MistakeCollector(of="what is asked for")
    if not roles:
        mistakes.add("--role", "no role is given", f"one of {', '.join(ROLES)}")
    _unknown(roles, ROLES, "--role", "is no role", mistakes)
    _unknown([signs_as] if signs_as else [], SIGNING, "--signs-as", "votes in no review", mistakes)
    if Role.SALES in roles and not territories:
        todo = "name a team of the policy's routing or a region, or --territory '*' for all"
        mistakes.add("--territory", "sales sees the leads of a territory, and none is given", todo)
    known = known_territories(workspace)
    named = [each for each in territories if each != WHOLE]
    if named and known is None:
        mistakes.add(
            "--territory", "there is no policy that says which territories there are", "salesworthy policy check"
        )
    elif known is not None:
        _unknown(named, known, "--territory", "is neither a team nor a region of the policy", mistakes)
    mistakes.raise_if_any()


def set_person(workspace: Workspace, user: User, *, by: str, now: int, password_hash: str | None) -> dict[str, Any]:
    """Record what somebody may do from now on; a password that stands is kept unless there is a new one.

    Raises:
        ConfigurationMistakes: When the rights mean nothing.
    """
    name = user.name.strip()
    if not name or not name.isprintable():
        raise WrongUsage("a person has a name, on one line", where="NAME")
    check_rights(workspace, roles=user.roles, territories=user.territories, signs_as=user.signs_as)
    users = workspace.ledger.users
    stands = users.find(name)
    kept = replace(user, name=name, has_password=bool(stands and stands.has_password))
    return person_as_dict(users.record(kept, by=by, now=now, password_hash=password_hash))


def set_active(workspace: Workspace, name: str, *, active: bool, by: str, now: int) -> dict[str, Any]:
    """Let somebody in, or no longer; their sessions end at once.

    Raises:
        WrongUsage: When there is no such person.
    """
    found = find_person(workspace, name)
    return person_as_dict(workspace.ledger.users.record(replace(found, active=active), by=by, now=now))


def set_password(workspace: Workspace, name: str, *, by: str, now: int, password_hash: str) -> dict[str, Any]:
    """Give somebody another password; their sessions end.

    Raises:
        WrongUsage: When there is no such person.
    """
    found = find_person(workspace, name)
    return person_as_dict(workspace.ledger.users.record(found, by=by, now=now, password_hash=password_hash))


def find_person(workspace: Workspace, name: str) -> User:
    """That person.

    Raises:
        WrongUsage: When there is no such person.
    """
    found = workspace.ledger.users.find(name)
    if found is None:
        known = [each.name for each in workspace.ledger.users.all()]
        raise WrongUsage(f"nobody is called {name!r}", where="NAME", todo=nearest(name, known) if known else "")
    return found


def people(workspace: Workspace) -> dict[str, Any]:
    """Everybody, and every token, as ``people list --json`` prints them."""
    ledger = workspace.ledger
    return {
        "people": [person_as_dict(each) for each in ledger.users.all()],
        "tokens": [token_as_dict(each) for each in ledger.tokens.all()],
    }


def issue_token(
    workspace: Workspace,
    consumer: str,
    *,
    roles: Sequence[str],
    territories: Sequence[str],
    days: int | None,
    by: str,
    now: int,
) -> dict[str, Any]:
    """A new token; its text is told here and never again.

    Raises:
        ConfigurationMistakes: When the rights mean nothing.
    """
    if not consumer.strip() or not consumer.isprintable():
        raise WrongUsage("a token is for a program with a name", where="PROGRAM")
    check_rights(workspace, roles=roles, territories=territories)
    expires = None if days is None else now + days * MICROSECONDS_PER_DAY
    token, secret = workspace.ledger.tokens.issue(
        consumer.strip(), roles=tuple(roles), territories=tuple(territories), expires_at=expires, by=by, now=now
    )
    return {**token_as_dict(token), "token": secret}


def revoke_token(workspace: Workspace, token_id: str, *, by: str, now: int) -> dict[str, Any]:
    """Take a token back.

    Raises:
        WrongUsage: When there is no such token.
        GateRefused: When it was revoked before.
    """
    return token_as_dict(workspace.ledger.tokens.revoke(token_id, by=by, now=now))


def person_as_dict(user: User) -> dict[str, Any]:
    """A person as JSON has them."""
    return {**asdict(user), "at": format_moment(user.at)}


def token_as_dict(token: Token) -> dict[str, Any]:
    """A token as JSON has it, without its text."""
    moments = {name: getattr(token, name) for name in ("expires_at", "at", "revoked_at")}
    told = {name: None if micros is None else format_moment(micros) for name, micros in moments.items()}
    return {**asdict(token), **told}


def _unknown(given: Iterable[str], known: Collection[str], where: str, says: str, mistakes: MistakeCollector) -> None:
    for each in given:
        if each not in known:
            mistakes.add(where, f"{each!r} {says}", nearest(each, known))
