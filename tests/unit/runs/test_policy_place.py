"""A policy that is put in place: whatever happens meanwhile, nothing but the old and the new one can decide."""

from __future__ import annotations

import datetime as dt
import shutil

import pytest
from tests.unit.policy.conftest import EXAMPLE

from salesworthy.domain.errors import ConfigurationMistakes, UserError
from salesworthy.policy.approvals import FILE, approve
from salesworthy.policy.governance import ROLES
from salesworthy.policy.loading import load_policy
from salesworthy.policy.raw import policy_files
from salesworthy.runs.policy_place import announce, copy_policy, finish_exchange, steps

CASES = ("90_cases.yaml",)
"""Worked cases are not signed, and take most of the time to read."""


def texts(folder):
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in policy_files(folder)}


@pytest.fixture(scope="module")
def new(tmp_path_factory):
    """A signed policy with a new version, a file more, a file less and one that changed."""
    folder = tmp_path_factory.mktemp("reviews") / "kept"
    copy_policy(EXAMPLE, folder, without=CASES)
    header = folder / "00_policy.yaml"
    header.write_text(header.read_text(encoding="utf-8").replace('"2026.1"', '"2026.2"'), encoding="utf-8")
    (folder / "80_governance.yaml").rename(folder / "05_governance.yaml")
    for role in ROLES:
        approve(folder, role=role, by=f"head of {role}", on=dt.date(2026, 7, 1))
    return folder


@pytest.fixture
def place(tmp_path):
    copy_policy(EXAMPLE, tmp_path / "policy", without=CASES)
    return tmp_path / "policy"


def decides(place):
    """The version that would decide; None where a run refuses the policy."""
    assert policy_files(place), "without any policy, leads would be scored and not decided"
    try:
        policy = load_policy(place)
    except ConfigurationMistakes:
        return None
    return policy.version if policy.is_approved else None


def test_at_every_moment_the_old_one_decides_or_none_or_the_new_one(place, new):
    seen = [decides(place)]
    for step in steps(new, place):
        step()
        seen.append(decides(place))
    assert (seen[0], seen[-1]) == ("2026.1", "2026.2")
    assert [each for number, each in enumerate(seen) if each not in seen[:number]] == ["2026.1", None, "2026.2"]
    assert seen == sorted(seen, key=["2026.1", None, "2026.2"].index)
    assert texts(place) == texts(new)


def test_a_place_whose_files_are_all_called_otherwise_is_never_empty(place, new, tmp_path):
    renamed = tmp_path / "renamed"
    renamed.mkdir()
    for path in policy_files(new):
        shutil.copy(path, renamed / (path.name if path.name == FILE else f"new_{path.name}"))
    (place / FILE).unlink()
    for step in steps(renamed, place):
        assert policy_files(place)
        step()
    assert decides(place) == "2026.2"


@pytest.mark.parametrize("done", range(0, 14, 3))
def test_an_exchange_that_was_cut_off_is_finished(place, new, done):
    journal = new.parent
    wanted = load_policy(new).content_hash
    announce(new, journal, content_sha256=wanted)
    for step, _ in zip(steps(new, place), range(done), strict=False):
        step()
    assert finish_exchange(place, journal, wanted=wanted)
    assert texts(place) == texts(new)
    assert not finish_exchange(place, journal, wanted=wanted)


def test_what_the_ledger_never_heard_of_is_forgotten(place, new):
    before = texts(place)
    announce(new, new.parent, content_sha256="another")
    assert not finish_exchange(place, new.parent, wanted=load_policy(place).content_hash)
    assert texts(place) == before


def test_a_policy_that_is_gone_is_told(place, new, tmp_path):
    journal = tmp_path / "journal"
    shutil.copytree(new, journal / "kept")
    announce(journal / "kept", journal, content_sha256="hash")
    shutil.rmtree(journal / "kept")
    with pytest.raises(UserError, match="its files are gone"):
        finish_exchange(place, journal, wanted="hash")


def test_other_files_of_the_place_stay(place, new):
    (place / "notes.md").write_text("ours")
    for step in steps(new, place):
        step()
    assert (place / "notes.md").read_text() == "ours"
    assert (place / FILE).is_file()
