"""The review commands: what they print, and how they end."""

from __future__ import annotations

import json
import re

import pytest
from tests.unit.runs.review_workspace import VOTERS, propose, workspace_with_two_reviews

from salesworthy.cli.main import run

pytestmark = pytest.mark.slow
COMMANDS = ("open", "show", "propose", "vote", "adopt", "rollback", "minutes")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_an_example_and_speaks_json(command, capsys):
    assert run(["review", command, "--help"]) == 0
    text = re.sub(r"\s+", " ", capsys.readouterr().out)
    assert f"Example: salesworthy review {command}" in text
    assert "--json" in text
    assert ("--by" in text) == (command not in {"show", "minutes"})


@pytest.fixture
def review(tmp_path, capsys):
    """Runs a command of a workspace; gives its exit code, and what it printed on both streams."""
    workspace = workspace_with_two_reviews(tmp_path)
    propose(workspace, "Q2", "2026.2")

    def command(*arguments):
        code = run(["-w", str(tmp_path), "review", *arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return command


def test_a_vote_an_early_look_and_an_adoption(review):
    code, out, _ = review("vote", "--role", "compliance", "--vote", "approve", "--by", VOTERS["compliance"])
    assert code == 0
    assert "Voted: compliance (C. Brandt); votes are shown once all are in; wait for sales leadership" in out
    code, _, err = review("show", "--votes")
    assert (code, "votes are shown once all are in" in err) == (5, True)
    for role in ("sales_leadership", "marketing_operations"):
        review("vote", "--role", role, "--vote", "approve", "--by", VOTERS[role], "--note", "agreed")
    assert "sales leadership, H. Lindqvist: approve: agreed" in review("show")[1]
    assert "Adopted by M. Weber" in review("adopt", "--by", "M. Weber")[1]
    assert "in force since: policy 2026.1" in review("rollback", "--by", "M. Weber")[1]
    assert "| taken back | M. Weber |" in review("minutes")[1]


REFUSED = {
    "the author votes": (("vote", "--role", "compliance", "--vote", "approve", "--by", "M. Weber"), 5, "does not vote"),
    "no such role": (("vote", "--role", "complience", "--vote", "approve", "--by", "X"), 2, "compliance"),
    "no such vote": (("vote", "--role", "compliance", "--vote", "aprove", "--by", "X"), 2, "approve"),
    "no such review": (("show", "Q3"), 2, "Q2"),
    "nothing proposed": (("propose", "--by", "X", "--why", "x"), 2, "name a draft policy"),
    "two models": (("propose", "--by", "X", "--why", "x", "--model", "v2", "--recalibrate"), 2, "two models"),
    "no reason": (("propose", "--by", "X", "--why", " ", "--model", "v2"), 2, "say it"),
    "a bad name": (("open", "--by", "X", "--as-of", "2026-07-01", "--name", "../x"), 2, "cannot be the name"),
    "a name that is taken": (("open", "--by", "X", "--as-of", "2026-07-01", "--name", "Q1"), 5, "already"),
    "nothing to take back": (("rollback", "--by", "X"), 5, "no review changed anything"),
    "adopted early": (("adopt", "--by", "X"), 5, "not all votes are in"),
}


def test_refusals_say_why_and_what_to_do(review):
    for what, (arguments, expected, says) in REFUSED.items():
        code, out, err = review(*arguments, "--json")
        assert (what, code) == (what, expected)
        assert says in err
        assert json.loads(out)["error"]["exit_code"] == expected
