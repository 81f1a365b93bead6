"""The calibration review by commands: from drift to an adopted version, and back."""

from __future__ import annotations

import shutil

import polars as pl
import pytest
from tests.functional.conftest import salesworthy

import salesworthy as sw
from salesworthy.policy.loading import load_policy
from salesworthy.runs.init import write_workspace

pytestmark = pytest.mark.slow

LEADS = 3_000
LEARNED, HANDED, DAY = "2026-02-01", "2026-04-01", "2026-07-01"
AUTHOR = "M. Weber"
VOTERS = {"sales_leadership": "H. Lindqvist", "marketing_operations": "R. Costa", "compliance": "C. Brandt"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A workspace whose champion has aged: it scored in April, and in June another sort of people came."""
    folder = tmp_path_factory.mktemp("review") / "demo"
    write_workspace(folder, example=True, leads=LEADS, seed=3)
    workspace = sw.open_workspace(folder, environ={})
    sw.train(workspace, as_of=LEARNED, splits=2)
    workspace.ledger.promote("v1", "a person", 1)
    sw.score(workspace, as_of=HANDED)
    path = folder / "data" / "market" / "leads.parquet"
    leads = pl.read_parquet(path)
    is_late = pl.col("created_at").cast(pl.Datetime("us")) >= pl.datetime(2026, 6, 1)
    leads.with_columns(role=pl.when(is_late).then(pl.lit("student")).otherwise(pl.col("role"))).write_parquet(path)
    return folder


def test_from_drift_to_an_adopted_version_and_back(demo, tmp_path):
    def review(*arguments, code=0):
        done = salesworthy("review", *arguments, "--json", workspace=demo)
        assert done.code == code, done.err
        return done.json

    def vote(role, said="approve", by="", code=0):
        return review("vote", "--role", role, "--vote", said, "--by", by or VOTERS[role], code=code)

    # Opened: the drift is in the evidence, and so is what became of issued scores.
    opened = review("open", "--as-of", DAY, "--by", AUTHOR)
    sections = opened["evidence"]["sections"]
    assert opened["state"] == "opened"
    assert any(each["thing"] == "role" for each in sections["drift"]["findings"]), sections["drift"]["headline"]
    assert sections["grading"]["handovers"]["judged"] > 0
    assert sections["rules"]["rules"]
    assert sections["response"]["handovers"]["handovers"] > 0

    # Proposed: a draft is refused that changes nothing, or against a worked case; another is replayed.
    draft = shutil.copytree(demo / "policy", tmp_path / "draft")
    asked = ("propose", "--policy", draft, "--by", AUTHOR, "--why", "fewer good leads wait")
    assert "nothing differs" in review(*asked, code=5)["error"]["what"]
    text = (draft / "00_policy.yaml").read_text(encoding="utf-8").replace('version: "2026.1"', 'version: "2026.2"')
    (draft / "00_policy.yaml").write_text(text.replace("propensity: 0.2\n", "propensity: 0.12\n"), encoding="utf-8")
    assert "worked cases of this draft do not hold" in review(*asked, code=5)["error"]["what"]
    (draft / "00_policy.yaml").write_text(text.replace("propensity: 0.2\n", "propensity: 0.12\n", 1), encoding="utf-8")
    proposed = review(*asked, "--recalibrate", "--from", "2026-06-15", "--to", "2026-06-22")
    (proposal,) = proposed["proposals"]
    replay = proposed["replay"]
    assert (proposed["state"], proposal["kind"]) == ("voting", "thresholds, recalibration")
    assert (proposal["model_version"], replay["new_model_version"]) == ("v2", "v2")
    assert any(each["code"] == "CHAMPION" for each in proposal["content"]["gate"])
    assert len(replay["weeks"]) == 2
    assert replay["changed"] == sum(each["changed"] for each in replay["regions"].values()) > 0
    for group in ("old", "new", "gained"):
        told = replay["mqls"][group]
        assert told["sql_known"] <= told["sql_low"] <= told["sql_expected"] <= told["sql_high"] <= told["leads"]
    assert replay["examples"]
    assert not any("lead_id" in each for each in replay["examples"])

    # Voted on: the author does not, nobody looks early, and nothing is adopted before all are in.
    assert "does not vote on it" in vote("compliance", by=AUTHOR, code=5)["error"]["what"]
    assert vote("compliance")["votes"] is None
    assert "has voted already" in vote("compliance", by="X", code=5)["error"]["what"]
    assert "once all are in" in review("show", "--votes", code=5)["error"]["what"]
    assert "not all votes are in" in review("adopt", "--by", AUTHOR, code=5)["error"]["what"]
    vote("sales_leadership")
    assert {each["vote"] for each in vote("marketing_operations")["votes"]} == {"approve"}

    # Adopted: the policy with the votes as its signatures, and the model.
    before = load_policy(demo / "policy")
    adopted = review("adopt", "--by", AUTHOR, "--note", "as discussed")
    policy = load_policy(demo / "policy")
    assert (adopted["state"], policy.version, policy.is_approved) == ("adopted", "2026.2", True)
    assert {role: each.by for role, each in policy.signed_by.items()} == VOTERS
    assert champion(demo) == "v2"
    assert "adopted | M. Weber" in review("minutes")["minutes"]
    assert mqls_of_the_batch_job(demo, tmp_path, "2026-06-22") == replay["weeks"][-1]["mqls"]["new"]

    # And back, in one step; the minutes tell it all, twice the same.
    back = review("rollback", "--by", VOTERS["sales_leadership"], "--note", "too many calls")
    assert (back["state"], load_policy(demo / "policy"), champion(demo)) == ("rolled_back", before, "v1")
    check_minutes(review, tmp_path / "minutes.html")
    assert salesworthy("audit", "verify", workspace=demo).code == 0


def check_minutes(review, page):
    minutes = review("minutes")["minutes"]
    assert minutes == review("minutes")["minutes"]
    for name in (AUTHOR, *VOTERS.values(), "2026.2", "taken back", "too many calls"):
        assert name in minutes
    review("minutes", "--out", page)
    assert "<h1>Calibration review 2026-07-01</h1>" in page.read_text(encoding="utf-8")


def mqls_of_the_batch_job(workspace, out, day):
    """MQLs without those that were drawn from below the threshold, which a replay leaves out."""
    run = salesworthy("score", "--as-of", day, "--out", out, "--json", workspace=workspace)
    assert run.code == 0, run.err
    scores = pl.read_parquet(out / "runs" / run.json["run_id"] / "scores" / "*.parquet")
    return scores.filter((pl.col("decision") == "MQL") & (pl.col("decided_by") != "exploration")).height


def champion(workspace):
    models = salesworthy("models", "--json", workspace=workspace).json["models"]
    return next(each["version"] for each in models if each["role"] == "champion")
