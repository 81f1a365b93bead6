"""A past decision comes out of its run again: the run holds its verdicts, its figures and the policy as it was."""

from __future__ import annotations

import json
import math

import numpy as np
import pyarrow.dataset as ds
import pytest

from salesworthy.domain.moments import parse_moment
from salesworthy.policy.document import Policy
from salesworthy.policy.in_force import policy_at_moment
from salesworthy.qualification.deciding import decide
from salesworthy.qualification.exploration import SENT_PROBABILITY as CHANCE
from salesworthy.qualification.exploration import send_drawn

pytestmark = pytest.mark.slow
DECISION = ("lead_id", "decision", "decided_by", "fit_grade", "interest_grade", "buying_step")


def recomputed(folder):
    """Every decision of a run, from what lies in its folder alone; whom consent kept out of the draw, scores say."""
    manifest = json.loads((folder / "manifest.json").read_text())
    policy = Policy.from_json((folder / "policy.json").read_text())
    in_force = policy_at_moment(policy, parse_moment(manifest["as_of"]))
    scores = ds.dataset(folder / "scores").to_table().sort_by("lead_id")
    verdicts = ds.dataset(folder / "verdicts").to_table().sort_by("lead_id")
    thresholds = {
        code: math.inf if each["propensity"] is None else each["propensity"]
        for code, each in manifest["thresholds"].items()
        if each["leads_per_week"] is not None
    }
    propensity = np.asarray(scores["propensity"].to_numpy())
    found = decide(verdicts, in_force, propensity=propensity, thresholds=thresholds)
    chance = scores["sent_probability"]
    assert all(told in (0.0, each) for told, each in zip(chance.to_pylist(), found[CHANCE].to_pylist(), strict=True))
    found = send_drawn(found.set_column(found.schema.get_field_index(CHANCE), found.schema.field(CHANCE), chance))
    return found.select(DECISION).to_pylist(), scores.select(DECISION).to_pylist()


def test_decisions_recompute_under_their_own_policy_whatever_it_says_today(published):
    for file in (published.workspace / "policy").iterdir():
        file.unlink()
    again, told = recomputed(published.folder)
    assert len({row["decision"] for row in told}) >= 4
    assert "exploration" in {row["decided_by"] for row in told}
    assert again == told
