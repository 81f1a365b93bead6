"""The governance commands: what they print, where, and how they end."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from salesworthy.cli.main import run
from salesworthy.runs.init import write_workspace

COMMANDS = ["check", "cases", "diff", "replay", "approve", "handbook"]
DAY = "2026-07-01"
DOCUMENTATION = Path(__file__).parents[3] / "docs" / "policy.md"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("governance") / "demo"
    write_workspace(folder, example=True, leads=300, seed=3)
    return folder


@pytest.fixture
def workspace(made, tmp_path):
    return shutil.copytree(made, tmp_path / "demo")


@pytest.fixture
def policy(workspace):
    """Runs a command of the workspace; gives its exit code, and what it printed."""

    def command(*arguments):
        return run(["-w", str(workspace), "policy", *map(str, arguments)])

    return command


def change(folder, file, old, new):
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, (file, old)
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


OVERRIDE = """
overrides:
  - code: KEY_CUSTOMER
    lead: L0000042
    decision: MQL
    reason: asked by the managing director
    owner: H. Lindqvist
    starts: 2026-01-01
    expires: 2026-03-01
"""


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(capsys, command):
    assert run(["policy", command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"Example: salesworthy policy {command}" in shown
    assert "--json" in shown


def test_check_tells_version_status_and_rules(policy, capsys):
    assert policy("check", "--as-of", DAY) == 0
    shown = capsys.readouterr().out
    assert "policy 2026.1" in shown
    assert "Approved by compliance (C. Brandt" in shown
    assert "policy_review_overdue: the rule STUDENT (" in shown
    assert "more policy_review_overdue (--json lists all)" in shown
    assert "No run under a policy has been published yet" in shown


def test_check_as_json_is_one_document(policy, capsys):
    assert policy("check", "--as-of", DAY, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["approved"] is True
    assert [each["role"] for each in found["signatures"]] == ["sales_leadership", "marketing_operations", "compliance"]
    assert found["rules"]["require"]["rules"] == found["rules"]["require"]["in_force"] > 0
    assert {"role", "accounts.region"} <= set(found["columns_read"])
    assert found["latest_run"] is None


def test_all_mistakes_come_with_file_and_line(policy, workspace, capsys):
    lines = {
        f"policy/10_fit.yaml:{change(workspace / 'policy', '10_fit.yaml', 'role in (', 'rolle in (')}",
        f"policy/00_policy.yaml:{change(workspace / 'policy', '00_policy.yaml', 'minimum_outcomes: 200', 'minimum_outcomes: many')}",  # noqa: E501
        f"policy/60_routing.yaml:{change(workspace / 'policy', '60_routing.yaml', 'owner: na_surgery', 'owner: na_surgry')}",  # noqa: E501
    }
    assert policy("check", "--json") == 3
    shown = capsys.readouterr()
    found = json.loads(shown.out)["error"]["mistakes"]
    assert {each["where"] for each in found} == lines
    assert "did you mean" in " ".join(each["todo"] for each in found)
    assert all(line in shown.err for line in lines)


def test_a_stale_override_fails_loudly(policy, workspace, capsys):
    with (workspace / "policy" / "80_governance.yaml").open("a", encoding="utf-8") as file:
        file.write(OVERRIDE)
    assert policy("check", "--as-of", "2026-02-01", "--json") == 0
    capsys.readouterr()
    assert policy("check", "--as-of", DAY, "--json") == 5
    shown = capsys.readouterr()
    assert "policy_override_stale" in {each["code"] for each in json.loads(shown.out)["findings"]}
    assert "error: the override KEY_CUSTOMER of lead L0000042" in shown.err


def test_check_shows_alarms_and_missing_facts_of_the_newest_run(policy, workspace, capsys):
    folder = workspace / "out" / "runs" / "20260701-ab"
    folder.mkdir(parents=True)
    says = "the rule SITE_ASKED (x) touches nobody of 900 leads"
    manifest = {
        "run_id": "20260701-ab", "files": {}, "as_of": DAY, "policy_version": "2026.1", "policy_sha256": "0" * 64,
        "findings": [
            {"code": "rule_touches_nobody", "severity": "warn", "says": says, "todo": "mend it"},
            {"code": "policy_review_overdue", "severity": "warn", "says": "old news", "todo": ""},
        ],
        "form_capture": [{"fact": "role", "unknown": 1234, "rules": ["NAMED_ROLE", "BUYER"]}],
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (workspace / "out" / "latest").symlink_to("runs/20260701-ab")
    assert policy("check", "--as-of", DAY) == 0
    shown = capsys.readouterr().out
    assert "Alarms of run 20260701-ab, as of 2026-07-01, policy 2026.1, which had other content: 1" in shown
    assert says in shown
    assert "old news" not in shown
    assert "role: 1,234 verdicts, of NAMED_ROLE, BUYER" in shown


def test_diff_is_in_plain_sentences_and_needs_no_workspace(workspace, tmp_path, capsys, monkeypatch):
    old = workspace / "policy"
    new = shutil.copytree(old, tmp_path / "next")
    change(new, "00_policy.yaml", "fit_at_least: C", "fit_at_least: B")
    monkeypatch.chdir(tmp_path)
    assert run(["policy", "diff", str(old), "next"]) == 0
    shown = capsys.readouterr().out
    assert "1 difference" in shown
    assert "The fit at least of the criteria set INFUSION_PUMP_DACH" in shown
    assert "DRAFT: sales leadership and marketing operations and compliance have yet to sign" in shown
    assert run(["policy", "diff", str(old), str(old), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["differences"] == []
    assert run(["policy", "diff", str(old), "nowhere"]) == 3


def test_three_people_sign_and_nobody_twice(policy, workspace, capsys):
    (workspace / "policy" / "approvals.yaml").unlink()
    assert policy("approve", "--role", "compliance", "--by", "C. Brandt", "--json") == 0
    assert json.loads(capsys.readouterr().out)["missing"] == ["sales leadership", "marketing operations"]
    signed = (workspace / "policy" / "approvals.yaml").read_bytes()
    assert policy("approve", "--role", "compliance", "--by", "C. Brandt") == 0
    assert "had signed already" in capsys.readouterr().out
    assert policy("approve", "--role", "sales_leadership", "--by", "c. brandt") == 5
    assert "somebody else signs" in capsys.readouterr().err
    assert policy("approve", "--role", "sales", "--by", "H. Lindqvist") == 2
    assert (workspace / "policy" / "approvals.yaml").read_bytes() == signed
    assert policy("approve", "--role", "sales_leadership", "--by", "H. Lindqvist") == 0
    assert "Still missing: marketing operations" in capsys.readouterr().out
    assert policy("approve", "--role", "marketing_operations", "--by", "R. Costa", "--json") == 0
    assert json.loads(capsys.readouterr().out)["approved"] is True


def test_nobody_signs_what_does_not_fit_the_workspace(policy, workspace):
    change(workspace / "policy", "10_fit.yaml", "role in (", "rolle in (")
    before = (workspace / "policy" / "approvals.yaml").read_bytes()
    assert policy("approve", "--role", "compliance", "--by", "C. Brandt") == 3
    assert (workspace / "policy" / "approvals.yaml").read_bytes() == before


def test_the_handbook_as_text_as_page_and_as_json(policy, tmp_path, capsys):
    assert policy("handbook", "--as-of", DAY) == 0
    text = capsys.readouterr().out
    assert text.startswith("# Lead qualification")
    assert policy("handbook", "--as-of", DAY, "--out", tmp_path / "handbook.html") == 0
    assert (tmp_path / "handbook.html").read_text().startswith("<!doctype html>")
    assert policy("handbook", "--as-of", DAY, "--out", tmp_path / "handbook.md") == 0
    assert (tmp_path / "handbook.md").read_text() == text
    capsys.readouterr()
    assert policy("handbook", "--as-of", DAY, "--json") == 0
    assert json.loads(capsys.readouterr().out)["handbook"] == text


def test_a_case_runs_alone_and_an_unknown_one_is_named(policy, capsys):
    assert policy("cases", "EVALUATION_TO_OLD") == 2
    assert "EVALUATION_TOO_OLD" in capsys.readouterr().err


def test_a_workspace_without_a_policy_is_told_where_to_begin(policy, workspace, capsys):
    shutil.rmtree(workspace / "policy")
    settings = workspace / "salesworthy.toml"
    settings.write_text(settings.read_text().replace('[policy]\npath = "policy"\n', ""))
    assert policy("check") == 3
    assert "docs/policy.md" in capsys.readouterr().err


WINDOWS = {("2026-03-03", "2026-03-08"): "no Monday", ("2026-03-01", "2026-03-31"): "beyond what is known"}


@pytest.mark.parametrize(("window", "says"), WINDOWS.items(), ids=str)
def test_windows_that_cannot_be_replayed(policy, workspace, capsys, window, says):
    folder = workspace / "policy"
    assert policy("replay", folder, "--from", window[0], "--to", window[1], "--as-of", "2026-03-10") == 2
    assert says in capsys.readouterr().err


def test_the_policy_in_the_documentation_is_one(policy, workspace, capsys):
    text = DOCUMENTATION.read_text(encoding="utf-8")
    small, overrides = (block.partition("```")[0] for block in text.split("```yaml\n")[1:3])
    shutil.rmtree(workspace / "policy")
    (workspace / "policy").mkdir()
    (workspace / "policy" / "policy.yaml").write_text(small + overrides, encoding="utf-8")
    assert policy("check", "--as-of", "2026-04-02") == 0
    assert policy("cases") == 0
    assert "1 of 1 worked cases hold" in capsys.readouterr().out
