"""A tiny workspace made of tables, scored as any other: settings, intake, features, rules, decision, packet."""

from __future__ import annotations

import json
import shutil

import pandas as pd
import pyarrow.dataset as ds
from tests.unit.qualification.conftest import EXAMPLE

from salesworthy.runs.score import score
from salesworthy.runs.workspace import open_workspace

AS_OF = pd.Timestamp("2026-03-10", tz="UTC")
SPECIALTIES = "surgery;intensive_care;cardiology;laboratory;gastroenterology"
STEPS = {
    "awareness": ["product_overview"],
    "clinical_evaluation": ["evaluation", "demo", "sample", "clinical_outcomes", "clinical_evidence"],
    "procurement_review": ["procurement", "pricing"],
}
NUMBERS = ("beds", "beds_reported", "value", "probability")
CARRIED = {"beds_reported": None, "email_kind": "corporate", "form_fields_filled": 4.0, "competitor_installed": False}
LEAD = {
    "role": "physician", "department": "cardiology", "specialty": "cardiology", "source": "webinar",
    "campaign_id": None, "product": "patient_monitor", "use_case": "replacement", "timeframe": None, **CARRIED,
}  # fmt: skip
SITE = {
    "parent_account_id": None, "name": "St <b>Anna</b>", "facility_type": "ambulatory_surgery_centre",
    "specialties": SPECIALTIES, "region": "uk_ireland", "country": "GB", "beds": 120.0, "existing_customer": False,
}  # fmt: skip
COLUMNS = {
    "engagements": ["lead_id", "occurred_at", "known_at", "kind", "content_id", "campaign_id", "agent", "value"],
    "consents": ["lead_id", "at", "state", "channel", "purpose", "content_type", "notice_version", "region"],
    "handoffs": ["lead_id", "handed_at", "path", "probability", "policy_version", "model_version"],
    "outcomes": ["lead_id", "at", "disposition", "reason", "reason_matched", "first_contact_at"],
    "campaigns": ["campaign_id", "type", "approved_at"],
}


def ago(days):
    """So many days before the moment asked about."""
    return AS_OF - pd.Timedelta(days=days)


class World:
    """Leads, acts and consents, written down as people tell them."""

    def __init__(self, folder):
        self.folder = folder
        self.rows = {"leads": [], "accounts": [], **{name: [] for name in COLUMNS}}

    def lead(self, lead_id, account="A1", days=90, site=None, **facts):
        """A lead at a site."""
        row = {"lead_id": lead_id, "account_id": account, "created_at": ago(days), **LEAD, **facts}
        self.rows["leads"].append(row)
        if account not in [each["account_id"] for each in self.rows["accounts"]]:
            self.rows["accounts"].append({"account_id": account, "created_at": ago(900), **SITE, **(site or {})})

    def act(self, lead_id, days, kind, topic, **more):
        """Something that a lead did."""
        self.rows["engagements"].append(
            {"lead_id": lead_id, "occurred_at": ago(days), "kind": kind, "content_id": topic, **more}
        )

    def consent(self, lead_id, days, state, channel="email"):
        """What a lead agreed to."""
        self.rows["consents"].append({"lead_id": lead_id, "at": ago(days), "state": state, "channel": channel})

    def handed(self, lead_id, days, contact=None):
        """Given to sales, who called so many days before the moment asked about."""
        self.rows["handoffs"].append({"lead_id": lead_id, "handed_at": ago(days), "path": "rule"})
        if contact is not None:
            told = {"lead_id": lead_id, "at": ago(contact), "disposition": "open", "first_contact_at": ago(contact)}
            self.rows["outcomes"].append(told)

    def scored(self, **options):
        """Scores by lead, packets by lead, and the manifest of a run."""
        workspace = self._written()
        micros = AS_OF.value // 1_000
        run = score(workspace, as_of=micros, now=micros, **options)
        scores = {row["lead_id"]: row for row in ds.dataset(run.folder / "scores").to_table().to_pylist()}
        lines = (run.folder / "packets" / "part-0000.jsonl").read_text(encoding="utf-8").splitlines()
        return scores, {each["lead_id"]: each for each in map(json.loads, lines)}, run.manifest

    def _written(self):
        data = self.folder / "data"
        data.mkdir(exist_ok=True)
        self.rows["content"] = [
            {"content_id": topic, "buying_step": step, "topic": topic, "product": None, "tagged_at": ago(900)}
            for step, topics in STEPS.items()
            for topic in topics
        ]
        lines = ['[policy]\npath = "policy"']
        for name, rows in self.rows.items():
            frame = pd.DataFrame(rows, columns=COLUMNS.get(name))
            frame = frame.astype({each: "float64" for each in NUMBERS if each in frame})
            frame.to_parquet(data / f"{name}.parquet")
            lines.append(f'[tables.{name}]\npath = "data/{name}.parquet"')
        (self.folder / "salesworthy.toml").write_text("\n".join(lines) + "\n")
        if not (self.folder / "policy").exists():
            shutil.copytree(EXAMPLE, self.folder / "policy")
        return open_workspace(self.folder, environ={})
