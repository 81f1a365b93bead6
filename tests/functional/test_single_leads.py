"""A few leads from kept SQL: what the batch says of them, to the last bit, and nothing where anything changed."""

from __future__ import annotations

import json
import os
import sys

import pyarrow.parquet as pq
import pytest
from tests.functional.conftest import DAY, salesworthy

import salesworthy as sw
from salesworthy.runs.explain import explain_now
from salesworthy.runs.few_quickly import quick_leads
from salesworthy.runs.workspace import open_workspace

pytestmark = pytest.mark.slow
KEEP = {"SALESWORTHY__SCORING__SINGLE_LEADS": "true"}
FORBIDDEN = {"ibis", "polars", "sqlglot", "sklearn", "mlflow", "shap", "altair", "lightgbm", "numba", "scipy"}
SHOWS_MODULES = "import sys; from salesworthy.cli.main import run; code = run(sys.argv[1:]); "
SHOWS_MODULES += "print(sorted({each.split('.')[0] for each in sys.modules}), file=sys.stderr); sys.exit(code)"
TABLES = ("scores", "reasons", "verdicts")
FROM_THE_RUN = ("run_id", "owner", "respond_by")
"""Capacity counts as free for single leads."""


@pytest.fixture(scope="module")
def scored(trained, tmp_path_factory):
    """A workspace with a published run and kept SQL; not to be changed."""
    import shutil

    folder = tmp_path_factory.mktemp("single") / "demo"
    shutil.copytree(trained, folder, ignore=shutil.ignore_patterns("out"))
    done = salesworthy("score", "--as-of", DAY, "--json", workspace=folder, **KEEP)
    assert done.code == 0, done.err
    return folder, done.json


def of_run(folder, run, name, lead):
    rows = pq.read_table(folder / "out" / "runs" / run["run_id"] / name).to_pylist()
    return [
        {key: value for key, value in row.items() if key not in FROM_THE_RUN} for row in rows if row["lead_id"] == lead
    ]


def chosen(folder, run):
    """One lead of each decision."""
    rows = pq.read_table(
        folder / "out" / "runs" / run["run_id"] / "scores", columns=["lead_id", "decision"]
    ).to_pylist()
    return {row["decision"]: row["lead_id"] for row in rows}


def test_figures_reasons_and_verdicts_are_those_of_the_batch(scored):
    folder, run = scored
    workspace = open_workspace(folder)
    at, leads = workspace.moment(DAY), chosen(folder, run)
    assert {"MQL", "NURTURE", "DISQUALIFIED", "HELD"} <= set(leads)
    with quick_leads(workspace) as quick:
        assert quick is not None, "the run kept no SQL"
        found = quick.score(list(leads.values()), as_of=at, place=workspace.default_out)
    for name in ("scores", "reasons", "verdicts"):
        told = [{k: v for k, v in row.items() if k not in FROM_THE_RUN} for row in getattr(found, name).to_pylist()]
        for lead in leads.values():
            assert [row for row in told if row["lead_id"] == lead] == of_run(folder, run, name, lead), (name, lead)


def test_it_says_what_the_long_road_says_also_of_another_moment(scored):
    folder, run = scored
    workspace = open_workspace(folder, environ={**os.environ, "SALESWORTHY__SCORING__SINGLE_LEADS": "false"})
    at, leads = workspace.moment("2026-07-09T11:30:00Z"), list(chosen(folder, run).values())
    quickly = explain_now(workspace, leads, as_of=at)
    kept = workspace.cache / "few_leads"
    hidden = kept.rename(kept.with_name("hidden"))
    try:
        assert explain_now(workspace, leads, as_of=at) == quickly
    finally:
        hidden.rename(kept)


def test_nothing_heavy_is_loaded(scored):
    import subprocess

    folder, run = scored
    lead = chosen(folder, run)["MQL"]
    command = [sys.executable, "-c", SHOWS_MODULES, "-w", folder, "score", "--as-of", DAY, "--leads", lead, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["leads"][0]["lead_id"] == lead
    assert FORBIDDEN.isdisjoint(eval(done.stderr.splitlines()[-1]))  # noqa: S307  # a list of ours


def test_an_unknown_lead_is_told_as_ever(scored):
    folder, _ = scored
    done = salesworthy("score", "--as-of", DAY, "--leads", "nobody", "--json", workspace=folder)
    assert (done.code, "nobody" in done.json["error"]["what"]) == (2, True)


def many(folder, run):
    """Leads of every decision, and some that were handed over before, or never did anything."""
    scores = folder / "out" / "runs" / run["run_id"] / "scores"
    rows = pq.read_table(scores, columns=["lead_id", "decision"]).to_pylist()
    market = folder / "data" / "market"
    acted, handed = (
        {*pq.read_table(market / f"{name}.parquet")["lead_id"].to_pylist()} for name in ("engagements", "handoffs")
    )
    ids = [row["lead_id"] for row in rows]
    found = [*[each for each in ids if each in handed][:8], *[each for each in ids if each not in acted][:4]]
    for decision in sorted({row["decision"] for row in rows}):
        found += [row["lead_id"] for row in rows if row["decision"] == decision][-7:]
    return list(dict.fromkeys(found))


def without_run(rows):
    return [{key: value for key, value in row.items() if key not in FROM_THE_RUN} for row in rows]


def test_leads_that_stay_open_say_of_many_what_the_batch_says(scored):
    folder, run = scored
    workspace = open_workspace(folder)
    at, leads = workspace.moment(DAY), many(folder, run)
    parts = {name: pq.read_table(folder / "out" / "runs" / run["run_id"] / name).to_pylist() for name in TABLES}
    with sw.open_leads(workspace) as opened, quick_leads(workspace) as quick:
        opened.score(leads[:1], as_of=at)
        ready = opened._quick.ask_memory
        assert ready is not None, "the tables in memory are not believed"
        for number, lead in enumerate(leads):
            found = opened.score([lead], as_of=at)
            for name, rows in parts.items():
                of_batch = without_run(row for row in rows if row["lead_id"] == lead)
                assert without_run(getattr(found, name).to_pylist()) == of_batch, (lead, name)
            if number % 5 == 0:  # also at a moment of which there is no run, and packets
                later = at + number * 3_600_000_001
                told = opened.score([lead], as_of=later)
                asked = quick.score([lead], as_of=later, place=workspace.default_out)
                assert (told.scores, told.reasons, told.verdicts) == (asked.scores, asked.reasons, asked.verdicts)
                assert told.packets == asked.packets
        assert opened._quick.ask_memory == ready


def test_acts_that_are_in_no_file_yet_count_as_if_they_were(scored, tmp_path):
    import shutil

    folder, run = scored
    at = open_workspace(folder).moment(DAY)
    copy = shutil.copytree(folder, tmp_path / "demo")
    market, lead = copy / "data" / "market" / "engagements.parquet", chosen(folder, run)["MQL"]
    acts = pq.read_table(market)
    mine = [row for row, each in enumerate(acts.to_pylist()) if each["lead_id"] == lead and each["kind"] != "click"]
    more = acts.take(mine[-3:])
    assert more.num_rows
    pq.write_table(acts.take([row for row in range(acts.num_rows) if row not in mine[-3:]]), market)
    workspace = open_workspace(copy, environ={**os.environ, **KEEP})
    with sw.open_leads(workspace) as opened:
        answers = [opened.score([lead], as_of=at, engagements=each) for each in (more, more, None)]
        assert opened._quick.ask_memory is not None
        with pytest.raises(sw.UserError, match="not asked about"):
            opened.score(["nobody"], as_of=at, engagements=more)
    for found in answers[:2]:  # of the files first, then of memory
        for name in TABLES:
            assert without_run(getattr(found, name).to_pylist()) == of_run(folder, run, name, lead), name
    assert answers[2].scores != answers[0].scores


def test_leads_stay_open_and_see_a_policy_that_changes(scored, tmp_path):
    import shutil

    folder, run = scored
    copy = tmp_path / "demo"
    shutil.copytree(folder, copy)
    workspace = open_workspace(copy)
    at, lead = workspace.moment(DAY), chosen(folder, run)["NURTURE"]
    with sw.open_leads(workspace) as leads:
        first = leads.score([lead], as_of=at)
        assert first.scores.equals(leads.score([lead], as_of=at).scores)
        approvals = copy / "policy" / "approvals.yaml"
        approvals.write_text("approvals: []\n", encoding="utf-8")
        with pytest.raises(sw.UserError, match="draft"):
            leads.score([lead], as_of=at)
