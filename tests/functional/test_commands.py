"""Commands from outside: help, JSON on standard output only, exit codes, errors that name the next step."""

from __future__ import annotations

import json
import shutil

import pandas as pd
import pytest
from tests.functional.conftest import DAY, LEADS, salesworthy

pytestmark = pytest.mark.slow

COMMANDS = [
    "init", "market", "check", "features", "evaluate", "tune", "train", "models", "promote", "rollback", "score",
    "explain", "export", "feedback", "grade", "response", "drift", "retain", "erase", "serve",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(command):
    done = salesworthy(command, "--help")
    assert done.code == 0
    assert f"Example: salesworthy {command}" in done.out
    assert "--json" in done.out


def test_help_loads_no_heavy_library():
    import subprocess
    import sys

    code = (
        "import sys; from salesworthy.cli.main import run; run(['--help']); "
        "heavy = {'pandas', 'ibis', 'duckdb', 'lightgbm', 'sklearn', 'mlflow', 'sqlalchemy', 'pyarrow'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_check_counts_every_row(trained):
    found = salesworthy("check", "--json", workspace=trained).json
    for table, counts in found["tables"].items():
        assert counts["rows_in"] == counts["kept"] + counts["rejected"], table
    assert found["tables"]["leads"]["rows_in"] >= LEADS
    assert len(found["features"]["usable"]) >= 50


def test_features_keep_the_order_of_the_spine(trained, tmp_path):
    leads = pd.read_parquet(trained / "data/market/leads.parquet", columns=["lead_id"]).head(50)
    spine = leads.iloc[::-1].assign(as_of=DAY, note=range(len(leads)))
    spine.to_csv(tmp_path / "spine.csv", index=False)
    done = salesworthy(
        "features", "--spine", tmp_path / "spine.csv", "--out", tmp_path / "f.parquet", "--json", workspace=trained
    )
    assert done.code == 0, done.err
    found = pd.read_parquet(tmp_path / "f.parquet")
    assert found["lead_id"].tolist() == spine["lead_id"].tolist()
    assert found["note"].astype(int).tolist() == list(range(len(leads)))
    assert found.columns.tolist() == done.json["columns"]


def test_evaluate_has_the_published_shape(trained):
    found = salesworthy("evaluate", "--as-of", DAY, "--splits", 2, "--json", workspace=trained)
    document = found.json
    assert set(document) >= {"splits", "pooled", "within_period_auc", "unseen_accounts", "random_split", "warnings"}
    contenders = {"constant", "logistic", "lightgbm_default", "salesworthy"}
    figures = {
        "roc_auc", "average_precision", "brier", "log_loss", "ece",
        "calibration_slope", "calibration_intercept", "lift_at_10",
    }  # fmt: skip
    assert len(document["splits"]) == 2
    for split in document["splits"]:
        assert set(split) >= {
            "train_from", "train_until", "test_from", "test_until", "n_train", "n_test",
            "positive_rate_train", "positive_rate_test", "censored_share", "contenders",
        }  # fmt: skip
        for name in contenders:
            assert set(split["contenders"][name]) == figures
            assert all(set(each) == {"value", "low", "high"} for each in split["contenders"][name].values())
    assert contenders <= set(document["pooled"])
    assert set(document["random_split"]["salesworthy"]) == {"roc_auc"}


def test_one_given_window(trained):
    found = salesworthy(
        "evaluate", "--as-of", DAY, "--train-until", "2025-10-01", "--test-from", "2025-10-01",
        "--test-until", "2026-01-01", "--json", workspace=trained,
    )  # fmt: skip
    assert found.code == 0, found.err
    assert [(each["test_from"], each["test_until"]) for each in found.json["splits"]] == [("2025-10-01", "2026-01-01")]


def test_explain_names_reasons_and_adds_up(published):
    workspace = published.workspace
    scores = pd.read_parquet(published.folder / "scores")
    lead = scores.sort_values("propensity").iloc[-1]
    found = salesworthy("explain", lead["lead_id"], "--json", workspace=workspace).json
    assert found["propensity"] == lead["propensity"]
    total = found["base_log_odds"] + sum(reason["log_odds"] for reason in found["reasons"])
    assert total == pytest.approx(found["log_odds"], rel=1e-9)
    assert [reason["rank"] for reason in found["reasons"]] == list(range(1, len(found["reasons"]) + 1))
    text = salesworthy("explain", lead["lead_id"], workspace=workspace).out
    assert found["reasons"][0]["sentence"] in text


def test_promote_and_roll_back(workspace):
    assert salesworthy("train", "--as-of", DAY, workspace=workspace).code == 0
    promoted = salesworthy("promote", "v2", "--by", "a person", "--json", workspace=workspace).json
    assert promoted["previous_version"] == "v1"
    held = {each["code"]: each["holds"] for each in promoted["gate"]}
    assert held == dict.fromkeys(("SKILL", "CALIBRATION", "LEAKAGE", "REASONS", "CHAMPION"), True)
    roles = {
        each["version"]: each["role"] for each in salesworthy("models", "--json", workspace=workspace).json["models"]
    }
    assert roles == {"v1": "archived", "v2": "champion"}
    assert salesworthy("rollback", "--by", "a person", "--json", workspace=workspace).json["version"] == "v1"
    refused = salesworthy("rollback", "--by", "a person", workspace=workspace)
    assert refused.code == 5
    assert "no earlier champion" in refused.err


# arguments -> (exit code, what the message says)
MISTAKES = {
    ("nonsense",): (2, "nonsense"),
    ("score", "--as-of", "yesterday"): (2, "--as-of"),
    ("evaluate", "--train-until", "2025-01-01"): (2, "--test-from"),
    ("promote", "v9", "--by", "me"): (2, "v9"),
    ("explain", "nobody"): (2, "nobody"),
    ("features", "--spine", "absent.csv", "--out", "x.parquet"): (3, "absent.csv"),
}


@pytest.mark.parametrize(("arguments", "expected"), MISTAKES.items(), ids=str)
def test_mistakes_are_named_without_a_traceback(trained, tmp_path, arguments, expected):
    code, message = expected
    done = salesworthy(*arguments, workspace=trained)
    assert done.code == code, done.err
    assert message in done.err
    assert "Traceback" not in done.err


def test_a_mistake_in_the_settings_names_its_line(trained, tmp_path):
    shutil.copy(trained / "salesworthy.toml", tmp_path)
    text = (tmp_path / "salesworthy.toml").read_text().replace("window_days", "windowdays")
    (tmp_path / "salesworthy.toml").write_text(text)
    line = text.splitlines().index("windowdays = 90") + 1
    done = salesworthy("check", "--json", workspace=tmp_path)
    assert done.code == 3
    assert f"{line}" in json.loads(done.out)["error"]["what"]
    assert "window_days" in done.err


def test_a_folder_without_a_workspace(tmp_path):
    done = salesworthy("check", workspace=tmp_path)
    assert done.code == 3
    assert "salesworthy init" in done.err
