"""Approvals: who signed which content, and how a signature is written down."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import yaml

from salesworthy.domain.errors import GateRefused, MistakeCollector, UserError, WrongUsage
from salesworthy.domain.names import nearest
from salesworthy.policy.document import Policy
from salesworthy.policy.governance import ROLES, Approval
from salesworthy.policy.loading import load_policy
from salesworthy.policy.yaml_reader import read_yaml

FILE = "approvals.yaml"
TITLES = {
    "sales_leadership": "sales leadership",
    "marketing_operations": "marketing operations",
    "compliance": "compliance",
}
_HEAD = "# Signatures, written by `salesworthy policy approve`: each names the content that was approved by its hash.\n"


def approve(folder: Path, *, role: str, by: str, on: dt.date) -> Policy:
    """Sign the present content of a policy in a role, and return the policy with the signature.

    The signature is appended to ``approvals.yaml``; the file is complete or unchanged, whatever happens meanwhile.

    Args:
        folder: Where the policy's files are.
        role: A role that must sign.
        by: Who signs.
        on: The day.

    Raises:
        WrongUsage: When there is no such role, or nobody is named.
        UserError: When the policy has mistakes.
        GateRefused: When the same person signed in another role.
    """
    if role not in ROLES:
        raise WrongUsage(f"nobody signs as {role!r}", where="--role", todo=nearest(role, ROLES))
    if not by.strip():
        raise WrongUsage("nobody is named", where="--by", todo="write the name of who signs")
    policy = load_policy(folder)
    _refuse_second_role(policy, role, by)
    signature = Approval(role=role, by=by.strip(), on=on, content=policy.content_hash)
    _append(folder / FILE, signature)
    return policy.model_copy(update={"approvals": (*policy.approvals, signature)})


def check_can_decide(policy: Policy) -> None:
    """Refuse a policy that not everybody signed.

    Raises:
        GateRefused: Naming who has yet to sign.
    """
    missing = [TITLES[role] for role in policy.unsigned_roles]
    if missing:
        raise GateRefused(
            f"the policy {policy.version} is a draft: {' and '.join(missing)} have not signed its present content",
            where="policy",
            todo="sign it with `salesworthy policy approve`, or score with --draft",
        )


def status_line(policy: Policy) -> str:
    """Whether the policy is approved, as a sentence."""
    if policy.is_approved:
        signed = ", ".join(f"{TITLES[role]} ({each.by}, {each.on})" for role, each in sorted(policy.signed_by.items()))
        return f"Approved by {signed}"
    waiting = " and ".join(TITLES[role] for role in policy.unsigned_roles)
    return f"DRAFT: {waiting} have yet to sign"


def _refuse_second_role(policy: Policy, role: str, by: str) -> None:
    """Three roles are three people, or signing is no check."""
    for other, signed in policy.signed_by.items():
        if other != role and signed.by.casefold() == by.strip().casefold():
            raise GateRefused(
                f"{by} has signed this content already, for {TITLES[other]}",
                where=f"--role {role}",
                todo="somebody else signs for this role",
            )


def _append(path: Path, signature: Approval) -> None:
    text = path.read_text(encoding="utf-8") if path.exists() else _HEAD
    if not _has_list(text):
        text = text.rstrip("\n") + "\n\napprovals:\n"
    line = yaml.safe_dump(
        [signature.model_dump(mode="json")], default_flow_style=None, sort_keys=False, allow_unicode=True, width=10_000
    )
    _replace(path, text.rstrip("\n") + "\n" + "".join(f"  {each}\n" for each in line.splitlines()))


def _has_list(text: str) -> bool:
    """Whether the file ends in a list of approvals that a line can be added to."""
    read = read_yaml(text, FILE, MistakeCollector(of=FILE)) if text.strip() else None
    found = read.values.get("approvals") if read is not None else None
    if read is None or found is None:
        return "\napprovals:" in f"\n{text}"
    is_block = text.rstrip().endswith("}") or not text.rstrip().endswith("]")
    if not is_block or list(read.values)[-1] != "approvals":
        raise UserError(
            "a signature cannot be appended here",
            where=str(FILE),
            todo="let the file hold nothing but `approvals:` and one line per signature",
        )
    return True


def _replace(path: Path, text: str) -> None:
    """Write a file beside the old one, sync it, and put it in place in one step."""
    stage = path.with_name(f".{path.name}.stage")
    with stage.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    stage.replace(path)
