"""How many traps the leakage audit finds, and how many honest columns it disturbs.

python -m experiments.leakage.run          # writes result.json beside this file
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
from experiments.leakage.traps import traps
from experiments.leakage.workspaces import KEYS, write

from salesworthy.model.dataset import LabelledFeatures
from salesworthy.model.leakage import audit_leakage
from salesworthy.runs.init import write_workspace
from salesworthy.runs.leakage import RAW, audit_training_set
from salesworthy.runs.training_set import TrainingSet, training_set
from salesworthy.runs.workspace import open_workspace

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "shared" / "data"
SEEDS = (3, 7, 11)
MARKET_TRAPS = {"lead_status", "sales_notes_length", "opportunity_amount", "last_sales_touch_at"}
MARKET_CLOCKS = {"import_batch", "full_name", "email_key"}
PER_KIND = 25


def severities(findings) -> dict[str, str]:
    """The graver severity per column."""
    found: dict[str, str] = {}
    for each in findings:
        if found.get(each["column"]) != "block":
            found[each["column"]] = each["severity"]
    return found


def graded(findings, traps: set[str], fair: set[str], checked: int) -> dict:
    """Traps found and honest columns disturbed; a clock or an identity is neither."""
    found = severities(findings)
    right = {column for column in found if column in traps}
    false = sorted(column for column in found if column not in traps | fair)
    return {
        "checked": checked,
        "traps": len(traps),
        "blocked": sorted(column for column in right if found[column] == "block"),
        "warned": sorted(column for column in right if found[column] == "warn"),
        "missed": sorted(set(traps) - right),
        "clocks and identities": sorted(column for column in found if column in fair),
        "false blocks": [column for column in false if found[column] == "block"],
        "false warnings": [column for column in false if found[column] == "warn"],
        "recall": len(right) / len(traps) if traps else None,
        "precision": (len(found) - len(false)) / len(found) if found else None,
    }


def public(name: str, folder: Path) -> dict:
    key = KEYS[name]
    write(name, DATA, folder)
    workspace = open_workspace(folder)
    found = training_set(workspace, as_of=workspace.moment(key.as_of))
    start = time.perf_counter()
    audit = audit_training_set(workspace, found).to_json()
    graded_ = graded(audit["findings"], set(key.traps), set(key.clocks), audit["checked"])
    return {"handoffs": found.judged, **graded_, "seconds": round(time.perf_counter() - start, 2)}


def market(seed: int, folder: Path, *, leads: int) -> tuple[dict, dict, TrainingSet]:
    """The market's own traps, every column a candidate; the shipped catalogue alone; and its training set."""
    write_workspace(folder, example=True, leads=leads, seed=seed)
    results = []
    for auto in ("true", "false"):
        workspace = open_workspace(folder, environ={"SALESWORTHY__FEATURES__AUTO": auto})
        found = training_set(workspace, as_of=workspace.moment("2026-07-01"))
        audit = audit_training_set(workspace, found).to_json()
        traps_ = MARKET_TRAPS if auto == "true" else set()
        results.append({"handoffs": found.judged, **graded(audit["findings"], traps_, MARKET_CLOCKS, audit["checked"])})
    return results[0], results[1], found


def generated(found: TrainingSet, seed: int, each: int) -> list[dict]:
    """Each trap beside the shipped features: was it found, and was anything else disturbed?"""
    told = []
    data, catalogue = found.data.take(found.data.judged), found.loaded.catalogue
    words = {feature.name: feature.column if feature.kind in RAW else "" for feature in catalogue}
    dated = [feature.name for feature in catalogue if feature.type == "days_since"]
    for trap in traps(data, seed=seed, each=each):
        findings = audit_leakage(
            replace(data, features=data.features.append_column(trap.name, trap.values)),
            words=words,
            dated=[*dated, *([trap.name] if trap.dated else [])],
        )
        told_of = severities([finding.to_json() for finding in findings])
        told.append({"kind": trap.kind, "severity": told_of.pop(trap.name, "missed"), "false": told_of})
    return told


def by_kind(told: list[dict]) -> dict:
    kinds = dict.fromkeys(each["kind"] for each in told)
    table = {
        kind: {
            state: sum(each["kind"] == kind and each["severity"] == state for each in told)
            for state in ("block", "warn", "missed")
        }
        for kind in kinds
    }
    caught = sum(each["severity"] != "missed" for each in told)
    disturbed = sum(len(each["false"]) for each in told)
    blocked = sum("block" in each["false"].values() for each in told)
    return {
        "kinds": table,
        "traps": len(told),
        "recall": caught / len(told),
        "precision": caught / (caught + disturbed),
        "audits with a false block": blocked,
    }


def speed() -> float:
    """Seconds for 100,000 handoffs and 60 columns, a third of them categories."""
    rng = np.random.default_rng(0)
    rows = 100_000
    columns = {f"n{number}": rng.lognormal(size=rows) for number in range(40)}
    columns |= {
        f"c{number}": rng.choice([f"v{level}" for level in range(5 + 10 * number)], rows) for number in range(20)
    }
    label = (rng.random(rows) < 0.2).astype(float)
    at = np.sort(rng.integers(0, 10**15, rows))
    nobody = np.array([f"A{number}" for number in rng.integers(0, 20_000, rows)], dtype=object)
    data = LabelledFeatures(pa.table(columns), nobody, nobody, at, at, label)
    start = time.perf_counter()
    audit_leakage(data)
    return round(time.perf_counter() - start, 1)


def main() -> None:
    leads = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    result: dict = {}
    with TemporaryDirectory() as scratch:
        for name in KEYS:
            result[name] = public(name, Path(scratch) / name.replace(", ", "_").replace(" ", "_"))
        told: list[dict] = []
        for seed, each in zip(SEEDS, (9, 8, 8), strict=True):
            everything, shipped, found = market(seed, Path(scratch) / f"market{seed}", leads=leads)
            result[f"market {seed}, every column"], result[f"market {seed}, shipped features"] = everything, shipped
            told += generated(found, seed, each)
        result["generated traps"] = by_kind(told)
    result["seconds for 100,000 x 60"] = speed()
    text = json.dumps(result, indent=1)
    (HERE / "result.json").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
