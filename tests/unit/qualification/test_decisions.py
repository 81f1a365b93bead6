"""Without a policy every lead is scored, and what needs a policy stays empty."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from salesworthy.qualification.decisions import Propensities, scores_without_policy
from salesworthy.qualification.tables import SCORES


def test_one_row_per_lead_in_the_published_columns():
    leads = pa.table({"lead_id": ["A", "B"], "account_id": pa.array(["S", None], pa.string())})
    half = np.array([0.5, 0.25])
    scored = Propensities(half, half - 0.1, half + 0.1, np.log(half / (1 - half)))
    found = scores_without_policy(leads, scored, as_of=0, model_version="v1", run_id="r1")
    assert found.schema.equals(SCORES)
    assert found["propensity"].to_pylist() == [0.5, 0.25]
    assert set(found["decision"].to_pylist()) == {"SCORED"}
    assert found["fit_grade"].null_count == found["policy_version"].null_count == 2
    assert str(found["as_of"][0].as_py()) == "1970-01-01 00:00:00+00:00"
