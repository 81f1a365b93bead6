"""The calibration review wholly in the browser: opened from the drift page, proposed, voted on unseen, and back."""

from __future__ import annotations

import shutil
from urllib.parse import urlsplit

import httpx
import polars as pl
import pytest
from tests.functional.web.conftest import NOW, PASSWORD, form_token, sign_in
from tests.functional.web.page_list import READY

from salesworthy.ledger.users import User
from salesworthy.policy.loading import load_policy
from salesworthy.runs.workspace import open_workspace
from salesworthy.web.sign_in.passwords import hashed

pytestmark = pytest.mark.slow

DAY = "2026-07-01"
MONDAY = "2026-06-22"
WAIT = 600_000
SECOND_MARKETER = User("Nia Marketing", ("marketing",), (), "marketing_operations")


@pytest.fixture(scope="module")
def reviewed(site, opens_pages, tmp_path_factory):
    """A workspace of its own with a challenger, because what is in force changes here."""
    folder = tmp_path_factory.mktemp("reviewed") / "demo"
    shutil.copytree(site.folder, folder)
    _keep_some(folder / "data" / "market")
    workspace = open_workspace(folder)
    ledger, champion = workspace.ledger, workspace.registry.get("v1")
    workspace.registry.register(
        workspace.registry.bundle_folder("v1"),
        bundle_sha256=champion.bundle_sha256,
        trained_as_of=champion.trained_as_of,
        data_fingerprint=champion.data_fingerprint,
        figures=champion.figures,
        now=NOW,
        by="a person",
    )
    ledger.users.record(SECOND_MARKETER, by="a person", now=1, password_hash=hashed(PASSWORD))
    with opens_pages(folder) as found:
        yield found


def _keep_some(market):
    """One lead of five, with all that is known of it: what a review looks at takes a fifth of the time."""
    path = market / "leads.parquet"
    leads = pl.read_parquet(path).filter(pl.int_range(pl.len()) % 5 == 0)
    leads.write_parquet(path)
    for name in ("engagements", "handoffs", "outcomes", "consents"):
        path = market / f"{name}.parquet"
        pl.read_parquet(path).filter(pl.col("lead_id").is_in(leads["lead_id"].to_list())).write_parquet(path)


def _second_marketer(reviewed):
    if "second" not in reviewed.clients:
        reviewed.clients["second"] = httpx.Client(base_url=reviewed.url, timeout=60)
        sign_in(reviewed.clients["second"], SECOND_MARKETER.name)
    return reviewed.clients["second"]


@pytest.fixture
def as_person(reviewed, browser):
    """A page of somebody signed in there."""
    contexts = []

    def opened(role):
        client = _second_marketer(reviewed) if role == "second" else reviewed.client(role)
        context = browser.new_context(base_url=reviewed.url, reduced_motion="reduce")
        contexts.append(context)
        context.set_default_timeout(WAIT)
        context.set_default_navigation_timeout(WAIT)
        context.add_cookies([{"name": e.name, "value": e.value, "url": reviewed.url} for e in client.cookies.jar])
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


def refused(page, step):
    """The sentence beside a disabled button."""
    button = page.locator(f"[aria-describedby='no-{step}']").first
    assert button.is_disabled()
    return page.locator(f"#no-{step}").inner_text()


def press(page, selector, most=120):
    """Reach something by Tab alone, and press it."""
    reach(page, selector, most)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def reach(page, selector, most=120):
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by the keyboard")


def typed(page, selector, text):
    reach(page, selector)
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def by_mouse_until_changes_are_asked_for(as_person):
    page = as_person("marketing")
    page.goto("/drift")
    page.get_by_role("button", name="Open a review").click()
    page.wait_for_selector(READY, timeout=WAIT)
    page.locator("tbody a").first.click()
    review = urlsplit(page.url).path
    assert "nothing is proposed in this review yet" in refused(page, "adopt")
    assert "nothing of this review is in force" in refused(page, "rollback")
    assert "nothing is proposed in this review yet" in refused(page, "votes")
    page.get_by_role("link", name="Propose a change").click()

    # What cannot be proposed is told on the form, which keeps what was written.
    page.get_by_label("What the change is for").fill("fewer good leads wait")
    page.get_by_label("Endoscopy towers: chance from").fill("120")
    page.get_by_role("button", name="Propose it").click()
    assert "Endoscopy towers: chance from: 1.2 probability is out of range" in page.get_by_role("alert").inner_text()
    page.get_by_label("Endoscopy towers: chance from").fill("12")
    assert page.get_by_label("What the change is for").input_value() == "fewer good leads wait"
    page.get_by_label("Which model decides").select_option("v2")
    page.get_by_label("From", exact=True).fill(MONDAY)
    page.get_by_label("To", exact=True).fill(MONDAY)
    page.get_by_role("button", name="Propose it").click()
    page.wait_for_selector(READY, timeout=WAIT)
    shown = page.inner_text("main")
    assert "Thresholds, retrain, proposed by Mo Marketing" in shown
    assert "leads change decision" in shown
    assert "propensity threshold of the criteria set ENDOSCOPY" in shown

    # Nobody approves their own, nobody looks early, nothing is adopted before all votes are in.
    assert "Mo Marketing made this proposal and does not vote on it; somebody else votes" in refused(page, "vote")
    assert "not all votes are in" in refused(page, "adopt")
    reader = as_person("sales")
    reader.goto(review)
    assert "you read along" in refused(reader, "propose")
    assert "you vote in none of the three roles" in refused(reader, "vote")
    for role, said in (("compliance", "Ask for changes"), ("all_sales", "Approve"), ("second", "Approve")):
        page = as_person(role)
        page.goto(review)
        assert "votes are shown once all are in" in refused(page, "votes")
        assert "begin with one line" not in page.content()
        page.get_by_label("Why; seen once all votes are in").fill("begin with one line" if role == "compliance" else "")
        page.get_by_role("button", name=said).click()
    shown = page.inner_text("main")
    assert "Cy Compliance" in shown and "begin with one line" in shown
    assert "a reviewer asks for changes: propose again" in refused(page, "adopt")
    return review


def by_keyboard_until_it_is_taken_back(reviewed, as_person, review):
    page = as_person("marketing")
    page.goto(review)
    press(page, "a[href$='/propose']")
    typed(page, "#why", "one line first")
    typed(page, "[name='value.criteria.MONITORING.propensity']", "15")
    for field in ("#from", "#to"):
        reach(page, field)
        page.keyboard.type("06222026")
    press(page, "form.propose button.main")
    page.wait_for_selector(READY, timeout=WAIT)
    assert "one line first" in page.inner_text("main")
    for role in ("compliance", "all_sales", "second"):
        page = as_person(role)
        page.goto(review)
        assert page.locator("#votes ~ table").count() == 0, "votes on what was replaced count no longer"
        typed(page, "#note-vote", f"fine with {role}")
        press(page, "button[value='approve']")
    before = load_policy(reviewed.folder / "policy")
    typed(page, "#note-adopt", "as discussed")
    press(page, "form[action$='/adopt'] button")
    policy = load_policy(reviewed.folder / "policy")
    assert (policy.version, policy.is_approved) == ("2026.2", True)
    assert {each.by for each in policy.signed_by.values()} == {"Cy Compliance", "Lee Leads Sales", SECOND_MARKETER.name}
    shown = page.inner_text("main")
    assert "The proposal is in force" in shown and "as discussed" in shown
    assert "the proposal of this review is in force already" in refused(page, "adopt")
    typed(page, "#note-rollback", "too many calls")
    press(page, "form[action$='/rollback'] button")
    assert load_policy(reviewed.folder / "policy").content_hash == before.content_hash
    shown = page.inner_text("main")
    assert "taken back" in shown and "too many calls" in shown
    assert "it was taken back already" in refused(page, "rollback")


def straight_at_the_routes(reviewed, review):
    """Who passes the disabled buttons by gets the same sentences."""
    for role, path, says, status in (
        ("compliance", f"{review}/adopt", "a reviewer asks for changes: propose again", 409),
        ("sales", f"{review}/vote", "you vote in none of the three roles", 409),
        ("sales", f"{review}/propose", "you read along", 409),
        ("sales", "/review", "you read along", 409),
        ("marketing", f"{review}/rollback", "nothing of this review is in force", 409),
        ("marketing", f"{review}/vote", "all votes on this proposal are in", 409),
    ):
        client = reviewed.client(role)
        told = {"csrf": form_token(client.get("/me").text), "said": "approve", "as_of": DAY}
        answer = client.post(path, data=told)
        assert (answer.status_code, says in answer.text) == (status, True), (path, role, answer.text)


def test_a_review_goes_its_whole_way_by_mouse_and_by_keyboard(reviewed, as_person):
    review = by_mouse_until_changes_are_asked_for(as_person)
    straight_at_the_routes(reviewed, review)
    by_keyboard_until_it_is_taken_back(reviewed, as_person, review)
    minutes = reviewed.client("compliance").get(f"{review}/minutes.md").text
    for said in ("Mo Marketing", "begin with one line", "fine with second", "as discussed", "too many calls"):
        assert (said in minutes) == (said != "begin with one line"), said
