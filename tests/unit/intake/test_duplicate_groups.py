"""Groups of entries: who survives, since when, and that a person's word stands over every probability."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesworthy.domain.errors import ConfigurationMistakes
from salesworthy.intake.duplicates_decisions import FILE, PairDecision, add_decisions, read_decisions
from salesworthy.intake.duplicates_groups import group
from salesworthy.intake.duplicates_linking import PAIRS

CREATED = {"A": 10, "B": 20, "C": 30, "D": 5}


def pair(left, right, probability=0.9, created=CREATED):
    return (left, right, probability, max(created[left], created[right]))


def said(left, right, decision):
    return PairDecision.of("leads", left, right, decision=decision, by="Doe", at=0)


def grouped(*pairs, decisions=(), apart=(), created=CREATED):
    ordered = sorted(pairs, key=lambda each: (-each[2], each[0], each[1]))
    return group(pl.DataFrame(ordered, PAIRS, orient="row"), created, decisions, merge_at=0.85, apart=apart)


def merges(found):
    return {row["id"]: (row["survivor"], row["joined_at"]) for row in found.merges.to_dicts()}


def test_the_first_entry_survives():
    found = grouped(pair("A", "B"), pair("A", "D", 0.99))
    assert merges(found) == {"A": ("D", 10), "B": ("D", 20)}
    (first, second) = found.merges.to_dicts()
    assert (first["partner"], first["probability"], first["because"]) == ("D", 0.99, "probability")
    assert (second["partner"], second["probability"]) == ("A", 0.9)


def test_two_entries_are_one_only_since_what_links_them_was_known():
    assert merges(grouped(pair("A", "C"), pair("B", "C"))) == {"B": ("A", 30), "C": ("A", 30)}


def test_unlikely_pairs_stay_apart_and_people_are_asked():
    found = grouped(pair("A", "B", 0.84), pair("C", "D", 0.85))
    assert merges(found) == {"C": ("D", 30)}
    assert found.uncertain.rows() == [("A", "B", 0.84)]


def test_nobody_is_asked_about_what_is_settled_otherwise():
    likely = [pair("A", "B"), pair("B", "C"), pair("A", "C", 0.5), pair("A", "D", 0.4), pair("B", "D", 0.4)]
    found = grouped(*likely, decisions=[said("A", "D", "reject")])
    assert found.uncertain.rows() == [("B", "D", 0.4)]


def test_a_confirmed_pair_is_one_however_unlikely():
    found = grouped(pair("A", "B", 0.4), decisions=[said("B", "A", "confirm"), said("A", "D", "confirm")])
    assert merges(found) == {"A": ("D", 10), "B": ("D", 20)}
    assert found.merges["because"].to_list() == ["confirmed by Doe"] * 2
    assert len(found.uncertain) == 0


def test_a_rejected_pair_never_meets_not_even_through_others():
    found = grouped(pair("A", "B", 0.99), pair("B", "C", 0.9), decisions=[said("A", "C", "reject")])
    assert merges(found) == {"B": ("A", 20)}
    assert found.kept_apart == 1


def test_a_site_is_not_its_parent():
    assert merges(grouped(pair("A", "B", 0.999), apart=[("A", "B")])) == {}


def test_a_decision_about_an_entry_that_is_gone_changes_nothing():
    assert merges(grouped(pair("A", "B"), decisions=[said("A", "Z", "confirm")])) == {"B": ("A", 20)}


KEYS = "ABCDEF"
edges = st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS), st.sampled_from([0.5, 0.9, 0.95])).filter(
    lambda each: each[0] < each[1]
)


@given(
    created=st.fixed_dictionaries(dict.fromkeys(KEYS, st.integers(0, 9))),
    likely=st.lists(edges, max_size=8, unique_by=lambda each: each[:2]),
    rejected=st.lists(edges, max_size=3),
)
def test_groups_hold_together(created, likely, rejected):
    words = [said(left, right, "reject") for left, right, _ in rejected]
    found = grouped(*(pair(*each, created=created) for each in likely), decisions=words, created=created)
    head = {key: key for key in KEYS} | {key: survivor for key, (survivor, _) in merges(found).items()}
    assert all(head[survivor] == survivor for survivor in head.values())
    assert all((created[head[key]], head[key]) <= (created[key], key) for key in KEYS)
    assert all(head[left] != head[right] for left, right, _ in rejected)
    if not rejected:
        for key, (survivor, since) in merges(found).items():
            moments = [at for at in range(10) if survivor in reached(key, likely, created, at)]
            assert since == moments[0]


def reached(key, likely, created, moment):
    """Entries that are linked to one by pairs that were known at a moment."""
    found, before = {key}, set()
    while found != before:
        before = set(found)
        for left, right, probability in likely:
            known = probability >= 0.85 and max(created[left], created[right]) <= moment
            if known and {left, right} & found:
                found |= {left, right}
    return found


def test_decisions_are_kept_and_the_last_counts(tmp_path):
    assert read_decisions(tmp_path) == ()
    add_decisions(tmp_path, [said("B", "A", "confirm"), said("C", "D", "reject")])
    add_decisions(tmp_path, [said("A", "B", "reject")])
    assert read_decisions(tmp_path) == (said("A", "B", "reject"), said("C", "D", "reject"))
    assert len((tmp_path / FILE).read_text().splitlines()) == 4


def test_every_line_that_is_no_decision_is_told(tmp_path):
    head = "table,left,right,decision,by,at\n"
    (tmp_path / FILE).write_text(head + "leads,A,B,maybe,Doe,2026-01-01\nleads,A,B,reject,,2026-01-01\n")
    with pytest.raises(ConfigurationMistakes) as error:
        read_decisions(tmp_path)
    assert [each.where for each in error.value.mistakes] == ["duplicates.csv:2", "duplicates.csv:3"]
