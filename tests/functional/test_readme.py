"""What the README promises about your own data, run as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.functional.conftest import salesworthy

from salesworthy.runs.init import policy_files, template

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def readme_settings():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.search(r"<!-- own-data.*?```toml\n(.*?)```", text, re.DOTALL)[1]


@pytest.fixture
def own_export(tmp_path):
    """An export as a CRM writes it: other names, a local date format, a comment that nobody should learn from."""
    chance = np.random.default_rng(1)
    count = 900
    created = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.sort(chance.integers(0, 500, count)), unit="D")
    size = chance.choice(["small", "large", "unknown"], count)
    visits = chance.poisson(3, count)
    won = chance.random(count) < 1 / (1 + np.exp(2.2 - 0.4 * visits - 1.2 * (size == "large")))
    leads = pd.DataFrame(
        {
            "Id": [f"{number:05d}" for number in range(count)],
            "Created": created.strftime("%d.%m.%Y"),
            "Size": size,
            "Visits": visits,
            "Comment": np.where(won, "signed", "called, no interest"),
        }
    )
    closed = created + pd.to_timedelta(chance.integers(1, 60, count), unit="D")
    deals = pd.DataFrame(
        {"Lead Id": leads["Id"], "Closed On": closed.strftime("%Y-%m-%d"), "Status": np.where(won, "Won", "Lost")}
    )
    leads.to_csv(tmp_path / "leads.csv", sep=";", index=False)
    deals.iloc[: count - 50].to_csv(tmp_path / "deals.csv", index=False)
    (tmp_path / "salesworthy.toml").write_text(readme_settings())
    return tmp_path


def test_fifteen_lines_are_enough(own_export):
    assert len([line for line in readme_settings().splitlines() if line and not line.startswith("[")]) <= 15
    checked = salesworthy("check", "--json", workspace=own_export, anew=True)
    assert checked.code == 0, checked.err
    assert sorted(checked.json["features"]["usable"]) == ["Size", "Visits", "lead_age_days"]
    assert salesworthy("evaluate", "--splits", 2, workspace=own_export, anew=True).code == 0
    trained = salesworthy("train", "--json", workspace=own_export, anew=True)
    assert trained.code == 0, trained.err
    assert salesworthy("promote", "v1", "--by", "J. Doe", workspace=own_export, anew=True).code == 0
    scored = salesworthy("score", "--json", workspace=own_export, anew=True)
    assert scored.code == 0, scored.err
    assert scored.json["counts"] == {"SCORED": 50}
    told = salesworthy("explain", "00899", "--json", workspace=own_export, anew=True)
    assert told.code == 0, told.err
    assert told.json["lead_id"] == "00899"


def test_the_repository_is_the_example_workspace():
    assert (ROOT / "salesworthy.toml").read_text() == template("example.toml")
    assert (ROOT / "features.yaml").read_text() == template("example.yaml")
    assert sorted(path.name for path in (ROOT / "policy").iterdir()) == list(policy_files())
    for name in policy_files():
        assert (ROOT / "policy" / name).read_text() == template(f"policy/{name}")


@pytest.mark.parametrize(
    "link", re.findall(r"\]\((?!http)([^)#]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
)
def test_links_lead_somewhere(link):
    assert (ROOT / link).exists()
