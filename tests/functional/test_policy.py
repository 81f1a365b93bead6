"""Governance from outside: worked cases end to end, and a replay that agrees with the batch job."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest
from tests.functional.conftest import DAY, salesworthy

pytestmark = pytest.mark.slow

MONDAY = "2026-03-09"


def change(folder, file, old, new, count=1):
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, (file, old)
    path.write_text(text.replace(old, new, count), encoding="utf-8")


@pytest.fixture
def proposal(workspace):
    """A policy with a lower threshold for many, a higher bar for requests, and no more students."""
    folder = shutil.copytree(workspace / "policy", workspace / "policy-next")
    change(folder, "00_policy.yaml", 'version: "2026.1"', 'version: "2026.2"')
    change(folder, "00_policy.yaml", "propensity: 0.2\n", "propensity: 0.12\n", count=3)
    change(folder, "00_policy.yaml", "fit_at_least: C", "fit_at_least: A", count=4)
    change(
        folder, "20_exclusions_and_deductions.yaml", "role = 'student' and use_case = 'research'", "role = 'student'"
    )
    return folder


def replayed(workspace, folder, first=MONDAY, last=MONDAY):
    done = salesworthy(
        "policy", "replay", folder, "--from", first, "--to", last, "--as-of", DAY, "--json", workspace=workspace
    )
    assert done.code == 0, done.err
    return done.json


def decisions(workspace, out):
    """What the batch job decides, without the draw from below the threshold, which a replay leaves out."""
    run = salesworthy("score", "--as-of", MONDAY, "--out", out, "--draft", "--json", workspace=workspace)
    assert run.code == 0, run.err
    scores = pd.read_parquet(out / "runs" / run.json["run_id"] / "scores").set_index("lead_id")
    return scores["decision"].mask(scores["decided_by"] == "exploration", "NURTURE")


def test_worked_cases_hold_and_one_that_does_not_is_told_in_words(workspace):
    done = salesworthy("policy", "cases", "--json", workspace=workspace)
    assert done.code == 0, done.err
    assert done.json["fail"] == 0
    assert done.json["hold"] >= 28
    first = done.json["cases"][0]
    change(workspace / "policy", "90_cases.yaml", "decision: MQL", "decision: TRACKED")
    broken = salesworthy("policy", "cases", workspace=workspace)
    assert broken.code == 5
    assert "the decision is MQL, not TRACKED" in broken.out
    assert f"{done.json['hold'] - 1} of {len(done.json['cases'])} worked cases hold; 1 do not" in broken.out
    assert first["case"] in broken.out


def test_a_replay_agrees_with_the_batch_job(workspace, proposal):
    consents = pd.read_parquet(workspace / "data/market/consents.parquet")
    assert (consents["state"] == "objected").any()
    found = replayed(workspace, proposal)
    before = decisions(workspace, workspace / "before")
    shutil.move(workspace / "policy", workspace / "policy-old")
    shutil.copytree(proposal, workspace / "policy")
    after = decisions(workspace, workspace / "after")
    assert list(before.index) == list(after.index)
    pairs = pd.Series(list(zip(before, after, strict=True)))
    expected = pairs[before.to_numpy() != after.to_numpy()].value_counts().to_dict()
    (week,) = found["weeks"]
    assert {(each["from"], each["to"]): each["leads"] for each in week["pairs"]} == expected
    assert len(expected) >= 3
    assert (week["leads"], week["changed"]) == (len(before), sum(expected.values()))
    assert week["mqls"] == {"old": (before == "MQL").sum(), "new": (after == "MQL").sum()}
    for each in found["examples"]:
        assert (before[each["lead_id"]], after[each["lead_id"]]) == (each["from"], each["to"])
        assert each["rule"] and each["before"] and each["after"]


def test_a_replay_over_weeks_counts_each_lead_once(workspace, proposal):
    found = replayed(workspace, proposal, "2026-02-16", "2026-03-15")
    assert [each["week"] for each in found["weeks"]] == ["2026-02-16", "2026-02-23", "2026-03-02", "2026-03-09"]
    assert sum(each["changed"] for each in found["weeks"]) == sum(each["lead_weeks"] for each in found["pairs"])
    assert found["changed"] == sum(each["changed"] for each in found["regions"].values())
    mqls = found["mqls"]
    assert mqls["new"]["leads"] - mqls["old"]["leads"] == mqls["gained"]["leads"] - mqls["lost"]["leads"]
    for group in (mqls["old"], mqls["new"]):
        assert group["leads"] == group["known"] + group["estimated"] + group["unknown"]
        assert group["sql_expected"] == pytest.approx(group["sql_known"] + group["sql_estimated"])
    assert mqls["old"]["known"] > 0
    assert 0 < len(found["examples"]) <= 10
    assert len({each["lead_id"] for each in found["examples"]}) == len(found["examples"])
    alone = replayed(workspace, proposal)
    assert found["weeks"][-1] == alone["weeks"][0]


def test_the_same_policy_changes_nobody(workspace):
    found = replayed(workspace, workspace / "policy", "2026-02-23", "2026-03-02")
    assert (found["changed"], found["pairs"], found["examples"], found["differences"]) == (0, [], [], [])
    assert "0 of" in found["headline"]
    assert found["mqls"]["old"] == found["mqls"]["new"]


def test_a_change_that_starts_later_is_replayed_as_if_it_held(workspace):
    folder = shutil.copytree(workspace / "policy", workspace / "policy-next")
    later = "{value: %s, from: %s, unit: probability, reason: a test, approver: H. Lindqvist}"
    versions = "\n".join(f"      - {later % each}" for each in ((0.2, "2024-01-01"), (0.05, "2026-09-01")))
    change(folder, "00_policy.yaml", "propensity: 0.2\n", f"propensity:\n{versions}\n")
    found = replayed(workspace, folder)
    assert [(each["from"], each["to"]) for each in found["pairs"]] == [("NURTURE", "MQL")]
    assert any("holds from 2026-09-01 on" in note for note in found["notes"])


def test_without_a_model_points_decide_and_nothing_is_estimated(workspace, proposal):
    (workspace / "ledger.db").unlink()
    found = replayed(workspace, proposal)
    assert found["model_version"] is None
    assert found["mqls"]["new"]["estimated"] == 0
    assert any("points decide" in note for note in found["notes"])


def test_the_present_rules_are_a_contender(workspace):
    found = salesworthy("evaluate", "--as-of", DAY, "--splits", 2, "--json", workspace=workspace)
    assert found.code == 0, found.err
    rules = found.json["pooled"]["rules"]
    assert found.json["pooled"]["constant"]["roc_auc"]["value"] < rules["roc_auc"]["value"] < 1
    shutil.rmtree(workspace / "policy")
    settings = workspace / "salesworthy.toml"
    settings.write_text(settings.read_text().replace('[policy]\npath = "policy"\n', ""))
    found = salesworthy("evaluate", "--as-of", DAY, "--splits", 2, "--json", workspace=workspace)
    assert "rules" not in found.json["pooled"]


def test_check_shows_the_alarms_of_the_newest_run(scored):
    run = scored.run
    found = salesworthy("policy", "check", "--as-of", DAY, "--json", workspace=scored.workspace).json["latest_run"]
    assert (found["run_id"], found["same_content"]) == (run["run_id"], True)
    assert found["form_capture"] == run["form_capture"]
    assert len(found["alarms"]) == sum(1 for each in run["findings"] if not each["code"].startswith("policy_"))
