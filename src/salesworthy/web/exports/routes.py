"""Routes of exports: the address of a page with another ending, for whoever may see the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from fastapi import Response
from fastapi.responses import StreamingResponse

from salesworthy.domain.moments import from_micros, parse_moment
from salesworthy.web.access import LEADS
from salesworthy.web.exports.columns import Column, Row, columns
from salesworthy.web.exports.csv_file import csv_pieces
from salesworthy.web.exports.sheets import SHEETS, Sheet
from salesworthy.web.exports.xlsx_file import xlsx_bytes
from salesworthy.web.refusals import NotFound, Refused
from salesworthy.web.routes import Area
from salesworthy.web.store.filters import Filters
from salesworthy.web.store.queue import leads_at, leads_of
from salesworthy.web.views.queue import shown_filters
from salesworthy.web.visit import Here, Visit

AREA = Area()
MOST_XLSX = 50_000
"""Rows of a spreadsheet; more go into a CSV file."""
MOST_AT_SITE = 10_000
"""Leads of one site."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
_AT_ONCE = 1_000


@AREA.get("/queue.csv", access=LEADS)
def as_csv(visit: Here) -> Response:
    """The leads of a queue as CSV, all of them."""
    return _csv(visit, columns(), _leads(visit), "leads")


@AREA.get("/queue.xlsx", access=LEADS)
def as_xlsx(visit: Here) -> Response:
    """The leads of a queue as a spreadsheet.

    Raises:
        Refused: When they are too many for one.
    """
    return _xlsx(visit, columns(), _leads(visit), "leads", title="Leads")


@AREA.get("/exports/accounts/{account_id:path}.csv", access=LEADS)
def site_as_csv(visit: Here, account_id: str) -> Response:
    """The leads at a site as CSV, as far as this reader may see them."""
    return _csv(visit, columns(), _at_site(visit, account_id), "site")


@AREA.get("/exports/accounts/{account_id:path}.xlsx", access=LEADS)
def site_as_xlsx(visit: Here, account_id: str) -> Response:
    """The leads at a site as a spreadsheet, as far as this reader may see them."""
    return _xlsx(visit, columns(), _at_site(visit, account_id), "site", title="Leads")


def _declare(sheet: Sheet) -> None:
    """Routes for the table of a page."""

    @AREA.get(f"{sheet.path}.csv", access=sheet.access)
    def sheet_as_csv(visit: Here) -> Response:
        return _csv(visit, sheet.columns, list(sheet.rows(visit)), sheet.name)

    @AREA.get(f"{sheet.path}.xlsx", access=sheet.access)
    def sheet_as_xlsx(visit: Here) -> Response:
        return _xlsx(visit, sheet.columns, sheet.rows(visit), sheet.name, title=sheet.title)


for _each in SHEETS:
    _declare(_each)


def _leads(visit: Visit) -> Iterator[Row]:
    """Every lead that the queue of the same address shows, page after page."""
    index = visit.services.store.index  # the same throughout, whatever is published meanwhile
    given = Filters.from_query(visit.request.query_params)
    filters = shown_filters(given, policy=index.policy is not None)
    found = leads_of(index, visit.scope, filters, limit=_AT_ONCE)
    while True:
        yield from found.rows
        if not found.more:
            return
        found = leads_of(index, visit.scope, filters, after=found.rows[-1]["no"], limit=_AT_ONCE)


def _at_site(visit: Visit, account_id: str) -> Sequence[Row]:
    found = leads_at(visit.services.store.index, visit.scope, account_id, limit=MOST_AT_SITE).rows
    if not found:
        raise NotFound("site")
    return found


def _csv(visit: Visit, shown: Sequence[Column], rows: Iterable[Row], name: str) -> Response:
    headers = _named(visit, name, "csv")
    return StreamingResponse(csv_pieces(shown, rows), media_type=CSV, headers=headers)


def _xlsx(visit: Visit, shown: Sequence[Column], rows: Iterable[Row], name: str, *, title: str) -> Response:
    found = list(islice(rows, MOST_XLSX + 1))
    if len(found) > MOST_XLSX:
        todo = "Choose fewer with the filters, or take the CSV file."
        raise Refused(409, f"These are more than {MOST_XLSX:,} rows: too many for a spreadsheet.", todo=todo)
    made = from_micros(parse_moment(visit.services.store.run()["as_of"])).replace(tzinfo=None)
    content = xlsx_bytes(shown, found, title=title, made=made)
    return Response(content, media_type=XLSX, headers=_named(visit, name, "xlsx"))


def _named(visit: Visit, name: str, ending: str) -> dict[str, str]:
    day = str(visit.services.store.run()["as_of"])[:10]
    return {"Content-Disposition": f'attachment; filename="{name}-{day}.{ending}"'}
