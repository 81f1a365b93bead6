"""What stands beneath a policy, and what the ledger knows of it, as a table of cases."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.policy.conftest import EXAMPLE

from salesworthy.ledger.approvals import SignedPolicy
from salesworthy.policy.governance import ROLES
from salesworthy.policy.loading import load_policy
from salesworthy.runs.signature_findings import DIFFERS, NOT_RECORDED, NOT_WRITTEN, signature_findings


@pytest.fixture(scope="module")
def policy():
    return load_policy(EXAMPLE)


def recorded(policy, **changed):
    """The ledger's signatures, with others in some roles; None where nobody signed."""
    signed = {role: each.by for role, each in policy.signed_by.items()} | changed
    return [
        SignedPolicy(policy.version, policy.content_hash, role, by, "2026-01-01", 1)
        for role, by in signed.items()
        if by is not None
    ]


def codes(policy, signatures):
    return [(each.code, each.column) for each in signature_findings(policy, signatures)]


def test_equal_signatures_and_an_empty_ledger_say_nothing(policy):
    assert set(policy.signed_by) == set(ROLES)
    assert codes(policy, recorded(policy)) == codes(policy, []) == []


def test_each_difference_is_told_with_its_role(policy):
    assert codes(policy, recorded(policy, compliance="N. Body")) == [(DIFFERS, "compliance")]
    assert codes(policy, recorded(policy, compliance=None)) == [(NOT_RECORDED, "compliance")]
    others = tuple(each for each in policy.approvals if each.role != "compliance")
    unsigned = policy.model_copy(update={"approvals": others})
    assert codes(unsigned, recorded(policy)) == [(NOT_WRITTEN, "compliance")]


def test_signatures_under_other_content_count_for_nothing(policy):
    others = [replace(each, content_sha256="another") for each in recorded(policy)]
    assert codes(policy, others) == [(NOT_RECORDED, role) for role in ROLES]
