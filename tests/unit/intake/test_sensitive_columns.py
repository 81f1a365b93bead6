"""Sensitive columns are read by nobody and written nowhere; columns that look like free text are no features."""

from __future__ import annotations

import pytest

from salesworthy.domain.errors import ConfigurationMistakes
from salesworthy.domain.marks import MarkKind
from salesworthy.features.condition_kinds import ColumnRef
from salesworthy.features.loading import load_catalogue
from salesworthy.features.vocabulary import Vocabulary
from salesworthy.rules.columns import rule_columns

FILES = {
    "leads.csv": (
        "lead_id,created_at,role,diagnosis,Health Note\n"
        "A,2024-01-01,nurse,F32,asthma\nB,never,nurse,F33,migraine\nA,2024-01-01,nurse,F34,asthma\nC,2024-01-02,nurse,F35\n"
    )
}


def settings(*sensitive: str, more: str = "") -> str:
    return f'[tables.leads]\npath = "leads.csv"\nsensitive = {list(sensitive)}\n{more}'


def test_a_sensitive_column_stands_in_no_table_and_in_no_rejected_row(check, tmp_path):
    found = check(settings("diagnosis", "Health Note"), FILES)
    assert (found.report().kept, sum(found.report().rejected.values())) == (1, 3)
    assert not {"diagnosis", "Health Note", "health_note"} & set(found.tables.schema["leads"])
    import polars as pl

    rows = (
        str(pl.read_parquet(found.tables.rejected["leads"]).to_dicts()) + str(found.rows()) + str(found.tables.findings)
    )
    assert not [word for word in ("F32", "F33", "F34", "F35", "asthma", "migraine") if word in rows]
    assert "SENSITIVE_COLUMN" in found.codes()
    stored = "".join(path.read_text() for path in (tmp_path / "store").rglob("*.json"))
    assert "F32" not in stored


def test_a_column_of_ours_can_be_sensitive_by_either_name(check):
    by_ours = check(settings("role", more='[tables.leads.columns]\nrole = "diagnosis"\n'), FILES)
    by_theirs = check(settings("diagnosis", more='[tables.leads.columns]\nrole = "diagnosis"\n'), FILES)
    for found in (by_ours, by_theirs):
        assert (found.tables.schema["leads"]["role"].present, found.column("role")) == (False, [None])
        assert "diagnosis" not in found.tables.schema["leads"]


@pytest.mark.parametrize(
    ("name", "says"),
    [("diagnoses", "did you mean 'diagnosis'"), ("lead_id", "leads needs lead_id, so it cannot be sensitive")],
)
def test_a_name_that_is_not_there_and_one_that_is_needed_are_mistakes(check, name, says):
    with pytest.raises(ConfigurationMistakes, match=says) as error:
        check(settings(name), FILES)
    assert "salesworthy.toml" in str(error.value) or "tables.leads" in str(error.value)


NOTES = [f"Met doctor number {number} at the stand and spoke of a trial" for number in range(40)]
WORDS = [f"code {number % 7} of the long list of all regional programmes" for number in range(40)]


def leads(**columns: list[str]) -> dict[str, str]:
    names = ["lead_id", "created_at", *columns]
    rows = [[f"L{number}", "2024-01-01", *(values[number] for values in columns.values())] for number in range(40)]
    return {"leads.csv": "\n".join(",".join(row) for row in [names, *rows]) + "\n"}


def test_what_looks_like_free_text_is_no_feature_by_itself(check, tmp_path):
    files = leads(remark=NOTES, programme=WORDS, short=[f"s{number}" for number in range(40)])
    found = check(settings(), files)
    marks = {name: facts.mark.kind for name, facts in found.tables.schema["leads"].items() if facts.mark}
    assert marks == {"remark": MarkKind.LOOKS_FREE}
    again = check(settings(), files)
    assert again.tables.schema["leads"]["remark"].mark == found.tables.schema["leads"]["remark"].mark
    loaded = load_catalogue([], root=tmp_path, schema=found.tables.schema, auto=True)
    assert {"programme", "short"} <= set(loaded.catalogue.names)
    assert "remark" not in loaded.catalogue
    why = dict(loaded.left_out)["remark"]
    assert "looks like free text" in why
    assert "name it in a catalogue file" in why
    (tmp_path / "own.yaml").write_text("- name: remark\n  column: leads.remark\n  type: category\n")
    declared = load_catalogue(["own.yaml"], root=tmp_path, schema=found.tables.schema, auto=True)
    assert "remark" in declared.catalogue


def test_a_transfer_of_value_is_read_by_no_feature_and_no_rule(check, tmp_path):
    """Neither by itself, nor where a person names it, nor in an expression; another name is another column."""
    amounts = [str(number) for number in range(40)]
    files = leads(Speaker_Fee__c=amounts, meals=amounts, license_fee=amounts)
    found = check(settings(), files)
    marks = {name: facts.mark.kind for name, facts in found.tables.schema["leads"].items() if facts.mark}
    assert marks == dict.fromkeys(("Speaker_Fee__c", "meals"), MarkKind.TRANSFER_OF_VALUE)
    (tmp_path / "own.yaml").write_text("- {name: dined, column: leads.meals, type: number}\n")
    loaded = load_catalogue(["own.yaml"], root=tmp_path, schema=found.tables.schema, auto=True)
    assert "license_fee" in loaded.catalogue
    assert {"dined", "Speaker_Fee__c"}.isdisjoint(loaded.catalogue.names)
    assert "leads.meals is a transfer of value by its name" in dict(loaded.left_out)["dined"]
    (tmp_path / "own.yaml").write_text('- {name: dined, expression: "leads.meals > 3"}\n')
    with pytest.raises(ConfigurationMistakes, match=r"own\.yaml:1.*'leads\.meals' is a transfer of value"):
        load_catalogue(["own.yaml"], root=tmp_path, schema=found.tables.schema)
    columns = rule_columns(loaded.catalogue, Vocabulary(found.tables.schema)).leads
    assert ColumnRef("leads", "license_fee") in columns
    assert ColumnRef("leads", "meals") not in columns
