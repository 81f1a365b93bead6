"""``tune`` in a workspace: what it stores and records, what it may see, and how training uses it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.unit.model.handoffs import DAY, handoffs

from salesworthy.domain.errors import DataLimitExceeded, RunLocked, UserError
from salesworthy.domain.moments import parse_moment
from salesworthy.model.tracking import tracking
from salesworthy.runs.evaluate import evaluate
from salesworthy.runs.lock import run_lock
from salesworthy.runs.model_card import model_card
from salesworthy.runs.train import train
from salesworthy.runs.training_set import training_set
from salesworthy.runs.tune import tune
from salesworthy.runs.tuned_settings import read_tuned
from salesworthy.runs.workspace import Workspace, open_workspace

pytestmark = pytest.mark.slow

START = pd.Timestamp("2025-01-01")
AS_OF = parse_moment("2026-06-01")
SETTINGS = """
[workspace]
timezone = "America/New_York"
[tables.leads]
path = "leads.csv"
[tables.outcomes]
path = "outcomes.csv"
[label]
window_days = 30
[features]
auto = true
"""


def write(folder: Path, *, flipped_from: pd.Timestamp | None = None) -> Workspace:
    """1,800 leads over 400 days; outcomes of those that were not settled at a moment turned round, where one is given.

    Times are written in UTC.
    """
    data = handoffs(1_800, until_day=10_000)
    created = (START + pd.to_timedelta(data.handed_at // 1_000_000, unit="s")).tz_localize("UTC")
    won = data.label == 1
    if flipped_from is not None:
        won = np.where(created + pd.Timedelta(days=30) > flipped_from, ~won, won)
    leads = data.features.to_pandas().assign(lead_id=data.lead_id, created_at=created)
    outcomes = pd.DataFrame({"lead_id": data.lead_id, "at": created + pd.Timedelta(days=9)})
    folder.mkdir(exist_ok=True)
    leads.to_csv(folder / "leads.csv", index=False)
    outcomes.assign(disposition=np.where(won, "accepted", "rejected")).to_csv(folder / "outcomes.csv", index=False)
    (folder / "salesworthy.toml").write_text(SETTINGS)
    return open_workspace(folder, environ={})


@pytest.fixture(scope="module")
def tuned(tmp_path_factory) -> tuple[Workspace, dict]:
    workspace = write(tmp_path_factory.mktemp("tune") / "w")
    return workspace, tune(workspace, as_of=AS_OF, trials=3)


@pytest.fixture(scope="module")
def found(tuned):
    return training_set(tuned[0], as_of=AS_OF)


def rewrite(workspace: Workspace, **changes: object) -> None:
    path = workspace.folder / "tuning" / "best.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.fixture
def adopted(tuned):
    """Settings of five leaves, adopted; the file is as it was afterwards."""
    workspace, document = tuned
    path = workspace.folder / "tuning" / "best.json"
    before = path.read_text()
    rewrite(workspace, adopted=True, why="adopted: by a test", settings={**document["settings"], "leaves": 5})
    yield workspace
    path.write_text(before)


def runs_of(workspace: Workspace, filter_string: str):
    with tracking(workspace.settings.mlflow.tracking_uri, workspace.folder) as mlflow:
        client = mlflow.MlflowClient()
        place = mlflow.get_experiment_by_name(workspace.settings.mlflow.model).experiment_id
        return list(client.search_runs([place], filter_string=filter_string))


def test_what_was_found_is_stored_as_it_was_told(tuned):
    workspace, document = tuned
    stored = json.loads((workspace.folder / "tuning" / "best.json").read_text())
    assert stored == {"format": 1} | {
        name: value for name, value in document.items() if name not in ("file", "mlflow_run_id")
    }
    assert (document["trials"], document["seed"]) == (3, 20260101)
    assert document["summary"][0] == document["why"]
    assert len(document["folds"]) == 4
    assert not list((workspace.folder / "tuning").glob("*.part"))


def test_it_saw_only_what_was_settled_before_the_first_test_window(tuned):
    workspace, document = tuned
    until = parse_moment(document["tuned_until"])
    windows = evaluate(workspace, as_of=AS_OF)["splits"]
    assert document["tuned_until"] == windows[0]["test_from"]
    assert all(parse_moment(fold["last"]) + 30 * DAY <= until for fold in document["folds"])


def test_other_outcomes_after_that_are_the_same_search(tuned, tmp_path):
    document = tuned[1]
    other = write(tmp_path / "w", flipped_from=pd.Timestamp(document["tuned_until"], tz="UTC"))
    again = tune(other, as_of=AS_OF, trials=3)
    assert again["data_fingerprint"] != document["data_fingerprint"]
    same = ("tuned_until", "study", "settings", "adopted", "why", "folds", "log_loss", "summary")
    assert {name: again[name] for name in same} == {name: document[name] for name in same}


def test_every_trial_is_a_run_below_that_of_the_study_and_a_resumed_one_adds_the_new_ones(tuned):
    workspace, document = tuned
    parent = document["mlflow_run_id"]
    more = tune(workspace, as_of=AS_OF, trials=4)
    assert more["mlflow_run_id"] == parent
    assert more["study"] == document["study"]
    children = runs_of(workspace, f"tags.`mlflow.parentRunId` = '{parent}'")
    assert sorted(int(run.data.tags["salesworthy.trial"]) for run in children) == [0, 1, 2, 3]
    assert all(run.info.status == "FINISHED" for run in children)
    first = next(run for run in children if run.data.tags["salesworthy.trial"] == "0")
    assert first.data.params["leaves"] == "8"
    assert first.data.metrics["log_loss"] > 0
    (study,) = runs_of(workspace, f"tags.`salesworthy.study` = '{document['study']}'")
    assert study.info.run_id == parent
    assert study.data.metrics["trials"] == 4


def test_training_and_evaluation_use_what_is_adopted_and_say_so(adopted):
    trained = train(adopted, as_of=AS_OF, now=AS_OF, splits=2)
    told = trained.metadata["tuning"]
    assert (told["used"], told["stale"], told["settings"]["leaves"]) == (True, [], 5)
    settings = [split["chosen"]["settings"] for split in trained.evaluation["splits"]]
    assert {each["leaves"] for each in settings if each} <= {5}
    assert not any("tuned" in warning for warning in trained.evaluation["warnings"])
    recipe = {"kind": "boosted", "trees": 10, "half_life": None, "why": "w", "notes": ["a note"]}
    model = {"recipe": recipe | {"settings": told["settings"]}, "left_out": {}, "calibration": {"says": "as it is"}}
    card = model_card("v1", {**trained.metadata, "model": model})
    assert "at most 5 leaves and learn at a rate of 0.03, settings tuned on labels settled by " in card
    assert "(adopted: by a test). A note." in card


def test_windows_from_before_use_the_defaults_and_that_is_said(adopted):
    rewrite(adopted, tuned_until="2025-10-01")
    told = evaluate(adopted, as_of=AS_OF)
    early = sum(split["test_from"] < "2025-10-01" for split in told["splits"])
    assert 0 < early < 5
    assert any(
        f"{early} of 5 test windows begin before 2025-10-01, until when labels took part in tuning" in warning
        for warning in told["warnings"]
    )
    for split in told["splits"]:
        if split["chosen"]["settings"]:
            assert split["chosen"]["settings"]["leaves"] == (8 if split["test_from"] < "2025-10-01" else 5)


STALE = {
    "other features": ({"features": ["visits"]}, "features"),
    "another label": ({"label": {}}, "labels"),
    "other data": ({"data_fingerprint": "other", "features": []}, "features and data"),
}


@pytest.mark.parametrize(("changes", "says"), STALE.values(), ids=STALE)
def test_settings_found_on_something_else_are_used_and_said(adopted, found, changes, says):
    rewrite(adopted, **changes)
    file = read_tuned(adopted, found)
    assert file.tuned.settings.leaves == 5
    assert file.stale == (
        f"the tuned settings were found on other {says} and are used all the same; `salesworthy tune` renews them",
    )


def test_settings_that_were_not_adopted_are_not_used(tuned, found):
    rewrite(tuned[0], adopted=False)
    assert read_tuned(tuned[0], found).tuned is None


BROKEN = {
    "not JSON": "{",
    "another format": '{"format": 2}',
    "no settings": '{"format": 1}',
    "a setting that there is not": {"settings": {"branches": 3}},
    "a setting out of range": {"settings": {"leaves": 0}},
    "no moment": {"tuned_until": "soon"},
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_file_that_tuning_did_not_write_is_refused(adopted, found, content):
    path = adopted.folder / "tuning" / "best.json"
    if isinstance(content, str):
        path.write_text(content)
    else:
        rewrite(adopted, **content)
    with pytest.raises(UserError, match="not settings that tuning wrote") as error:
        read_tuned(adopted, found)
    assert error.value.exit_code == 3
    assert "delete the file" in error.value.message


def test_two_searches_at_once_are_refused(tuned):
    with run_lock(tuned[0].folder / "tuning"), pytest.raises(RunLocked):
        tune(tuned[0], as_of=AS_OF, trials=3)


def test_too_little_history_for_a_test_window_is_said(tuned):
    with pytest.raises(DataLimitExceeded, match="nothing can be tuned"):
        tune(tuned[0], as_of=parse_moment("2025-02-10"), trials=3)
