"""The medtech set on the synthetic market, and the feature files of the examples."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_tables import Facts

from salesworthy.domain.reasons import TAXONOMY
from salesworthy.domain.tables import TABLES, Kind
from salesworthy.features.as_of import features_as_of
from salesworthy.features.loading import load_catalogue
from salesworthy.features.sentences import sentence
from salesworthy.market.generate import write_market
from salesworthy.market.vocabulary import ACT_TYPES, AGENTS, BUYING_STEP_OF_TOPIC, PEOPLE_AGENTS, SCANNER_AGENTS

END = 1_782_864_000_000_000  # 2026-07-01, the end of the market
NAMES = ("accounts", "leads", "engagements", "content", "campaigns", "consents", "handoffs", "outcomes")
KINDS = {pa.string(): Kind.TEXT, pa.float64(): Kind.NUMBER, pa.bool_(): Kind.YES_NO, pa.int64(): Kind.MOMENT}
NEVER = {"lead_status", "sales_notes_length", "opportunity_amount", "last_sales_touch_at", "full_name", "name",
         "email_key", "job_title", "owner"}  # fmt: skip
EXAMPLES = Path(__file__).parents[2] / "examples"


def checked(table: pa.Table) -> pa.Table:
    for place, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            table = table.set_column(place, field.name, table[field.name].cast(pa.int64()))
    return table


def schema_of_arrow(tables):
    return {
        name: {field.name: Facts(KINDS[field.type], carried=True) for field in table.schema}
        | {each.name: Facts(each.kind, each.name in table.column_names) for each in TABLES[name].columns}
        for name, table in tables.items()
    }


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    folder = tmp_path_factory.mktemp("market")
    write_market(folder, leads=600, seed=5)
    return {name: checked(pq.read_table(folder / f"{name}.parquet")) for name in NAMES}


@pytest.fixture(scope="module")
def loaded(market, tmp_path_factory):
    return load_catalogue(["medtech"], root=tmp_path_factory.mktemp("nothing"), schema=schema_of_arrow(market))


@pytest.fixture(scope="module")
def found(engine, market, loaded):
    return _features(engine, market, loaded.catalogue, market["leads"]["lead_id"].to_pylist(), "medtech")


def _features(engine, tables, catalogue, leads, name):
    opened = {table: engine.from_arrow(f"{name}_{table}", rows) for table, rows in tables.items()}
    spine = pa.table({"lead_id": pa.array(leads, pa.string()), "as_of": pa.array([END] * len(leads), pa.int64())})
    told = pa.table({"lead_id": [leads[0], leads[-1]], "known_at": [0, END - 1], "label": [1.0, 0.0]})
    asked, results = engine.from_arrow(f"{name}_spine", spine), engine.from_arrow(f"{name}_told", told)
    return engine.to_arrow(features_as_of(engine, opened, asked, catalogue, results=results).order_by("lead_id"))


def test_the_market_has_everything_that_the_set_reads(loaded):
    assert loaded.left_out == ()
    assert 55 <= len(loaded.catalogue) <= 65


def test_every_reason_of_the_taxonomy_has_a_feature(loaded):
    assert {feature.reason for feature in loaded.catalogue} == set(TAXONOMY) - {"OTHER"}


def test_no_feature_reads_names_free_text_or_what_was_noted_after_the_handoff(loaded):
    for feature in loaded.catalogue:
        read = f"{feature.column} {feature.where} {feature.among} {feature.expression}"
        assert not {word for word in NEVER if re.search(rf"\b{word}\b", read)}, feature.name


def test_sentences_read_well(loaded):
    for feature in loaded.catalogue:
        assert feature.says[0].isupper() or feature.says.startswith("{value}"), feature.name
        says = [feature.says, feature.says_zero, feature.says_missing]
        assert not [text for text in says if "_" in text or text.endswith(".") or len(text) > 120], feature.name
        if feature.kind in ("count", "distinct"):
            assert feature.says_zero, feature.name
        elif feature.kind != "expression" and feature.name != "lead_age_days":
            assert feature.says_missing, feature.name


def test_every_lead_has_a_sentence_for_every_feature(loaded, found):
    for feature in loaded.catalogue:
        for value in set(found[feature.name].to_pylist()):
            says = sentence(feature, value)
            assert says, feature.name
            assert not re.search(r"[{}_]|\((s|es)\)|\bnan\b", says), says


def test_no_feature_is_a_clock(loaded):
    """Dates enter as days before the question: the same facts a year later give the same features."""
    moments = [feature.name for feature in loaded.catalogue if feature.type == "days_since"]
    assert moments == ["lead_age_days"]
    assert not [each.name for each in loaded.catalogue if "_at" in each.expression or "_at" in each.where]


def test_features_vary(loaded, found):
    constant = [name for name in loaded.catalogue.names if len(set(found[name].to_pylist())) < 2]
    assert constant in (["source_success"], [])


@pytest.fixture(scope="module")
def single_acts(engine, loaded):
    """The features of leads with one act each, by (agent, kind, topic) of the act."""
    acts = [(agent, "click", "product_overview") for agent in AGENTS]
    acts += [(None, act.kind, act.topic) for act in ACT_TYPES]
    return dict(zip(acts, _all_single_acts(engine, loaded.catalogue, acts), strict=True))


def act_counts(row, catalogue):
    """Features over engagements that a single act is enough to change."""
    return {each.name: row[each.name] for each in catalogue if each.table == "engagements" and row[each.name]}


@pytest.mark.parametrize("agent", SCANNER_AGENTS)
def test_machine_clicks_do_not_count(single_acts, loaded, agent):
    row = single_acts[agent, "click", "product_overview"]
    assert act_counts(row, loaded.catalogue) == {}
    assert row["days_since_last_act"] is None


@pytest.mark.parametrize("agent", [*PEOPLE_AGENTS, None])
def test_clicks_of_people_count(single_acts, agent):
    row = single_acts[agent, "click", "product_overview"]
    assert (row["clicks_30d"], row["acts_30d"], row["site_acts_30d"], row["site_people_90d"]) == (1, 1, 1, 1)


def test_every_kind_of_act_of_the_market_moves_a_feature_of_its_own(single_acts, loaded):
    common = {"acts_30d", "acts_90d", "days_active_90d", "site_acts_30d", "site_acts_90d", "site_people_90d",
              "site_roles_90d", "topics_90d"}  # fmt: skip
    without = set()
    for act in ACT_TYPES:
        row = single_acts[None, act.kind, act.topic]
        if not set(act_counts(row, loaded.catalogue)) - common - {"days_since_last_act"}:
            without.add((act.kind, act.topic))
    assert without <= {("open", "product_overview")}, "counted as activity, and as nothing else"


def _all_single_acts(engine, catalogue, acts):
    """One lead with a site of its own per act, on the day before the question; all are asked about at once."""
    ids = [f"L{number:03d}" for number in range(len(acts))]
    topics = sorted({topic for *_, topic in acts if topic})
    rows = {
        "leads": [{"lead_id": each, "created_at": 0, "account_id": each, "role": "physician"} for each in ids],
        "engagements": [
            {"lead_id": each, "occurred_at": END - 86_400_000_000, "kind": kind, "agent": agent, "content_id": topic}
            for each, (agent, kind, topic) in zip(ids, acts, strict=True)
        ],
        "content": [{"content_id": each, "topic": each, "buying_step": BUYING_STEP_OF_TOPIC[each]} for each in topics],
    }
    types = {kind: type_ for type_, kind in KINDS.items()} | {Kind.ID: pa.string()}
    tables = {
        name: pa.table({
            column.name: pa.array([row.get(column.name) for row in rows.get(name, [])], types[column.kind])
            for column in TABLES[name].columns
        })
        for name in ("accounts", "leads", "engagements", "content", "campaigns", "consents", "handoffs")
    }  # fmt: skip
    for name, column, type_ in [("leads", "beds_reported", pa.float64()), ("leads", "competitor_installed", pa.bool_()),
                                ("leads", "form_fields_filled", pa.float64()), ("leads", "email_kind", pa.string()),
                                ("accounts", "existing_customer", pa.bool_())]:  # fmt: skip
        tables[name] = tables[name].append_column(column, pa.nulls(tables[name].num_rows, type_))
    return _features(engine, tables, catalogue, ids, "single").to_pylist()


# Examples on public data -----------------------------------------------------------------------------------------
BANK = {
    **dict.fromkeys(["job", "marital", "education", "default", "housing", "loan", "contact", "month", "day_of_week",
                     "poutcome"], pa.string()),
    **dict.fromkeys(["age", "campaign", "pdays", "previous", "emp.var.rate", "cons.price.idx", "cons.conf.idx",
                     "euribor3m", "nr.employed"], pa.float64()),
}  # fmt: skip


def test_the_bank_example_whose_columns_have_dots_in_their_names(engine):
    facts = {name: pa.array(["x"] if type_ == pa.string() else [1.5], type_) for name, type_ in BANK.items()}
    leads = pa.table({"lead_id": ["C1"], "created_at": [0], **facts})
    schema = schema_of_arrow({"leads": leads})
    catalogue = load_catalogue(["features.yaml"], root=EXAMPLES / "bank_marketing", schema=schema).catalogue
    row = _features(engine, {"leads": leads}, catalogue, ["C1"], "bank").to_pylist()[0]
    assert (row["employment_variation"], row["employees"], row["job"], len(catalogue)) == (1.5, 1.5, "x", 19)
    assert sentence(catalogue["calls_this_campaign"], 1.0) == "Was called once in this campaign"


def test_the_retail_example(engine):
    leads = pa.table({"lead_id": ["A"], "created_at": [0], "country": ["France"]})
    acts = pa.table({"lead_id": ["A", "A", "A"], "occurred_at": [0, 5, END - 86_400_000_000],
                     "kind": ["order_line"] * 3, "value": [2.0, -1.0, 3.0],
                     "Description": ["MUG", "MUG", "PEN"]})  # fmt: skip
    tables = {"leads": leads, "engagements": acts}
    schema = schema_of_arrow(tables)
    catalogue = load_catalogue(["features.yaml"], root=EXAMPLES / "online_retail", schema=schema).catalogue
    row = _features(engine, tables, catalogue, ["A"], "retail").to_pylist()[0]
    assert (row["days_since_order"], row["order_times"], row["pieces_90d"], row["articles"]) == (1.0, 2, 3.0, 2)
    assert row["returned_share"] == pytest.approx(1 / 3)
    assert row["own_reorder_rate"] == 0.5
    assert row["orders_per_day"] == pytest.approx(2 / (END / 86_400_000_000 + 30))
