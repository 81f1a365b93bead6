"""What each kind of feature gives, on tables small enough to read; and what no table may change."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from small_tables import DAY, answers, arrow_of, in_engine, load

from salesworthy.domain.errors import InternalError, UserError
from salesworthy.engines.duckdb import DuckDBEngine
from salesworthy.features.as_of import features_as_of
from salesworthy.features.catalogue import Catalogue, Feature

NOW = 100 * DAY


def act(days_ago: float, kind: str = "form", lead: str = "L1", **more) -> dict:
    return {"lead_id": lead, "occurred_at": NOW - int(days_ago * DAY), "kind": kind, **more}


TABLES = {
    "accounts": [
        {"account_id": "A1", "facility_type": "hospital", "beds": 120.0, "created_at": 0},
        {"account_id": "A2", "facility_type": "clinic", "created_at": NOW + 1},
    ],
    "leads": [
        {"lead_id": "L1", "created_at": 40 * DAY, "account_id": "A1", "role": "head", "campaign_id": "C1",
         "score": 3.0, "vip": True, "answered_at": NOW, "note": "12.5"},
        {"lead_id": "L2", "created_at": 50 * DAY, "account_id": "A1", "role": "nurse", "campaign_id": "C2",
         "score": 0.0, "vip": False, "answered_at": NOW + 1, "note": "many"},
        {"lead_id": "L3", "created_at": NOW, "account_id": None, "note": "nan"},
        {"lead_id": "L4", "created_at": NOW + 1, "account_id": "A1", "role": "head"},
        {"lead_id": "L5", "created_at": 0, "account_id": "A2"},
    ],
    "engagements": [
        act(0, "form", content_id="T1", value=1.5),
        act(5, "view", content_id="T2", value=2.0),
        act(5, "view", content_id="T2", agent="Googlebot"),
        act(29.99, "form", content_id="T1", value=-0.25),
        act(30, "form", content_id="T1"),
        act(60, "view"),
        act(2, "form", known_at=NOW + 1),
        act(-1, "form"),
        act(1, "view", lead="L2", content_id="T1"),
        act(1, "view", lead="L4", content_id="T1"),
        act(3, "view", lead="L9"),
    ],
    "content": [
        {"content_id": "T1", "topic": "evaluation", "tagged_at": 0},
        {"content_id": "T2", "topic": "evidence", "tagged_at": NOW + 1},
    ],
    "campaigns": [
        {"campaign_id": "C1", "type": "fair", "approved_at": NOW},
        {"campaign_id": "C2", "type": "mail", "approved_at": NOW + 1},
    ],
    "consents": [{"lead_id": "L1", "at": NOW, "state": "withdrawn"}],
    "handoffs": [{"lead_id": "L1", "handed_at": NOW - 10 * DAY}, {"lead_id": "L1", "handed_at": NOW}],
}  # fmt: skip
RESULTS = [
    {"lead_id": "L1", "known_at": NOW, "label": 1.0},
    {"lead_id": "L2", "known_at": NOW - DAY, "label": 0.0},
    {"lead_id": "L2", "known_at": NOW + 1, "label": 1.0},
    {"lead_id": "L5", "known_at": NOW - DAY, "label": 0.0},
]
# (features.yaml entry, what L1, L2 and L3 get at NOW); L3 came at this very moment and has no account.
KINDS = [
    ("count: engagements", (6, 1, 0)),
    ("count: engagements, where: \"kind = 'form'\"", (3, 0, 0)),
    ("count: engagements, where: \"kind = 'form'\", window: 30d", (2, 0, 0)),
    ("count: engagements, where: \"content.topic = 'evaluation'\"", (3, 1, 0)),
    ("count: engagements, where: \"content.topic = 'evidence'\"", (0, 0, 0)),
    ("count: engagements, where: content.topic is null", (3, 0, 0)),
    ("count: engagements, where: leads.role = 'head'", (6, 0, 0)),
    ("count: handoffs", (1, 0, 0)),
    ("count: consents, where: \"state = 'withdrawn'\"", (1, 0, 0)),
    ("count: engagements, per: account", (7, 7, None)),
    ("count: engagements, per: account, window: 2d", (2, 2, None)),
    ("recency: engagements", (0.0, 1.0, None)),
    ("recency: engagements, where: \"kind = 'view'\"", (5.0, 1.0, None)),
    ("recency: engagements, where: \"kind = 'view'\", window: 5d", (None, 1.0, None)),
    ("recency: handoffs", (10.0, None, None)),
    ("recency: engagements, per: account, where: \"kind = 'view'\"", (1.0, 1.0, None)),
    ("distinct: engagements, of: content_id", (2, 1, 0)),
    ("distinct: engagements, of: content.topic", (1, 1, 0)),
    ("distinct: engagements, of: day", (4, 1, 0)),
    ("distinct: engagements.kind", (2, 1, 0)),
    ("distinct: engagements, of: lead_id, per: account", (2, 2, None)),
    ("distinct: engagements, of: leads.role, per: account", (2, 2, None)),
    ("sum: engagements", (3.25, 0.0, 0.0)),
    ("sum: engagements, of: value, window: 6d", (3.5, 0.0, 0.0)),
    ("share: engagements, where: \"kind = 'form'\"", (0.5, 0.0, None)),
    ("share: engagements, where: \"kind = 'form'\", among: agent is null", (0.6, 0.0, None)),
    ("share: engagements, where: \"kind = 'form'\", window: 4d", (1.0, 0.0, None)),
    ("column: leads.role", ("head", "nurse", None)),
    ("column: leads.score", (3.0, 0.0, None)),
    ("column: leads.score, type: category", ("3", "0", None)),
    ("column: leads.score, type: yes_no", (True, False, None)),
    ("column: leads.score, known: answered_at", (3.0, None, None)),
    ("column: leads.vip", (True, False, None)),
    ("column: leads.vip, type: category", ("yes", "no", None)),
    ("column: leads.vip, type: number", (1.0, 0.0, None)),
    ("column: leads.vip, known: at_handoff", (True, None, None)),
    ("column: leads.created_at", (60.0, 50.0, 0.0)),
    ("column: leads.answered_at, known: answered_at", (0.0, None, None)),
    ("column: accounts.facility_type", ("hospital", "hospital", None)),
    ("column: accounts.beds", (120.0, 120.0, None)),
    ("column: campaigns.type", ("fair", None, None)),
    ("history: leads.role, strength: 1", ((1 + 1 / 3) / 2, (0 + 1 / 3) / 2, None)),
    ("history: leads.account_id, strength: 1", ((1 + 1 / 3) / 3, (1 + 1 / 3) / 3, None)),
    ("history: campaigns.type, strength: 1", ((1 + 1 / 3) / 2, None, None)),
    ('expression: "leads.score / 2 + 1"', (2.5, 1.0, None)),
    ('expression: "1 / leads.score"', (1 / 3, None, None)),
    ('expression: "leads.vip"', (1.0, 0.0, None)),
    ('expression: "leads.score > 1 or leads.vip"', (1.0, 0.0, None)),
    ('expression: "leads.score", known: answered_at', (3.0, None, None)),
    ('expression: "cast(leads.note as double)"', (12.5, None, None)),
    ('expression: "ln(leads.score)"', (pytest.approx(1.0986122886681098), None, None)),
    ('expression: "coalesce(leads.score, -1)"', (3.0, 0.0, -1.0)),
]


@pytest.fixture(scope="module")
def by_kind(engine, tmp_path_factory):
    text = "\n".join(f"- {{name: f{number}, {entry}}}" for number, (entry, _) in enumerate(KINDS))
    catalogue = load(text, tmp_path_factory.mktemp("kinds")).catalogue
    return answers(engine, TABLES, [("L1", NOW), ("L2", NOW), ("L3", NOW)], catalogue, RESULTS)


@pytest.mark.parametrize("number", range(len(KINDS)), ids=[entry for entry, _ in KINDS])
def test_what_a_kind_gives(by_kind, number):
    assert tuple(by_kind[f"f{number}"].to_pylist()) == KINDS[number][1]


SEVERAL = """
- {name: forms, count: engagements, where: "kind = 'form'"}
- {name: site_acts, count: engagements, per: account}
- {name: value, sum: engagements}
- {name: role, column: leads.role}
- {name: vip, column: leads.vip}
- {name: rate, history: leads.role}
- {name: twice, expression: "forms * 2"}
- {name: four_times, expression: "twice * 2"}
"""


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    return load(SEVERAL, tmp_path_factory.mktemp("several")).catalogue


def test_columns_stand_in_order_with_their_types(engine, catalogue):
    found = answers(engine, TABLES, [("L1", NOW)], catalogue, RESULTS)
    assert [(field.name, str(field.type)) for field in found.schema] == [
        ("forms", "int64"),
        ("site_acts", "int64"),
        ("value", "double"),
        ("role", "string"),
        ("vip", "bool"),
        ("rate", "double"),
        ("twice", "double"),
        ("four_times", "double"),
    ]


def test_nothing_is_known_about_a_lead_that_is_not_there_yet(engine, catalogue):
    spine = [("L4", NOW), ("L9", NOW), (None, NOW), ("L1", None), ("L1", 40 * DAY - 1)]
    found = answers(engine, TABLES, spine, catalogue, RESULTS)
    assert found.to_pylist() == [dict.fromkeys(catalogue.names)] * 5


def test_an_account_that_everybody_shares_is_answered_once_and_alike(engine, catalogue):
    found = answers(engine, TABLES, [("L1", NOW), ("L2", NOW), ("L5", NOW)], catalogue, RESULTS)
    assert found["site_acts"].to_pylist() == [7, 7, 0]


def test_rows_of_the_spine_are_kept_as_they_are(engine, catalogue):
    rows = pa.table({
        "label": [1.0, None, 0.0, 1.0],
        "as_of": [NOW, NOW, NOW - DAY, NOW],
        "comment": ["a", "b", None, "a"],
        "lead_id": ["L1", "L9", "L1", "L1"],
    })  # fmt: skip
    spine = engine.from_arrow("carried", rows)
    told = engine.from_arrow("told", pa.Table.from_pylist(RESULTS))
    found = engine.to_arrow(features_as_of(engine, in_engine(engine, TABLES), spine, catalogue, results=told))
    assert found.column_names == [*rows.column_names, *catalogue.names]
    forms = sorted((row["label"] or -1, row["as_of"], row["comment"] or "", row["forms"]) for row in found.to_pylist())
    assert forms == sorted([(1.0, NOW, "a", 3), (-1, NOW, "b", None), (-1, NOW - DAY, "", 2), (1.0, NOW, "a", 3)])


def test_a_spine_without_rows(engine, catalogue):
    found = answers(engine, TABLES, [], catalogue, RESULTS)
    assert (found.num_rows, found.column_names) == (0, list(catalogue.names))


def test_no_acts_and_no_results_at_all(engine, catalogue):
    empty = {name: [] if name != "leads" else rows for name, rows in TABLES.items()}
    row = answers(engine, empty, [("L1", NOW)], catalogue, []).to_pylist()[0]
    assert (row["forms"], row["site_acts"], row["value"], row["rate"], row["four_times"]) == (0, 0, 0.0, None, 0.0)


def test_leads_alone_are_enough(engine, tmp_path):
    alone = load("- {name: role, column: leads.role}", tmp_path, tables=["leads"]).catalogue
    assert answers(engine, {"leads": TABLES["leads"]}, [("L2", NOW)], alone).to_pylist() == [{"role": "nurse"}]


def test_no_feature_at_all(engine):
    assert answers(engine, {"leads": TABLES["leads"]}, [("L2", NOW)], Catalogue()).num_rows == 1


def test_a_lead_counts_as_handed_over_at_its_creation_where_nobody_records_handoffs(engine, tmp_path):
    tables = {"leads": TABLES["leads"]}
    alone = load("- {name: role, column: leads.role, known: at_handoff}", tmp_path, tables=tables).catalogue
    assert answers(engine, tables, [("L2", NOW)], alone).to_pylist() == [{"role": "nurse"}]


def test_answers_of_one_call_outlive_the_next(engine, catalogue):
    tables, told = in_engine(engine, TABLES), engine.from_arrow("outlive_told", pa.Table.from_pylist(RESULTS))
    spines = [pa.table({"lead_id": [lead], "as_of": [NOW]}) for lead in ("L1", "L2")]
    found = [
        features_as_of(engine, tables, engine.from_arrow(f"outlive_{place}", spine), catalogue, results=told)
        for place, spine in enumerate(spines)
    ]
    assert [engine.to_arrow(each)["forms"].to_pylist() for each in found] == [[3], [0]]


def test_columns_may_be_named_like_anything(engine, tmp_path):
    rows = {"lead_id": ["L1"], "created_at": [0], "emp.var.rate": [1.5], "count": [2.0], 'sélect "x"': ["y"]}
    leads = engine.from_arrow("odd_leads", pa.table(rows))
    spine = engine.from_arrow("odd_spine", pa.table({"lead_id": ["L1"], "as_of": [5], "leads.role": ["kept"]}))
    catalogue = Catalogue(
        (
            Feature("rate", "column", "leads", "emp.var.rate", "number", "at_creation"),
            Feature("count", "column", "leads", "count", "number", "at_creation"),
            Feature("age", "column", "leads", 'sélect "x"', "category", "at_creation", dtype="category"),
        )
    )
    found = engine.to_arrow(features_as_of(engine, {"leads": leads}, spine, catalogue)).to_pylist()
    assert found == [{"lead_id": "L1", "as_of": 5, "leads.role": "kept", "rate": 1.5, "count": 2.0, "age": "y"}]


# What is refused -------------------------------------------------------------------------------------------------
def test_what_the_tables_lack_is_named(engine, catalogue):
    tables = {name: rows for name, rows in TABLES.items() if name != "engagements"}
    with pytest.raises(UserError, match=r"features need .* engagements \(for forms\)") as refused:
        answers(engine, tables, [("L1", NOW)], catalogue, RESULTS)
    assert "train on a catalogue" in refused.value.todo


def test_a_carried_column_that_is_gone_is_named(engine):
    gone = Catalogue((Feature("pages", "column", "leads", "pages", "number", "at_creation"),))
    with pytest.raises(UserError, match=r"leads\.pages \(for pages\)"):
        answers(engine, TABLES, [("L1", NOW)], gone)


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"lead_id": ["L1"]}, "the spine has no column as_of"),
        ({"lead_id": ["L1"], "as_of": [1], "Forms": [1]}, "already has the column forms"),
    ],
)
def test_a_spine_that_does_not_fit(engine, catalogue, columns, says):
    spine = engine.from_arrow("unfit", pa.table(columns))
    with pytest.raises(UserError, match=says):
        features_as_of(engine, in_engine(engine, TABLES), spine, catalogue)


def test_history_needs_results(engine, catalogue):
    with pytest.raises(InternalError, match="rate needs results"):
        answers(engine, TABLES, [("L1", NOW)], catalogue)


# What must not matter --------------------------------------------------------------------------------------------
def _many_acts(seed: int) -> pa.Table:
    """Ten thousand acts whose values cannot be added exactly as floats, in an order of their own."""
    chance = np.random.default_rng(3)
    draws = zip(chance.random(10_000) * 90, chance.integers(1, 4, 10_000), chance.integers(0, 4, 10_000), strict=True)
    rows = [act(days, lead=f"L{lead}", value=[0.1, 1e9, -1e9, 0.7][value]) for days, lead, value in draws]
    return arrow_of("engagements", [rows[place] for place in np.random.default_rng(seed).permutation(len(rows))])


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def test_threads_order_and_time_zone_do_not_matter(tmp_path, zone):
    sums = load("- {name: total, sum: engagements}\n- {name: days, distinct: engagements, of: day}", tmp_path).catalogue
    found = []
    for threads in (1, 2):
        with DuckDBEngine(threads=threads) as engine:
            engine.backend.raw_sql(f"SET TimeZone = '{zone}'")
            tables = in_engine(engine, TABLES) | {"engagements": engine.from_arrow("many", _many_acts(threads))}
            spine = engine.from_arrow("spine", pa.table({"lead_id": ["L1", "L2", "L3"], "as_of": [NOW] * 3}))
            asked = features_as_of(engine, tables, spine, sums).order_by("lead_id")
            found.append(engine.to_arrow(asked))
    assert found[0].equals(found[1])
    assert found[0]["days"].to_pylist() == [90, 90, 90]


def test_days_before_1970_are_days_as_well(engine, tmp_path):
    days = load("- {name: days, distinct: engagements, of: day}", tmp_path).catalogue
    times = [-DAY - 1, -DAY, -1, 0, 1, DAY - 1, DAY]
    acts = [{"lead_id": "L1", "occurred_at": moment, "kind": "view"} for moment in times]
    assert answers(engine, {**TABLES, "engagements": acts}, [("L1", NOW)], days)["days"].to_pylist() == [4]


def test_a_value_too_large_to_add_exactly_is_left_out(engine, tmp_path):
    tables = {**TABLES, "engagements": [act(1, value=1e30), act(1, value=float("nan")), act(1, value=2.0)]}
    total = load("- {name: total, sum: engagements}", tmp_path).catalogue
    assert answers(engine, tables, [("L1", NOW)], total)["total"].to_pylist() == [2.0]


def test_a_long_chain_of_expressions_stays_quick(engine, tmp_path):
    chain = '- {name: e0, expression: "leads.score"}\n' + "\n".join(
        f'- {{name: e{place}, expression: "e{place - 1} + e{place - 1}"}}' for place in range(1, 12)
    )
    found = answers(engine, TABLES, [("L1", NOW)], load(chain, tmp_path).catalogue)
    assert found["e11"].to_pylist() == [3.0 * 2**11]
