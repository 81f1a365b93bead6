"""Public data through the whole product, with nothing but two small files each: check, evaluate, train ... explain.

The data lie beside the repository (``../shared/data``) and are never copied into it; without them these tests skip.
"""

from __future__ import annotations

import importlib.util
import shutil
from functools import cache
from pathlib import Path

import pytest
from tests.functional.conftest import salesworthy

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "shared" / "data"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="the public data sets are not beside the repository (../shared/data)"),
]

# example -> window of the published floors, moment to score at
WINDOWS = {
    "bank_marketing": ("--train-until 2009-04-11 --test-from 2009-04-11 --test-until 2011-01-01", None),
    "online_retail": (
        "--train-from 2011-03-01 --train-until 2011-07-02 --test-from 2011-09-01 --test-until 2011-10-02",
        "2011-12-09",
    ),
    "hotel_bookings": ("--train-until 2016-10-11 --test-from 2016-10-11 --test-until 2018-01-01", None),
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Workspaces of the examples, each made once."""

    def workspace(name: str) -> Path:
        folder = tmp_path_factory.mktemp(name)
        for file in ("salesworthy.toml", "features.yaml"):
            if (HERE / name / file).exists():
                shutil.copy(HERE / name / file, folder)
        spec = importlib.util.spec_from_file_location(f"prepare_{name}", HERE / name / "prepare.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.prepare(DATA, folder)
        return folder

    return cache(workspace)


def figure(document, contender, name):
    return document["pooled"][contender][name]["value"]


@pytest.mark.parametrize("name", WINDOWS)
def test_ours_is_at_least_as_good_as_the_better_of_logistic_and_default_lightgbm(prepared, name, capsys):
    """In ROC AUC and in log-loss, on windows that no choice was made on."""
    done = salesworthy("evaluate", *WINDOWS[name][0].split(), "--json", workspace=prepared(name))
    assert done.code == 0, done.err
    found = done.json
    with capsys.disabled():
        for contender in found["pooled"]:
            told = [f"{key} {figure(found, contender, key):.4f}" for key in ("roc_auc", "log_loss", "brier", "ece")]
            print(f"\n{name:15} {contender:17} {'  '.join(told)}", end="")
    rivals = ("logistic", "lightgbm_default")
    assert figure(found, "salesworthy", "roc_auc") >= max(figure(found, each, "roc_auc") for each in rivals)
    assert figure(found, "salesworthy", "log_loss") <= min(figure(found, each, "log_loss") for each in rivals)


@pytest.mark.parametrize("name", ["bank_marketing", "online_retail"])
def test_the_whole_job(prepared, name):
    folder, as_of = prepared(name), WINDOWS[name][1]
    when = ["--as-of", as_of] if as_of else []
    checked = salesworthy("check", "--json", workspace=folder)
    assert checked.code == 0, checked.err
    for table, counts in checked.json["tables"].items():
        assert counts["rows_in"] == counts["kept"] + counts["rejected"], table
    assert salesworthy("train", *when, workspace=folder).code == 0
    assert salesworthy("promote", "v1", "--by", "a person", workspace=folder).code == 0
    scored = salesworthy("score", *when, "--json", workspace=folder, SALESWORTHY__SCORING__LEADS="all")
    assert scored.code == 0, scored.err
    assert scored.json["counts"]["SCORED"] > 1_000
    import pyarrow.dataset as ds

    lead = ds.dataset(Path(scored.json["folder"]) / "scores").head(1)["lead_id"][0].as_py()
    told = salesworthy("explain", lead, "--json", workspace=folder)
    assert told.code == 0, told.err
    assert told.json["reasons"][0]["sentence"]
