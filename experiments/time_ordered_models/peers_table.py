"""The tables of the README, from ``result_peers.json``.

python -m experiments.time_ordered_models.peers_table
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RESULT = Path(__file__).parent / "result_peers.json"
COLUMNS = {"roc_auc": "ROC AUC", "log_loss": "log-loss", "brier": "Brier", "ece": "ECE"}


def main() -> None:
    results = json.loads(RESULT.read_text())
    print("| window | contender |", " | ".join(COLUMNS.values()), "| seconds |")
    print("|---" * (len(COLUMNS) + 3) + "|")
    for problem, told in results.items():
        for place, (name, each) in enumerate(told["contenders"].items()):
            cells = [interval(each[key]) for key in COLUMNS]
            print(
                "|",
                problem if place == 0 else "",
                "|",
                name,
                "|",
                " | ".join(cells),
                f"| {each['processor_seconds']} |",
            )
    print("\n| window | log-loss | ECE | ROC AUC | log-loss, ours minus logistic's |")
    print("|---|---|---|---|---|")
    for problem, told in results.items():
        verdict, apart = told["verdict"], told["ours_minus_theirs"]["logistic"]["log_loss"]
        cells = (verdict["log_loss"], verdict["ece"], verdict["roc_auc"], interval(apart, signed=True))
        print("|", problem, "|", " | ".join(cells), "|")


def interval(figure: dict[str, Any], *, signed: bool = False) -> str:
    form = "{:+.4f} ({:+.4f} to {:+.4f})" if signed else "{:.3f} ({:.3f}-{:.3f})"
    return form.format(figure["value"], figure["low"], figure["high"])


if __name__ == "__main__":
    main()
