"""The consent gate: who objected, and the latest state on record for a sort of contact, as of a moment.

A row that names no channel, purpose or content type is about all of them, and so is the content type ``all``. Of two
states recorded at the same moment the one that allows less counts.
"""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from salesworthy.features.readable_tables import column_of
from salesworthy.policy.consent import ConsentStates

Tables = Mapping[str, ir.Table]
TABLE = "consents"
ALL = "all"
_SLOTS = 1_024
"""States share one integer with their moment: no window functions, one pass, the same on every engine."""
_ORIGIN = 2**51
"""Makes moments before 1970 positive, back to 1898."""
_SORTS = ("channel", "purpose", "content_type")


def objectors(tables: Tables, states: ConsentStates, *, as_of: int) -> ir.Table:
    """Leads whose latest state, for any sort of contact, is an objection to direct marketing: ``lead_id``, each once.

    A later consent lifts an objection of its own channel, purpose and content type only.

    Args:
        tables: Checked tables, ``consents`` among them.
        states: How the data spell what people said.
        as_of: The moment of the question, in microseconds.
    """
    rows = _recorded(tables, states, as_of)
    latest = rows.group_by(["lead_id", *_SORTS]).agg(newest=rows.entry.max())
    words = _ranked(states)
    said = (latest.newest % _SLOTS).isin([words.index(state) for state in states.objected])
    return latest.filter(said).select("lead_id").distinct()


def latest_states(
    tables: Tables, states: ConsentStates, *, as_of: int, channel: str, purpose: str, content_type: str
) -> ir.Table:
    """The latest state per lead for one sort of contact: ``lead_id, state, at``, one row per lead with a record.

    ``state`` is null where the data spell it in a way that the policy does not know: it allows nothing.

    Args:
        tables: Checked tables, ``consents`` among them.
        states: How the data spell what people said.
        as_of: The moment of the question, in microseconds.
        channel: Such as email.
        purpose: Such as marketing.
        content_type: Such as clinical.
    """
    rows = _recorded(tables, states, as_of)
    asked = ((rows.channel, (channel,)), (rows.purpose, (purpose,)), (rows.content_type, (content_type, ALL)))
    fitting = [column.isin(["", *values]) for column, values in asked]
    latest = rows.filter(*fitting).group_by("lead_id").agg(newest=rows.entry.max())
    words = _ranked(states)
    rank = latest.newest % _SLOTS
    state = ibis.cases(*((rank == place, word) for place, word in enumerate(words) if word))
    at = ((latest.newest - rank) / _SLOTS).cast("int64") - _ORIGIN
    return latest.select("lead_id", state=state.cast("string"), at=at.cast("int64"))


def _recorded(tables: Tables, states: ConsentStates, as_of: int) -> ir.Table:
    """Rows on record by that moment, each with its moment and its state in one integer."""
    table = tables[TABLE]
    words = _ranked(states)
    rank = ibis.cases(*((table.state == word, place) for place, word in enumerate(words) if word), else_=0)
    entry = ((table["at"] + ibis.literal(_ORIGIN, "int64")) * _SLOTS + rank).cast("int64")
    sorts = {name: column_of(tables, TABLE, name).cast("string").fill_null("") for name in _SORTS}
    rows = table.select(lead_id=table.lead_id, at=table["at"], entry=entry, **sorts)
    return rows.filter(rows["at"] <= ibis.literal(as_of, "int64"))


def _ranked(states: ConsentStates) -> list[str]:
    """States from the one that allows most to the one that allows least; unknown spellings come first, as nothing."""
    known = (states.opt_in, states.implied, states.unreachable, states.refused, states.objected)
    return ["", *dict.fromkeys(word for group in known for word in group)][:_SLOTS]
