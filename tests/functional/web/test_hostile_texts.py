"""Hostile texts x every field that leads supply x every page: nothing runs, nothing is reported, nothing leaves."""

from __future__ import annotations

import csv
import io
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import openpyxl
import polars as pl
import pytest
from hostile_texts import TEXTS

from salesworthy.cli.serve import areas
from salesworthy.ledger.exports import TRIGGERS
from salesworthy.web.access import Entry

pytestmark = pytest.mark.slow

DAY = "2026-07-01"
HANDED = 40
"""Texts that stand in leads that were handed to sales: their packets show them as well."""
SUPPLIED = ("full_name", "job_title", "use_case", "timeframe", "role", "department", "specialty", "source", "product")
"""What a lead types, and what comes with it from forms."""
UNJUDGED = ("full_name", "job_title", "use_case", "timeframe")
"""Those of them that no rule looks at."""
OF_SITES = ("name", "facility_type", "specialties", "country")
"""What is known of a site; where sales works it, the name alone, for the rest decides."""
WATCH = """
window.ran = () => { window.timesRan = (window.timesRan || 0) + 1 };
window.violations = [];
document.addEventListener("securitypolicyviolation", event => window.violations.push(event.violatedDirective));
"""
INTRUDERS = (
    "script:not([src^='/static/']), [onerror], [onload], [onfocus], [ontoggle], iframe, object, embed, base, marquee"
)


def _text(number: int) -> str:
    return TEXTS[number % len(TEXTS)]


def _hostile_leads(leads: pl.DataFrame, handed: list[str]) -> tuple[pl.DataFrame, dict[str, str]]:
    """Leads with a text in every field that they supply; those that were not handed over also in their id."""
    others = [lead for lead in leads["lead_id"].to_list() if lead not in set(handed)][: len(TEXTS) - len(handed)]
    number = {lead: place for place, lead in enumerate([*handed, *others])}
    ids = {lead: f"{_text(number[lead])[:200]} {number[lead]}" for lead in others}
    rows = []
    for row in leads.iter_rows(named=True):
        lead = row["lead_id"]
        fields = () if lead not in number else UNJUDGED if lead in set(handed) else SUPPLIED
        texts = {name: _text(number[lead]) for name in fields}
        rows.append({**row, **texts, "lead_id": ids.get(lead, lead)})
    return pl.DataFrame(rows, schema=leads.schema), ids


def _make_hostile(folder: Path, handed: list[str]) -> None:
    """A few hundred leads of the workspace, with hostile texts in those that tests look at."""
    market = folder / "data" / "market"
    table = {name: pl.read_parquet(market / f"{name}.parquet") for name in ("leads", "accounts", "engagements")}
    kept = table["leads"].filter(pl.col("lead_id").is_in(handed) | (pl.int_range(pl.len()) % 20 == 0))
    leads, ids = _hostile_leads(kept, handed)
    sites = leads["account_id"].drop_nulls().unique(maintain_order=True).to_list()
    place = {site: number for number, site in enumerate(sites)}
    worked = set(kept.filter(pl.col("lead_id").is_in(handed))["account_id"].to_list())
    accounts = [
        row
        | {
            name: _text(place[row["account_id"]])
            for name in (OF_SITES[:1] if row["account_id"] in worked else OF_SITES)
            if row["account_id"] in place
        }
        for row in table["accounts"].iter_rows(named=True)
    ]
    acts = table["engagements"].filter(pl.col("lead_id").is_in(kept["lead_id"].to_list()))
    leads.write_parquet(market / "leads.parquet")
    pl.DataFrame(accounts, schema=table["accounts"].schema).write_parquet(market / "accounts.parquet")
    acts.with_columns(pl.col("lead_id").replace(ids)).write_parquet(market / "engagements.parquet")
    for name in ("handoffs", "outcomes", "consents"):
        path = market / f"{name}.parquet"
        pl.read_parquet(path).filter(pl.col("lead_id").is_in(kept["lead_id"].to_list())).write_parquet(path)


def _index(folder: Path) -> Path:
    return max((folder / ".salesworthy/pages").glob("*.sqlite"), key=lambda path: path.stat().st_mtime)


@pytest.fixture(scope="module")
def hostile(site, opens_pages, tmp_path_factory):
    with sqlite3.connect(_index(site.folder)) as database:
        asked = "SELECT lead_id FROM lead WHERE decision = 'MQL' ORDER BY no LIMIT ?"
        handed = [lead for (lead,) in database.execute(asked, (HANDED,))]
    folder = tmp_path_factory.mktemp("hostile") / "demo"
    shutil.copytree(site.folder, folder, ignore=shutil.ignore_patterns("out", ".salesworthy", "reports", "reviews"))
    _make_hostile(folder, handed)
    command = [sys.executable, "-m", "salesworthy.cli.main", "-w", str(folder), "score", "--as-of", DAY, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with opens_pages(folder) as found:
        yield found


@pytest.fixture(scope="module")
def stored(hostile) -> list[dict[str, str]]:
    """Leads as the pages have them; hostile ones only."""
    with sqlite3.connect(_index(hostile.folder)) as database:
        database.row_factory = sqlite3.Row
        rows = [dict(row) for row in database.execute("SELECT * FROM lead ORDER BY no")]
    found = [row for row in rows if row["name"] and any(text.strip()[:20] in row["name"] for text in TEXTS)]
    assert len(found) >= 100, "hostile leads were set aside before they came to a page"
    assert sum(row["decision"] == "MQL" for row in found) > HANDED / 2
    return found


@pytest.fixture(scope="module")
def watched(hostile, browser):
    """A page of somebody who may see everything, and what it tried to load or report."""
    context = browser.new_context(base_url=hostile.url)
    cookies = hostile.client("everything").cookies
    context.add_cookies([{"name": each.name, "value": each.value, "url": hostile.url} for each in cookies.jar])
    context.add_init_script(WATCH)
    page, asked, dialogs = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    yield page, asked, dialogs
    context.close()


def look(watched, hostile, path: str) -> str:
    """Open a page; whatever runs, is reported or leaves the origin fails."""
    page, asked, dialogs = watched
    asked.clear()
    answer = page.goto(path, wait_until="load")
    assert answer is not None
    assert answer.status in {200, 404}, (path, answer.status)
    found = page.evaluate(
        "selector => [window.timesRan || 0, window.violations, document.querySelectorAll(selector).length]", INTRUDERS
    )
    assert found == [0, [], 0], path
    assert dialogs == [], path
    assert [url for url in asked if not url.startswith(hostile.url) or url.endswith("/csp-report")] == [], path
    text: str = page.inner_text("main")
    return text


PAGES = [
    route.path
    for area in areas()
    for route in area.routes
    if not route.changes and route.access.entry is Entry.PAGE and "." not in route.path
]


def test_every_text_is_shown_as_text_on_its_lead(hostile, stored, watched):
    for row in stored:
        shown = look(watched, hostile, "/leads/" + quote(row["lead_id"], safe=""))
        visible = "".join(each if each.isprintable() else " " for each in row["name"])
        assert " ".join(visible.split())[:8] in " ".join(shown.split()), row["name"]


def test_every_text_is_shown_as_text_at_its_site(hostile, stored, watched):
    for account in dict.fromkeys(row["account_id"] for row in stored if row["account_id"]):
        look(watched, hostile, "/accounts/" + quote(account, safe=""))


def test_every_text_is_shown_as_text_in_lists(hostile, watched):
    page = watched[0]
    look(watched, hostile, "/queue?decision=any")
    while (onward := page.query_selector("a[rel=next]")) is not None:
        look(watched, hostile, onward.get_attribute("href"))


def test_every_text_is_text_when_it_is_searched_for(hostile, watched):
    for text in TEXTS[::5]:
        look(watched, hostile, "/queue?decision=any&q=" + quote(text[:100]))


@pytest.mark.parametrize("path", [path for path in PAGES if "{" not in path])
def test_other_pages_hold_still(hostile, stored, watched, path):
    look(watched, hostile, path)


def test_what_is_said_of_a_lead_is_text_too(hostile, stored, watched):
    import re

    client = hostile.client("everything")
    row = next(row for row in stored if row["decision"] == "MQL")
    path = "/leads/" + quote(row["lead_id"], safe="")
    for text in TEXTS[:20]:
        token = re.search(r'name="csrf" value="(\w+)"', client.get(path).text).group(1)
        said = {"csrf": token, "say": "disposition:rejected:timing", "note": text}
        assert client.post(path.replace("/leads/", "/say/"), data=said).status_code == 303
    look(watched, hostile, path)


def test_no_cell_of_an_export_is_a_formula(hostile, stored):
    client = hostile.client("everything")
    told = client.get("/queue.csv?decision=any").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(told)))
    assert len(rows) > len(stored)
    for cell in (cell for row in rows[1:] for cell in row):
        assert cell[:1] not in TRIGGERS or cell.lstrip("-").replace(".", "").isdecimal(), cell
    book = openpyxl.load_workbook(io.BytesIO(client.get("/queue.xlsx?decision=any").content))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert not any(cell.hyperlink for cell in cells)
    names = {cell.value for cell in cells}
    assert sum(row["name"] in names for row in stored) > len(stored) * 0.9


def test_nothing_was_reported(hostile, watched):
    assert "refused 0 times" in " ".join(look(watched, hostile, "/people").split())
