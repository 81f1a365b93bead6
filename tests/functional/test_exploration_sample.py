"""The whole circle: drawn from below the threshold, sent, judged, learned from; against what the market knows.

The leads that the draw sends at the market's end are given outcomes with their true probability. The estimate that
``evaluate`` makes of all leads below the threshold is compared with the truth of all of them, drawn or not.
"""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pyarrow.dataset as ds
import pytest
from tests.functional.conftest import DAY, salesworthy

pytestmark = pytest.mark.slow

SHARE = 0.5
LATER = "2026-11-01"
END = pd.Timestamp(DAY, tz="UTC")


@pytest.fixture(scope="module")
def circle(trained, tmp_path_factory):
    """A workspace in which the draw's leads were sent and judged, and the truth of all leads below the threshold."""
    folder = tmp_path_factory.mktemp("circle") / "demo"
    shutil.copytree(trained, folder, ignore=shutil.ignore_patterns("out"))
    document = folder / "policy" / "00_policy.yaml"
    document.write_text(document.read_text().replace("exploration: 0.05", f"exploration: {SHARE}"))
    run = salesworthy("score", "--as-of", DAY, "--draft", "--json", workspace=folder)
    assert run.code == 0, run.err
    scores = ds.dataset(f"{run.json['folder']}/scores").to_table().to_pandas()
    below = scores[scores["sent_probability"] == SHARE]
    drawn = below[below["decided_by"] == "exploration"]
    assert run.json["exploration"] == {"share": SHARE, "below_threshold": len(below), "drawn": len(drawn)}
    truth = pd.read_parquet(folder / "data/market/truth.parquet")
    truth = truth[truth["as_of"] == END].set_index("lead_id")["probability"]
    only_sent_by_points(folder)
    write_what_came_of(folder, drawn, truth)
    return folder, truth.reindex(below["lead_id"]), drawn


def only_sent_by_points(folder):
    """Takes the sample out that the market's older policy drew."""
    path = folder / "data/market/handoffs.parquet"
    handoffs = pd.read_parquet(path)
    handoffs[handoffs["path"] != "exploration"].to_parquet(path)


def write_what_came_of(folder, drawn, truth):
    """Handoffs and outcomes of the drawn leads, as a CRM records them from ``scores``."""
    sent = END + pd.Timedelta(hours=9)
    handed = pd.DataFrame({"lead_id": drawn["lead_id"], "handed_at": sent, "path": drawn["decided_by"]})
    handed["probability"] = drawn["sent_probability"]
    won = np.random.default_rng(1).random(len(drawn)) < truth.reindex(drawn["lead_id"]).to_numpy()
    said = pd.DataFrame({"lead_id": drawn["lead_id"], "at": sent + pd.Timedelta(days=30)})
    said["disposition"] = np.where(won, "accepted", "rejected")
    for name, more in (("handoffs", handed), ("outcomes", said)):
        path = folder / f"data/market/{name}.parquet"
        before = pd.read_parquet(path)
        for column in before.select_dtypes("datetimetz"):
            if column in more:
                more[column] = more[column].astype(before[column].dtype)
        pd.concat([before, more], ignore_index=True).to_parquet(path)


def evaluated(folder):
    done = salesworthy("evaluate", "--as-of", LATER, "--splits", 1, "--json", workspace=folder)
    assert done.code == 0, done.err
    return done.json


def test_with_a_sample_the_estimate_holds_the_truth(circle, capsys):
    folder, truth, drawn = circle
    selection = evaluated(folder)["selection"]
    found = selection["below_threshold"]
    share = found["conversion"]
    with capsys.disabled():
        print(
            f"\nbelow the threshold: true {truth.mean():.2%} of {len(truth):,} leads, estimated {share['value']:.2%} "
            f"({share['low']:.2%} to {share['high']:.2%}) from {found['judged']}; of those sent "
            f"{selection['sent']['conversion']['value']:.1%}"
        )
    assert abs(len(drawn) - SHARE * len(truth)) < 4 * (SHARE * (1 - SHARE) * len(truth)) ** 0.5
    assert found["judged"] == len(drawn)
    assert found["stands_for"] == pytest.approx(len(drawn) / SHARE)
    assert share["low"] <= truth.mean() <= share["high"]
    assert share["high"] < selection["sent"]["conversion"]["low"]
    assert selection["says"][0].startswith("of the leads below the threshold")


def test_without_a_sample_the_report_says_that_it_cannot_be_known(circle, tmp_path):
    folder = tmp_path / "demo"
    shutil.copytree(circle[0], folder)
    only_sent_by_points(folder)
    found = evaluated(folder)
    says = "no lead was drawn at random from below the threshold, so what leads below the threshold would have become "
    assert f"{says}cannot be known" in found["warnings"]
    assert found["selection"]["below_threshold"] is None
    assert found["selection"]["reweighted"] is None
    json.dumps(found, allow_nan=False)


def test_the_audit_of_negative_rules_asks_the_drawn(circle):
    folder, _, drawn = circle
    done = salesworthy("policy", "audit", "--as-of", LATER, "--json", workspace=folder)
    assert done.code == 0, done.err
    assert done.json["drawn"] == len(drawn)
    rules = {each["rule"]: each for each in done.json["rules"]}
    known = [each for each in rules.values() if each["with"] is not None]
    assert known
    assert all(each["leads"]["with"] >= done.json["needed"] for each in known)
    assert rules["STUDENT_RESEARCH"]["leads"]["with"] == 0
    assert "cannot be known" in rules["STUDENT_RESEARCH"]["says"]
