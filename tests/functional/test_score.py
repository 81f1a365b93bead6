"""The batch job from outside: exact, repeatable, and whole or absent whatever happens to it."""

from __future__ import annotations

import hashlib
import random
import shutil
import signal
import time

import pyarrow.compute as pc
import pyarrow.dataset as ds
import pytest
from tests.functional.conftest import DAY, environment, salesworthy
from tests.functional.forked import started

pytestmark = pytest.mark.slow


def digests(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def without_policy(workspace):
    """Takes the policy out of a workspace."""
    shutil.rmtree(workspace / "policy")
    settings = workspace / "salesworthy.toml"
    settings.write_text(settings.read_text().replace('[policy]\npath = "policy"\n', ""))


def test_shares_add_up_to_the_score(scored, capsys):
    run, folder = scored.run, scored.folder
    scores = ds.dataset(folder / "scores").to_table(columns=["lead_id", "log_odds", "propensity"])
    reasons = ds.dataset(folder / "reasons").to_table(columns=["lead_id", "log_odds"])
    assert scores.num_rows == sum(run["counts"].values()) > 1000
    sums = reasons.group_by("lead_id").aggregate([("log_odds", "sum")])
    joined = scores.join(sums, "lead_id")
    total = pc.add(joined["log_odds_sum"], run["base_log_odds"]).to_numpy()
    expected = joined["log_odds"].to_numpy()
    largest = max(abs(total - expected) / abs(expected))
    with capsys.disabled():
        print(f"\nlargest relative error of base + reasons = log-odds, {scores.num_rows} leads: {largest:.1e}")
    assert largest <= 1e-9


def test_the_same_run_again_does_nothing(published):
    out = published.workspace / "out"
    before = digests(out)
    second = salesworthy("score", "--as-of", DAY, "--json", workspace=published.workspace)
    assert (published.run["already_published"], second.json["already_published"]) == (False, True)
    assert digests(out) == before


def test_the_same_bytes_elsewhere_and_in_other_batches(workspace, scored):
    done = salesworthy(
        "score", "--as-of", DAY, "--out", workspace / "b", "--json", workspace=workspace,
        SALESWORTHY__SCORING__BATCH_ROWS="137", SALESWORTHY__ENGINE__THREADS="1", TZ="Asia/Tokyo",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert (done.json["run_id"], done.json["already_published"]) == (scored.run["run_id"], False)
    assert digests(workspace / "b") == digests(scored.workspace / "out")


def test_named_leads_have_the_figures_of_the_batch(published):
    workspace = published.workspace
    scores = ds.dataset(published.folder / "scores").to_table()
    named = scores["lead_id"].to_pylist()[10:13]
    found = salesworthy("score", "--as-of", DAY, "--leads", ",".join(named), "--json", workspace=workspace).json
    assert {lead["lead_id"]: lead["log_odds"] for lead in found["leads"]} == {
        row["lead_id"]: row["log_odds"] for row in scores.to_pylist() if row["lead_id"] in named
    }


def test_a_second_run_at_once_is_refused(workspace):
    from salesworthy.runs.lock import run_lock

    with run_lock(workspace / "out"):
        done = salesworthy("score", "--as-of", DAY, "--json", workspace=workspace)
    assert (done.code, done.json["error"]["exit_code"]) == (6, 6)


def test_without_a_champion_points_decide_and_that_is_said(workspace):
    (workspace / "ledger.db").unlink()
    done = salesworthy("score", "--as-of", DAY, "--json", workspace=workspace)
    assert done.code == 0, done.err
    assert (done.json["model_version"], done.json["base_log_odds"]) == (None, None)
    assert done.json["counts"]["MQL"] > 0
    assert any("no model is in force, so points decide" in warning for warning in done.json["warnings"])


def test_without_a_champion_and_a_policy_the_next_step_is_named(workspace):
    (workspace / "ledger.db").unlink()
    without_policy(workspace)
    done = salesworthy("score", "--as-of", DAY, workspace=workspace)
    assert done.code == 3
    assert "salesworthy promote" in done.err
    assert "Traceback" not in done.err


def test_kill_at_random_moments_never_publishes_half_a_run(workspace, scored, tmp_path):
    expected = digests(scored.folder)
    out, told = workspace / "out", {"out": tmp_path / "told", "err": tmp_path / "told"}
    command = ["-w", workspace, "score", "--as-of", DAY]
    chance = random.Random(5)  # noqa: S311
    began = time.monotonic()
    salesworthy(*command, "--out", workspace / "timed")
    usual = time.monotonic() - began
    killed = 0
    for _ in range(20):
        process = started(command, environ=environment(), **told)
        process.join(chance.uniform(0.1, 1.05) * usual)
        process.kill()
        process.join()
        killed += process.exitcode == -signal.SIGKILL
        runs = [path for path in (out / "runs").glob("*") if not path.name.startswith(".")] if out.exists() else []
        for run in runs:
            assert digests(run) == expected
        if (out / "latest").exists():
            assert digests((out / "latest").resolve()) == expected
    assert killed, (tmp_path / "told").read_text()
    last = salesworthy(*command, "--json")
    assert last.code == 0, last.err
    assert digests(out / "latest") == expected
    assert not list(out.glob("runs/.*"))


def test_a_few_leads_can_be_published_beside_the_batch(published):
    workspace, run = published.workspace, published.run
    batch = ds.dataset(published.folder / "scores").to_table().to_pylist()
    named = [row["lead_id"] for row in batch[5:7]]
    asked = ("score", "--as-of", DAY, "--leads", ",".join(named))
    before = set((workspace / "out" / "runs").iterdir())
    assert salesworthy(*asked, workspace=workspace).code == 0
    assert set((workspace / "out" / "runs").iterdir()) == before
    for _ in range(2):
        assert salesworthy(*asked, "--publish", workspace=workspace).code == 0
    (added,) = set((workspace / "out" / "runs").iterdir()) - before
    few = ds.dataset(added / "scores").to_table().to_pylist()
    assert {row["lead_id"]: row["log_odds"] for row in few} == {
        row["lead_id"]: row["log_odds"] for row in batch if row["lead_id"] in named
    }
    assert {row["run_id"] for row in few} == {added.name}
    assert (workspace / "out" / "latest").resolve().name == run["run_id"]
    assert salesworthy("score", "--publish", workspace=workspace).code == 2
