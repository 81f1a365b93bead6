"""The store: what is read of a run, in which order, and by whom."""

from __future__ import annotations

import sqlite3

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.web.published_run import hours, index_of, micros, published, reason, score, written

from salesworthy.domain.errors import InternalError
from salesworthy.policy.consent import ConsentStates
from salesworthy.web.refusals import Refused
from salesworthy.web.scope import Scope
from salesworthy.web.store.building import build_index
from salesworthy.web.store.filters import Filters
from salesworthy.web.store.index import Index
from salesworthy.web.store.latest import Latest
from salesworthy.web.store.lead import latest_state, lead_of
from salesworthy.web.store.packed import Packer, Unpacker
from salesworthy.web.store.queue import choices_of, count_of, leads_of
from salesworthy.web.store.schema import TABLES
from salesworthy.web.store.site import site_facts, site_of
from salesworthy.web.store.sources import find_sources
from salesworthy.web.store.store import Store
from salesworthy.web.store.words import MARK, mark

ALL = Scope.everything()
SITES = [
    {"account_id": "A1", "name": "St. Mary Hospital", "region": "north", "country": "DE"},
    {"account_id": "A2", "name": "Lab South", "region": "south", "country": "IT"},
]
PEOPLE = [
    {"lead_id": lead, "account_id": site, "full_name": name, "role": role, "created_at": 0}
    for lead, site, name, role in [
        ("L1", "A1", "Ann Björk", "nurse_manager"),
        ("L2", "A1", "Ben Ivers", "physician"),
        ("L3", "A2", "Cara Adler", None),
        ("L4", None, None, "physician"),
        ("L5", "A2", f"{MARK}{mark('team', 'x')[1:]} Dana", "physician"),
    ]
]
SCORES = [
    score("L1", account_id="A1", decision="MQL", owner="x", respond_by=hours(4), propensity=0.1, fit_grade="A"),
    score("L2", account_id="A1", propensity=0.9, fit_grade="A"),
    score("L3", account_id="A2", decision="MQL", owner="y", respond_by=hours(2), propensity=0.3, fit_grade="B"),
    score("L4", propensity=0.5, fit_grade="B"),
    score("L5", account_id="A2", decision="MQL", owner="y", respond_by=hours(2), propensity=0.4, fit_grade="A"),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    reasons = [
        reason("L1", 1, log_odds=-0.9, sentence="Bounced", code="EMAIL_ENGAGEMENT"),
        reason("L1", 2, sentence="Came to a webinar"),
        reason("L2", 1, degree="decided", log_odds=0.0, sentence="Is a student", code="STUDENT"),
    ]
    acts = [
        {"lead_id": lead, "occurred_at": micros(hours(-hour)), "kind": kind, "content_id": None, "campaign_id": None}
        | {"machine": machine}
        for lead, hour, kind, machine in [("L1", 5, "form", None), ("L1", 9, "view", False), ("L1", 1, "click", True)]
    ]
    place = tmp_path_factory.mktemp("run")
    return index_of(place, SCORES, reasons, leads=PEOPLE, accounts=SITES, engagements=acts)


def _ids(found):
    return [row["lead_id"] for row in found.rows]


def test_the_queue_is_ordered_by_window_then_chance(index):
    assert _ids(leads_of(index, ALL, Filters())) == ["L5", "L3", "L1", "L2", "L4"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "mary"}, ["L1", "L2"]),
        ({"q": "St. Mary's"}, []),
        ({"q": "BJORK"}, ["L1"]),
        ({"q": "hosp"}, ["L1", "L2"]),
        ({"q": "nurse manager"}, ["L1"]),
        ({"q": "l4"}, ["L4"]),
        ({"q": "l"}, []),
        ({"q": '" OR 1'}, []),
        ({"fit": "A"}, ["L5", "L1", "L2"]),
        ({"fit": "A", "decision": "MQL"}, ["L5", "L1"]),
        ({"fit": "A", "decision": "any", "q": "ivers"}, ["L2"]),
        ({"team": "x"}, ["L1", "L2"]),
        ({"reason": "STUDENT"}, ["L2"]),
        ({"fit": "Z"}, []),
    ],
)
def test_words_and_filters(index, query, expected):
    filters = Filters.from_query(query)
    assert _ids(leads_of(index, ALL, filters)) == expected
    assert count_of(index, ALL, filters.text, tuple(filters.chosen.items())) == len(expected)


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (ALL, ["L5", "L3", "L1", "L2", "L4"]),
        (Scope.of(["x"]), ["L1", "L2"]),
        (Scope.of(["y"]), ["L5", "L3"]),
        (Scope.of(["north"]), ["L1", "L2"]),
        (Scope.of(["x", "south"]), ["L5", "L3", "L1", "L2"]),
        (Scope.of(["", "nobody"]), []),
        (Scope.nothing(), []),
    ],
)
def test_readers_see_their_own_and_count_no_others(index, scope, expected):
    assert _ids(leads_of(index, scope, Filters())) == expected
    assert count_of(index, scope, "", ()) == len(expected)
    assert sum(leads for _, leads in choices_of(index, scope)["decision"]) == len(expected)
    seen = {lead for lead in ("L1", "L2", "L3", "L4", "L5") if lead_of(index, scope, lead) is not None}
    assert seen == set(expected)


def test_a_lead_cannot_write_itself_into_a_team(index):
    """The name of L5 spells the mark of team x, with and without its first letter."""
    assert "L5" not in _ids(leads_of(index, Scope.of(["x"]), Filters()))
    assert _ids(leads_of(index, ALL, Filters(text=mark("team", "x")))) == ["L5"], "as words, not as a mark"


def test_pages_of_the_queue_follow_on(index):
    first = leads_of(index, ALL, Filters(), limit=2)
    second = leads_of(index, ALL, Filters(), after=first.rows[-1]["no"], limit=2)
    third = leads_of(index, ALL, Filters(), after=second.rows[-1]["no"], limit=2)
    assert (_ids(first), _ids(second), _ids(third)) == (["L5", "L3"], ["L1", "L2"], ["L4"])
    assert (first.more, second.more, third.more) == (True, True, False)
    back = leads_of(index, ALL, Filters(), before=third.rows[0]["no"], limit=2)
    assert _ids(back) == ["L1", "L2"] and back.more


def test_what_speaks_most_for_a_lead_or_decided_is_its_reason(index):
    told = {row["lead_id"]: (row["reason"], row["reason_code"]) for row in leads_of(index, ALL, Filters()).rows}
    assert told["L1"] == ("Came to a webinar", "WEBINAR")
    assert told["L2"] == ("Is a student", "STUDENT")
    assert told["L4"] == (None, None)


def test_a_lead_with_everything(index):
    found = lead_of(index, Scope.of(["x"]), "L1")
    assert [each["sentence"] for each in found["reasons"]] == ["Bounced", "Came to a webinar"]
    assert [each["kind"] for each in found["acts"]] == ["view", "form"], "oldest first, no machine"
    assert [each["lead_id"] for each in found["colleagues"]["rows"]] == ["L2"]
    assert found["packet"]["lead_id"] == "L1"
    assert found["before"] is None
    assert not {"pos", "was_decision"} & found["lead"].keys()


def test_a_site_shows_only_whom_the_reader_may_see(index):
    assert [each["lead_id"] for each in site_of(index, Scope.of(["x"]), "A1")["leads"]] == ["L1", "L2"]
    assert site_of(index, Scope.of(["x"]), "A2") is None
    roles = site_of(index, ALL, "A1")["roles"]
    assert roles == {"nurse_manager": {"people": 1, "active": 1}, "physician": {"people": 1, "active": 0}}


def test_a_site_is_known_to_those_who_see_a_lead_there_and_its_facts_count_nobody(index):
    known = site_facts(index, Scope.of(["x"]), "A1")
    assert known["name"] == "St. Mary Hospital"
    assert not {"leads", "mqls"} & known.keys(), "a count over all leads of the site would count those of others"
    assert site_facts(index, Scope.of(["x"]), "A2") is None
    assert site_facts(index, Scope.nothing(), "A1") is None
    assert site_facts(index, ALL, None) is None


def test_the_run_before_is_beside_it(tmp_path):
    published(tmp_path, "run-0", [score("L1", decision="HELD", propensity=0.3)], [], "2026-06-24")
    run = published(tmp_path, "run-1", [score("L1"), score("L2")], [])
    (tmp_path / "out" / "latest").symlink_to(run)
    sources = find_sources(tmp_path / "out", written(tmp_path, {"leads": PEOPLE}))
    index = Index(build_index(sources, tmp_path / "pages"), sources.run)
    before = lead_of(index, ALL, "L1")["before"]
    assert (before["decision"], before["propensity"]) == ("HELD", 0.3)
    assert lead_of(index, ALL, "L2")["before"] is None


def test_another_run_is_read_once_it_is_published(tmp_path):
    tables = written(tmp_path, {"leads": PEOPLE})
    latest = Latest(tmp_path / "out", tmp_path / "pages", lambda: tables)
    latest.load()
    store = Store(latest)
    with pytest.raises(Refused) as refused:
        store.leads(ALL, Filters())
    assert refused.value.status == 503
    for name, leads in (("run-1", ["L1"]), ("run-2", ["L1", "L2"])):
        run = published(tmp_path, name, [score(lead) for lead in leads], [])
        link = tmp_path / "out" / "latest"
        link.unlink(missing_ok=True)
        link.symlink_to(run)
        latest.load()
        assert _ids(store.leads(ALL, Filters())) == leads
    assert len(list((tmp_path / "pages").glob("*.sqlite"))) == 2
    assert not list((tmp_path / "pages").glob(".stage*"))


def test_figures_over_all_leads_are_for_those_who_see_all(index, tmp_path):
    store = Store(Latest(tmp_path, tmp_path, dict))
    store._latest.index = index
    assert store.reasons(Scope.of(["x"])) == []
    assert {each["code"] for each in store.reasons(ALL)} == {"WEBINAR", "EMAIL_ENGAGEMENT", "STUDENT"}


_ROWS = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.one_of(st.none(), st.text(max_size=4)),
        st.one_of(st.none(), st.floats(allow_nan=False)),
        st.one_of(st.none(), st.integers(0, 2**53)),
    ),
    max_size=30,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_ROWS, st.integers(1, 7))
def test_what_is_packed_is_read_again(rows, size):
    """However the rows fall into batches."""
    rows = sorted(rows, key=lambda row: row[0])
    kinds = {"pos": pa.int64(), "word": pa.string(), "weight": pa.float64(), "at": pa.int64()}
    database = sqlite3.connect(":memory:")
    database.executescript(TABLES)
    packer = Packer(database, "some", {"word": "text", "weight": "float", "at": "moment"})
    for start in range(0, len(rows), size):
        some = [dict(zip(kinds, row, strict=True)) for row in rows[start : start + size]]
        packer.add(pa.Table.from_pylist(some, schema=pa.schema(list(kinds.items()))))
    packer.finish()
    reader = Unpacker(database, "some")
    for position in range(6):
        expected = [dict(zip(list(kinds)[1:], row[1:], strict=True)) for row in rows if row[0] == position]
        assert list(reader.rows(database, position)) == expected


def test_rows_out_of_order_are_a_mistake_of_ours():
    database = sqlite3.connect(":memory:")
    database.executescript(TABLES)
    packer = Packer(database, "some", {"word": "text"})
    with pytest.raises(InternalError):
        packer.add(pa.table({"pos": [2, 1], "word": ["a", "b"]}))


STATES = ConsentStates(opt_in=("yes",), implied=("asked",), refused=("no",), objected=("never",))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], None),
        ([(1, "yes", "email", "all")], "yes"),
        ([(1, "yes", "email", "all"), (2, "no", "email", "all")], "no"),
        ([(2, "no", "email", "all"), (2, "yes", "email", "all")], "no"),
        ([(1, "yes", "email", "all"), (2, "no", "phone", "all")], "yes"),
        ([(1, "yes", "email", "clinical"), (2, "no", "email", "general")], "yes"),
        ([(1, "yes", None, None)], "yes"),
        ([(1, "yes", "email", "all"), (3, "perhaps", "email", "all")], None),
    ],
)
def test_the_latest_word_on_consent_counts(rows, expected):
    said = [
        {"at": at, "state": state, "channel": channel, "purpose": "marketing", "content_type": kind}
        for at, state, channel, kind in rows
    ]
    assert latest_state(said, STATES, channel="email", content_type="clinical")["state"] == expected
