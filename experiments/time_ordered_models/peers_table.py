"""Writes the tables of the README from ``result_peers.json``.

python -m experiments.time_ordered_models.peers_table
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
README, RESULT = HERE / "README.md", HERE / "result_peers.json"
BEGIN, END = "<!-- peers: begin -->", "<!-- peers: end -->"
COLUMNS = {"roc_auc": "ROC AUC", "log_loss": "log-loss", "brier": "Brier", "ece": "ECE"}
PEERS = ("flaml", "mljar")
JUDGED = {"log_loss": "log-loss", "ece": "ECE", "roc_auc": "ROC AUC"}


def main() -> None:
    results = json.loads(RESULT.read_text())
    before, _, rest = README.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text("\n".join([before + BEGIN, "", *told(results), "", END + after]))


def told(results: Mapping[str, Any]) -> Iterator[str]:
    yield from verdicts(results)
    yield ""
    yield "Ours against the best of the others, by the interval of the difference on the same rows:"
    yield ""
    yield "| window | log-loss | ECE | ROC AUC | log-loss, ours minus logistic's |"
    yield "|---|---|---|---|---|"
    for problem, each in results.items():
        apart = each["ours_minus_theirs"]["logistic"]["log_loss"]
        cells = (*(each["verdict"][figure] for figure in JUDGED), interval(apart, signed=True))
        yield f"| {problem} | {' | '.join(cells)} |"
    yield ""
    yield f"| window | contender | {' | '.join(COLUMNS.values())} | seconds |"
    yield "|---" * (len(COLUMNS) + 3) + "|"
    for problem, each in results.items():
        for place, (name, contender) in enumerate(each["contenders"].items()):
            cells = [interval(contender[key]) for key in COLUMNS]
            first = problem if place == 0 else ""
            yield f"| {first} | {name} | {' | '.join(cells)} | {contender['processor_seconds']:.1f} |"


def verdicts(results: Mapping[str, Any]) -> Iterator[str]:
    complete = {name: each for name, each in results.items() if all(peer in each["contenders"] for peer in PEERS)}
    for figure, words in JUDGED.items():
        behind = [name for name, each in complete.items() if each["verdict"][figure].startswith("behind")]
        where = f"; behind on {'; '.join(behind)}" if behind else ""
        share = f"{len(complete) - len(behind)} of {len(complete)}"
        yield f"- {words}: best or tied in {share} windows with both peers{where}."
    worse = [name for name, each in results.items() if not each["not_worse_than_logistic"]]
    yield f"- Log-loss worse than logistic regression's: {'; '.join(worse) or 'nowhere'}."
    missing = [name for name in results if name not in complete]
    if missing:
        yield f"- Peers have not run yet on: {'; '.join(missing)}."


def interval(figure: Mapping[str, Any], *, signed: bool = False) -> str:
    form = "{:+.4f} ({:+.4f} to {:+.4f})" if signed else "{:.3f} ({:.3f}-{:.3f})"
    return form.format(figure["value"], figure["low"], figure["high"])


if __name__ == "__main__":
    main()
