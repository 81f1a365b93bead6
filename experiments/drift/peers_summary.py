"""Sums up what the peers said of the same weeks: how often they cry, and when they see each fault."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from experiments.drift.expected import EXPECTED

HERE = Path(__file__).parent
TOOLS = ("evidently", "nannyml")


def quiet(weeks: dict[str, Any]) -> dict[str, Any]:
    flagged = [len(each["columns"]) for each in weeks.values()]
    return {
        "weeks": len(flagged),
        "weeks_with_a_column": sum(count > 0 for count in flagged),
        "columns_a_week": round(sum(flagged) / len(flagged), 1),
        "weeks_with_the_data_set": sum(bool(each["dataset"]) for each in weeks.values()),
    }


def fault(weeks: dict[str, Any], columns: tuple[str, ...]) -> dict[str, Any]:
    ordered = [weeks[key]["columns"] for key in sorted(weeks, key=int)]
    first = next((place for place, found in enumerate(ordered) if set(found) & set(columns)), None)
    others = None if first is None else len(set(ordered[first]) - set(columns))
    return {
        "week": None if first is None else first + 1,
        "of": len(ordered),
        "other_columns_that_week": others,
        "data_set": any(bool(each["dataset"]) for each in weeks.values()),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True)
    work = parser.parse_args().work
    result: dict[str, Any] = {}
    for tool in TOOLS:
        told = {
            path.stem.removeprefix(f"{tool}_"): json.loads(path.read_text()) for path in work.glob(f"{tool}_*.json")
        }
        calm = {}
        for name, each in told.items():
            if name.startswith("none"):
                calm |= {f"{name} {week}": found for week, found in each["weeks"].items()}
        faults = {
            name: fault(each["weeks"], EXPECTED[name.rpartition("_")[0]].columns)
            for name, each in sorted(told.items())
            if not name.startswith("none")
        }
        seconds = sum(each["seconds"] for each in told.values()) / max(
            sum(len(each["weeks"]) for each in told.values()), 1
        )
        result[tool] = {"quiet": quiet(calm) if calm else None, "faults": faults, "seconds_a_week": round(seconds, 1)}
    (HERE / "result_peers.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
