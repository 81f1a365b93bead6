"""Every sentence that sales reads can be read by anybody who left school at fifteen, and names no column."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import files
from statistics import median

import pytest
import yaml
from reading_grade import grade, grade_of_all, words_of

from salesworthy.domain.reasons import SUBJECTS, TAXONOMY
from salesworthy.domain.verdicts import Verdict
from salesworthy.features.arguments import argument
from salesworthy.features.catalogue import Catalogue, Feature
from salesworthy.market.vocabulary import ACT_TYPES
from salesworthy.qualification.what_would_change import Act, Change, Fact, Judgement
from salesworthy.qualification.what_would_change_words import act_in_words, beyond_acts, told, why_held, why_nothing

MEDIAN, SINGLE, LONG = 9.0, 10.0, 10
"""The grade in the median and of all sentences in a row; that of each sentence with as many words as LONG or more."""
NUMBERS: tuple[object, ...] = (None, 0, 1, 2, 7, 0.3)
LEVELS = {
    "role": ("physician", "department_head", "nurse_manager", "biomedical_engineer", "administrator"),
    "department": ("intensive_care", "surgery", "cardiology", "laboratory"),
    "specialty": ("cardiology", "emergency_medicine"),
    "facility_type": ("acute_care_hospital", "physician_clinic", "critical_access_hospital"),
    "region": ("north_america", "europe"),
    "country": ("Germany", "Canada"),
    "use_case": ("new_installation", "replacement", "research"),
    "product": ("infusion_pump", "patient_monitor"),
    "timeframe": ("now", "3_months", "just_looking"),
    "source": ("web_form", "purchased_list"),
    "campaign_type": ("webinar_series",),
    "email_kind": ("corporate",),
}
BASE = Judgement("NURTURE", "propensity", 0.05, -3.0, 20.0, "B", "3", criteria="MONITORING")
RISEN = replace(BASE, decision="MQL", propensity=0.3, log_odds=-0.8, path="sales")


def shipped() -> Catalogue:
    """The medtech set as its file has it; reasons instead of subjects."""
    text = files("salesworthy.features").joinpath("catalogues", "medtech.yaml").read_text(encoding="utf-8")
    return Catalogue(tuple(_feature(each) for each in yaml.safe_load(text)["features"]))


def _feature(entry) -> Feature:
    kinds = ("column", "count", "recency", "distinct", "share", "expression", "history")
    kind = next(each for each in kinds if each in entry)
    words = {name: entry[name] for name in ("says", "says_zero", "says_missing", "direction", "unit") if name in entry}
    reason = SUBJECTS[entry["reason"]].reason
    return Feature(entry["name"], kind, type=entry.get("type", ""), reason=reason, **words)


def arguments() -> list[str]:
    """What features say for a lead and against it, and the titles that stand for what may not be said."""
    found = [each.title for each in TAXONOMY.values()]
    for feature in shipped():
        for value in LEVELS.get(feature.name, NUMBERS):
            found += [argument(feature, value, speaks_for=sign) for sign in (True, False)]
    return found


def rules(policy) -> list[str]:
    """What rules say of a lead, and the next steps."""
    found = [step.next_step for step in policy.buying_steps]
    for rule in policy.rules:
        verdicts = (Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN)
        found += [rule.sentence(verdict, days) for verdict in verdicts for days in (None, 0, 1, 29)]
        found += [rule.next_step] if rule.next_step else []
    return found


def changes(in_force) -> list[str]:
    """What would make an MQL of a lead, and why nothing would."""
    acts = [Act(each.kind, "C1", each.topic, None, act_in_words(each.kind, each.topic)) for each in ACT_TYPES]
    fact = Fact("leads.department", "surgery", "Works in surgery")
    asked = [Change((act,)) for act in acts] + [Change((acts[0], acts[-1])), Change(facts=(fact,))]
    actions = [rule.code for rule in in_force.rules if rule.rule.next_step]
    judged = [RISEN, replace(RISEN, decided_by="matrix"), *(replace(RISEN, decided_by=code) for code in actions)]
    found = [told(change, each, BASE, in_force)["sentence"] for change in asked for each in judged]
    tried = [(asked[0], replace(BASE, log_odds=-2.0, propensity=0.1))]
    found += [why_nothing(BASE, tried, None, 0.2), why_nothing(BASE, [], None, None), why_held(["leads.department"])]
    fails = [replace(BASE, decided_by=rule.code) for rule in in_force.rules]
    return found + list(filter(None, (beyond_acts(each, [(asked[0], each)], in_force) for each in fails)))


@pytest.fixture(scope="module", params=["arguments", "rules", "changes"])
def spoken(request, policy, in_force) -> list[str]:
    every = {"arguments": arguments, "rules": lambda: rules(policy), "changes": lambda: changes(in_force)}
    return sorted(set(every[request.param]()))


def test_sentences_are_easy_to_read(spoken):
    """One by one only where a sentence is long: two words such as "Clinical evidence" have no grade worth the name."""
    assert median(map(grade, spoken)) <= MEDIAN
    assert grade_of_all(spoken) <= MEDIAN
    hard = {each: round(grade(each), 1) for each in spoken if len(words_of(each)) >= LONG and grade(each) > SINGLE}
    assert hard == {}


def test_no_sentence_names_a_column(spoken):
    assert not [each for each in spoken if re.search(r"\w_\w|[{}]|\((s|es)\)|\bnan\b|\b\d+[dh]\b", each)]


def test_the_grade_tells_hard_from_easy():
    easy, hard = "Has not asked us for a price yet this year", "Prioritised organisational procurement considerations"
    assert grade(easy) < 4
    assert grade(hard) > 20
