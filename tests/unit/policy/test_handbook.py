"""The handbook is generated from the policy, and holds all of it."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from salesworthy.policy.handbook import handbook
from salesworthy.policy.handbook_page import handbook_page

DAY = dt.date(2026, 2, 1)


@pytest.fixture(scope="module")
def text(example):
    return handbook(example, DAY)


def test_everything_is_in_it(example, text):
    parts = (
        *example.rules, *example.criteria, *example.tracks, *example.consent.matrix, *example.owners, *example.routes,
        *example.buying_steps, *example.products,
    )  # fmt: skip
    assert [part.code for part in parts if part.title not in text] == []
    assert [asset.id for asset in example.assets if asset.id not in text] == []
    assert [code for code in example.taxonomy if code not in text] == []
    assert example.content_hash in text
    assert "Approved by compliance (C. Brandt" in text


def test_values_that_follow_are_named_with_their_start(text):
    assert "- Propensity: 20 % (25 % from 1 March 2026)" in text


def test_expired_assets_are_told(text):
    assert "the asset OUTCOMES_OLD (Outcomes of 2021 (superseded)) expired on 2023-05-01" in text


def test_the_page_needs_nothing_else(text):
    page = handbook_page(text)
    assert page.startswith("<!doctype html>")
    assert "<script" not in page
    assert "http" not in page
    assert page.count("<table>") == page.count("</table>") > 8


def test_text_of_the_policy_is_escaped():
    page = handbook_page("# <b>T</b>\n\n| a | b |\n| --- | --- |\n| `x < 1` | a \\| b |\n")
    assert "<title>&lt;b&gt;T&lt;/b&gt;</title>" in page
    assert "<td><code>x &lt; 1</code></td><td>a | b</td>" in page


def test_every_chapter_is_linked_once(text):
    page = handbook_page(text)
    links, anchors = re.findall(r'href="#([^"]+)"', page), re.findall(r'<h2 id="([^"]+)"', page)
    assert links == anchors
    assert len(set(anchors)) == len(anchors) > 10


def test_overdue_reviews_stand_together(example):
    text = handbook(example, dt.date(2026, 7, 1))
    (line,) = (line for line in text.splitlines() if "to be reviewed by 1 June 2026" in line)
    assert "STUDENT_RESEARCH" in line
    assert "STUDENT, RESEARCHER" in line
