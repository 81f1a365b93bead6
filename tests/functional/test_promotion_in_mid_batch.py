"""A promotion while the batch job runs: the whole run is of the model that was in force when it began."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pyarrow.dataset as ds
import pytest
from tests.functional.conftest import DAY, salesworthy

from salesworthy.model.bundle import write_bundle
from salesworthy.runs.champion import load_model
from salesworthy.runs.workspace import open_workspace

pytestmark = pytest.mark.slow


@pytest.fixture
def successor(workspace, tmp_path):
    """A workspace with a second version, by one log-odd more hopeful than the champion."""
    made = open_workspace(workspace, environ={})
    champion = load_model(made)
    line = champion.bundle.model.calibration
    model = replace(champion.bundle.model, calibration=replace(line, intercept=line.intercept + 1))
    digest = write_bundle(model, tmp_path / "bundle", metadata=champion.bundle.metadata)
    made.registry.register(
        tmp_path / "bundle", bundle_sha256=digest, trained_as_of=0, data_fingerprint="", figures={}, now=1
    )
    return made


def stopped_in_mid_batch(workspace):
    """The batch job in a process of its own, held as soon as it has a place to write to: it has read its model then."""
    command = [sys.executable, "-m", "salesworthy.cli.main", "-w", str(workspace.folder), "score", "--as-of", DAY]
    environ = {**os.environ, "SALESWORTHY__SCORING__SHADOW": "false"}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environ)
    runs = workspace.default_out / "runs"
    while not list(runs.glob(".stage-*")):
        assert process.poll() is None, process.stderr.read().decode()
        time.sleep(0.005)
    process.send_signal(signal.SIGSTOP)
    assert not list(runs.glob("[!.]*")), "it was not held in time"
    return process


def run_of(workspace):
    """Manifest of the newest run, and every model version that its files and the ledger name."""
    folder = (workspace.default_out / "latest").resolve()
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    scores = ds.dataset(folder / "scores").to_table()
    packets = [json.loads(line) for path in (folder / "packets").glob("*.jsonl") for line in path.open()]
    assert packets
    named = {manifest["model_version"], manifest["versions"]["model"], *scores["model_version"].to_pylist()}
    named |= {packet["model_version"] for packet in packets}
    named |= {each.model_version for each in workspace.ledger.runs() if each.run_id == folder.name}
    log_odds = dict(zip(scores["lead_id"].to_pylist(), scores["log_odds"].to_pylist(), strict=True))
    return manifest, named, log_odds


def test_a_promotion_in_mid_batch_leaves_one_version_in_the_whole_run(successor):
    process = stopped_in_mid_batch(successor)
    successor.ledger.promote("v2", "a person", 2, expected="v1")
    process.send_signal(signal.SIGCONT)
    _, err = process.communicate()
    assert process.returncode == 0, err.decode()
    manifest, named, log_odds = run_of(successor)
    assert named == {"v1"}
    assert manifest["model_sha256"] == successor.registry.get("v1").bundle_sha256
    assert successor.registry.champion().version == "v2"

    later = salesworthy("score", "--as-of", DAY, workspace=successor.folder)
    assert later.code == 0, later.err
    _, named, after = run_of(successor)
    assert named == {"v2"}
    assert log_odds.keys() == after.keys()
    assert all(after[lead] == pytest.approx(before + 1) for lead, before in log_odds.items())
