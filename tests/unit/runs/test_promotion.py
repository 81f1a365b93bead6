"""Promotion of a model without skill, of one that somebody answers for, and of one against a champion."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from salesworthy.domain.errors import GateRefused, WrongUsage
from salesworthy.domain.moments import parse_moment
from salesworthy.runs.promotion import promote
from salesworthy.runs.train import train
from salesworthy.runs.workspace import open_workspace

pytestmark = pytest.mark.slow

LEADS = 900
SETTINGS = """
[tables.leads]
path = "leads.csv"
[tables.outcomes]
path = "outcomes.csv"
[features]
catalogue = []
auto = true
[label]
window_days = 30
"""


@pytest.fixture
def workspace(tmp_path):
    """Leads of one a day with visits that say much, or nothing, about whether they are accepted."""

    def made(*, skill):
        rng = np.random.default_rng(7)
        visits = rng.poisson(3, LEADS)
        won = rng.random(LEADS) < 1 / (1 + np.exp(1 - skill * (visits - 3)))
        days = [date(2023, 1, 1) + timedelta(days=number) for number in range(LEADS)]
        leads = [f"L{number},{day},{visits[number]}" for number, day in enumerate(days)]
        told = [
            f"L{number},{day + timedelta(days=3)},{'accepted' if won[number] else 'rejected'}"
            for number, day in enumerate(days)
        ]
        (tmp_path / "leads.csv").write_text("\n".join(["lead_id,created_at,visits", *leads]))
        (tmp_path / "outcomes.csv").write_text("\n".join(["lead_id,at,disposition", *told]))
        (tmp_path / "salesworthy.toml").write_text(SETTINGS)
        return open_workspace(tmp_path, environ={})

    return made


def trained(workspace, day):
    return train(workspace, as_of=parse_moment(day), now=1, splits=2).version


def test_a_model_without_skill_is_refused_unless_somebody_answers_for_it(workspace):
    none = workspace(skill=0.0)
    version = trained(none, "2025-07-01")
    with pytest.raises(GateRefused, match="SKILL: ROC AUC within months"):
        promote(none, version, by="J. Doe", now=2)
    assert none.registry.champion() is None
    for despite, because in ((["LUCK"], "why not"), (["SKILL"], " "), ([], "no condition")):
        with pytest.raises(WrongUsage):
            promote(none, version, by="J. Doe", now=2, despite=despite, because=because)
    event = promote(none, version, by="J. Doe", now=3, despite=["SKILL"], because="a rehearsal")
    assert event["note"].startswith("despite SKILL, because a rehearsal; SKILL: ROC AUC")


def test_a_challenger_is_weighed_against_the_champion_on_leads_that_came_later(workspace):
    good = workspace(skill=0.8)
    first = trained(good, "2024-09-01")
    assert promote(good, first, by="J. Doe", now=2)["gate"][-1]["says"] == "there is no champion to compare with"
    second = trained(good, "2025-07-01")
    condition = promote(good, second, by="J. Doe", now=3)["gate"][-1]
    assert (condition["code"], condition["holds"]) == ("CHAMPION", True)
    assert "leads (" in condition["says"]
    assert good.registry.champion().version == second
    assert promote(good, second, by="J. Doe", now=4)["gate"] == []
