"""Training writes its report beside the model and into MLflow; ``evaluate --report`` writes a page."""

from __future__ import annotations

import hashlib
import json

import pytest
from tests.functional.conftest import DAY, salesworthy

pytestmark = pytest.mark.slow
DOCUMENTS = ("evaluation.html", "evaluation_report.json", "shap_summary.svg")


def test_training_writes_its_report_beside_the_model_and_not_into_it(trained):
    folder = trained / "reports" / "v1"
    assert sorted(path.name for path in folder.iterdir()) == sorted(DOCUMENTS)
    page = (folder / "evaluation.html").read_text(encoding="utf-8")
    assert "<h1>Evaluation of v1</h1>" in page
    assert "http" not in page
    assert {path.name for path in (trained / "models" / "v1").iterdir()} <= {"bundle.json", "trees.txt"}
    (version,) = salesworthy("models", "--json", workspace=trained).json["models"]
    assert hashlib.sha256((trained / "models/v1/bundle.json").read_bytes()).hexdigest() == version["bundle_sha256"]


def test_the_report_is_about_what_models_tells(trained):
    report = json.loads((trained / "reports/v1/evaluation_report.json").read_text(encoding="utf-8"))
    assert report["evaluation"] == salesworthy("models", "v1", "--json", workspace=trained).json


def test_the_same_documents_lie_in_mlflow(trained):
    for name in DOCUMENTS:
        (artifact,) = (trained / "mlflow" / "artifacts").rglob(name)
        assert artifact.read_bytes() == (trained / "reports" / "v1" / name).read_bytes()


def test_evaluate_writes_a_page_and_prints_what_it_always_does(trained, tmp_path):
    target = tmp_path / "pages" / "evaluation.html"
    window = ("--train-until", "2025-10-01", "--test-from", "2025-10-01", "--test-until", "2026-01-01")
    done = salesworthy(
        "evaluate", "--as-of", DAY, *window, "--report", target, "--capacity", 5, "--json", workspace=trained
    )
    assert done.code == 0, done.err
    assert len(done.json["splits"]) == 1
    page = target.read_text(encoding="utf-8")
    assert "5 leads a week, as asked for" in page
    assert "in one window" in page
    assert "Model card" not in page


def test_a_folder_is_no_page(trained, tmp_path):
    done = salesworthy("evaluate", "--report", tmp_path, workspace=trained)
    assert (done.code, done.out) == (2, "")
    assert "--report" in done.err
