"""What rules and decisions cost beside the features of the same run."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import ibis
from experiments.benchmarks.results import Timed, write

from salesworthy.outcomes.open_leads import known_leads
from salesworthy.qualification.deciding import decide
from salesworthy.rules.evaluation import evaluate_rules
from salesworthy.runs.batch_columns import verdicts_of
from salesworthy.runs.check import check
from salesworthy.runs.features import opened
from salesworthy.runs.init import write_workspace
from salesworthy.runs.lead_rows import batches
from salesworthy.runs.run_policy import load_run_policy
from salesworthy.runs.workspace import open_workspace

DAY = "2026-07-01"


def run(leads: int) -> None:
    print(f"rules, {leads:,} leads")
    timed = Timed()
    with TemporaryDirectory() as place:
        folder = Path(place) / "demo"
        write_workspace(folder, example=True, leads=leads, seed=7)
        workspace = open_workspace(folder, environ={})
        as_of = workspace.moment(DAY)
        check(workspace)
        with opened(workspace) as data:
            policy = load_run_policy(workspace, data.checked, as_of=as_of)
            catalogue = workspace.catalogue(data.checked).catalogue
            spine = known_leads(data.tables, as_of=as_of).mutate(as_of=ibis.literal(as_of, "int64"))
            with timed.step("features"):
                rows = data.engine.materialise("rows", data.features(spine, catalogue, until=as_of))
            with timed.step("rules"):
                found = evaluate_rules(data.engine, data.tables, rows.drop("account_id"), policy.rules)
                found = data.engine.materialise("found", found)
            with timed.step("decisions"):
                accounts = rows.select("lead_id", "account_id")
                decided = 0
                for batch in batches(data, found.join(accounts, "lead_id")):
                    verdicts = verdicts_of(batch, policy)
                    decided += len(decide(verdicts, policy.in_force, propensity=None, reads=policy.rules.reads))
    cost = timed.seconds("rules") + timed.seconds("decisions")
    write(
        "rules",
        timed,
        leads=leads,
        decided=decided,
        rules=len(policy.rules.rules),
        features=len(catalogue),
        rules_and_decisions_per_features=round(cost / timed.seconds("features"), 2),
    )
