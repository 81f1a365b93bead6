"""What a workspace never uses, and features that nobody wrote."""

from __future__ import annotations

import pytest
from small_tables import Facts, load, schema_of

from salesworthy.domain.tables import Kind
from salesworthy.features.loading import load_catalogue

TEXT = """
- {name: forms, count: engagements, where: "kind = 'form' and content.topic = 'demo'"}
- {name: acts, count: engagements}
- {name: role, column: leads.role}
- {name: rate, history: leads.role}
- {name: score_seen, column: leads.score, known: answered_at}
- {name: ratio, expression: "forms / acts"}
- {name: twice, expression: "ratio * 2"}
- {name: fact, expression: "leads.score + 1"}
"""


NOTHING = "features.remove names no column and no feature"
TOPIC, SCORE = "features.remove names content.topic", "features.remove names leads.score"


@pytest.mark.parametrize(
    ("remove", "gone"),
    [
        (["acts"], {"acts": "features.remove names it", "ratio": "it reads acts", "twice": "it reads ratio"}),
        (["role"], {"role": "features.remove names it", "rate": "features.remove names leads.role"}),
        (["leads.role"], {"role": "features.remove names leads.role", "rate": "features.remove names leads.role"}),
        (["ratio"], {"ratio": "features.remove names it", "twice": "it reads ratio"}),
        (["topic"], {"forms": TOPIC, "ratio": "it reads forms", "twice": "it reads ratio"}),
        (["answered_at"], {"score_seen": "features.remove names leads.answered_at"}),
        (["leads.score"], {"score_seen": SCORE, "fact": SCORE}),
        (["accounts.beds"], {}),
        (["scor"], {"scor": f"{NOTHING}; did you mean 'score' or 'no_score' or 'source'?"}),
    ],
)  # fmt: skip
def test_a_name_takes_everything_that_reads_it(tmp_path, remove, gone):
    found = load(TEXT, tmp_path, remove=remove)
    assert dict(found.left_out) == gone
    names = ["forms", "acts", "role", "rate", "score_seen", "ratio", "twice", "fact"]
    assert list(found.catalogue.names) == [name for name in names if name not in gone]


def auto(schema, folder, text="", **options):
    (folder / "own.yaml").write_text(text)
    return load_catalogue(["own.yaml"], root=folder, schema=schema, auto=True, **options)


def test_every_further_column_of_leads_and_accounts_becomes_a_feature(tmp_path):
    lacking = {"leads": {"department", "product", "use_case", "timeframe", "specialty", "source", "campaign_id"},
               "accounts": {"specialties", "region", "country"}}  # fmt: skip
    found = auto(
        schema_of(["leads", "accounts", "engagements"], lacking=lacking), tmp_path, "- {name: r, column: leads.role}"
    )
    assert [(each.name, each.table, each.type) for each in found.catalogue] == [
        ("r", "leads", "category"),
        ("score", "leads", "number"),
        ("vip", "leads", "yes_no"),
        ("answered_at", "leads", "days_since"),
        ("note", "leads", "category"),
        ("facility_type", "accounts", "category"),
        ("beds", "accounts", "number"),
    ]
    score = found.catalogue["score"]
    assert (score.reason, score.says, score.known) == ("SCORE", "Score: {value}", "at_creation")


def test_names_that_cannot_be_used_or_are_taken_are_changed(tmp_path):
    columns = ["emp.var.rate", "emp var rate", "2nd call", "label", "LABEL", "Größe", "::", "x" * 100, "Role", "role"]
    schema = {"leads": {name: Facts(Kind.NUMBER, carried=True) for name in columns}}
    names = auto(schema, tmp_path).catalogue.names
    assert names == ("emp_var_rate", "leads_emp_var_rate", "column_2nd_call", "leads_label", "leads_LABEL_2", "Gr_e",
                     "column", "x" * 60, "Role", "leads_role")  # fmt: skip
    assert len({name.lower() for name in names}) == len(columns)


def test_a_removed_column_does_not_come_back(tmp_path):
    found = auto(schema_of(["leads"]), tmp_path, remove=["score", "note"])
    assert not {"score", "note"} & set(found.catalogue.names)


def test_account_columns_need_a_key(tmp_path):
    found = auto(schema_of(["leads", "accounts"], lacking={"leads": {"account_id"}}), tmp_path)
    assert {each.table for each in found.catalogue} == {"leads"}
