"""The states of a review as data: complete, and shown in the documentation as they are."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from salesworthy.review.diagram import diagram, table
from salesworthy.review.states import OWNER_SAYS, OWNERS, REFUSALS, SAYS, TRANSITIONS, Owner, State, Step

DOCUMENTATION = Path(__file__).parents[3] / "docs" / "review.md"


@pytest.mark.parametrize("told", [SAYS, OWNERS, TRANSITIONS, REFUSALS], ids=["says", "owners", "steps", "refusals"])
def test_every_state_is_told(told):
    assert set(told) == set(State)


def test_every_owner_is_told_and_owns_something():
    assert set(OWNER_SAYS) == set(Owner) == set(OWNERS.values())


@pytest.mark.parametrize(("state", "step"), list(itertools.product(State, Step)))
def test_every_step_is_either_possible_or_refused_with_a_sentence(state, step):
    assert (step in TRANSITIONS[state]) != (step in REFUSALS[state])
    assert TRANSITIONS[state].get(step) or REFUSALS[state][step].strip()


def test_every_state_is_reached():
    reached, new = set(), {State.OPENED}
    while new:
        reached |= new
        new = {each for state in new for targets in TRANSITIONS[state].values() for each in targets} - reached
    assert reached == set(State)


def test_reviewers_own_exactly_the_states_in_which_they_can_vote():
    assert {state for state in State if OWNERS[state] == Owner.REVIEWERS} == {
        state for state in State if Step.VOTE in TRANSITIONS[state]
    }


def test_the_documentation_shows_the_states_as_they_are():
    text = DOCUMENTATION.read_text(encoding="utf-8")
    assert f"```mermaid\n{diagram()}\n```" in text
    assert table() in text
