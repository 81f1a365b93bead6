"""Erasing one person: everywhere, with a receipt, and without a trace in anybody else's rows."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from tests.cases.pipeline import AS_OF, World
from tests.unit.runs.product_files import names

from salesworthy.domain.errors import RunLocked, WrongUsage
from salesworthy.runs.check import check
from salesworthy.runs.erase import erase
from salesworthy.runs.export import export
from salesworthy.runs.feedback import load_feedback
from salesworthy.runs.lock import run_lock
from salesworthy.runs.publish import published
from salesworthy.runs.score import score
from salesworthy.runs.workspace import Workspace, open_workspace

pytestmark = pytest.mark.slow

NOW = AS_OF.value // 1_000
LEAD, MAIL, NOTE = "LEAD-CANARY-7", "canary.seven@example.test", "spoke of a patient called Quux"
SENSITIVE = "F32.2 severe canary"
OTHERS = ("L1", "L2", "L3")
RAW = ("data", "policy", "said.csv", "salesworthy.toml")
"""What belongs to the user: exports, policy, settings, a file that sales sent."""


class Marked(World):
    """A world whose leads have a sensitive column."""

    def _written(self) -> Workspace:
        super()._written()
        path = self.folder / "salesworthy.toml"
        path.write_text(path.read_text().replace("[tables.leads]\n", '[tables.leads]\nsensitive = ["diagnosis"]\n'))
        return open_workspace(self.folder, environ={})


@pytest.fixture(scope="module")
def scored(tmp_path_factory) -> Path:
    """Everything the product does, done with a person in it; not to be changed."""
    folder = tmp_path_factory.mktemp("erase")
    world = Marked(folder)
    for number, lead in enumerate((*OTHERS, LEAD)):
        world.lead(
            lead,
            account="A1" if lead in ("L1", LEAD) else f"A{number + 2}",
            mail=f"{lead}@example.test",
            diagnosis=SENSITIVE,
        )
        world.act(lead, 2, "form", "evaluation")
        world.consent(lead, 80, "opt_in")
    world.rows["leads"][-1] |= {"mail": MAIL}
    world.act(LEAD, 3, None, NOTE)
    world.rows["leads"].append({**world.rows["leads"][0], "lead_id": "L9", "created_at": None})
    world.scored()
    workspace = open_workspace(folder, environ={})
    export(workspace, "salesforce/lead")
    (folder / "said.csv").write_text(
        "lead_id,at,by,kind,disposition,reason,note\n"
        f"{LEAD},2026-03-09T10:00:00Z,K. Berg,,accepted,,{NOTE}\n"
        f"{LEAD},2026-03-09T10:00:00Z,K. Berg,,praise,,{NOTE}\n"
        "L1,2026-03-09T10:00:00Z,K. Berg,,accepted,,all well\n"
    )
    load_feedback(workspace, folder / "said.csv", now=NOW)
    (folder / "reports").mkdir()
    (folder / "reports" / "page.html").write_text(f"<td>{LEAD}</td><td>L1</td>")
    return folder


@pytest.fixture
def workspace(scored, tmp_path) -> Workspace:
    shutil.copytree(scored, tmp_path / "w", symlinks=True)
    return open_workspace(tmp_path / "w", environ={})


def rows(workspace: Workspace) -> dict[str, list[dict]]:
    """Every row of every table of every run, but the person's."""
    found = {}
    for path in sorted((workspace.folder / "out" / "runs").rglob("*.parquet")):
        table = pl.read_parquet(path)
        kept = table.filter(pl.col("lead_id") != LEAD) if "lead_id" in table.columns else table.clear()
        found[path.relative_to(workspace.folder).as_posix()] = kept.rows()
    return found


def packets(workspace: Workspace) -> dict[str, dict]:
    lines = [
        line for path in workspace.folder.glob("out/runs/*/packets/*.jsonl") for line in path.read_text().splitlines()
    ]
    return {packet["lead_id"]: packet for packet in map(json.loads, lines)}


def test_before_an_erasure_the_scan_finds_the_person_wherever_they_should_be(workspace):
    found = names(workspace.folder, LEAD, besides=RAW)
    places = (
        "scores/", "reasons/", "verdicts/", "packets/", "rejected/", "ledger.db", "exports/", ".salesworthy/checked/",
        "feedback/set_aside/", "reports/",
    )  # fmt: skip
    assert [place for place in places if not any(place in name for name in found)] == []
    assert names(workspace.folder, MAIL, besides=RAW)
    assert {"ledger.db", "feedback", "out"} <= {
        name.split("/")[0] for name in names(workspace.folder, NOTE, besides=RAW)
    }


def test_what_is_sensitive_is_nowhere_even_before(workspace):
    """Not in rows set aside either, nor in the checked tables."""
    assert names(workspace.folder, SENSITIVE) == ["data/leads.parquet"]


def test_afterwards_nothing_that_the_product_wrote_names_them(workspace):
    before, packet_before = rows(workspace), packets(workspace)
    assert any(each["lead_id"] == LEAD for each in packet_before["L1"]["colleagues"])
    receipt = erase(workspace, LEAD, by="C. Brandt", now=NOW)
    for needle in (LEAD, MAIL, NOTE):
        assert names(workspace.folder, needle, besides=RAW) == []
    assert receipt.complete
    assert rows(workspace) == before
    after = packets(workspace)
    assert after.keys() == packet_before.keys() - {LEAD}
    assert after["L2"] == packet_before["L2"]
    mended = {**packet_before["L1"], "colleagues": [], "deal": after["L1"]["deal"]}
    assert after["L1"] == mended
    workspace.ledger.verify_audit()
    for run in (workspace.folder / "out" / "runs").glob("[!.]*"):
        manifest = published(workspace.default_out, run.name)
        assert manifest is not None
        (note,) = manifest["erasures"]
        assert note["why"] == "erased"
        assert sum(manifest["counts"].values()) == manifest["files"]["scores/part-0000.parquet"]["rows"] == len(OTHERS)


def test_the_receipt_says_what_was_found_where_and_names_nobody(workspace):
    receipt = erase(workspace, LEAD, by="C. Brandt", now=NOW).document
    assert receipt["found"]["tables"] == {"leads": 1, "engagements": 1, "consents": 1}
    assert receipt["found"]["ledger"] == {"decisions": 1, "feedback": 1, "lead_ids": 1, "texts": 1}
    (run,) = receipt["found"]["runs"].values()
    assert (run["scores/part-0000.parquet"], run["packets/part-0000.jsonl"]) == (1, len([LEAD, "a colleague"]) + 1)
    assert run["rejected/engagements.parquet"] == 1
    assert (receipt["by"], receipt["nothing_found"], receipt["models"], receipt["left"]) == ("C. Brandt", False, [], [])
    assert "source system" in " ".join(receipt["notes"])


def test_the_person_stays_out_of_later_runs_and_the_rest_scores_as_before(workspace):
    before = {row["lead_id"]: row for row in scores(workspace)}
    erase(workspace, LEAD, by="C. Brandt", now=NOW)
    report = {each.table: each for each in check(workspace).checked.reports}
    assert {table: each.suppressed for table, each in report.items() if each.suppressed} == {
        "leads": 1, "engagements": 2, "consents": 1,
    }  # fmt: skip
    assert all(each.rows_in == each.kept + sum(each.rejected.values()) + each.suppressed for each in report.values())
    run = score(workspace, as_of=NOW, now=NOW)
    assert not run.already_published
    after = {row["lead_id"]: row for row in pl.read_parquet(run.folder / "scores" / "*.parquet").to_dicts()}
    assert after.keys() == set(OTHERS)
    for lead in ("L2", "L3"):
        assert {**after[lead], "run_id": ""} == {**before[lead], "run_id": ""}
    again = load_feedback(workspace, workspace.folder / "said.csv", now=NOW)
    assert again.rejected["UNKNOWN_LEAD"] >= 1
    assert names(workspace.folder, LEAD, besides=RAW) == []


def scores(workspace: Workspace) -> list[dict]:
    return pl.read_parquet(workspace.folder / "out" / "latest" / "scores" / "*.parquet").to_dicts()


def test_a_second_time_and_a_stranger_get_a_receipt_that_says_nothing_was_found(workspace):
    erase(workspace, LEAD, by="C. Brandt", now=NOW)
    state = rows(workspace)
    for lead in (LEAD, "NOBODY-EVER"):
        receipt = erase(workspace, lead, by="C. Brandt", now=NOW + 1)
        assert (receipt.document["nothing_found"], receipt.document["found"]) == (True, {})
    assert rows(workspace) == state
    with pytest.raises(WrongUsage):
        erase(workspace, LEAD, by=" ", now=NOW)


def test_a_run_elsewhere_is_remembered(workspace, tmp_path):
    score(workspace, as_of=NOW, now=NOW, out=tmp_path / "elsewhere")
    assert names(tmp_path / "elsewhere", LEAD)
    erase(workspace, LEAD, by="C. Brandt", now=NOW)
    assert names(tmp_path / "elsewhere", LEAD) == []


def test_nobody_erases_while_somebody_publishes(workspace):
    with run_lock(workspace.default_out), pytest.raises(RunLocked):
        erase(workspace, LEAD, by="C. Brandt", now=NOW)
    assert names(workspace.folder, LEAD, besides=RAW)


KILLED = """
import os, signal, sys
from pathlib import Path
from salesworthy.runs import erase, erase_published, erase_removal
from salesworthy.runs.workspace import open_workspace
steps = 0
def counted(inner):
    def step(*a, **k):
        global steps
        steps += 1
        if steps == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
        return inner(*a, **k)
    return step
steps_of = ((Path, "replace"), (Path, "rename"), (Path, "unlink"), (erase_published, "exchange"),
            (erase_published, "write_without"), (erase_removal.shutil, "rmtree"), (erase_removal, "clean_exports"))
for module, name in steps_of:
    setattr(module, name, counted(getattr(module, name)))
erase.erase(open_workspace(sys.argv[1], environ={}), sys.argv[3], by="C. Brandt", now=int(sys.argv[4]))
"""


def test_killed_anywhere_the_same_command_again_finishes_it(scored, tmp_path):
    expected = None
    for step in (1, 3, 4, 5, 6, 8, 9, 11, 14, 40):
        folder = tmp_path / str(step)
        shutil.copytree(scored, folder, symlinks=True)
        command = [sys.executable, "-c", KILLED, folder, str(step), LEAD, str(NOW)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        workspace = open_workspace(folder, environ={})
        receipt = erase(workspace, LEAD, by="C. Brandt", now=NOW).document
        assert names(folder, LEAD, besides=RAW) == []
        assert not list(folder.rglob(".erasing-*"))
        for run in (folder / "out" / "runs").glob("[!.]*"):
            assert published(workspace.default_out, run.name)
        if done.returncode == -9:
            runs = receipt["found"]["runs"]
            expected = expected or runs
            assert runs == expected
            assert receipt["found"]["ledger"]["texts"] == 1
        else:
            assert done.returncode == 0, done.stderr


TWINS = """
[tables.leads]
path = "leads.csv"
[duplicates.people]
first_name = "first"
last_name = "last"
email = "mail"
"""


def test_further_entries_of_the_same_person_go_with_them(tmp_path):
    (tmp_path / "salesworthy.toml").write_text(TWINS)
    people = [
        f"P-00000{number},2026-01-0{number},Name{number},Family{number},n{number}@site{number}.test"
        for number in range(1, 8)
    ]
    again = "P-000099,2026-01-09,Name3,Family3,n3@site3.test"
    (tmp_path / "leads.csv").write_text("\n".join(["lead_id,created_at,first,last,mail", *people, again]) + "\n")
    workspace = open_workspace(tmp_path, environ={})
    assert check(workspace).checked.reports[0].merged == 1
    receipt = erase(workspace, "P-000099", by="C. Brandt", now=NOW).document
    assert len(receipt["also"]) == 1
    report = check(workspace).checked.reports[0]
    assert (report.kept, report.suppressed, report.merged) == (6, 2, 0)
    assert not names(tmp_path, "P-000003", besides=("leads.csv",)) + names(tmp_path, "P-000099", besides=("leads.csv",))
