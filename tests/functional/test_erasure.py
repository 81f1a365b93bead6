"""One person through everything that the product does, then erased: no byte of what it wrote names them."""

from __future__ import annotations

import json

import pytest
from tests.functional.conftest import DAY, salesworthy
from tests.unit.runs.product_files import names

pytestmark = pytest.mark.slow

RAW = ("data", "policy", "salesworthy.toml", "features.yaml", "said.csv")
NOTE = "canary: asked for her own records"


def test_an_erased_person_is_nowhere_in_what_was_written(published):
    workspace, run = published.workspace, published.run
    lines = (published.folder / "packets" / "part-0000.jsonl").read_text().splitlines()
    lead, other = (json.loads(line)["lead_id"] for line in lines[:2])
    (workspace / "said.csv").write_text(f"lead_id,at,by,disposition,note\n{lead},{DAY},K. Berg,accepted,{NOTE}\n")
    for command in (
        ("check", "--json"), ("explain", other, "--json"), ("export", "--map", "hubspot"), ("drift", "--as-of", DAY),
        ("score", "--leads", lead, "--as-of", DAY, "--publish"), ("feedback", workspace / "said.csv"),
    ):  # fmt: skip
        done = salesworthy(*command, workspace=workspace)
        assert done.code == 0, (command, done.err)
    before = names(workspace, lead, besides=RAW)
    for place in ("out/runs/", "out/exports/", "ledger.db", ".salesworthy/checked/"):
        assert any(name.startswith(place) for name in before), (place, before)
    assert names(workspace, NOTE, besides=RAW) == ["ledger.db"]

    erased = salesworthy("erase", lead, "--by", "C. Brandt", "--json", workspace=workspace)
    assert erased.code == 0, erased.err
    assert names(workspace, lead, besides=RAW) == names(workspace, NOTE, besides=RAW) == []
    receipt = erased.json
    assert [model["version"] for model in receipt["models"]] == ["v1"]
    assert (receipt["left"], receipt["nothing_found"]) == ([], False)
    assert lead not in erased.out
    assert salesworthy("audit", "verify", "--json", workspace=workspace).json["holds"]
    assert salesworthy("score", "--as-of", DAY, "--json", workspace=workspace).json["run_id"] != run["run_id"]
    assert names(workspace, lead, besides=RAW) == []
    unknown = salesworthy("explain", lead, "--as-of", DAY, workspace=workspace)
    assert unknown.code == 2
