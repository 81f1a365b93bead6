"""Routes of exports: the address of a queue with another ending."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from fastapi import Response
from fastapi.responses import StreamingResponse

from salesworthy.domain.moments import from_micros, parse_moment
from salesworthy.web.access import LEADS
from salesworthy.web.exports.columns import Row, columns
from salesworthy.web.exports.csv_file import csv_pieces
from salesworthy.web.exports.xlsx_file import xlsx_bytes
from salesworthy.web.refusals import Refused
from salesworthy.web.routes import Area
from salesworthy.web.store.filters import Filters
from salesworthy.web.store.queue import leads_of
from salesworthy.web.views.queue import shown_filters
from salesworthy.web.visit import Here, Visit

AREA = Area()
MOST_XLSX = 50_000
"""Rows of a spreadsheet; more go into a CSV file."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_AT_ONCE = 1_000


@AREA.get("/queue.csv", access=LEADS)
def as_csv(visit: Here) -> Response:
    """The leads of a queue as CSV, all of them."""
    headers = _named(visit, "csv")
    return StreamingResponse(csv_pieces(columns(), _leads(visit)), media_type="text/csv", headers=headers)


@AREA.get("/queue.xlsx", access=LEADS)
def as_xlsx(visit: Here) -> Response:
    """The leads of a queue as a spreadsheet.

    Raises:
        Refused: When they are too many for one.
    """
    rows = list(islice(_leads(visit), MOST_XLSX + 1))
    if len(rows) > MOST_XLSX:
        todo = "Choose fewer with the filters, or take the CSV file."
        raise Refused(409, f"These are more than {MOST_XLSX:,} leads: too many for a spreadsheet.", todo=todo)
    made = from_micros(parse_moment(visit.services.store.run()["as_of"])).replace(tzinfo=None)
    return Response(
        xlsx_bytes(columns(), rows, title="Leads", made=made), media_type=XLSX, headers=_named(visit, "xlsx")
    )


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


def _named(visit: Visit, ending: str) -> dict[str, str]:
    day = str(visit.services.store.run()["as_of"])[:10]
    return {"Content-Disposition": f'attachment; filename="leads-{day}.{ending}"'}
