"""The leakage audit knows fields by name: a field map's word blocks a column that no figure would give away."""

from __future__ import annotations

import numpy as np
import pytest

from salesworthy.domain.errors import GateRefused
from salesworthy.domain.moments import parse_moment
from salesworthy.runs.leakage import leakage, refuse_leaks
from salesworthy.runs.workspace import open_workspace

pytestmark = pytest.mark.slow

AS_OF = parse_moment("2026-07-01")
SETTINGS = """
[tables.leads]
path = "leads.csv"
map = "salesforce/lead"
[tables.outcomes]
path = "leads.csv"
map = "salesforce/lead"
[features]
auto = true
catalogue = ["features.yaml"]
"""


@pytest.fixture
def workspace(tmp_path):
    chance = np.random.default_rng(4)
    rows = [
        f"{number},2025-0{1 + number % 9}-11,{won},{'2025-12-01' if won == 'true' else ''},{chance.integers(9)},"
        f"{chance.integers(9)},me@example.org,S{chance.integers(5)},free words"
        for number, won in enumerate(np.where(chance.random(240) < 0.3, "true", "false"))
    ]
    header = "Id,CreatedDate,IsConverted,ConvertedDate,Amount,Rooms__c,Email,OwnerId,Description"
    (tmp_path / "leads.csv").write_text("\n".join([header, *rows]))
    (tmp_path / "features.yaml").write_text('- {name: doubled, expression: "leads.Amount * 2"}\n')

    def write(more=""):
        (tmp_path / "salesworthy.toml").write_text(SETTINGS + more + "\n[label]\nwindow_days = 100\n")
        return open_workspace(tmp_path, environ={})

    return write


def test_a_field_that_the_map_warns_of_stops_training_whatever_its_figures(workspace):
    audit = leakage(workspace(), as_of=AS_OF)
    found = {(each.column, each.code.value): each for each in audit.findings}
    named = found["Amount", "OUTCOME_NAME"]
    assert named.blocks
    assert named.evidence.endswith("once sales has the lead (field map salesforce/lead)")
    assert found["doubled", "OUTCOME_NAME"].blocks
    assert {each.column for each in audit.findings if each.blocks} == {"Amount", "doubled"}
    assert {column for column, code in found if code == "OUTCOME_SOURCE"} == {"IsConverted", "ConvertedDate"}
    assert not {"Email", "OwnerId", "Description"} & {column for column, _ in found}
    with pytest.raises(GateRefused, match="Amount"):
        refuse_leaks(audit)


def test_a_person_may_answer_for_it_or_remove_it(workspace):
    waived = leakage(
        workspace('waive = { Amount = "typed in the form; J. Doe", doubled = "as Amount; J. Doe" }\n'), as_of=AS_OF
    )
    refuse_leaks(waived)
    assert leakage(workspace('remove = ["Amount"]\n'), as_of=AS_OF).stopping == ()
