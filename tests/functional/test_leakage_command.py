"""The leakage gate from the command line: every column of the market a candidate, its post-outcome fields included."""

from __future__ import annotations

import pytest
from tests.functional.conftest import DAY, salesworthy

pytestmark = pytest.mark.slow

TRAPS = {"lead_status", "sales_notes_length", "opportunity_amount", "last_sales_touch_at"}
EVERYTHING = {"SALESWORTHY__FEATURES__AUTO": "true"}


def columns(found, severity):
    return {each["column"] for each in found["findings"] if each["severity"] == severity}


def test_no_shipped_feature_is_blocked(workspace):
    done = salesworthy("leakage", "--as-of", DAY, "--json", workspace=workspace)
    assert done.code == 0, done.err
    assert columns(done.json, "block") == set()
    assert done.json["checked"] > 50


def test_all_traps_are_blocked_and_nothing_else(workspace):
    done = salesworthy("leakage", "--as-of", DAY, "--json", workspace=workspace, **EVERYTHING)
    assert done.code == 0, done.err
    assert columns(done.json, "block") == TRAPS
    assert all({"column", "code", "evidence", "severity"} == set(each) for each in done.json["findings"])
    text = salesworthy("leakage", "--as-of", DAY, workspace=workspace, **EVERYTHING)
    assert "4 stop training" in text.out


def test_training_stops_until_they_are_removed_or_answered_for(workspace):
    refused = salesworthy("train", "--as-of", DAY, "--json", workspace=workspace, **EVERYTHING)
    assert refused.code == 5
    assert all(trap in refused.err for trap in TRAPS)
    assert "remove" in refused.err
    assert "waive" in refused.err
    settings = workspace / "salesworthy.toml"
    answer = 'remove = ["lead_status", "opportunity_amount", "last_sales_touch_at"]\n'
    answer += 'waive = { sales_notes_length = "notes of the booth; J. Doe, 2026-03-01" }\n'
    settings.write_text(settings.read_text().replace("[features]\n", "[features]\n" + answer))
    trained = salesworthy("train", "--as-of", DAY, "--json", workspace=workspace, **EVERYTHING)
    assert trained.code == 0, trained.err
    told = {each["column"]: each.get("waived") for each in trained.json["leakage"]["findings"]}
    assert told["sales_notes_length"] == "notes of the booth; J. Doe, 2026-03-01"
    assert not TRAPS - {"sales_notes_length"} & set(told)
    assert "notes of the booth; J. Doe" in (workspace / "models" / trained.json["version"] / "bundle.json").read_text()


def test_evaluate_leaves_them_out_and_says_so(workspace):
    window = ("--train-until", "2025-10-01", "--test-from", "2025-10-01", "--test-until", "2026-01-01")
    done = salesworthy("evaluate", *window, "--as-of", DAY, "--json", workspace=workspace, **EVERYTHING)
    assert done.code == 0, done.err
    for trap in TRAPS:
        assert any(trap in warning and "left out" in warning for warning in done.json["warnings"]), trap
    assert done.json["pooled"]["salesworthy"]["roc_auc"]["value"] < 0.9
