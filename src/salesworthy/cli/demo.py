"""The demo: the main job on the embedded default, as a new user would run it, command by command."""

from __future__ import annotations

import sys
from pathlib import Path

from salesworthy.cli.main import run
from salesworthy.cli.terminal import say
from salesworthy.domain.errors import ExitCode, InternalError

LEADS = "20000"
SEED = "7"
MARKET_END = "2026-07-01"
"""Nothing in the synthetic market is known after this day."""
PERSON = "the person at the keyboard"


def main() -> None:
    """Market, check, train, promote, score, explain; stops at the first command that fails."""
    from salesworthy.runs.workspace import open_workspace

    if not Path("data/market/leads.parquet").exists():
        _command("market", "data/market", "--leads", LEADS, "--seed", SEED)
    _command("check")
    workspace = open_workspace()
    champion = workspace.registry.champion()
    if champion is None:
        _command("train", "--as-of", MARKET_END)
        _command("promote", workspace.registry.list()[-1].version, "--by", PERSON)
        _command("models")
    else:
        say("\nA champion is in force already; train another with: .venv/bin/salesworthy train --as-of " + MARKET_END)
        _command("models", champion.version)
    _command("score", "--as-of", MARKET_END)
    _command("explain", _best_lead(workspace.default_out))
    say(WHERE_NEXT)


def _command(*arguments: str) -> None:
    shown = " ".join(f'"{each}"' if " " in each else each for each in arguments)
    say(f"\n$ salesworthy {shown}")
    sys.stderr.flush()
    code = run(arguments)
    sys.stdout.flush()
    if code != ExitCode.DONE:
        sys.exit(code)


def _best_lead(out: Path) -> str:
    """The lead with the highest propensity of the newest run."""
    import pyarrow.dataset as ds

    from salesworthy.runs.publish import latest_run

    latest = latest_run(out)
    if latest is None:
        raise InternalError("score ended well and published nothing")
    scores = ds.dataset(latest[0] / "scores", format="parquet").to_table(columns=["lead_id", "propensity"])
    best: str = scores.sort_by([("propensity", "descending"), ("lead_id", "ascending")])["lead_id"][0].as_py()
    return best


WHERE_NEXT = """
Where to look next
  out/latest/                        the published run: manifest, scores, reasons, rows set aside
  salesworthy.toml, features.yaml    this workspace; README.md shows how to point them at your own export
  notebooks/01-first-model.ipynb     the same, step by step, with plots
  .venv/bin/salesworthy evaluate     the contenders on rolling windows
  .venv/bin/salesworthy --help       every command

To open the pages
  .venv/bin/salesworthy people add "YOUR NAME" --role admin --role marketing     asks for a password
  .venv/bin/salesworthy serve                                                    then open what it prints
"""

if __name__ == "__main__":
    main()
