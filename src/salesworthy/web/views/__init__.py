"""The pages themselves: one file per part; each declares its routes in an ``Area``."""

from salesworthy.web.routes import Area
from salesworthy.web.views import account, drift, lead, models, policy, proposing, queue, reasons, review

AREAS: tuple[Area, ...] = (
    queue.area,
    lead.area,
    account.area,
    reasons.area,
    drift.area,
    proposing.area,
    review.area,
    policy.area,
    models.area,
)
"""The routes of all pages."""
