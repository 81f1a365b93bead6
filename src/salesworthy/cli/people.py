"""``salesworthy people``: who may sign in to the pages, and which programs may ask the API."""

from __future__ import annotations

import getpass
import os
from typing import Annotated, Any

import typer

from salesworthy.cli.app import AsJson, app
from salesworthy.cli.terminal import now, print_result, table
from salesworthy.domain.errors import WrongUsage

PASSWORD = "SALESWORTHY_PASSWORD"  # noqa: S105  # the name of a variable

people = typer.Typer(
    name="people",
    help="Who may sign in to the pages, with which rights, and which programs may ask the API.",
    epilog='Example: salesworthy people add "M. Weber" --role admin --role marketing',
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(people)

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="As they sign in; decisions and votes are recorded under it.")
]
Roles = Annotated[
    list[str],
    typer.Option("--role", metavar="ROLE", help="sales, marketing, compliance, data_science or admin; repeatable."),
]
Territories = Annotated[
    list[str],
    typer.Option(
        "--territory", metavar="T", help="For sales: a team of the policy's routing or a region; repeatable; * is all."
    ),
]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who says so. Default: who runs the command.")]


@people.command(epilog='Example: salesworthy people add "K. Berg" --role sales --territory dach_general')
def add(
    context: typer.Context,
    name: Name,
    *,
    role: Roles,
    territory: Territories = [],  # noqa: B006  # typer reads it, nobody changes it
    signs_as: Annotated[
        str | None,
        typer.Option("--signs-as", metavar="ROLE", help="Votes as sales_leadership, marketing_operations, compliance."),
    ] = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Let somebody sign in, or give them other rights; asks for a password where people sign in with one.

    The password comes from the terminal, or from SALESWORTHY_PASSWORD; somebody who has one keeps it.
    """
    from salesworthy.ledger.users import User
    from salesworthy.runs.people import check_rights, set_person

    workspace = context.obj.open()
    check_rights(workspace, roles=role, territories=territory, signs_as=signs_as)
    stands = workspace.ledger.users.find(name.strip())
    needs = workspace.settings.web.sign_in == "password" and not (stands and stands.has_password)
    hashed = _new_password(name) if needs else None
    user = User(name, tuple(role), tuple(territory), signs_as)
    found = set_person(workspace, user, by=_by(by), now=now(), password_hash=hashed)
    print_result(found, _person_text(found), as_json=as_json)


@people.command("list", epilog="Example: salesworthy people list")
def list_command(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List people with their rights, and tokens."""
    from salesworthy.runs.people import people as everybody

    found = everybody(context.obj.open())
    print_result(found, _list_text(found), as_json=as_json)


@people.command(epilog='Example: salesworthy people password "K. Berg"')
def password(context: typer.Context, name: Name, *, by: By = None, as_json: AsJson = False) -> None:
    """Give somebody another password; they are signed out everywhere."""
    from salesworthy.runs.people import find_person, set_password

    workspace = context.obj.open()
    find_person(workspace, name)
    found = set_password(workspace, name, by=_by(by), now=now(), password_hash=_new_password(name))
    print_result(found, f"{name} has another password, and is signed out everywhere", as_json=as_json)


@people.command(epilog='Example: salesworthy people disable "K. Berg"')
def disable(context: typer.Context, name: Name, *, by: By = None, as_json: AsJson = False) -> None:
    """Let somebody in no longer; they are signed out at once."""
    from salesworthy.runs.people import set_active

    found = set_active(context.obj.open(), name, active=False, by=_by(by), now=now())
    print_result(found, _person_text(found), as_json=as_json)


@people.command(epilog='Example: salesworthy people enable "K. Berg"')
def enable(context: typer.Context, name: Name, *, by: By = None, as_json: AsJson = False) -> None:
    """Let somebody in again, with the rights they had."""
    from salesworthy.runs.people import set_active

    found = set_active(context.obj.open(), name, active=True, by=_by(by), now=now())
    print_result(found, _person_text(found), as_json=as_json)


@people.command(epilog="Example: salesworthy people token crm-sync --role marketing --days 365")
def token(
    context: typer.Context,
    program: Annotated[str, typer.Argument(metavar="PROGRAM", help="Which program it is for: one token each.")],
    *,
    role: Roles,
    territory: Territories = [],  # noqa: B006
    days: Annotated[int | None, typer.Option("--days", metavar="N", min=1, max=3650, help="Stands so long.")] = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Issue a token for a program that asks the API; it is printed once, and kept as a hash."""
    from salesworthy.runs.people import issue_token

    found = issue_token(
        context.obj.open(), program, roles=role, territories=territory, days=days, by=_by(by), now=now()
    )
    back = f"salesworthy people revoke {found['token_id']}"
    text = f"{found['token']}\nKeep it: it is not shown again. To take it back: {back}"
    print_result(found, text, as_json=as_json)


@people.command(epilog="Example: salesworthy people revoke 5f2c8a01b7de")
def revoke(
    context: typer.Context,
    token_id: Annotated[str, typer.Argument(metavar="TOKEN_ID", help="As `people list` shows it.")],
    *,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Take a token back."""
    from salesworthy.runs.people import revoke_token

    found = revoke_token(context.obj.open(), token_id, by=_by(by), now=now())
    print_result(found, f"Token {token_id} of {found['consumer']} lets nobody in any more", as_json=as_json)


def _new_password(name: str) -> str:
    from salesworthy.web.sign_in.passwords import hashed, mistake

    given = os.environ.get(PASSWORD) or typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    says = mistake(given, name=name)
    if says:
        raise WrongUsage(says, where="password", todo=f"type another one, or set {PASSWORD}")
    return hashed(given)


def _by(given: str | None) -> str:
    return getpass.getuser() if given is None else given


def _person_text(person: dict[str, Any]) -> str:
    if not person["active"]:
        return f"{person['name']} may not sign in"
    territory = f", territory {', '.join(person['territories'])}" if person["territories"] else ""
    votes = f"; votes as {person['signs_as']}" if person["signs_as"] else ""
    return f"{person['name']} may sign in as {', '.join(person['roles'])}{territory}{votes}"


def _list_text(found: dict[str, Any]) -> str:
    lines = [_person_text(each) for each in found["people"]] or ["Nobody may sign in."]
    rows = [
        [each["token_id"], each["consumer"], ", ".join(each["roles"]), each["expires_at"] or "-", _state(each)]
        for each in found["tokens"]
    ]
    return "\n".join([*lines, "", table(["token", "program", "roles", "until", ""], rows)] if rows else lines)


def _state(token: dict[str, Any]) -> str:
    return "revoked" if token["revoked_at"] else ""
