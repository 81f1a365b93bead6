"""What would change it is exact: an act that is supposed gives the very figures that the act gives once it is done."""

from __future__ import annotations

import pytest
from tests.cases.pipeline import AS_OF, World

from salesworthy.domain.errors import WrongUsage
from salesworthy.qualification.what_would_change import Act, Change
from salesworthy.runs.explain import explain
from salesworthy.runs.features import opened
from salesworthy.runs.what_if import question_about
from salesworthy.runs.workspace import open_workspace

MICROS = AS_OF.value // 1_000
PRICE = Act("form", "pricing", "pricing", "procurement_review", "Asked for a price")
WEBINAR = Act("webinar", "clinical_outcomes", "clinical_outcomes", "clinical_evaluation", "Attended a webinar")
SUGGESTED = [
    "Downloaded a document on clinical evidence", "Asked for a price", "Attended a webinar on clinical outcomes",
]  # fmt: skip
pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path):
    """One who asked, a colleague who looked on, one without a department, one who does not fit, one without a site."""
    found = World(tmp_path)
    for lead in ("ASKED", "QUIET"):
        found.lead(lead)
        found.consent(lead, 30, "opt_in")
    found.act("ASKED", 2, "form", "pricing")
    found.act("ASKED", 3, "webinar", "clinical_outcomes")
    found.act("ASKED", 3, "download", "clinical_evidence")
    found.act("ASKED", 3, "click", "demo", agent="Barracuda Link Protection")
    found.act("QUIET", 40, "view", "product_overview")
    found.handed("ASKED", 20, contact=10)
    found.lead("NO_WARD", account="A2", department=None)
    found.lead("UNFIT", account="A3", department="laboratory")
    found.lead("NO_SITE", account=None)
    found.rows["accounts"] = [each for each in found.rows["accounts"] if each["account_id"] is not None]
    return found


@pytest.fixture
def told(world):
    """Asks what would change a lead of the world, after a run."""
    world.scored()

    def ask(lead):
        return explain(open_workspace(world.folder, environ={}), lead, now=MICROS, what_if=True)

    return ask


def question(data, lead, site):
    named = {"lead_id": lead, "account_id": site, "model_version": None}
    return question_about(data, named, data.workspace.default_out, as_of=MICROS)


def test_a_copy_without_an_act_is_judged_as_the_lead_is(world):
    world.scored()
    with opened(open_workspace(world.folder, environ={})) as data:
        for lead, site in (("ASKED", "A1"), ("QUIET", "A1"), ("NO_WARD", "A2"), ("UNFIT", "A3"), ("NO_SITE", None)):
            own, first, second = question(data, lead, site).judged([Change(), Change()])
            assert own == first == second, lead


def test_what_is_suggested_makes_an_mql_once_it_is_done(world, told):
    found = told("QUIET")
    assert found["decision"] == "TRACKED"
    assert found["would_change_why"] is None
    said = {each["acts"][0]: each for each in found["would_change"]}
    assert list(said) == SUGGESTED
    assert not any("demonstration" in each or "demo" in each for each in said), "a machine clicked there, nobody else"
    assert said["Asked for a price"]["sentence"].startswith("Asked for a price: MQL by this action, whatever the score")
    with opened(open_workspace(world.folder, environ={})) as data:
        asking = question(data, "QUIET", "A1")
        supposed = asking.judged([Change((each,)) for each in (PRICE, WEBINAR)])[1:]
    for act, judged in zip((PRICE, WEBINAR), supposed, strict=True):
        world.act("QUIET", 0, act.kind, act.content_id)
        world.scored()
        with opened(open_workspace(world.folder, environ={})) as data:
            assert question(data, "QUIET", "A1").judged([Change()])[0] == judged, act.says
        world.rows["engagements"].pop()


def test_a_missing_fact_is_filled_in_with_what_others_told(told):
    found = told("NO_WARD")
    assert found["decision"] == "HELD"
    assert {each["facts"][0]: each["decision"] for each in found["would_change"]} == {
        "Works in cardiology": "TRACKED", "Works in laboratory": "NURTURE",
    }  # fmt: skip
    says = "Works in laboratory: NURTURE, since the department neither uses nor buys the product"
    assert says in [each["sentence"] for each in found["would_change"]]


def test_a_lead_without_a_site_gets_one(told):
    found = told("NO_SITE")
    assert found["decision"] == "HELD"
    assert [each["facts"] for each in found["would_change"]] == [
        ["Region: uk ireland", "Type of site: ambulatory surgery centre"]
    ]
    assert found["would_change"][0]["decision"] == "NURTURE"


def test_who_does_not_fit_is_told_that_no_act_changes_it(told):
    found = told("UNFIT")
    assert found["would_change"] == []
    says = "Fit fails: the department neither uses nor buys the product; no act changes that"
    assert found["would_change_why"] == says


def test_an_mql_is_asked_nothing(told):
    assert told("ASKED")["would_change_why"] == "Nothing is asked of a lead that is MQL"


def test_figures_of_other_tables_are_refused(world, told):
    told("QUIET")
    world.lead("MODEL", account="A9")
    with pytest.raises(WrongUsage, match="others now"), opened(open_workspace(world.folder, environ={})) as data:
        question(data, "QUIET", "A1").asked({"log_odds": 0.5, "propensity": 0.6})
