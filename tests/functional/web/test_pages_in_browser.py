"""Pages in a real browser: the main tasks by mouse and by keyboard alone, access for everybody, weight, pictures."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.functional.web.page_list import LOOKS, READY, Look

from salesworthy.runs.workspace import open_workspace

pytestmark = pytest.mark.slow

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MOST_BYTES = 150_000
WAIT = 180_000
HIGHEST = 1_200
"""Pixels of a page that a picture shows."""
PICTURES = os.environ.get("SALESWORTHY_PICTURES", "")
"""A folder that pictures of every page are written to; none are written where it is empty."""


@pytest.fixture(scope="module")
def places(site):
    """What stands for leads and sites in the addresses of pages; a review is open."""
    if not open_workspace(site.folder).ledger.reviews.all():
        command = ["review", "open", "--as-of", "2026-07-01", "--by", "M. Weber"]
        done = subprocess.run(
            [sys.executable, "-m", "salesworthy.cli.main", "-w", str(site.folder), *command],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    mine, held = site.client("sales").get("/queue").text, site.client("marketing").get("/queue?decision=HELD").text
    lead = _first(r'href="/leads/([^"]+)"', mine)
    account = _first(r'href="/accounts/([^"]+)"', site.client("sales").get(f"/leads/{lead}").text)
    return {"LEAD": lead, "HELD": _first(r'href="/leads/([^"]+)"', held), "SITE": account}


def _first(pattern, text):
    found = re.search(pattern, text)
    assert found is not None, text
    return found.group(1)


def _address(look, places):
    return re.sub("LEAD|HELD|SITE", lambda found: places[found[0]], look.path)


def _open(page, look, places):
    page.goto(_address(look, places))
    if look.waits:
        page.wait_for_selector(READY, timeout=WAIT)


def _violations(page):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
    return [
        f"{each['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for each in found.response["violations"]
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_everybody_can_use_the_page(look: Look, page_as, places):
    for role in look.roles:
        page = page_as(role)
        _open(page, look, places)
        for part in page.locator("details").all():
            part.evaluate("part => { part.open = true }")
        assert _violations(page) == [], role
    page = page_as(look.roles[0], width=390, dark=True)
    _open(page, look, places)
    assert _violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "it scrolls sideways on a phone"


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_a_page_is_light_and_stays_at_home(look: Look, page_as, places, site):
    page = page_as(look.roles[0])
    answers, complaints = [], []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108  # Playwright marks what it is given
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(_address(look, places))
    page.wait_for_load_state("networkidle") if not look.waits else None
    home = urlsplit(site.url).netloc
    assert {urlsplit(each.url).netloc for each in answers} == {home}
    assert sum(len(each.body()) for each in answers if each.status == 200) < MOST_BYTES
    assert [each for each in complaints if "404" not in each] == []


def test_sales_works_a_lead_by_mouse(page_as, places):
    page = page_as("sales")
    page.goto("/queue")
    name = page.locator(".queue tbody a").nth(1).inner_text()
    page.locator(".queue tbody a").nth(1).click()
    assert page.locator("h1").inner_text() == name
    page.get_by_text("Reject, because").click()
    page.get_by_role("button", name="Not now", exact=True).click()
    assert "Rejected" in page.locator("#said").inner_text()
    assert "Not now" in page.locator("#said").inner_text()


def test_sales_works_a_lead_by_keyboard_alone(page_as, places):
    page = page_as("sales")
    page.goto("/queue")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    _tab_to(page, ".queue tbody a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/leads/**")
    _tab_to(page, "button[value='disposition:accepted']")
    page.keyboard.press("Enter")
    page.wait_for_url("**#said")
    assert "Accepted" in page.locator("#said").inner_text()


def test_search_and_filters_live_in_the_address(page_as, places):
    page = page_as("marketing")
    page.goto("/queue")
    page.select_option("#f-decision", "any")
    page.wait_for_url("**decision=any**")
    page.select_option("#f-fit", "A")
    page.wait_for_url("**fit=A**")
    grades = page.locator(".queue .grade").all_inner_texts()
    assert grades and all("A" in each for each in grades)
    page.reload()
    assert page.locator("#f-fit").input_value() == "A"
    assert page.locator(".queue .grade").all_inner_texts() == grades


def test_search_by_keyboard_without_scripts(page_as, places):
    page = page_as("sales", scripts=False)
    page.goto("/queue")
    page.locator("#find").focus()
    page.keyboard.type(places["LEAD"])
    page.keyboard.press("Enter")
    page.wait_for_url("**q=**")
    assert page.locator(".queue tbody tr").count() == 1
    _tab_to(page, ".queue tbody a")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/leads/{places['LEAD']}")


def test_marketing_asks_for_a_lead_that_is_kept_back(page_as, places):
    page = page_as("marketing")
    page.goto(f"/leads/{places['HELD']}")
    page.get_by_role("button", name="Sales knows of a project").click()
    assert "Appealed" in page.locator("#said").inner_text()


def test_a_reviewer_reads_why_nothing_can_be_adopted(page_as, places):
    page = page_as("compliance")
    page.goto("/review")
    page.get_by_role("link", name="2026-07-01").click()
    assert page.get_by_role("button", name="Adopt the proposal").is_disabled()
    assert "nothing is proposed in this review yet" in page.locator("#no-adopt").inner_text()
    assert "you vote" not in page.locator("#no-vote").inner_text()


def test_marketing_goes_from_a_reason_to_its_leads(page_as, places):
    page = page_as("marketing")
    page.goto("/reasons")
    page.get_by_role("link", name="Leads", exact=False).first.click()
    page.wait_for_url("**reason=**")
    assert page.locator(".queue tbody tr").count() > 0


def test_a_lead_prints_without_what_cannot_be_pressed(page_as, places):
    page = page_as("sales")
    page.goto(f"/leads/{places['LEAD']}")
    page.emulate_media(media="print")
    assert not page.locator(".say").is_visible()
    assert not page.locator(".top").is_visible()
    assert page.locator("h1").is_visible()


@pytest.mark.skipif(not PICTURES, reason="pictures are written where SALESWORTHY_PICTURES names a folder")
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_pictures(look: Look, page_as, places):
    from PIL import Image

    folder = Path(PICTURES)
    folder.mkdir(parents=True, exist_ok=True)
    for width in (1280, 390):
        for dark in (False, True):
            page = page_as(look.roles[0], width=width, dark=dark)
            _open(page, look, places)
            path = folder / f"{look.name}-{width}-{'dark' if dark else 'light'}.png"
            page.screenshot(path=path, full_page=True, clip=None)
            with Image.open(path) as picture:
                shown = picture.convert("RGB").crop((0, 0, picture.width, min(picture.height, HIGHEST)))
                shown.save(path.with_suffix(".webp"), quality=32, method=6)
            path.unlink()


def _tab_to(page, selector, most=80):
    """Press Tab until what is sought has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by the keyboard")
