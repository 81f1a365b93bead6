"""The API keeps what its description says, whatever it is asked; and says the same as pages and exports."""

from __future__ import annotations

import csv
import io

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from salesworthy.cli.serve import areas
from salesworthy.web.access import Entry
from salesworthy.web.api.routes import described
from salesworthy.web.app import Site, create_app
from salesworthy.web.services import Services

pytestmark = pytest.mark.slow


APP = create_app(Services(None, None, None, lambda: 0, "none"), None, Site("http://127.0.0.1"), areas=areas())
DESCRIPTION = described(APP)
schema = schemathesis.openapi.from_dict(DESCRIPTION)


@schema.parametrize()
@settings(max_examples=15, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_question_breaks_it(case, site):
    case.call_and_validate(base_url=site.url, headers={"Authorization": f"Bearer {site.tokens['everything']}"})


def test_every_route_is_described(site):
    assert site.client(None).get("/api/openapi.json").json() == DESCRIPTION
    declared = {
        route.path.replace(":path", "") for area in areas() for route in area.routes if route.access.entry is Entry.API
    }
    assert set(DESCRIPTION["paths"]) == declared


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/leads?q=%00",
        "/api/v1/leads?q=%22",
        "/api/v1/leads?q=*%20NEAR%20(",
        "/api/v1/leads?after=9007199254740991",
        "/api/v1/leads/%00",
        "/api/v1/leads/..%2F..%2Fetc%2Fpasswd",
        "/api/v1/leads/" + "x" * 512,
        "/api/v1/accounts/%F0%9F%A6%8A",
        "/api/v1/figures/reasons?x=%",
    ],
)
def test_odd_questions_have_plain_answers(site, path):
    assert site.api("everything").get(path).status_code in {200, 404}


@pytest.mark.parametrize(
    "path",
    ["/api/v1/leads?limit=0", "/api/v1/leads?limit=501", "/api/v1/leads?after=-1", "/api/v1/leads?after=x",
     "/api/v1/leads/" + "x" * 513, "/api/v1/figures/nonsense", "/api/v1/leads?q=" + "x" * 101],
)  # fmt: skip
def test_a_value_that_is_out_of_range_is_refused_with_its_place(site, path):
    answer = site.api("everything").get(path)
    assert answer.status_code == 422
    (mistake,) = answer.json()["error"]["mistakes"]
    assert mistake["where"].rpartition(".")[2] in {"limit", "after", "lead_id", "name", "q"}


@pytest.mark.parametrize("role", ["sales", "all_sales"])
def test_page_export_and_api_name_the_same_leads_in_the_same_order(site, role):
    listed, after = [], 0
    while after is not None:
        told = site.api(role).get(f"/api/v1/leads?decision=MQL&limit=50&after={after}").json()
        listed += [lead["lead_id"] for lead in told["leads"]]
        after = told["next"]
    exported = csv.DictReader(io.StringIO(site.client(role).get("/queue.csv").content.decode("utf-8-sig")))
    assert [row["Lead"] for row in exported] == listed
    page = site.client(role).get("/queue").text
    assert listed
    assert [lead for lead in listed[:25] if f"/leads/{lead}" not in page] == []


def test_a_lead_adds_up(site):
    lead = site.api("all_sales").get("/api/v1/leads?limit=1&decision=MQL").json()["leads"][0]
    told = site.api("all_sales").get(f"/api/v1/leads/{lead['lead_id']}").json()
    assert told["lead"] == lead
    assert told["packet"]["decision"] == "MQL"
    log_odds = told["base_log_odds"] + sum(each["log_odds"] or 0 for each in told["reasons"])
    assert lead["propensity_low"] <= lead["propensity"] <= lead["propensity_high"]
    assert -20 < log_odds < 20


def test_a_new_token_works_at_once_and_a_revoked_one_no_longer(site):
    from salesworthy.runs.workspace import open_workspace

    ledger = open_workspace(site.folder).ledger
    token, secret = ledger.tokens.issue("warehouse", roles=("marketing",), by="a person", now=1)
    headers = {"Authorization": f"Bearer {secret}"}
    assert site.client(None).get("/api/v1/run", headers=headers).status_code == 200
    ledger.tokens.revoke(token.token_id, by="a person", now=2)
    assert site.client(None).get("/api/v1/run", headers=headers).status_code == 401
