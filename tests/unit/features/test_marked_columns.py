"""Columns that a field map marks: people and free text never reach a model, the outcome's traces are told apart."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.features.small_tables import schema_of

from salesworthy.domain.marks import ColumnMark, MarkKind
from salesworthy.features.loading import load_catalogue

TEXT = """
- {name: vip, column: leads.vip}
- {name: twice, expression: "leads.score * 2"}
- {name: four_times, expression: "twice * 2"}
- {name: noted, count: engagements, where: "leads.note is not null"}
- {name: rate, history: leads.note}
- {name: role, column: leads.role}
"""


def load(folder, marks, **options):
    (folder / "own.yaml").write_text(TEXT)
    schema = schema_of(["leads", "engagements"])
    for column, kind in marks.items():
        schema["leads"][column] = replace(schema["leads"][column], mark=ColumnMark(kind, "salesforce/lead"))
    return load_catalogue(["own.yaml"], root=folder, schema=schema, **options)


@pytest.mark.parametrize("kind", [MarkKind.PERSONAL, MarkKind.WORKER, MarkKind.FREE_TEXT])
def test_nothing_that_reads_a_person_or_free_text_is_a_feature(tmp_path, kind):
    found = load(tmp_path, {"note": kind, "score": kind}, auto=True)
    assert not {"noted", "rate", "note", "score", "twice", "four_times"} & set(found.catalogue.names)
    assert {"vip", "role"} <= set(found.catalogue.names)
    told = dict(found.left_out)
    assert told["note"].startswith("leads.note ")
    assert told["note"].endswith("(field map salesforce/lead), which is never a feature")
    assert told["four_times"] == "it reads twice"


def test_what_comes_after_the_outcome_is_left_to_the_leakage_audit(tmp_path):
    found = load(tmp_path, {"score": MarkKind.AFTER_OUTCOME, "note": MarkKind.AFTER_OUTCOME}, auto=True)
    assert {"note", "score", "twice"} <= set(found.catalogue.names)
    says = "is filled in, or goes on changing, once sales has the lead (field map salesforce/lead)"
    assert found.after_outcome["twice"] == f"leads.score {says}"
    assert set(found.after_outcome) == {"twice", "noted", "rate", "note", "score"}


def test_without_marks_nothing_is_said(tmp_path):
    assert load(tmp_path, {}).after_outcome == {}
