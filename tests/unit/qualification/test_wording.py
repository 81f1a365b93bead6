"""Approved wording: nothing changes unless the policy asks for it; then only approved sentences are spoken."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from salesworthy.domain.tables import TABLES, Kind
from salesworthy.features.catalogue import Catalogue, Feature
from salesworthy.features.loading import load_catalogue
from salesworthy.features.sentences import sentence, title
from salesworthy.intake.checked import ColumnFacts
from salesworthy.policy.document import Policy
from salesworthy.policy.findings import WORDING_EXPIRED, policy_findings
from salesworthy.policy.handbook import handbook
from salesworthy.policy.wording import ApprovedWording, Wording
from salesworthy.qualification.wording import WORDING_NOT_APPROVED, WORDING_UNKNOWN, spoken, templates, wording_findings

DAY = dt.date(2026, 3, 10)
PAPERS = Feature(
    "papers_30d", "count", reason="CLINICAL_EVIDENCE", says="Opened {value} paper(s)", says_zero="Opened no paper"
)
CUSTOMER = Feature("existing_customer", "column", type="yes_no", reason="ACCOUNT_HISTORY", says="Is a customer")
NOBODY_WROTE = Feature("EmployerSize_2", "column", type="number", reason="SHOE_SIZE")
CARRIED = {
    ("leads", "beds_reported"): Kind.NUMBER,
    ("leads", "competitor_installed"): Kind.YES_NO,
    ("leads", "form_fields_filled"): Kind.NUMBER,
    ("leads", "email_kind"): Kind.TEXT,
    ("accounts", "existing_customer"): Kind.YES_NO,
}
CATALOGUE = Catalogue((PAPERS, CUSTOMER, NOBODY_WROTE))


def under(policy, *approved, require=True):
    """What is in force with these sentences approved."""
    entries = [
        ApprovedWording(id=each, approved_by="C. Brandt", approved_on=dt.date(2026, 1, 1), expires=expires)
        for each, expires in approved
    ]
    return policy.model_copy(update={"wording": Wording(require_approval=require, approved=tuple(entries))}).at(DAY)


def ids(feature):
    return {each.part: each.id for each in templates(feature)}


def test_a_policy_that_says_nothing_about_wording_keeps_its_signatures_and_its_words(policy):
    assert policy.is_approved
    assert Policy.from_json(policy.to_json()).content_hash == policy.content_hash
    assert spoken(CATALOGUE, policy.at(DAY)) is CATALOGUE
    assert wording_findings(CATALOGUE, policy.at(DAY)) == ()
    asked = policy.model_copy(update={"wording": Wording(require_approval=True)})
    assert Policy.from_json(asked.to_json()).content_hash == Policy.from_json(asked.to_json()).content_hash
    assert Policy.from_json(asked.to_json()).content_hash != policy.content_hash


@pytest.mark.parametrize("value", [None, 0, 1, 2])
def test_without_approval_a_reason_says_its_title(policy, value):
    papers, customer, nobody = spoken(CATALOGUE, under(policy))
    assert sentence(papers, value) == "Clinical evidence"
    assert sentence(customer, None if value is None else bool(value)) == "History with the site"
    assert sentence(nobody, value) == "Shoe size"


def test_an_approved_sentence_is_spoken_until_it_expires(policy):
    valid = under(policy, (ids(PAPERS)["says"], dt.date(2026, 3, 11)))
    papers = spoken(CATALOGUE, valid).features[0]
    assert [sentence(papers, each) for each in (2, 0, None)] == [
        "Opened 2 papers", "Clinical evidence", "Clinical evidence",
    ]  # fmt: skip
    expired = under(policy, (ids(PAPERS)["says"], DAY))
    assert sentence(spoken(CATALOGUE, expired).features[0], 2) == "Clinical evidence"


def test_everything_approved_is_everything_as_it_was(policy):
    every = [(each.id, dt.date(2027, 1, 1)) for feature in CATALOGUE for each in templates(feature)]
    assert spoken(CATALOGUE, under(policy, *every)) == CATALOGUE
    assert wording_findings(CATALOGUE, under(policy, *every)) == ()


def test_other_words_need_another_approval():
    other = Feature("papers_30d", "count", reason="CLINICAL_EVIDENCE", says="Opened {value} papers(s)")
    assert ids(other)["says"] != ids(PAPERS)["says"]


def test_the_check_names_what_is_not_spoken_and_what_nobody_speaks(policy):
    gone = "gone_90d:0123456789ab"
    found = wording_findings(CATALOGUE, under(policy, (ids(PAPERS)["says"], DAY), (gone, dt.date(2027, 1, 1))))
    refused = {each.column: each.says for each in found if each.code == WORDING_NOT_APPROVED}
    assert set(refused) == {each.id for feature in CATALOGUE for each in templates(feature)}
    assert "is no longer approved" in refused[ids(PAPERS)["says"]]
    assert "is not approved" in refused[ids(PAPERS)["says_zero"]]
    assert [each.column for each in found if each.code == WORDING_UNKNOWN] == [gone]


def test_an_approval_that_expires_before_it_starts_is_a_mistake():
    with pytest.raises(ValueError, match="not after its approval"):
        ApprovedWording(id="x:0123456789ab", approved_by="C", approved_on=DAY, expires=DAY)


VALUES = (None, 0, 1, 2, 0.5, 17.0)


def test_no_sentence_of_a_shipped_feature_names_a_column(shipped):
    names = {name for feature in shipped for name in (feature.name, feature.column) if "_" in name}
    for feature in shipped:
        values = ("infusion_pump", None) if feature.dtype == "category" else VALUES
        for value in values:
            says = sentence(feature, value)
            assert "_" not in says, (feature.name, says)
            assert not any(name in says for name in names), (feature.name, says)
            assert not re.search(r"\b\d+d\b", says), (feature.name, says)
            if title(feature.name).lower() in says.lower():  # then the name is how people say it: "Use case"
                assert not re.search(r"\d", title(feature.name)), (feature.name, says)


def test_no_sentence_of_a_rule_names_a_column(policy, shipped):
    names = {feature.name for feature in shipped if "_" in feature.name}
    for rule in policy.at(DAY).rules:
        texts = [rule.rule.title, *filter(None, rule.rule.says.model_dump().values())]
        for says in texts:
            assert "_" not in says, (rule.code, says)
            assert not any(name in says for name in names), (rule.code, says)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """The medtech set, with everything that its tables may hold."""
    schema = {
        name: {each.name: ColumnFacts(each.kind, present=True, carried=False) for each in spec.columns}
        for name, spec in TABLES.items()
    }
    for (table, column), kind in CARRIED.items():
        schema[table][column] = ColumnFacts(kind, present=True, carried=True)
    return load_catalogue(["medtech"], root=tmp_path_factory.mktemp("shipped"), schema=schema).catalogue


def test_the_handbook_and_the_findings_tell_what_expired(policy):
    plain = handbook(policy, DAY)
    assert "The sentences that come with the product count as approved." in plain
    now = under(policy, (ids(PAPERS)["says"], DAY))
    text = handbook(now.policy, DAY)
    assert "Only approved sentences are spoken; a reason without one says its title." in text
    assert f"| `{ids(PAPERS)['says']}` | C. Brandt | 1 January 2026 | 10 March 2026 | not approved |" in text
    expired = [each.column for each in policy_findings(now.policy, DAY) if each.code == WORDING_EXPIRED]
    assert expired == [ids(PAPERS)["says"]]
