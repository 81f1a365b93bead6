"""Everything that sales says of a lead is one click, works without scripts, and comes back where it is counted."""

from __future__ import annotations

import pytest
from tests.functional.web.conftest import form_token

from salesworthy.domain.feedback import REASONS, FeedbackKind
from salesworthy.runs.workspace import open_workspace

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def handed(site):
    """Leads that were given to sales, for one test each."""
    told = site.api("all_sales").get("/api/v1/leads?decision=MQL&limit=100").json()["leads"]
    return iter([lead["lead_id"] for lead in reversed(told)])


@pytest.fixture
def lead_page(page_as, handed):
    """The page of a lead of its own, without scripts."""
    lead = next(handed)
    page = page_as("all_sales", scripts=False)
    page.goto(f"/leads/{lead}")
    return lead, page


def said_of(site, lead):
    return open_workspace(site.folder).ledger.feedback.of_lead(lead)


@pytest.mark.parametrize(
    ("opens", "button", "says"),
    [
        (None, "Accept", ("disposition", "accepted", None)),
        ("Reject, because", REASONS[FeedbackKind.DISPOSITION]["no_budget"], ("disposition", "rejected", "no_budget")),
        ("Skip, because", REASONS[FeedbackKind.SKIP]["no_capacity"], ("skip", None, "no_capacity")),
        ("Something else", "Could not be reached", ("disposition", "unreachable", None)),
    ],
)
def test_one_click_says_it(site, lead_page, opens, button, says):
    lead, page = lead_page
    if opens:
        page.locator("summary", has_text=opens).click()
    page.get_by_role("button", name=button, exact=True).click()
    page.wait_for_url("**#said")
    (said,) = said_of(site, lead)
    assert (said.kind, said.disposition, said.reason) == says
    assert said.by == "Lee Leads Sales"


def test_a_lead_that_is_kept_back_is_asked_for_in_one_click(site, page_as):
    held = site.api("all_sales").get("/api/v1/leads?decision=NURTURE&limit=1").json()["leads"][0]["lead_id"]
    page = page_as("all_sales", scripts=False)
    page.goto(f"/leads/{held}")
    assert page.get_by_text("Skip, because").count() == 0
    page.get_by_role("button", name=REASONS[FeedbackKind.APPEAL]["asked_sales"]).click()
    page.wait_for_url("**#said")
    assert [(each.kind, each.reason) for each in said_of(site, held)] == [("appeal", "asked_sales")]


def test_a_reason_is_right_or_wrong_in_one_click_and_counts_in_the_match_rate(site, lead_page):
    lead, page = lead_page

    def counted(code):
        from salesworthy.runs.grade import grade

        workspace = open_workspace(site.folder)
        last = max(each.at for each in workspace.ledger.feedback.all())
        found = grade(workspace, as_of=last + 1).as_dict()["reason_match"].get(code, {"answers": 0, "matched": 0})
        return found["answers"], found["matched"]

    code = page.locator("button[value^='answer:wrong:']").first.get_attribute("value").rpartition(":")[2]
    page.get_by_role("button", name="Accept", exact=True).click()
    answers, matched = counted(code)
    page.locator(f"button[value='answer:wrong:{code}']").click()
    page.wait_for_url("**#said")
    assert page.locator(f"button[value='answer:wrong:{code}']").get_attribute("aria-pressed") == "true"
    assert counted(code) == (answers + 1, matched)
    page.locator(f"button[value='answer:right:{code}']").click()
    page.wait_for_load_state()
    assert page.locator(f"button[value='answer:right:{code}']").get_attribute("aria-pressed") == "true"
    assert counted(code) == (answers + 1, matched + 1)
    assert [each.kind for each in said_of(site, lead)] == ["disposition", "answer", "answer"]
    row = page_row(site, lead)
    assert "Accepted" in row, "what was said of reasons hides no disposition"


def page_row(site, lead):
    return site.client("all_sales").get(f"/queue?q={lead}&decision=any").text


@pytest.mark.parametrize("said", ["answer:wrong:NO_SUCH_REASON", "answer:perhaps:WEBINAR", "answer:", "praise:x", ""])
def test_what_cannot_be_said_is_refused_with_its_sentence(site, handed, said):
    lead, client = next(handed), site.client("all_sales")
    token = form_token(client.get(f"/leads/{lead}").text)
    answer = client.post(f"/say/{lead}", data={"csrf": token, "say": said})
    assert answer.status_code == 400
    assert said_of(site, lead) == ()
