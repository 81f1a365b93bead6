"""The questions about a few leads as plain SQL, in which only the leads and the moment are left open.

Putting features and rules into SQL takes seconds, and running it for one lead takes milliseconds. The SQL depends on
definitions alone, so that it is kept as data from one process to the next. It is written down twice, for two moments
that lie oddly apart: what differs between the two by just their distance is the moment, and anything else that differs
means that the SQL cannot be kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from salesworthy.ledger.durable import sealed, unsealed

FORMAT = 1
CUT = "few_"
"""Before the name of a table that is cut down to a few leads and everybody at their sites."""
ASKED = "asked_ids"
"""The table of the leads that are asked about."""
ALLOWED, MATURE, ROWS = "allowed", "mature", "rows"
"""Answers: which of the leads may be scored, how many outcomes are mature, and the rows of the leads."""
_NUMBER = re.compile(r"(\d+)")
_COUNTED = re.compile(r"(features|rules)_\d+")
MOMENT = re.compile(r"\{\{moment([+-]\d+)\}\}")
"""Where the moment is left open, and how far before or after it."""
_READ = re.compile(r'(?:FROM|JOIN) (?:"memory"\."main"\.)?"([^"]+)"')


class NotTheMoment(Exception):
    """Two texts differ in more than the moment."""


@dataclass(frozen=True)
class Step:
    """One statement.

    Attributes:
        name: The table that its rows are kept in; of a question, what its answer is called.
        sql: A query.
        kept: Whether the rows are kept for later statements, or are an answer.
    """

    name: str
    sql: str
    kept: bool

    def at(self, moment: int) -> str:
        """The query for a moment, in microseconds."""
        return MOMENT.sub(lambda found: str(moment + int(found[1])), self.sql)


@dataclass(frozen=True)
class Script:
    """All questions about a few leads, in order.

    Attributes:
        rows: Up to the features, verdicts and facts of the leads.
        evidence: What packets need beside them.
        policy: The policy as JSON; None where there is none.
        in_force: What of it was in force, see ``state_on``.
        reads: Rule -> the facts that its verdict hangs on.
        verdict_columns: The columns of the verdicts, in order.
    """

    rows: tuple[Step, ...]
    evidence: tuple[Step, ...] = ()
    policy: str | None = None
    in_force: str = ""
    reads: dict[str, list[str]] | None = None
    verdict_columns: tuple[str, ...] = ()

    def to_json(self) -> str:
        """The script as one JSON document."""
        return sealed({"format": FORMAT, **asdict(self)})

    @classmethod
    def from_json(cls, text: str) -> Script | None:
        """The script that ``to_json`` wrote; None where the text is damaged or of another version."""
        try:
            found = unsealed(text)
            if found.pop("format") != FORMAT:
                return None
            for name in ("rows", "evidence"):
                found[name] = tuple(Step(**each) for each in found[name])
            return cls(**{**found, "verdict_columns": tuple(found["verdict_columns"])})
        except (ValueError, KeyError, TypeError, AttributeError):
            return None


def tables_read(sql: str) -> set[str]:
    """Names behind ``FROM`` and ``JOIN``: tables, and queries that the query itself names."""
    return set(_READ.findall(sql))


def without_moment(one: Sequence[Step], other: Sequence[Step], first: int, second: int) -> tuple[Step, ...]:
    """Steps in which the moment is left open.

    Args:
        one: The steps as they were asked for one moment.
        other: The same for another moment.
        first: The one moment, in microseconds.
        second: The other.

    Raises:
        NotTheMoment: When anything but the moment differs.

    Example:
        >>> one, other = (Step("n", f"select x <= {at} and y < {at - 5} and z = 5", False) for at in (1000, 1732))
        >>> (found,) = without_moment([one], [other], 1000, 1732)
        >>> found.at(2000)
        'select x <= 2000 and y < 1995 and z = 5'
    """
    one, other = list(_counted_anew(one)), list(_counted_anew(other))
    if [(each.name, each.kept) for each in one] != [(each.name, each.kept) for each in other]:
        raise NotTheMoment("other statements")
    pairs = zip(one, other, strict=True)
    return tuple(Step(a.name, _opened(a.sql, b.sql, first, second), a.kept) for a, b in pairs)


def _counted_anew(steps: Sequence[Step]) -> Iterator[Step]:
    """The steps with tables that are named after a count of calls named by their place instead."""
    names = {each.name: f"kept_{place}" for place, each in enumerate(steps) if each.kept and _COUNTED.match(each.name)}
    for each in steps:
        sql = each.sql
        for name, ours in names.items():
            sql = sql.replace(f'"{name}"', f'"{ours}"')
        yield Step(names.get(each.name, each.name), sql, each.kept)


def _opened(one: str, other: str, first: int, second: int) -> str:
    mine, theirs = _NUMBER.split(one), _NUMBER.split(other)
    if len(mine) != len(theirs) or MOMENT.search(one):
        raise NotTheMoment("a statement of another length, or one that looks as if it were open already")
    return "".join(map(lambda a, b: _part(a, b, first, second), mine, theirs))


def _part(one: str, other: str, first: int, second: int) -> str:
    if one == other:
        return one
    if not (one.isdigit() and other.isdigit()) or int(other) - int(one) != second - first:
        raise NotTheMoment(f"{one[:40]!r} became {other[:40]!r}")
    return f"{{{{moment{int(one) - first:+d}}}}}"
