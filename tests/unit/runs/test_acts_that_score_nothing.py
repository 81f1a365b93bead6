"""Off-label topics, transfers of value and unapproved campaigns: what anybody is told is the same with and without."""

from __future__ import annotations

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from tests.cases.pipeline import AS_OF, World, ago

from salesworthy.runs.check import checked_tables
from salesworthy.runs.features import features_for_spine
from salesworthy.runs.score import score
from salesworthy.runs.training_set import training_set
from salesworthy.runs.workspace import open_workspace

pytestmark = pytest.mark.slow

NOW = AS_OF.value // 1_000
LEADS = ("L1", "L2", "L3")
"""L1 and L3 share a site."""
ITEMS = {
    "evaluation_off": ("evaluation", "clinical_evaluation", "off_label"),
    "evidence_off": ("clinical_evidence", "clinical_evaluation", "off_label"),
    "named_off": ("Off-label dosing", "clinical_evaluation", None),
    "dinner": ("product_overview", "awareness", "transfer_of_value"),
    "speaker": ("speaker_training", "contract_setup", None),
}
"""Content that scores nothing: topic, buying step and status."""
CAMPAIGNS = {"APPROVED": ("webinar_series", ago(100)), "OPEN": ("webinar_series", None), "LATER": ("fair", ago(-1))}


class Place(World):
    """A world that may hold content and campaigns that score nothing."""

    def __init__(self, folder):
        super().__init__(folder)
        self.items = {}

    def _written(self):
        workspace = super()._written()
        content = pd.read_parquet(self.folder / "data" / "content.parquet").assign(approved_use=None)
        more = [
            {"content_id": name, "topic": topic, "buying_step": step, "product": None, "tagged_at": ago(900),
             "approved_use": status}
            for name, (topic, step, status) in self.items.items()
        ]  # fmt: skip
        pd.concat([content, pd.DataFrame(more, columns=content.columns)]).to_parquet(
            self.folder / "data" / "content.parquet"
        )
        settings = self.folder / "salesworthy.toml"
        settings.write_text(settings.read_text() + '[scoring]\nleads = "all"\n')
        return open_workspace(workspace.folder, environ={})


def quiet_place(folder):
    found = Place(folder)
    for number, lead in enumerate(LEADS):
        found.lead(lead, account=f"A{number % 2}", days=400)
        found.act(lead, 2 + number, "webinar", "clinical_outcomes", campaign_id="APPROVED")
        found.act(lead, 5, "click", "product_overview")
        found.consent(lead, 80, "opt_in")
        found.handed(lead, 300 - number)
        outcome = {"lead_id": lead, "at": ago(290 - number), "first_contact_at": ago(295)}
        found.rows["outcomes"].append({**outcome, "disposition": "accepted" if number else "rejected"})
    found.act("L2", 1, "form", "evaluation")
    found.rows["campaigns"] = [{"campaign_id": "APPROVED", "type": "webinar_series", "approved_at": ago(100)}]
    return found


@pytest.fixture
def place(tmp_path):
    return quiet_place(tmp_path)


def tempted(place):
    """The same place after people were fed, asked off-label questions and answered campaigns that nobody approved."""
    place.items = ITEMS
    place.rows["campaigns"] += [
        {"campaign_id": name, "type": sort, "approved_at": day}
        for name, (sort, day) in CAMPAIGNS.items()
        if name != "APPROVED"
    ]
    for lead in LEADS:
        for days in (1.5, 301, 320):
            place.act(lead, days, "form", "evaluation_off")
            place.act(lead, days - 0.4, "open", "evidence_off")
            place.act(lead, days, "webinar", "named_off")
            place.act(lead, days, "meal", None)
            place.act(lead, days, "Speaker role", "clinical_outcomes")
            place.act(lead, days, "booth", "dinner")
            place.act(lead, days, "download", "speaker")
            place.act(lead, days, "form", "demo", campaign_id="OPEN")
            place.act(lead, days, "form", "pricing", campaign_id="LATER")
            place.act(lead, days, "form", "demo", campaign_id="NOBODY KNOWS")
        place.act(lead, 5.00001, "click", "evidence_off")
        place.act(lead, 5.00002, "click", "named_off")


def told(workspace) -> dict[str, list[str]]:
    """Everything that a run says, without its name."""
    run = score(workspace, as_of=NOW, now=NOW)
    files = sorted((run.folder / "packets").glob("*.jsonl"))
    packets = [line.replace(run.manifest["run_id"], "") for each in files for line in each.read_text().splitlines()]
    tables = {name: pl.read_parquet(run.folder / name / "*.parquet").drop("run_id") for name in ("scores", "reasons")}
    return {name: [repr(row) for row in table.rows()] for name, table in tables.items()} | {"packets": packets}


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """What a run says of the place as it was."""
    return told(quiet_place(tmp_path_factory.mktemp("before"))._written())


def test_scores_reasons_and_packets_are_the_same_to_the_bit(place, before):
    assert len(before["scores"]) == 3
    assert before["packets"]
    tempted(place)
    workspace = place._written()
    assert told(workspace) == before
    found = {each.code: each.count for each in checked_tables(workspace).findings}
    assert found["NO_SCORE_OFF_LABEL"] == 3 * 11
    assert found["NO_SCORE_TRANSFER_OF_VALUE"] == 3 * 12
    assert found["NO_SCORE_UNAPPROVED_CAMPAIGN"] == 3 * 6
    assert found["APPROVED_LATER"] == 3 * 3


def test_nothing_is_learned_from_them(place):
    spine = pd.DataFrame({"lead_id": LEADS * 2, "as_of": [AS_OF] * 3 + [ago(299)] * 3})
    before = features_for_spine(place._written(), pa.Table.from_pandas(spine))
    learned = training_set(place._written(), as_of=NOW)
    tempted(place)
    workspace = place._written()
    assert features_for_spine(workspace, pa.Table.from_pandas(spine)).equals(before)
    again = training_set(workspace, as_of=NOW)
    assert again.data.features.equals(learned.data.features)
    assert again.data.label.tobytes() == learned.data.label.tobytes()


def test_they_count_once_they_are_approved(place, before):
    place.items = {"evaluation_off": ("evaluation", "clinical_evaluation", "approved")}
    place.act("L1", 1, "form", "evaluation_off", campaign_id="NEW")
    place.rows["campaigns"].append({"campaign_id": "NEW", "type": "webinar_series", "approved_at": ago(0.5)})
    assert told(place._written())["scores"] != before["scores"]
