"""Waivers are answered for; blocked features go, and so does what reads them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from salesworthy.domain.errors import ConfigurationMistakes, GateRefused
from salesworthy.domain.findings import Severity
from salesworthy.features.catalogue import Catalogue, Feature
from salesworthy.features.loading import LoadedCatalogue
from salesworthy.model.dataset import LabelledFeatures
from salesworthy.model.leakage_findings import LeakageFinding, LeakCode
from salesworthy.runs.leakage import LeakageAudit, refuse_leaks, without_blocked
from salesworthy.runs.model_card import _leakage
from salesworthy.runs.settings import load_settings
from salesworthy.runs.training_set import TrainingSet


@pytest.mark.parametrize("why", ["", "because", "because;", "; J. Doe", "because; 2026-03-01", "; "])
def test_a_waiver_says_why_and_who(tmp_path, why):
    (tmp_path / "salesworthy.toml").write_text(f'[features]\nwaive = {{ page_values = "{why}" }}\n')
    with pytest.raises(ConfigurationMistakes, match="page_values") as error:
        load_settings(tmp_path, {})
    assert error.value.exit_code == 3


@pytest.mark.parametrize("why", ["measured before; J. Doe, 2026-03-01", "a; b; J. Doe"])
def test_a_waiver_that_does(tmp_path, why):
    (tmp_path / "salesworthy.toml").write_text(f'[features]\nwaive = {{ page_values = "{why}" }}\n')
    assert load_settings(tmp_path, {}).features.waive == {"page_values": why}


def blocked(column, feature, code=LeakCode.TOO_PREDICTIVE):
    return LeakageFinding(column, code, "it knows too much", Severity.BLOCK, feature)


def training_set():
    features = (
        Feature("talk", "column", "leads", "call duration"),
        Feature("talked_long", "expression", expression="talk > 100", reads=("talk",)),
        Feature("talk_again", "column", "leads", "call duration", type="category"),
        Feature("age", "column", "leads", "age"),
    )
    catalogue = Catalogue(features)
    table = pa.table({name: [1.0, 2.0] for name in catalogue.names})
    ids, moments = np.array(["a", "b"], dtype=object), np.array([0, 1])
    data = LabelledFeatures(table, ids, ids, moments, moments, np.array([0.0, 1.0]))
    return TrainingSet(data, LoadedCatalogue(catalogue), 2, "fingerprint")


def test_a_blocked_column_goes_with_everything_that_reads_it():
    audit = LeakageAudit((blocked("call duration", "talk"),), 4, {})
    left = without_blocked(training_set(), audit)
    assert left.loaded.catalogue.names == ("age",)
    assert left.data.features.column_names == ["age"]
    assert [name for name, _ in left.loaded.left_out] == ["talk", "talked_long", "talk_again"]
    assert audit.warnings() == [
        "call duration was left out, because it gives the outcome away (TOO_PREDICTIVE): it knows too much"
    ]


def test_the_gate_names_the_columns_and_both_ways_out():
    audit = LeakageAudit((blocked("call duration", "talk"), blocked("won", "won")), 4, {})
    with pytest.raises(GateRefused) as error:
        refuse_leaks(audit)
    assert error.value.exit_code == 5
    assert "call duration" in error.value.what
    assert 'remove = ["call duration", "won"]' in error.value.todo
    assert '"call duration" = "reason; name, date"' in error.value.todo


def test_who_answers_for_a_column_is_told_with_it():
    audit = LeakageAudit((blocked("call duration", "talk"),), 4, {"call duration": "fine; J. Doe"})
    refuse_leaks(audit)
    assert without_blocked(training_set(), audit).loaded.catalogue.names[0] == "talk"
    assert audit.to_json()["findings"][0]["waived"] == "fine; J. Doe"
    assert "Answered for: fine; J. Doe" in "\n".join(_leakage(audit.to_json()))
    assert audit.warnings() == []


def test_warnings_stop_nothing():
    refuse_leaks(LeakageAudit((LeakageFinding("a", LeakCode.CLOCK, "time", Severity.WARN, "a"),), 1, {}))
