"""The report of an evaluation agrees with it; its page loads nothing, and shows hostile texts as text."""

from __future__ import annotations

import json
import re

import pytest
from tests.unit.reporting.test_html import Outline
from tests.unit.runs.one_evaluation import HOSTILE, reported

from salesworthy.runs.evaluation_documents import FIGURES, PAGE, SUMMARY, write_documents
from salesworthy.runs.evaluation_page import evaluation_page
from salesworthy.runs.evaluation_words import LOOKS

pytestmark = pytest.mark.slow
CARD = f"# Model card\n\n**For.** {HOSTILE}\n\n- `{HOSTILE}`\n"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return reported(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def page(report):
    return evaluation_page(report, version="v7", card=CARD)


def test_the_report_agrees_with_the_evaluation(report):
    tested = sum(split["n_test"] for split in report["evaluation"]["splits"])
    assert report["about"]["tested"] == tested
    for name, bins in report["calibration"].items():
        assert sum(each["leads"] for each in bins) == tested, name
    for part in report["segments"]:
        assert sum(each["leads"] for each in part["segments"]) <= tested
    pooled = report["evaluation"]["pooled"]
    for name, figures in report["differences"].items():
        expected = pooled["salesworthy"]["log_loss"]["value"] - pooled[name]["log_loss"]["value"]
        assert figures["log_loss"]["value"] == pytest.approx(expected)
    seen = report["seen_accounts"]
    assert seen["seen"]["leads"] + seen["unseen"]["leads"] == tested


def test_nothing_in_the_report_names_a_lead_or_an_account(report):
    text = json.dumps(report)
    assert re.findall(r'"[LA]\d+"', text) == []


def test_the_segments_are_the_categories_of_the_features(report):
    assert [part["column"] for part in report["segments"]] == ["leads.role", f"leads.{HOSTILE}"]


def test_reasons_add_up_what_features_do(report):
    shares = report["shares"]
    assert {each["name"] for each in shares["features"]} <= {"visits", "days_since_visit", "attended", "role", "source"}
    assert sum(each["top_for"] for each in shares["reasons"]) == pytest.approx(1.0, abs=1e-3)
    assert shares["reasons"][0]["mean_share"] >= shares["reasons"][-1]["mean_share"]


def test_the_page_loads_nothing_and_runs_nothing(page):
    outline = Outline(page.removeprefix("<!doctype html>"))
    assert not {"script", "link", "iframe", "object", "img"} & set(outline.elements)
    assert "http" not in page
    assert set(re.findall(r"url\(([^)]*)\)", page)) <= {f"#{name}" for name in re.findall(r' id="([^"]+)"', page)}


def test_hostile_texts_are_shown_as_text(page):
    assert HOSTILE not in page
    shown = "".join(Outline(page.removeprefix("<!doctype html>")).texts)
    assert shown.count(HOSTILE) >= 6


def test_every_picture_has_its_figures_and_a_name_of_its_own(page):
    pictures = re.findall(r"<figure>.*?</figure>", page, re.DOTALL)
    assert len(pictures) > 12
    for each in pictures:
        assert each.count("<svg") >= 1
        assert each.count("<details>") == each.count("<table>") == 1
        assert len(re.findall(r"<tr>", each)) > 1
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(set(ids)) == len(ids)


def test_every_chapter_is_linked_and_every_contender_is_named(page):
    links = re.findall(r'<a href="#([^"]+)"', page)
    assert links == re.findall(r'<h2 id="([^"]+)"', page)
    assert len(links) == 14
    assert "better than the rate alone" in page
    assert set(LOOKS) >= {"constant", "logistic", "lightgbm_default", "salesworthy"}


def test_the_same_report_gives_the_same_bytes(report, page, tmp_path):
    again = json.loads(json.dumps(report))
    written = write_documents(again, tmp_path / "reports" / "v7", version="v7", card=CARD)
    assert sorted(written) == sorted([PAGE, FIGURES, SUMMARY])
    assert written[PAGE].read_text(encoding="utf-8") == page
    stored = json.loads(written[FIGURES].read_text(encoding="utf-8"))
    assert stored == again
    assert evaluation_page(stored, version="v7", card=CARD) == page
    assert written[SUMMARY].read_text(encoding="utf-8").startswith("<svg")


def test_a_registered_model_shows_its_gate_and_the_checks_of_its_reasons(report):
    checks = [
        {"code": "ADDITIVE", "holds": True, "says": "they add up"},
        {"code": "STABLE", "holds": None, "says": "few"},
    ]
    shown = evaluation_page(
        {**report, "gate": [{"code": "SKILL", "holds": False, "says": HOSTILE}], "reason_checks": checks}
    )
    assert "<td>skill</td><td>fails</td>" in shown
    assert "<td>stable</td><td>cannot be judged</td>" in shown
    assert HOSTILE not in shown


def test_without_accounts_the_page_says_so(tmp_path):
    report = reported(tmp_path, accounts=False)
    assert report["seen_accounts"] is None
    assert report["about"]["tested_accounts"] is None
    assert "do not say which account" in evaluation_page(report)
