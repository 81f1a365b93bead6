"""Field maps: exports as the CRMs write them become our tables, and what gives the outcome away is known by name."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tests.unit.intake.conftest import at, parquet
from tests.unit.intake.crm_exports import API, EXPORTS, LABELS, read_market, write_exports

from salesworthy.domain.errors import ConfigurationMistakes
from salesworthy.domain.marks import MarkKind
from salesworthy.domain.tables import TABLES
from salesworthy.intake.field_map_files import SHIPPED, load_map, shipped_maps, upload_map
from salesworthy.market.generate import write_market
from salesworthy.runs.check import check as check_workspace
from salesworthy.runs.init import write_workspace
from salesworthy.runs.workspace import open_workspace

LEAD = '[tables.leads]\npath = "leads.csv"\nmap = "salesforce/lead"\n'


def test_the_maps_that_are_shipped():
    assert shipped_maps() == (
        "dynamics/account", "dynamics/activities", "dynamics/lead", "hubspot/activities", "hubspot/companies",
        "hubspot/contacts", "salesforce/account", "salesforce/campaign_member", "salesforce/contact", "salesforce/lead",
        "salesforce/lead_history", "salesforce/opportunity",
    )  # fmt: skip


@pytest.mark.parametrize("name", shipped_maps())
def test_every_map_fills_what_its_tables_must_have_and_names_its_source(name):
    found = load_map(name, None)
    for table, columns in found.tables.items():
        assert set(TABLES[table].required) <= set(columns.columns), table
        known = set(TABLES[table].by_name)
        assert set(found.spellings(table)) <= known
    text = (SHIPPED / f"{name}.yaml").read_text(encoding="utf-8")
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert any("Fields:" in line and '"' in line for line in comments)
    assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize("name", shipped_maps())
def test_no_map_reads_a_fact_from_a_field_that_it_warns_of(name):
    found = load_map(name, None)
    for table in {"leads", "accounts"} & set(found.tables):
        for ours, column in found.tables[table].columns.items():
            assert [each for each in column.spellings if found.mark(each)] == [], ours


@pytest.mark.parametrize(
    ("name", "field", "kind"),
    [
        ("salesforce/lead", "ConvertedOpportunityId", MarkKind.AFTER_OUTCOME),
        ("salesforce/lead", "IsConverted", MarkKind.AFTER_OUTCOME),
        ("salesforce/lead", "converted date", MarkKind.AFTER_OUTCOME),
        ("salesforce/lead", "StageName", MarkKind.AFTER_OUTCOME),
        ("salesforce/lead", "OwnerId", MarkKind.WORKER),
        ("salesforce/lead", "Last Modified By ID", MarkKind.WORKER),
        ("salesforce/lead", "Email", MarkKind.PERSONAL),
        ("salesforce/lead", "Description", MarkKind.FREE_TEXT),
        ("salesforce/lead", "Beds_Reported__c", None),
        ("salesforce/opportunity", "Anything__c", MarkKind.AFTER_OUTCOME),
        ("hubspot/contacts", "hs_lifecyclestage_customer_date", MarkKind.AFTER_OUTCOME),
        ("hubspot/contacts", "Became an opportunity date", MarkKind.AFTER_OUTCOME),
        ("hubspot/contacts", "hs_lead_status", MarkKind.AFTER_OUTCOME),
        ("hubspot/contacts", "hubspot_owner_id", MarkKind.WORKER),
        ("hubspot/contacts", "mobilephone", MarkKind.PERSONAL),
        ("hubspot/contacts", "number_of_operating_rooms", None),
        ("dynamics/lead", "statecode", MarkKind.AFTER_OUTCOME),
        ("dynamics/lead", "_qualifyingopportunityid_value", MarkKind.AFTER_OUTCOME),
        ("dynamics/lead", "_ownerid_value", MarkKind.WORKER),
        ("dynamics/lead", "emailaddress2", MarkKind.PERSONAL),
        ("dynamics/account", "customertypecode", MarkKind.AFTER_OUTCOME),
    ],
)
def test_what_is_known_of_a_field_by_its_name(name, field, kind):
    mark = load_map(name, None).mark(field)
    assert (None if mark is None else mark.kind) == kind


def test_the_usual_map_of_a_crm_unless_the_leads_are_read_by_another():
    assert upload_map("salesforce", None).name == "salesforce/lead"
    assert upload_map("salesforce", None, preferred="salesforce/contact").name == "salesforce/contact"
    assert upload_map("hubspot", None, preferred="salesforce/contact").name == "hubspot/contacts"
    with pytest.raises(ConfigurationMistakes, match=r"no part upload.*dynamics/lead, hubspot/contacts"):
        upload_map("salesforce/account", None)


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    folder = tmp_path_factory.mktemp("market")
    write_market(folder, leads=300, seed=5)
    return read_market(folder)


KINDS = {
    "salesforce": ("webinar", "booth", "form"),
    "hubspot": ("open", "click", "form", "webinar"),
    "dynamics": ("open", "click", "form", "booth"),
}
"""Acts that the fixture of each CRM holds."""
AFTER_OUTCOME = {
    ("salesforce", API): {"IsConverted", "ConvertedDate", "ConvertedOpportunityId", "Status", "Type"},
    ("salesforce", LABELS): {
        "Converted", "Converted_Date", "Converted_Opportunity_ID", "Lead_Status", "Account_Type",
    },
    ("hubspot", API): {
        "lifecyclestage", "hs_lifecyclestage_marketingqualifiedlead_date", "hs_lifecyclestage_salesqualifiedlead_date",
        "num_associated_deals",
    },
    ("hubspot", LABELS): {
        "Lifecycle_Stage", "Became_a_marketing_qualified_lead_date", "Became_a_Sales_Qualified_Lead_Date",
        "Number_of_Associated_Deals",
    },
    ("dynamics", API): {"statuscode", "modifiedon", "qualifyingopportunityid_value"},
    ("dynamics", LABELS): {"Status_Reason", "Modified_On", "Qualifying_Opportunity"},
}  # fmt: skip
"""Features of further columns at which the leakage audit stops, by name alone, or that the outcome is read from."""


def micros(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Int64)


@pytest.mark.parametrize("style", [API, LABELS])
@pytest.mark.parametrize("crm", sorted(EXPORTS))
def test_an_export_becomes_the_tables_that_it_was_made_of(market, crm, style, tmp_path):
    """Every row of a fixture with the CRM's own column names, dates and spellings, against the market behind it."""
    folder = tmp_path / crm
    write_workspace(folder, crm=crm)
    write_exports(market, crm, style, folder / "exports")
    report = check_workspace(open_workspace(folder, environ={"SALESWORTHY__FEATURES__AUTO": "true"}))
    given_away = {name for name, why in report.loaded.left_out if why.endswith("is what the outcome is read from")}
    assert set(report.loaded.after_outcome) | given_away == AFTER_OUTCOME[crm, style]
    checked = report.checked
    assert {each.table: dict(each.rejected) for each in checked.reports if each.rejected} == {}
    found = {name: pl.read_parquet(path) for name, path in checked.paths.items()}

    leads = market["leads"]
    if crm == "salesforce":  # who is matched to no account is kept together with colleagues by the company
        leads = leads.with_columns(pl.col("account_id").fill_null("Some clinic"))
    columns = ["lead_id", "account_id", "role", "department", "specialty", "product", "use_case"]
    assert found["leads"].select(columns).equals(leads.select(columns))
    assert found["leads"]["created_at"].to_list() == leads.select(micros("created_at"))["created_at"].to_list()

    sites = ["account_id", "parent_account_id", "name", "facility_type", "region", "country", "beds"]
    assert found["accounts"].select(sites).equals(market["accounts"].select(sites))

    told = ["accepted", "rejected", "unreachable"] if crm != "hubspot" else ["accepted"]
    expected = leads.filter(pl.col("disposition").is_in(told)).select("lead_id", "disposition", micros("at"))
    settled = found["outcomes"].filter(pl.col("disposition") != "open").select("lead_id", "disposition", "at")
    if crm == "salesforce":  # a converted lead has a day only
        day = 86_400_000_000
        cut = pl.when(pl.col("disposition") == "accepted").then(pl.col("at") // day * day).otherwise("at")
        expected = expected.with_columns(cut.alias("at"))
    assert settled.sort("lead_id").equals(expected.sort("lead_id"))

    opted_out = leads.filter("opted_out")["lead_id"].to_list()
    assert found["consents"]["lead_id"].to_list() == opted_out
    assert set(found["consents"].select("state", "channel").iter_rows()) == {("withdrawn", "email")}
    if crm == "hubspot":
        handed = leads.filter(pl.col("handed_at").is_not_null())
        assert found["handoffs"]["lead_id"].to_list() == handed["lead_id"].to_list()

    kinds = KINDS[crm]
    acts = market["engagements"].filter(pl.col("kind").is_in(kinds)).with_row_index("n").filter(pl.col("n") % 11 != 0)
    assert found["engagements"].select("lead_id", "kind").equals(acts.select("lead_id", "kind"))
    assert "Email" not in found["outcomes"].columns
    assert not {"Email", "email", "emailaddress1"} & set(report.loaded.catalogue.names)


def test_what_the_settings_say_wins_over_the_map(check):
    settings = LEAD + (
        'missing = ["?"]\n[tables.leads.columns]\nrole = "Kind"\n'
        'created_at = { column = "Seen", otherwise = "CreatedDate", format = ["%d.%m.%y", "%Y-%m-%d"] }\n'
        '[tables.leads.values.role]\nPhysician = "department_head"\nChair = "department_head"\n'
    )
    text = (
        "Id,CreatedDate,Seen,Role__c,Kind,Product_Interest__c\n"
        "A,2024-01-01,,Nurse,Physician,?\nB,2024-01-02,03.02.24,Nurse,Chair,x\n"
        "C,2024-01-03,?,Nurse,Surgeon,[not provided]\n"
    )
    found = check(settings, {"leads.csv": text})
    assert found.column("role") == ["department_head", "department_head", "physician"]
    assert found.column("created_at") == [at("2024-01-01"), at("2024-02-03"), at("2024-01-03")]
    assert found.column("product") == [None, "x", "[not provided]"]
    assert found.column("Role__c") == ["Nurse"] * 3


def test_each_row_takes_the_first_field_that_it_fills_in(check):
    settings = '[tables.leads]\npath = "leads.csv"\n[tables.engagements]\npath = "m.csv"\n'
    settings += 'map = "salesforce/campaign_member"\n'
    members = (
        "LeadId,ContactId,Status,HasResponded,FirstRespondedDate,CreatedDate\n"
        "A,,Attended,true,2024-02-01,2024-01-01T00:00:00Z\n,B,Registered,true,,2024-01-05T06:00:00Z\n"
        "A,,Sent,false,,2024-01-01\n"
    )
    found = check(settings, {"m.csv": members})
    assert found.column("lead_id", "engagements") == ["A", "B"]
    assert found.column("occurred_at", "engagements") == [at("2024-02-01"), at("2024-01-05T06:00")]
    assert found.column("kind", "engagements") == ["webinar", "response"]
    assert found.finding("ROWS_PASSED_OVER").count == 1
    report = found.report("engagements")
    assert (report.rows_in, report.kept, report.passed_over, report.unaccounted) == (3, 2, 1, 0)


def test_one_of_several_opt_outs_is_enough(check):
    settings = '[tables.leads]\npath = "l.csv"\nmap = "dynamics/lead"\n'
    settings += '[tables.consents]\npath = "l.csv"\nmap = "dynamics/lead"\n'
    text = (
        "leadid,createdon,donotemail,donotbulkemail,donotsendmm\nA,2024-01-01,0,1,0\nB,2024-01-01,0,0,0\n"
        "C,2024-01-01,1,,1\nD,2024-01-01,,0,Do Not Send\n"
    )
    found = check(settings, {"l.csv": text})
    assert found.column("lead_id", "consents") == ["A", "C", "D"]
    assert found.finding("ROWS_PASSED_OVER").count == 1
    assert "'donotemail' or 'donotbulkemail' or 'donotsendmm' is none of" in found.finding("ROWS_PASSED_OVER").says


def test_rows_are_chosen_by_patterns(check, tmp_path):
    (tmp_path / "ours.yaml").write_text(
        "reads: acts\ntables:\n  engagements:\n    rows: {column: t, is_not: ['Bot*', '*.Sent', 'a+b']}\n"
        "    columns: {lead_id: l, occurred_at: at, kind: t}\n"
    )
    kinds = ["BotClick", "xBot", "mail.sent", "mailxSent", "A+B", "aab", ""]
    text = "l,at,t\n" + "".join(f"A,2024-01-0{number},{kind}\n" for number, kind in enumerate(kinds, start=1))
    settings = '[tables.leads]\npath = "leads.csv"\n[tables.engagements]\npath = "m.csv"\nmap = "ours.yaml"\n'
    found = check(settings, {"m.csv": text})
    assert found.column("kind", "engagements") == ["xBot", "mailxSent", "aab"]
    assert found.finding("ROWS_PASSED_OVER").count == 3


def test_fields_of_different_types_go_together(check):
    settings = '[tables.leads]\npath = "l.parquet"\ncolumns.created_at = "t"\n'
    settings += 'columns.lead_id = { column = "a", otherwise = ["b", "c"] }\n'
    files = {"l.parquet": parquet(a=[1, None, None], b=["x", "y", None], c=[None, 2.0, 3.0], t=["2024-01-01"] * 3)}
    assert check(settings, files).column("lead_id") == ["1", "y", "3"]


@pytest.mark.parametrize(
    ("dates", "read", "ambiguous"),
    [
        (["12/31/2024", "1/2/2024"], ["2024-12-31", "2024-01-02"], False),
        (["31/12/2024", "1/2/2024, 14:30"], ["2024-12-31", "2024-02-01T14:30"], False),
        (["31.12.2024", "01.02.2024 08:00"], ["2024-12-31", "2024-02-01T08:00"], False),
        (["1/2/2024, 1:05 PM", "3/4/2024"], ["2024-01-02T13:05", "2024-03-04"], True),
        (["1/1/2024", "2/2/2024"], ["2024-01-01", "2024-02-02"], False),
        (["2024-12-31 10:00", "1735689600000"], ["2024-12-31T10:00", "2025-01-01"], False),
    ],
)
def test_dates_as_different_places_write_them(check, dates, read, ambiguous):
    text = "Id,CreatedDate\n" + "".join(f'{number},"{each}"\n' for number, each in enumerate(dates))
    found = check(LEAD, {"leads.csv": text})
    assert found.column("created_at") == [at(each) for each in read]
    assert ("AMBIGUOUS_DATES" in found.codes()) == ambiguous


def test_a_field_that_must_be_there_is_asked_for_by_its_names(check):
    with pytest.raises(ConfigurationMistakes) as error:
        check(LEAD, {"leads.csv": "Id,Email\nA,a@b\n"})
    assert [each.where for each in error.value.mistakes] == ["salesworthy.toml:1 (tables.leads.columns)"]
    assert "salesforce/lead looks for 'CreatedDate' or 'Created Date' or 'Create Date'" in error.value.mistakes[0].what


def test_rows_cannot_be_chosen_by_a_field_that_is_not_there(check):
    settings = LEAD + '[tables.consents]\npath = "leads.csv"\nmap = "salesforce/lead"\n'
    with pytest.raises(ConfigurationMistakes) as error:
        check(settings, {"leads.csv": "Id,CreatedDate\nA,2024-01-01\n"})
    assert [each.where for each in error.value.mistakes] == ["salesworthy.toml:6 (tables.consents.map)"]
    assert "takes the rows of consents by 'HasOptedOutOfEmail'" in error.value.mistakes[0].what


def test_marks_stay_with_the_stored_tables(check):
    settings = (
        LEAD
        + 'columns.department = "Rating of Rep"\ncolumns.product = "STATUS"\n'
        + 'join = { path = "o.csv", on = { lead_id = "Lead" } }\n'
    )
    files = {
        "leads.csv": "Id,CreatedDate,Email,STATUS,Rating of Rep\nA,2024-01-01,a@b,New,x\n",
        "o.csv": "Lead,StageName,Email\nA,Closed Won,c@d\n",
    }
    for _ in range(2):  # the second time from the store
        schema = check(settings, files).tables.schema["leads"]
        marks = {name: facts.mark.kind for name, facts in schema.items() if facts.mark is not None}
        assert marks == {
            "Email": MarkKind.PERSONAL,
            "o.Email": MarkKind.PERSONAL,
            "StageName": MarkKind.AFTER_OUTCOME,
            "product": MarkKind.AFTER_OUTCOME,
        }


def test_a_map_of_the_workspace(check, tmp_path):
    (tmp_path / "ours.yaml").write_text(
        "reads: our old system\nmissing: [n/a]\ntables:\n  leads:\n    columns:\n      lead_id: Nummer\n"
        "      created_at: {first: [Angelegt]}\n      role: {constant: physician}\ndates: [['%d.%m.%Y']]\n"
        "values: {role: {physician: other}}\nafter_outcome: [Auftrag*]\n"
    )
    text = "nummer,Angelegt,Auftragswert\nA,31.12.2024,n/a\n"
    found = check('[tables.leads]\npath = "leads.csv"\nmap = "ours.yaml"\n', {"leads.csv": text})
    assert found.rows()[0] | {"lead_id": "A", "created_at": at("2024-12-31"), "role": "other"} == found.rows()[0]
    assert found.tables.schema["leads"]["Auftragswert"].mark.by == "ours.yaml"


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("- a\n", 1, "this is no field map"),
        ("reads: [\n", 2, "this is not YAML"),
        ("reads: x\n", 1, "tables is missing"),
        ("reads: x\ntables:\n  leads:\n    columns:\n      lead_id: {first: []}\n", 5, "name a field, or a constant"),
        ("reads: x\ntables:\n  deals: {columns: {a: b}}\n", 1, "there is no table 'deals'"),
        ("reads: x\ntables:\n  leads: {columns: {nr: b}}\n", 1, "leads has no column 'nr'"),
        (
            "reads: x\ntables:\n  outcomes: {columns: {disposition: b}, values: {disposition: {w: won}}}\n",
            1, "'won' is no disposition",
        ),
        ("reads: x\ntables:\n  leads:\n    columns: {lead_id: b}\n    rows: {column: a}\n", 5, "give exactly one of"),
    ],
)  # fmt: skip
def test_mistakes_of_a_map(tmp_path, text, line, what):
    (tmp_path / "ours.yaml").write_text(text)
    with pytest.raises(ConfigurationMistakes) as error:
        load_map("ours.yaml", tmp_path)
    assert error.value.mistakes[0].where == f"ours.yaml:{line}"
    assert error.value.mistakes[0].what.startswith(what)


def test_the_map_of_the_documentation_has_no_mistake(tmp_path):
    text = (Path(__file__).parents[3] / "docs" / "field_maps.md").read_text(encoding="utf-8")
    (tmp_path / "ours.yaml").write_text(text.partition("```yaml\n")[2].partition("```")[0], encoding="utf-8")
    found = load_map("ours.yaml", tmp_path)
    assert set(found.tables) == {"leads", "outcomes"}
    assert found.spellings("outcomes") == {"disposition": {"won": "accepted", "lost": "rejected", "running": "open"}}
    assert found.mark("order number").kind == MarkKind.AFTER_OUTCOME
    assert all(f"`{name}`" in text for name in shipped_maps())
