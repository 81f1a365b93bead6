"""The page of a check: complete, without anything from elsewhere, and safe whatever the data say."""

from __future__ import annotations

import re

import pytest
from tests.cases.pipeline import AS_OF, World

from salesworthy.cli.check_text import check_text
from salesworthy.runs.check import check
from salesworthy.runs.check_page import check_page

NOW = AS_OF.value // 1_000


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("page"))
    for number in range(12):
        missing = {"role": None} if number < 9 else {}
        world.lead(f"L{number}", source="<b>booth</b>", **missing)
        world.act(f"L{number}", 2, "form", "evaluation")
    world.rows["leads"].append({**world.rows["leads"][0], "lead_id": None})
    return check(world._written(), now=NOW).as_dict()


def test_facts_that_rules_wait_for_are_told_with_their_worst_sources(report):
    capture = report["form_capture"]
    assert (capture["leads"], capture["verdicts"] % 12) == (12, 0)
    role = next(each for each in capture["facts"] if each["fact"] == "role")
    assert (role["missing"], role["made_of"], role["todo"]) == (9, ["leads.role"], "ask for it in forms")
    assert role["sources"] == [{"source": "<b>booth</b>", "leads": 12, "missing": 9}]
    assert role["unknown"] >= role["alone"] >= 9
    assert capture["facts"][-1]["settled"] == capture["unknown"]


def test_the_page_says_everything_and_needs_nothing(report):
    page = check_page(report, name="<i>acme</i>", now=NOW)
    assert page == check_page(report, name="<i>acme</i>", now=NOW)
    assert not re.search(r"<script|https?://|<b>booth|<i>acme", page)
    text = re.sub(r"<[^>]+>", " ", page)
    assert "Every row is accounted for" in text
    for each in report["findings"]:
        assert each["code"] in text
    for fact in report["form_capture"]["facts"]:
        assert fact["fact"] in text
    assert "MISSING_ID" in text
    assert page.count("<h2") == page.count('href="#')


def test_the_terminal_says_the_same_in_short(report):
    text = check_text(report)
    assert "unaccounted for: 0" in text
    assert re.search(r"leads +13 +12 +1 +0 +0 +0 +MISSING_ID 1", text)
    assert "Set aside: 1 row(s), the oldest since 2026-03-10; mended so far: 0" in text
    assert re.search(r"Form capture: [\d,]+ of [\d,]+ verdicts on 12 leads cannot be told", text)
