"""Which facts to ask for first: judged by a plain count over every order."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from salesworthy.runs.form_capture import MissingFact, Pattern, ask_first


def pattern(leads: int, missing: str, **unknown: str) -> Pattern:
    return Pattern(leads, frozenset(missing), {rule: frozenset(facts) for rule, facts in unknown.items()})


def test_the_fact_that_most_verdicts_wait_for_comes_first():
    facts = ask_first([pattern(10, "ab", R="a", S="ab"), pattern(4, "b", S="b", T="b"), pattern(3, "c")])
    assert facts == [
        MissingFact("a", 10, 20, 10, ("R", "S"), 10),
        MissingFact("b", 14, 18, 8, ("S", "T"), 28),
    ]


def test_a_fact_that_no_verdict_waits_for_is_not_asked_for():
    assert ask_first([pattern(5, "a")]) == []
    assert ask_first([]) == []


PATTERNS = st.lists(
    st.builds(
        lambda leads, unknown: Pattern(leads, frozenset().union(*unknown.values()), unknown),
        st.integers(1, 50),
        st.dictionaries(st.sampled_from("RSTU"), st.frozensets(st.sampled_from("abcd"), min_size=1), max_size=4),
    ),
    max_size=6,
)


@settings(max_examples=80, deadline=None)
@given(patterns=PATTERNS)
def test_figures_equal_a_plain_count(patterns):
    facts = ask_first(patterns)
    verdicts = [(each.leads, facts) for each in patterns for facts in each.unknown.values()]
    known: set[str] = set()
    for each in facts:
        known.add(each.fact)
        assert each.missing == sum(one.leads for one in patterns if each.fact in one.missing)
        assert each.unknown == sum(leads for leads, waits in verdicts if each.fact in waits)
        assert each.alone == sum(leads for leads, waits in verdicts if waits == {each.fact})
        assert each.settled == sum(leads for leads, waits in verdicts if waits <= known)
    assert known == set().union(*(waits for _, waits in verdicts))
    assert [each.settled for each in facts[-1:]] == [sum(leads for leads, _ in verdicts)][: len(facts[-1:])]
