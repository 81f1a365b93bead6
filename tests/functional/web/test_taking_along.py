"""What can be taken along says what its page says; and everybody starts where they can do something."""

from __future__ import annotations

import csv
import io
import re
import time

import openpyxl
import pytest

from salesworthy.web.exports.sheets import SHEETS
from salesworthy.web.wording import NOT_KNOWN

pytestmark = pytest.mark.slow

WAIT = 240
CODE = re.compile(r"^[a-z]+(_[a-z0-9]+)+$")


def taken(site, path):
    """The answer once what the page waits for is worked out."""
    until = time.monotonic() + WAIT
    while (answer := site.client("marketing").get(path)).status_code == 409 and time.monotonic() < until:
        assert "being worked out" in answer.text, answer.text
        time.sleep(1)
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_csv_and_spreadsheet_hold_the_same_with_words_for_codes(site, sheet):
    answer = taken(site, f"{sheet.path}.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    titles = [column.title for column in sheet.columns]
    assert rows[0] == titles
    assert rows[1:] or sheet.name == "drift", "on the example there is something to take along"
    assert sheet.name in answer.headers["content-disposition"]
    book = openpyxl.load_workbook(io.BytesIO(taken(site, f"{sheet.path}.xlsx").content)).active
    cells = [[cell.value for cell in row] for row in book.iter_rows()]
    assert len(cells) == len(rows)
    for told, cell in zip((each for row in rows for each in row), (each for row in cells for each in row), strict=True):
        assert (told == "") == (cell is None)
        assert cell is None or isinstance(cell, str) or told[:1] in "-0123456789"
    names = [row[0] for row in rows[1:]]
    assert not [each for each in names if CODE.match(each) or each == NOT_KNOWN], names


def test_what_is_taken_along_is_what_the_page_shows(site):
    shown = site.client("marketing").get("/reasons/forms").text
    rows = list(csv.DictReader(io.StringIO(taken(site, "/reasons/forms.csv").content.decode("utf-8-sig"))))
    on_page = re.findall(r'<th scope="row">([^<]+)</th><td class="number"[^>]*>([\d,]+)</td>', shown)
    assert [(row["Fact"], f"{int(row['Verdicts left open']):,}") for row in rows] == on_page


def test_the_leads_of_a_site_are_those_of_its_page_and_only_the_readers_own(site):
    lead = re.search(r'href="/leads/([^"]+)"', site.client("sales").get("/queue").text)[1]
    account = re.search(r'href="/accounts/([^"]+)"', site.client("sales").get(f"/leads/{lead}").text)[1]
    told = {}
    for role in ("sales", "marketing"):
        answer = site.client(role).get(f"/exports/accounts/{account}.csv")
        told[role] = [row["Lead"] for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))]
        page = site.client(role).get(f"/accounts/{account}").text
        assert [each for each in told[role] if f"/leads/{each}" not in page] == []
    assert lead in told["sales"]
    assert set(told["sales"]) <= set(told["marketing"])
    assert site.client("sales").get("/exports/accounts/A9999999.csv").status_code == 404


@pytest.mark.parametrize(
    ("role", "path"), [("sales", "/queue"), ("marketing", "/queue"), ("data_science", "/queue"), ("admin", "/people")]
)
def test_everybody_starts_where_they_can_do_something(site, role, path):
    answer = site.client(role).get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert site.client(role).get(path).status_code == 200


def test_who_sees_no_leads_is_offered_no_search(site):
    assert 'role="search"' not in site.client("admin").get("/policy").text
    assert 'role="search"' in site.client("sales").get("/policy").text
