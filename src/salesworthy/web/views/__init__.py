"""The pages themselves: one file per part; each declares its routes in an ``Area``."""

from salesworthy.web.routes import Area
from salesworthy.web.views import lead, queue

AREAS: tuple[Area, ...] = (queue.area, lead.area)
"""The routes of all pages."""
