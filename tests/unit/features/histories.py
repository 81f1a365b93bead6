"""Generated histories, and a catalogue that measures them in every way there is."""

from __future__ import annotations

from hypothesis import strategies as st

DAY = 86_400_000_000
HALF_DAY = DAY // 2
TABLES = ("accounts", "leads", "engagements", "content", "campaigns", "consents", "handoffs")
LEADS = ("L1", "L2", "L3", "L4")

FEATURES = """
conditions:
  by_person: "agent is null or not contains(lower(agent), 'bot')"
  paper: "content.topic in ('evidence', 'outcomes')"

features:
- {name: forms, count: engagements, where: "kind = 'form'"}
- {name: papers_7d, count: engagements, where: "paper and by_person", window: 7d}
- {name: valuable, count: engagements, where: "not (value < 1) or value between 2 and 3"}
- {name: untagged, count: engagements, where: "content.topic is null", window: 3d}
- {name: days_since_act, recency: engagements, where: "by_person"}
- {name: days_since_paper, recency: engagements, where: "paper", window: 10d}
- {name: topics, distinct: engagements, of: content.topic}
- {name: days_active_9d, distinct: engagements, of: day, window: 9d}
- {name: value_sum, sum: engagements, of: value, where: "kind <> 'view'"}
- {name: value_sum_5d, sum: engagements.value, window: 5d}
- {name: paper_share, share: engagements, where: "paper", among: "by_person"}
- {name: form_share_6d, share: engagements, where: "kind = 'form'", window: 6d}
- {name: fair_acts, count: engagements, where: "campaigns.type = 'fair'", window: 20d}
- {name: withdrawals, count: consents, where: "state = 'withdrawn'"}
- {name: earlier_handoffs, count: handoffs}
- {name: days_since_handoff, recency: handoffs}
- {name: site_people_8d, distinct: engagements, of: lead_id, where: "by_person", window: 8d, per: account}
- {name: site_roles, distinct: engagements, of: leads.role, per: account}
- {name: site_papers_8d, count: engagements, where: "paper", window: 8d, per: account}
- {name: site_handoffs, count: handoffs, per: account}
- {name: days_since_site_act, recency: engagements, window: 4d, per: account}
- {name: site_value_2d, sum: engagements, of: value, window: 2d, per: account}
- {name: role, column: leads.role}
- {name: score, column: leads.score, known: answered_at}
- {name: vip, column: leads.vip, known: at_handoff}
- {name: facility, column: accounts.facility_type}
- {name: beds, column: accounts.beds, known: leads.answered_at}
- {name: campaign_type, column: campaigns.type}
- {name: lead_age, column: leads.created_at, type: days_since}
- {name: role_rate, history: leads.role, strength: 2}
- {name: campaign_rate, history: campaigns.type, known: at_handoff, strength: 1}
- {name: site_rate, history: leads.account_id}
- {name: forms_per_day, expression: "forms / (lead_age + 1)"}
- {name: rush, expression: "case when forms_per_day > 0.5 then 1 when score > 1 then 2 else 0 end"}
- {name: hospital, expression: "accounts.facility_type = 'hospital' and leads.role is not null"}
- {name: per_paper, expression: "valuable / papers_7d"}
"""


def _paper(act):
    return act.get("content.topic") in ("evidence", "outcomes") if act.get("content.topic") is not None else None


def _by_person(act):
    return act["agent"] is None or "bot" not in act["agent"].lower()


def _both(one, other):
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def _valuable(act):
    return act["value"] is not None and (act["value"] >= 1 or 2 <= act["value"] <= 3)


WHERE = {
    "forms": lambda act: act["kind"] == "form",
    "papers_7d": lambda act: _both(_paper(act), _by_person(act)),
    "valuable": _valuable,
    "untagged": lambda act: act.get("content.topic") is None,
    "days_since_act": _by_person,
    "days_since_paper": _paper,
    "value_sum": lambda act: act["kind"] != "view",
    "paper_share": _paper,
    "paper_share.among": _by_person,
    "form_share_6d": lambda act: act["kind"] == "form",
    "fair_acts": lambda act: act.get("campaigns.type") == "fair",
    "withdrawals": lambda act: act["state"] == "withdrawn",
    "site_people_8d": _by_person,
    "site_papers_8d": _paper,
}


def _rush(row):
    if row["forms_per_day"] is not None and row["forms_per_day"] > 0.5:
        return 1
    return 2 if row["score"] is not None and row["score"] > 1 else 0


def _hospital(row):
    facility = row.get("accounts.facility_type")
    return _both(None if facility is None else facility == "hospital", row["leads.role"] is not None)


EXPRESSIONS = {
    "forms_per_day": lambda row: row["forms"] / (row["lead_age"] + 1),
    "rush": _rush,
    "hospital": _hospital,
    "per_paper": lambda row: row["valuable"] / row["papers_7d"] if row["papers_7d"] else None,
}

moments = st.integers(-20, 40).map(lambda number: number * HALF_DAY)
"""Around 1970, so that times before the epoch are there as well."""
early_moments = st.integers(-24, 10).map(lambda number: number * HALF_DAY)
maybe_moments = st.none() | st.none() | moments


def _maybe(*values):
    return st.sampled_from([None, *values])


accounts = st.fixed_dictionaries(
    {"facility_type": _maybe("hospital", "clinic"), "beds": _maybe(10.0, 250.0), "created_at": maybe_moments}
)
leads = st.fixed_dictionaries(
    {
        "created_at": early_moments,
        "account_id": _maybe("A1", "A1", "A1", "A2", "A9"),
        "role": _maybe("head", "nurse"),
        "campaign_id": _maybe("C1", "C2", "C9"),
        "score": _maybe(0.5, 2.0),
        "vip": _maybe(True, False),
        "answered_at": maybe_moments,
    }
)
content = st.fixed_dictionaries(
    {"topic": _maybe("evidence", "evidence", "outcomes", "news"), "tagged_at": maybe_moments}
)
campaigns = st.fixed_dictionaries({"type": _maybe("fair", "mail"), "approved_at": maybe_moments})
engagements = st.fixed_dictionaries(
    {
        "lead_id": st.sampled_from(["L1", *LEADS, "L9"]),
        "occurred_at": moments,
        "known_at": maybe_moments,
        "kind": st.sampled_from(["form", "form", "view"]),
        "content_id": _maybe("T1", "T2", "T9"),
        "campaign_id": _maybe("C1", "C2", "C9"),
        "agent": _maybe("Firefox", "Firefox", "GoogleBOT"),
        "value": _maybe(-1.5, 0.25, 1.0, 2.5),
    }
)
consents = st.fixed_dictionaries(
    {"lead_id": st.sampled_from(LEADS), "at": moments, "state": st.sampled_from(["opt_in", "withdrawn"])}
)
handoffs = st.fixed_dictionaries({"lead_id": st.sampled_from(LEADS), "handed_at": moments})
results = st.fixed_dictionaries(
    {"lead_id": st.sampled_from([*LEADS, "L9"]), "known_at": moments, "label": st.sampled_from([0.0, 1.0])}
)


def _named(strategy, key, names):
    """Rows under these names; one in four is not there."""
    rows = st.tuples(*(st.tuples(st.integers(0, 3), strategy) for _ in names))
    return rows.map(
        lambda found: [{key: name, **row} for name, (there, row) in zip(names, found, strict=True) if there]
    )


histories = st.fixed_dictionaries(
    {
        "accounts": _named(accounts, "account_id", ("A1", "A2")),
        "leads": _named(leads, "lead_id", LEADS),
        "engagements": st.lists(engagements, min_size=10, max_size=24),
        "content": _named(content, "content_id", ("T1", "T2")),
        "campaigns": _named(campaigns, "campaign_id", ("C1", "C2")),
        "consents": st.lists(consents, min_size=1, max_size=4),
        "handoffs": st.lists(handoffs, max_size=5),
    }
)
told_results = st.lists(results, min_size=2, max_size=8)
spines = st.lists(st.tuples(st.sampled_from([*LEADS, "L9"]), moments), min_size=4, max_size=12)
