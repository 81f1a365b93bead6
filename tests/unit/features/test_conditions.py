"""Conditions: what people may write, what it means, and what is refused with which words."""

from __future__ import annotations

import ibis
import pyarrow as pa
import pytest

from salesworthy.domain.errors import ConfigurationMistakes
from salesworthy.features.condition_kinds import ColumnRef, ValueKind
from salesworthy.features.conditions import parse_condition

COLUMNS = {
    ColumnRef("", "kind"): ValueKind.TEXT,
    ColumnRef("", "value"): ValueKind.NUMBER,
    ColumnRef("", "vip"): ValueKind.YES_NO,
    ColumnRef("", "emp.var.rate"): ValueKind.NUMBER,
    ColumnRef("content", "topic"): ValueKind.TEXT,
}
ROWS = {
    "kind": ["form", "Form_2", None],
    "value": [2.0, 0.0, None],
    "vip": [True, False, None],
    "emp.var.rate": [1.1, -1.8, None],
    "content.topic": ["demo", "it's", None],
}
# (condition, its value for each of the three rows)
MEANS = [
    ("kind = 'form'", (True, False, None)),
    ("kind <> 'form'", (False, True, None)),
    ("kind in ('form', 'view')", (True, False, None)),
    ("kind not in ('form')", (False, True, None)),
    ("kind like 'f%'", (True, False, None)),
    ("kind not like 'f%'", (False, True, None)),
    ("kind ilike 'FORM__'", (False, True, None)),
    ("kind is null", (False, False, True)),
    ("kind is not null", (True, True, False)),
    ("vip", (True, False, None)),
    ("not vip", (False, True, None)),
    ("vip is true", (True, False, False)),
    ("vip is not true", (False, True, True)),
    ("vip is false", (False, True, False)),
    ("vip and kind is null", (False, False, None)),
    ("vip or kind is null", (True, False, True)),
    ("vip = (value > 1)", (True, True, None)),
    ("value between 0 and 1", (False, True, None)),
    ("value not between 0 and 1", (True, False, None)),
    ("10 / value > 4", (True, None, None)),
    ("value / 4 = 0.5", (True, False, None)),
    ("value - 1 - 1 = 0", (True, False, None)),
    ("-value < 0", (True, False, None)),
    ("ln(value) > 0", (True, None, None)),
    ("sqrt(value - 1) = 1", (True, None, None)),
    ("coalesce(value, 9) > 1", (True, False, True)),
    ("nullif(value, 0) > 1", (True, None, None)),
    ("least(value, 1) = 1", (True, False, True)),
    ("greatest(value, 1) = 1", (False, True, True)),
    ("abs(value - 1) = 1", (True, True, None)),
    ("round(value / 4 + 0.2) = 1", (True, False, None)),
    ("floor(value / 4) = ceil(value / 8) - 1", (True, False, None)),
    ("length(kind) = 4", (True, False, None)),
    ("upper(kind) = 'FORM'", (True, False, None)),
    ("contains(lower(kind), 'm_')", (False, True, None)),
    ("starts_with(kind, 'Form')", (False, True, None)),
    ("replace(kind, '_2', '') = 'Form'", (False, True, None)),
    ("kind || '!' = 'form!'", (True, False, None)),
    ("cast(replace(kind, 'Form_', '') as double) = 2", (None, True, None)),
    ("case when vip then 1 when value = 0 then 2 end = 2", (False, True, None)),
    ("case kind when 'form' then true else false end", (True, False, False)),
    ("content.topic = 'it''s'", (False, True, None)),
    ('"emp.var.rate" > 1', (True, False, None)),
    ("value > 99999999999999999999 or value < 1e-400", (False, False, None)),
    ("kind = 'form' -- what a person noted", (True, False, None)),
    (" or ".join(["value = 2"] * 70), (True, False, None)),
]


def parsed(text, **options):
    return parse_condition(text, "features.yaml:3", columns=COLUMNS, **options)


@pytest.fixture(scope="module")
def rows(engine):
    return engine.from_arrow("condition_rows", pa.table({name: pa.array(column) for name, column in ROWS.items()}))


@pytest.fixture(scope="module")
def found(engine, rows):
    """All conditions in one query, read once as written and once as stored."""
    values = {}
    for number, (text, _) in enumerate(MEANS):
        condition = parsed(text)
        again = parse_condition(condition.text, "stored")
        for name, each in ((f"c{number}", condition), (f"again{number}", again)):
            values[name] = each.to_ibis(lambda ref: rows[str(ref)])
    place = ibis.cases((rows.vip, 0), (~rows.vip, 1), else_=2)
    return engine.to_arrow(rows.select(place=place, **values).order_by("place"))


@pytest.mark.parametrize("number", range(len(MEANS)), ids=[text[:60] for text, _ in MEANS])
def test_what_a_condition_means(found, number):
    assert tuple(found[f"c{number}"].to_pylist()) == MEANS[number][1]
    assert found[f"again{number}"].equals(found[f"c{number}"]), "a stored condition means what was written"


# (condition, what the message says)
REFUSED = [
    ("", "'' is not one condition"),
    ("kind = ", "is not SQL"),
    ("kind = 'a'; drop table leads", "is not one condition"),
    ("select 1", "a sub-query is not allowed"),
    ("kind = (select 1)", "a sub-query is not allowed"),
    ("exists (select 1)", "a sub-query is not allowed"),
    ("kind in (select kind from leads)", "a sub-query is not allowed"),
    ("delete from leads", "'DELETE FROM leads' is not allowed"),
    ("count(*) > 1", "the function count is not allowed"),
    ("max(value) over () > 1", "is not allowed in a condition"),
    ("random() > 0.5", "is not allowed in a condition"),
    ("now() > 1", "the function now is not allowed"),
    ("current_date > 1", "the function current_date is not allowed"),
    ("getenv('HOME') = 'a'", "the function getenv is not allowed"),
    ("read_csv('x')", "the function read_csv is not allowed"),
    ("regexp_matches(kind, 'a')", "is not allowed in a condition"),
    ("kind ~ 'a'", "is not allowed in a condition"),
    ("kind = ?", "'?' is not allowed"),
    ("kind[1] = 'a'", "is not allowed in a condition"),
    ("value % 2 = 1", "is not allowed in a condition"),
    ("round(value, 2) = 1", "is not allowed in this form (decimals)"),
    ("value > interval '1 day'", "is not allowed in a condition"),
    ("cast(value as varchar) = '1'", "is not allowed in a condition -> only CAST(... AS DOUBLE) is"),
    ("kind like 'a!%' escape '!'", "is not allowed in a condition"),
    ("kind like 'a\\%'", "is not plain text"),
    ("kind like kind", "is not plain text"),
    ("kind = null", "is never true -> write IS NULL or IS NOT NULL"),
    ("value in (1, null)", "is never true"),
    ("value in ()", "is never true"),
    ("value is 1", "write IS NULL, IS NOT NULL, IS TRUE or IS FALSE"),
    ("value", "'value' gives a number, but yes or no is needed here"),
    ("'form'", "gives text, but yes or no is needed here"),
    ("kind = 1", "'kind = 1' mixes text with a number"),
    ("value in (1, 'a')", "mixes a number with text"),
    ("case when vip then 1 else 'a' end = 1", "mixes a number with text"),
    ("value + kind > 1", "'value + kind' needs a number, and is given text"),
    ("kind is true", "needs yes or no, and is given text"),
    ("not kind", "'NOT kind' needs yes or no, and is given text -> compare it with something"),
    ("knd = 'form'", "there is no column 'knd' -> did you mean 'kind'?"),
    ("KIND = 'form'", "there is no column 'KIND' -> did you mean 'kind'?"),
    ("content.topc = 'demo'", "there is no column 'content.topc' -> did you mean 'content.topic'?"),
    ('kind = "form"', "text stands in 'single quotes'"),
    ("emp.var.rate > 1", "has too many dots -> put a name with dots in double quotes"),
    ("value = 1 and kind = 'a\0'", "cannot hold the character NUL"),
    ("x" * 10_001, "a condition of 10001 characters is too long"),
    (" or ".join(["value = 1"] * 400), "the condition is nested 402 deep"),
    ("(" * 3_000 + "vip" + ")" * 3_000, "it is nested too deeply"),
]


@pytest.mark.parametrize(("text", "says"), REFUSED, ids=[text[:60] for text, _ in REFUSED])
def test_what_is_refused(text, says):
    with pytest.raises(ConfigurationMistakes) as refused:
        parsed(text)
    shown = str(refused.value)
    assert says in shown
    assert all(line.startswith("  features.yaml:3: ") for line in shown.splitlines()[1:]), shown
    assert len(shown) < 1_000


def test_all_mistakes_of_a_condition_are_told_together():
    with pytest.raises(ConfigurationMistakes) as refused:
        parsed("knd = 'form' and valu > 1 and kind = 2")
    assert [mistake.what for mistake in refused.value.mistakes] == [
        "there is no column 'knd'",
        "there is no column 'valu'",
        "'kind = 2' mixes text with a number",
    ]


def test_a_condition_names_its_columns_once():
    condition = parsed("kind = 'a' or content.topic = 'b' or kind = 'c'")
    assert [str(ref) for ref in condition.columns] == ["kind", "content.topic"]


def test_shared_conditions_are_written_out_in_brackets():
    shared = {"either": parsed("vip or value > 1")}
    condition = parsed("not either and kind = 'a'", shared=shared)
    assert condition.text == "NOT (vip OR value > 1) AND kind = 'a'"
    assert [str(ref) for ref in condition.columns] == ["vip", "value", "kind"]


def test_shared_conditions_cannot_hide_depth():
    shared: dict = {}
    for number in range(30):
        inner = f"c{number - 1}" if number else "vip"
        text = "not (" * 4 + inner + ")" * 4
        try:
            shared[f"c{number}"] = parsed(text, shared=shared)
        except ConfigurationMistakes as mistakes:
            assert "deep" in str(mistakes)
            return
    pytest.fail("a condition of any depth was accepted")


@pytest.mark.parametrize(
    ("text", "kind"),
    [("value + 1", ValueKind.NUMBER), ("kind", ValueKind.TEXT), ("vip", ValueKind.YES_NO),
     ("case when vip then null end", None), ("if(vip, 1, 2)", ValueKind.NUMBER)],
)  # fmt: skip
def test_what_an_expression_gives(text, kind):
    assert parsed(text, gives=None).kind == kind
