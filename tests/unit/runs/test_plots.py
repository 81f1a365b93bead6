"""Pictures for notebooks show the model's own shares."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.model.handoffs import handoffs

from salesworthy.domain.errors import WrongUsage
from salesworthy.model.conversion import ConversionModel
from salesworthy.runs import plots

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def fitted():
    known = handoffs(800)
    known = known.take(known.judged)
    return ConversionModel(seed=1).fit(known.features, known.label, times=known.handed_at).fitted_, known.features


def test_shap_is_given_the_exact_shares(fitted):
    model, features = fitted
    told = plots.shap_explanation(model, features.slice(0, 50))
    assert told.values.shape == (50, 4)
    assert told.base_values + told.values.sum(axis=1) == pytest.approx(model.log_odds(features.slice(0, 50)))
    role = told.feature_names.index("role")
    assert np.isnan(told.data[:, role]).all()
    assert told.display_data[0, role] == features.column("role")[0].as_py()


def test_the_waterfall_of_features_ends_at_the_score(fitted):
    model, features = fitted
    row = features.slice(3, 1)
    rows = plots.feature_waterfall(model, row).spec["layer"][1]["data"]["values"]
    assert rows[-1]["to"] == pytest.approx(model.log_odds(row)[0])
    assert len(rows) == 4 + 2
    with pytest.raises(WrongUsage, match="2 rows"):
        plots.feature_waterfall(model, features.slice(0, 2))


def test_a_swarm_of_the_heaviest_features(fitted):
    model, features = fitted
    spec = plots.beeswarm(model, features.slice(0, 100), most=2).spec
    assert len(spec["layer"][2]["data"]["values"]) == 2
    assert len(spec["layer"][1]["data"]["values"]) == 200


def test_a_lead_without_a_model_has_no_waterfall():
    with pytest.raises(WrongUsage, match="no model"):
        plots.reason_waterfall({"lead_id": "L1", "base_log_odds": None, "reasons": []})
