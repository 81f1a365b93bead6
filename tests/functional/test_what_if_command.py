"""``explain --what-if`` on a trained market: copies are judged like the leads themselves, to the last bit."""

from __future__ import annotations

import json

import pyarrow.compute as pc
import pyarrow.dataset as ds
import pytest
from tests.functional.conftest import DAY, salesworthy

from salesworthy.domain.moments import parse_moment
from salesworthy.qualification.what_would_change import Change
from salesworthy.runs.features import opened
from salesworthy.runs.what_if import question_about
from salesworthy.runs.workspace import open_workspace

pytestmark = pytest.mark.slow
MOMENT = parse_moment(f"{DAY}T00:00:00Z")


def of_each_kind(folder):
    """The first lead that each rule or figure decided."""
    (pointer,) = (folder / "out" / "runs").iterdir()
    scores = ds.dataset(pointer / "scores").to_table().sort_by("lead_id")
    first = scores.group_by("decided_by").aggregate([("lead_id", "min")])
    return scores.filter(pc.is_in(scores["lead_id"], first["lead_id_min"])).to_pylist()


def test_copies_are_judged_as_the_leads_and_suggestions_are_told(published):
    workspace = published.workspace
    leads = of_each_kind(workspace)
    with opened(open_workspace(workspace, environ={})) as data:
        for lead in leads[:6]:
            own, copy = question_about(data, lead, workspace / "out", as_of=MOMENT).judged([Change()])
            assert own == copy, lead["lead_id"]
            assert (own.log_odds, own.propensity) == (lead["log_odds"], lead["propensity"])
    below = next(each for each in leads if each["decided_by"] == "propensity" and each["fit_grade"] != "D")
    done = salesworthy("explain", below["lead_id"], "--what-if", "--json", workspace=workspace)
    found = json.loads(done.out)
    assert found["lead_id"] == below["lead_id"]
    assert all(each["decision"] == "MQL" for each in found["would_change"])
    assert all(each["propensity"] >= below["propensity"] for each in found["would_change"])
    assert bool(found["would_change"]) == (found["would_change_why"] is None)
    text = salesworthy("explain", below["lead_id"], "--what-if", workspace=workspace).out
    assert "What would make it an MQL:" in text
