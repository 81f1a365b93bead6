"""Names of columns that are filled in after the outcome, and of columns that say who works on a lead.

The words come from the fields that CRMs write by themselves once sales has touched a lead: Salesforce (``StageName``,
``IsWon``, ``CloseDate``, ``LastActivityDate``, ``ConvertedOpportunityId``), HubSpot (``hs_lead_status``,
``lifecyclestage``, ``num_associated_deals``, ``notes_last_contacted``) and Dynamics (``statecode``, ``statuscode``,
``qualifyingopportunityid``). A name alone proves nothing, so it only warns.
"""

from __future__ import annotations

import re

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_EARLIER = frozenset({"previous", "prev", "prior", "earlier", "past", "former", "historic", "historical", "before"})
"""Words that place a fact before the lead: the outcome of an earlier campaign was known."""
_PLANNED = frozenset(
    {"planned", "plan", "expected", "due", "target", "scheduled", "schedule", "appointment", "event", "arrival"}
    | {"departure", "renewal", "expiry", "expires", "expiration", "deadline", "start", "end", "valid"}
)
"""Words of dates that may lie ahead without being known too late."""
_AFTERWARDS = frozenset(
    {"status", "statuscode", "statecode", "stage", "stagename", "lifecyclestage", "outcome", "result", "disposition"}
    | {"won", "lost", "closed", "close", "closedate", "closing", "converted", "conversion", "convert", "churn"}
    | {"churned", "qualified", "disqualified", "unqualified", "rejected", "rejection", "accepted", "acceptance"}
    | {"canceled", "cancelled", "cancellation", "cancel", "opportunity", "opportunities", "deal", "deals", "amount"}
    | {"revenue", "invoice", "invoiced", "paid", "payment", "purchase", "purchased", "contracted", "label", "sql"}
    | {"forecast", "winner", "loss", "signed", "assigned", "assignment", "changes", "modified", "notes", "resolution"}
)
_PHRASES = (
    ("last", "touch"), ("last", "sales"), ("last", "activity"), ("last", "notable", "activity"), ("last", "contacted"),
    ("last", "contact"), ("last", "modified"), ("last", "updated"), ("last", "update"), ("last", "replied"),
    ("updated", "at"), ("updated", "on"), ("changed", "at"), ("changed", "on"), ("first", "contact"),
    ("contacted", "at"), ("contacted", "on"), ("call", "duration"), ("call", "length"), ("call", "seconds"),
    ("call", "minutes"), ("call", "result"), ("talk", "time"), ("talk", "duration"), ("contact", "duration"),
    ("meeting", "duration"), ("conversation", "duration"), ("days", "to"), ("time", "to"), ("lead", "quality"),
    ("lead", "rating"), ("sales", "notes"), ("sales", "touches"), ("sales", "calls"), ("sales", "activities"),
    ("sales", "emails"), ("sales", "comment"), ("sales", "comments"), ("win", "probability"), ("is", "customer"),
    ("became", "customer"), ("order", "value"), ("order", "total"), ("contract", "value"), ("estimated", "value"),
    ("actual", "value"), ("follow", "up"), ("check", "out"),
)  # fmt: skip
_WHOLE = frozenset({"duration", "tags", "estimatedvalue", "actualvalue", "modifiedon", "qualifyingopportunityid"})
"""Names that say it only when nothing else stands beside them."""
_WORKERS = frozenset(
    {"owner", "ownerid", "ownername", "rep", "reps", "salesrep", "salesperson", "salesman", "saleswoman", "sdr", "bdr"}
    | {"closer", "seller", "salesforceuser"}
)
_WORKER_PHRASES = (
    ("sales", "person"), ("account", "executive"), ("account", "manager"), ("sales", "manager"), ("sales", "agent"),
    ("sales", "user"), ("sales", "team"), ("assigned", "to"), ("assigned", "user"), ("handled", "by"), ("worked", "by"),
    ("closed", "by"), ("modified", "by"), ("sr", "id"), ("call", "agent"), ("territory", "manager"),
)  # fmt: skip
_NO_WORKER = frozenset({"type", "kind", "ownership"})
"""Behind these, an owner is a legal form: who owns a hospital says nothing about who works on the lead."""


def words_of(name: str) -> tuple[str, ...]:
    """The words of a column name, in small letters.

    Example:
        >>> words_of("leads.LastModifiedDate"), words_of("sales_notes_length"), words_of("hs2 IsWON")
        (('leads', 'last', 'modified', 'date'), ('sales', 'notes', 'length'), ('hs', '2', 'is', 'won'))
    """
    return tuple(word.lower() for word in _WORDS.findall(name))


def names_aftermath(name: str) -> str:
    """The words of a name that say that the column is filled in after the outcome; empty where none does.

    Example:
        >>> names_aftermath("ReservationStatusDate"), names_aftermath("duration"), names_aftermath("page_duration")
        ('status', 'duration', '')
        >>> names_aftermath("previous_outcome"), names_aftermath("last_sales_touch_at")
        ('', 'last sales')
    """
    words = words_of(name)
    if _EARLIER & set(words):
        return ""
    if "".join(words) in _WHOLE:
        return " ".join(words)
    return _phrase(words, _PHRASES) or next((word for word in words if word in _AFTERWARDS), "")


def names_owner(name: str) -> str:
    """The words of a name that say who works on the lead; empty where none does.

    Example:
        >>> names_owner("hubspot_owner_id"), names_owner("AssignedTo"), names_owner("hospital_owner_type")
        ('owner', 'assigned to', '')
    """
    words = words_of(name)
    if _NO_WORKER & set(words):
        return ""
    return _phrase(words, _WORKER_PHRASES) or next((word for word in words if word in _WORKERS), "")


def names_plan(name: str) -> bool:
    """Whether a date may lie ahead by its name: an appointment, an arrival, a renewal.

    Example:
        >>> names_plan("arrival_date"), names_plan("last_touch_at")
        (True, False)
    """
    return bool(_PLANNED & set(words_of(name)))


def _phrase(words: tuple[str, ...], phrases: tuple[tuple[str, ...], ...]) -> str:
    runs = {words[start:end] for start in range(len(words)) for end in range(start + 2, min(start + 4, len(words) + 1))}
    return next((" ".join(phrase) for phrase in phrases if phrase in runs), "")
