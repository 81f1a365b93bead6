"""Machine clicks: each rule by example, and all of them against a slow, plain reading of their table."""

from __future__ import annotations

import re

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_acts import NOON, SECOND, click, judge, lead, written

from salesworthy.domain.moments import zone
from salesworthy.intake.machine_clicks import MachineRule, mark_machine_clicks
from salesworthy.intake.machine_clicks_findings import machine_click_findings
from salesworthy.intake.machine_clicks_settings import HINTS, MachineClickSettings
from salesworthy.rules.person_acts import by_person

NIGHT = 14 * 3600
"""Two in the morning, in seconds after noon."""
SITE = [lead("L1"), lead("L2"), lead("L3"), lead("L4", account="A2")]
CASES = {
    "one click is a person's": ([click(0)], [False]),
    "an agent that says so": ([click(0, agent="Barracuda Link Protection"), click(99)], [True, False]),
    "an agent in capitals, of any kind of act": ([click(0, kind="open", agent="GOOGLEBOT")], [True]),
    "the data says so": ([click(0, kind="view", machine=True), click(0, kind="view", machine=False)], [True, False]),
    "three links within seconds": ([click(0, "T1"), click(4, "T2"), click(15, "T1")], [True, True, True]),
    "three links, one of them too late": ([click(0, "T1"), click(4, "T2"), click(15.1, "T3")], [False] * 3),
    "one link three times": ([click(0), click(1), click(2)], [False] * 3),
    "links that nobody named": ([click(0, None), click(1, None), click(2, None)], [True] * 3),
    "two links": ([click(0, "T1"), click(4, "T2")], [False, False]),
    "two links at night": ([click(NIGHT, "T1"), click(NIGHT + 4, "T2")], [True, True]),
    "other acts between": ([click(0, "T1"), click(1, "T2", kind="view"), click(2, "T3")], [False] * 3),
    "two people": ([click(0, "T1"), click(1, "T2", "L2"), click(2, "T3", "L4")], [False] * 3),
    "three people of a site at once": ([click(0, "T1"), click(0.5, "T1", "L2"), click(1, "T1", "L3")], [True] * 3),
    "three people of two sites": ([click(0, "T1"), click(0.5, "T1", "L2"), click(1, "T1", "L4")], [False] * 3),
    "right after delivery": ([click(0, kind="delivered"), click(5)], [False, True]),
    "a while after delivery": ([click(0, kind="delivered"), click(5.1)], [False, False]),
    "before delivery": ([click(0), click(1, kind="delivered")], [False, False]),
    "evidence that came late": ([click(0, "T1"), click(1, "T2"), click(2, "T3", late=46)], [False] * 3),
    "evidence that came in time": ([click(0, "T1"), click(1, "T2"), click(2, "T3", late=45)], [True] * 3),
}


@pytest.mark.parametrize("case", CASES)
def test_rules(tmp_path, case):
    acts, expected = CASES[case]
    assert judge(tmp_path, acts, SITE)[0]["machine"].to_list() == expected


def test_more_clicks_an_hour_than_anybody_makes(tmp_path):
    acts = [click(40 * number, f"T{number}") for number in range(70)]
    found, counts = judge(tmp_path, acts, settings=MachineClickSettings(hourly_clicks=60))
    assert found["machine"].to_list() == [False] * 60 + [True] * 10
    assert counts.by_rule[MachineRule.RATE] == 10


def test_pairs_in_a_mail_that_nobody_opened_are_told_where_openings_are_recorded(tmp_path):
    pair = [click(0, "T1"), click(3, "T2")]
    told = MachineClickSettings(opens=("mail_open",))
    assert judge(tmp_path, pair, settings=told)[0]["machine"].to_list() == [True, True]
    opened = [*pair, click(-60, kind="mail_open")]
    assert judge(tmp_path, opened, settings=told)[0]["machine"].to_list() == [False, False, False]
    assert not judge(tmp_path, pair)[0]["machine"].any()


def test_night_falls_in_the_zone_of_the_workspace(tmp_path):
    pair = [click(0, "T1"), click(3, "T2")]
    assert judge(tmp_path, pair, timezone="Asia/Tokyo")[0]["machine"].to_list() == [False, False]  # 21:00
    assert judge(tmp_path, pair, timezone="Pacific/Auckland")[0]["machine"].to_list() == [True, True]  # 01:00


def test_a_click_counts_once_its_burst_could_have_been_seen(tmp_path):
    acts = [click(0), click(100, late=300), click(200, kind="view"), click(300, agent="bot")]
    found, _ = judge(tmp_path, acts)
    known = [(each - NOON) / SECOND for each in found["known_at"].to_list()]
    assert known == [60, 400, 200, 300]


def test_rows_keep_their_order_and_everything_else(tmp_path):
    acts = [click(7, lead="L2", value=1.5), click(0, "T2"), click(1, kind="form", campaign_id="C1")]
    found, _ = judge(tmp_path, acts)
    told = [{name: row[name] for name in row if name not in ("machine", "known_at")} for row in found.to_dicts()]
    assert told == [{name: row[name] for name in row if name not in ("machine", "known_at")} for row in acts]


def test_the_shipped_condition_knows_the_same_words():
    """Where nobody judged the acts, in worked cases, the condition looks for the hints itself."""
    assert set(re.findall(r"'(\w+)'", by_person().text)) == set(HINTS)


seconds = st.integers(0, 40).map(lambda number: number * 2.5)
random_acts = st.lists(
    st.builds(
        click,
        seconds,
        st.sampled_from(["T1", "T2", "T3", None]),
        st.sampled_from(["L1", "L2", "L3", "L4"]),
        kind=st.sampled_from(["click", "click", "click", "view", "delivered", "mail_open"]),
        late=st.sampled_from([0, 0, 0, 30, 60]),
        agent=st.sampled_from([None, None, "Firefox", "Mimecast URL Protect"]),
    ),
    max_size=14,
)
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(acts=random_acts, opens=st.sampled_from([(), ("mail_open",)]))
def test_as_a_plain_reading_of_the_rules(tmp_path, acts, opens):
    told = MachineClickSettings(opens=opens, hourly_clicks=6, site_people=2, burst_clicks=4)
    assert judge(tmp_path, acts, SITE, told)[0]["machine"].to_list() == [plain(act, acts, told) for act in acts]


def plain(act, acts, told):
    """Whether an act is a machine's, act by act."""
    agent = (act["agent"] or "").lower()
    if any(word in agent for word in told.hints):
        return True
    if act["kind"] != "click":
        return False
    prompt = [each for each in acts if each["known_at"] <= each["occurred_at"] + told.settle_seconds * SECOND]
    own = [each for each in prompt if each["lead_id"] == act["lead_id"]]

    def before(kinds, length):
        reach = act["occurred_at"] - length * SECOND
        return [each for each in own if each["kind"] in kinds and reach <= each["occurred_at"] <= act["occurred_at"]]

    burst = bursts(act, [each for each in own if each["kind"] == "click"], told.burst_seconds)
    doubtful = any(size >= told.doubtful_clicks and links >= told.burst_links for size, links, _ in burst)
    site_of = {each["lead_id"]: each["account_id"] for each in SITE}
    colleagues = [e for e in prompt if e["kind"] == "click" and site_of[e["lead_id"]] == site_of[act["lead_id"]]]
    return (
        any(size >= told.burst_clicks and links >= told.burst_links for size, links, _ in burst)
        or (bool(told.opens) and doubtful and not before(told.opens, told.open_days * 86_400))
        or bool(before(told.delivered, told.delivery_seconds))
        or len(before(("click",), 3600)) > told.hourly_clicks
        or any(people >= told.site_people for _, _, people in bursts(act, colleagues, told.site_seconds))
    )


def bursts(act, clicks, length):
    """Clicks, links and people of every stretch of time that begins with a click and holds the act."""
    for first in clicks:
        start, end = first["occurred_at"], first["occurred_at"] + length * SECOND
        if start <= act["occurred_at"] <= end:
            inside = [(number, each) for number, each in enumerate(clicks) if start <= each["occurred_at"] <= end]
            links = {each["content_id"] or number for number, each in inside}
            yield len(inside), len(links), len({each["lead_id"] for _, each in inside})


def findings(folder, acts, leads=(), told=None):
    told = told or MachineClickSettings(jump_clicks=20, burst_clicks=1000, doubtful_clicks=1000)
    paths = written(folder, acts, list(leads) or [lead()])
    with duckdb.connect(config={"threads": 1}) as connection:
        judged = mark_machine_clicks(connection, paths, told, zone("UTC"))
        return {each.code: each for each in machine_click_findings(connection, paths, judged, told)}


def clicks(days_ago, people, machines, name="L1"):
    agents = [None] * people + ["bot"] * machines
    return [click(-days_ago * 86_400 - 30 * n, f"T{n}", name, agent=agent) for n, agent in enumerate(agents)]


def test_they_are_counted_by_rule_and_source(tmp_path):
    found = findings(tmp_path, clicks(0, 30, 10), [lead(source="webinar")])
    assert set(found) == {"MACHINE_CLICKS"}
    assert (found["MACHINE_CLICKS"].count, found["MACHINE_CLICKS"].column) == (10, "machine")
    assert "named by their agent 10" in found["MACHINE_CLICKS"].says
    assert "webinar 25%" in found["MACHINE_CLICKS"].says


@pytest.mark.parametrize(("machines", "told"), [(9, False), (11, True), (25, True)])
def test_more_of_them_than_before_at_a_source_is_told(tmp_path, machines, told):
    quiet = clicks(60, 40, 10, "L2") + clicks(0, 40, 10, "L2")
    acts = clicks(60, 40, 5) + clicks(0, 40, machines) + quiet
    found = findings(tmp_path, acts, [lead("L1", source="event"), lead("L2", source="partner")])
    assert ("MACHINE_CLICKS_JUMP" in found) is told
    if told:
        assert "leads from event" in found["MACHINE_CLICKS_JUMP"].says


def test_no_machine_no_finding(tmp_path):
    assert findings(tmp_path, clicks(0, 30, 0)) == {}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"site_seconds": 20, "burst_seconds": 10}, "site_seconds is longer"),
        ({"night": (1,)}, "night is two hours"),
        ({"night": (3, 25)}, "night is two hours"),
        ({"hints": ("",)}, "an empty word"),
    ],
)
def test_settings_that_cannot_be(wrong, says):
    with pytest.raises(ValueError, match=says):
        MachineClickSettings(**wrong)
