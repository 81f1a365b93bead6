"""What an operator relies on: the nightly script runs, its metrics and logs can be read, the compose file is true."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from tests.functional.conftest import DAY

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("sh") is None, reason="the nightly script needs a shell")
def test_a_night_by_the_script(workspace):
    command = workspace / "salesworthy"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m salesworthy.cli.main "$@"\n')
    command.chmod(0o755)
    environ = {**os.environ, "SALESWORTHY": str(command), "AS_OF": DAY}
    script = [ROOT / "docs" / "examples" / "nightly.sh", workspace]
    done = subprocess.run(script, capture_output=True, text=True, env=environ, check=False)
    assert done.returncode == 0, done.stderr
    run = json.loads((workspace / "score.json").read_text())
    assert (workspace / "out" / "latest").resolve().name == run["run_id"]
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert {"step"} <= {each["event"] for each in events}
    metrics = (workspace / "metrics" / "salesworthy_score.prom").read_text()
    assert f'salesworthy_leads{{command="score",decision="MQL"}} {run["counts"]["MQL"]}\n' in metrics
    assert 'salesworthy_exit_code{command="score"} 0\n' in metrics
    assert not re.search(r"L\d{6}", metrics + done.stderr), "a lead is named"


def test_the_server_for_a_team_has_the_version_we_pin():
    compose = yaml.safe_load((ROOT / "mlflow" / "compose.yaml").read_text())
    pinned = re.search(r"^mlflow==(\S+)", (ROOT / "requirements" / "base.txt").read_text(), re.MULTILINE)[1]
    assert f"mlflow=={pinned} " in compose["services"]["mlflow"]["command"]
    assert set(compose["services"]["mlflow"]["depends_on"]) <= set(compose["services"])
