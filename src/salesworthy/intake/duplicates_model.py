"""How likely two entries are one: the Fellegi-Sunter model that Splink computes, with stated figures.

Each comparison has levels; each level has the share of true twins that it holds for (m) and of strangers (u). Where a
level carries a term, u is the term's own share of the data: a rare name says more than a common one. The figures are
stated instead of learnt, so that twenty leads are judged like two hundred thousand, and the same rows always alike;
``experiments/duplicates`` holds them against known truth. To start from: of ``rows`` entries a share is there twice.

A person is one at one site, so another site speaks against it. What colleagues share (role, title, department,
specialty) goes together and is therefore one comparison.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Comparison = dict[str, Any]


@dataclass(frozen=True)
class Level:
    """A way in which two values agree.

    Attributes:
        says: Its words.
        holds: SQL over the columns of both records, which end in ``_l`` and ``_r``.
        m: Share of true twins that it holds for, given that no earlier level holds.
        u: The same of strangers; for a level with a term only where the term's share is not known.
        term: Column whose value's share of the data stands for u.
        weight: How much of that counts.
    """

    says: str
    holds: str
    m: float
    u: float
    term: str | None = None
    weight: float = 1.0


def _same(column: str, m: float, u: float, *, term: bool = True, weight: float = 1.0) -> Level:
    condition = f'"{column}_l" = "{column}_r"'
    return Level(f"same {column}", condition, m, u, column if term else None, weight)


def _near(column: str, m: float, u: float, *, edits: int, length: int) -> Level:
    near = f"damerau_levenshtein({column}_l, {column}_r) <= {edits}"
    condition = f"{near} AND least(length({column}_l), length({column}_r)) >= {length}"
    return Level(f"{column} with up to {edits} slip(s)", condition, m, u)


_INITIAL = "least(length(first_l), length(first_r)) = 1 AND left(first_l, 1) = left(first_r, 1)"
_JOB = ("role", "title", "department", "specialty")
_EQUAL = " + ".join(f"coalesce({each}_l = {each}_r, false)::INTEGER" for each in _JOB)
_OTHER = " + ".join(f"coalesce({each}_l <> {each}_r, false)::INTEGER" for each in _JOB)

PEOPLE_LEVELS: dict[str, tuple[str, tuple[Level, ...]]] = {
    "last": (
        "last_l IS NULL OR last_r IS NULL",
        (_same("last", 0.82, 0.001), _near("last", 0.12, 0.004, edits=1, length=3)),
    ),
    "first": (
        "first_l IS NULL OR first_r IS NULL",
        (
            _same("first", 0.62, 0.01),
            Level("initial of the first name", _INITIAL, 0.22, 0.006),
            _near("first", 0.08, 0.006, edits=1, length=4),
        ),
    ),
    "email": (
        "email_l IS NULL OR email_r IS NULL",
        (
            _same("email", 0.50, 0.00001),
            Level("same mailbox at another domain", '"mailbox_l" = "mailbox_r"', 0.10, 0.0002),
        ),
    ),
    "phone": ("phone_l IS NULL OR phone_r IS NULL", (_same("phone", 0.60, 0.0001),)),
    "site": ("site_l IS NULL OR site_r IS NULL", (_same("site", 0.95, 0.0005),)),
    "job": (
        f"({_EQUAL}) + ({_OTHER}) = 0",
        (
            Level("the same in three or four points, and no other", f"({_OTHER}) = 0 AND ({_EQUAL}) >= 3", 0.66, 0.008),
            Level("the same in one or two points, and no other", f"({_OTHER}) = 0", 0.20, 0.040),
            Level("the same in more points than not", f"({_EQUAL}) > ({_OTHER})", 0.08, 0.060),
        ),
    ),
}
"""Comparison of people -> when nothing can be said, and its levels, the strongest first."""

SITE_LEVELS: dict[str, tuple[str, tuple[Level, ...]]] = {
    "name": (
        "name_l IS NULL OR name_r IS NULL",
        (
            _same("name", 0.62, 0.0001),
            Level("the same words in another order", '"words_l" = "words_r"', 0.10, 0.0001),
            _near("name", 0.20, 0.0002, edits=2, length=8),
        ),
    ),
    "numbers": ("numbers_l IS NULL OR numbers_r IS NULL", (_same("numbers", 0.98, 0.02, weight=0.5),)),
    "country": ("country_l IS NULL OR country_r IS NULL", (_same("country", 0.98, 0.3),)),
    "kind": ("kind_l IS NULL OR kind_r IS NULL", (_same("kind", 0.93, 0.2),)),
    "beds": (
        "beds_l IS NULL OR beds_r IS NULL",
        (Level("beds within a tenth", "abs(beds_l - beds_r) <= 0.1 * greatest(beds_l, beds_r)", 0.85, 0.08),),
    ),
    "parent": ("parent_l IS NULL OR parent_r IS NULL", (_same("parent", 0.95, 0.01),)),
    "domain": ("domain_l IS NULL OR domain_r IS NULL", (_same("domain", 0.85, 0.0005),)),
    "phone": ("phone_l IS NULL OR phone_r IS NULL", (_same("phone", 0.70, 0.0001),)),
    "street": (
        "street_l IS NULL OR street_r IS NULL",
        (_same("street", 0.65, 0.0002), _near("street", 0.20, 0.0005, edits=3, length=8)),
    ),
    "city": (
        "city_l IS NULL OR city_r IS NULL",
        (_same("city", 0.92, 0.01), _near("city", 0.05, 0.01, edits=1, length=4)),
    ),
    "postcode": ("postcode_l IS NULL OR postcode_r IS NULL", (_same("postcode", 0.88, 0.001),)),
}
"""Comparison of sites -> when nothing can be said, and its levels, the strongest first."""

PEOPLE_BLOCKS = (
    "l.email = r.email",
    "l.phone = r.phone",
    "l.site = r.site AND left(l.last, 2) = left(r.last, 2)",
    "l.site = r.site AND left(l.first, 1) = left(r.first, 1) AND right(l.last, 2) = right(r.last, 2)",
    "l.mailbox = r.mailbox AND l.last = r.last",
    "l.first = r.first AND l.last = r.last AND (l.site IS NULL OR r.site IS NULL)",
)
"""Pairs that are compared at all: any of these holds."""
SITE_BLOCKS = (
    "l.words = r.words",
    "l.opening = r.opening AND l.numbers = r.numbers",
    "l.opening = r.opening AND l.parent = r.parent",
    "l.numbers = r.numbers AND l.country = r.country",
    "l.domain = r.domain AND l.opening = r.opening",
    "l.phone = r.phone",
    "l.postcode = r.postcode",
    "l.street = r.street AND l.city = r.city",
)
"""The same of sites."""


def model(
    levels: dict[str, tuple[str, tuple[Level, ...]]], blocks: tuple[str, ...], *, rows: int, expected: float
) -> dict[str, Any]:
    """The model as Splink reads it.

    Args:
        levels: Comparisons.
        blocks: Which pairs are compared.
        rows: How many entries there are.
        expected: Share of them that are there a second time.
    """
    return {
        "link_type": "dedupe_only",
        "comparisons": list(_comparisons(levels)),
        "blocking_rules_to_generate_predictions": [{"blocking_rule": each} for each in blocks],
        "probability_two_random_records_match": min(0.5, 2 * expected / max(rows, 2)),
        "retain_matching_columns": False,
        "unique_id_column_name": "unique_id",
        "linker_uid": "salesworthy",
    }


def _comparisons(levels: dict[str, tuple[str, tuple[Level, ...]]]) -> Iterator[Comparison]:
    for name, (silent, found) in levels.items():
        yield {
            "output_column_name": name,
            "comparison_levels": [
                {"sql_condition": silent, "label_for_charts": "not known", "is_null_level": True},
                *map(_level, found),
                {
                    "sql_condition": "ELSE",
                    "label_for_charts": "another",
                    "m_probability": round(1 - sum(each.m for each in found), 9),
                    "u_probability": round(1 - sum(each.u for each in found), 9),
                },
            ],
        }


def _level(level: Level) -> dict[str, Any]:
    found: dict[str, Any] = {
        "sql_condition": level.holds,
        "label_for_charts": level.says,
        "m_probability": level.m,
        "u_probability": level.u,
    }
    if level.term is not None:
        found |= {"tf_adjustment_column": level.term, "tf_adjustment_weight": level.weight}
    return found
