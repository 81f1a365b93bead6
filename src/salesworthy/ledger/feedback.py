"""What sales said of leads: kept as it was said, every piece once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from sqlalchemy import Connection, Engine, Row, select

from salesworthy.ledger import audit
from salesworthy.ledger.columns import canonical_json
from salesworthy.ledger.connection import reading, writing
from salesworthy.ledger.people import known_or_new
from salesworthy.ledger.records import Action, named
from salesworthy.ledger.seals import new_salt, seal
from salesworthy.ledger.tables import FEEDBACK, LEAD_IDS, TEXTS

_SOME = 5_000


@dataclass(frozen=True)
class Feedback:
    """One thing that somebody said of a lead at one time.

    Attributes:
        lead_id: Whom it is about; None once the person was erased.
        at: When it was said or done, in microseconds.
        by: Who said so.
        kind: disposition, answer, skip or appeal.
        disposition: What sales did.
        reason: Why, from the list of the kind.
        reasons_matched: Reason code -> whether it matched what sales found.
        run_id: The run whose decision it answers; None where none was handed to sales before.
        first_contact_at: When sales first spoke to the lead, in microseconds.
        note: Free text; it goes with an erasure.
        came_by: The file, page or table that brought it.
        received_at: When the ledger heard of it, in microseconds.
    """

    lead_id: str | None
    at: int
    by: str
    kind: str
    disposition: str | None = None
    reason: str | None = None
    reasons_matched: Mapping[str, bool] = field(default_factory=dict)
    run_id: str | None = None
    first_contact_at: int | None = None
    note: str | None = None
    came_by: str = ""
    received_at: int = 0


_SAID = ("at", "by", "kind", "disposition", "reason", "reasons_matched", "first_contact_at", "note")
"""What makes two pieces of feedback about a lead the same one."""


class FeedbackBook:
    """Feedback of sales."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, given: Sequence[Feedback], *, by: str, now: int, came_by: str) -> tuple[Feedback, ...]:
        """Record what was not recorded before, all of it or nothing.

        The same words about the same lead at the same time are one piece, whichever way they come.

        Args:
            given: Every piece names its lead.
            by: The person or job that brings them.
            now: Microseconds UTC.
            came_by: The file, page or table that they came by.

        Returns:
            The new pieces.

        Raises:
            WrongUsage: When nobody is named.
        """
        actor = named(by)
        if not given:
            return ()
        with writing(self._engine) as connection:
            keys = known_or_new(connection, [str(each.lead_id) for each in given], at=now, actor=actor)
            sealed = {_content_seal(each, keys[str(each.lead_id)][1]): each for each in given}
            known = _known(connection, list(sealed))
            new = {
                content: replace(each, came_by=came_by, received_at=now)
                for content, each in sealed.items()
                if content not in known
            }
            rows, texts = _rows(new, keys)
            if rows:
                told = f"{len(rows)} from {came_by}"
                audit.record_batch(connection, rows, at=now, actor=actor, action=Action.RECORD_FEEDBACK, subject=told)
            if texts:
                connection.execute(TEXTS.insert(), texts)
        return tuple(new.values())

    def all(self) -> tuple[Feedback, ...]:
        """Every piece, in the order of recording."""
        with reading(self._engine) as connection:
            return tuple(_read(connection, FEEDBACK.c.sequence > 0))

    def of_lead(self, lead_id: str) -> tuple[Feedback, ...]:
        """Those about a lead, in the order of recording."""
        with reading(self._engine) as connection:
            return tuple(_read(connection, LEAD_IDS.c.lead_id == lead_id))

    def of_leads(self, leads: Sequence[str]) -> tuple[Feedback, ...]:
        """Those about some leads; those about one lead in the order of recording."""
        found: list[Feedback] = []
        with reading(self._engine) as connection:
            for start in range(0, len(leads), _SOME):
                found += _read(connection, LEAD_IDS.c.lead_id.in_(leads[start : start + _SOME]))
        return tuple(found)


def _content_seal(given: Feedback, salt: str) -> str:
    """The hash of what was said, salted like the lead's own: unknowable once the lead is erased."""
    said = {name: getattr(given, name) for name in _SAID}
    return seal(salt, canonical_json({**said, "reasons_matched": dict(given.reasons_matched)}))


def _known(connection: Connection, contents: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(contents), _SOME):
        some = FEEDBACK.c.content_seal.in_(contents[start : start + _SOME])
        found.update(connection.execute(select(FEEDBACK.c.content_seal).where(some)).scalars())
    return found


def _rows(
    new: Mapping[str, Feedback], keys: Mapping[str, tuple[int, str]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    rows, texts = [], []
    for content, each in new.items():
        key = keys[str(each.lead_id)][0]
        row = {name: value for name, value in vars(each).items() if name not in {"lead_id", "note"}}
        row |= {"lead_key": key, "reasons_matched": dict(each.reasons_matched), "content_seal": content}
        row |= {"text_key": None, "text_seal": None}
        if each.note:
            text_key, salt = new_salt(), new_salt()
            row |= {"text_key": text_key, "text_seal": seal(salt, each.note)}
            texts.append({"text_key": text_key, "lead_key": key, "salt": salt, "text": each.note})
        rows.append(row)
    return rows, texts


def _read(connection: Connection, where: Any) -> Iterator[Feedback]:
    joined = FEEDBACK.outerjoin(LEAD_IDS, FEEDBACK.c.lead_key == LEAD_IDS.c.lead_key)
    joined = joined.outerjoin(TEXTS, FEEDBACK.c.text_key == TEXTS.c.text_key)
    found = select(FEEDBACK, LEAD_IDS.c.lead_id, TEXTS.c.text.label("note")).select_from(joined)
    for row in connection.execute(found.where(where).order_by(FEEDBACK.c.sequence)):
        yield _feedback(row)


def _feedback(row: Row[Any]) -> Feedback:
    return Feedback(**{name: value for name, value in row._mapping.items() if name in _FIELDS})


_FIELDS = {each.name for each in fields(Feedback)}
