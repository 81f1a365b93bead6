"""What goes to standard output is a result, and JSON is strict."""

from __future__ import annotations

import json

from salesworthy.cli.terminal import print_result, progress_bar, say, to_json


def test_figures_that_do_not_exist_are_null():
    assert json.loads(to_json({"a": float("nan"), "b": [float("inf"), 1.5], "c": ("x",)})) == {
        "a": None,
        "b": [None, 1.5],
        "c": ["x"],
    }


def test_json_output_is_one_document(capsys):
    with progress_bar() as progress:
        progress("step", 0.0)
    print_result({"a": 1}, "text for people", as_json=True)
    seen = capsys.readouterr()
    assert json.loads(seen.out) == {"a": 1}
    assert seen.err == "step ...\n"


def test_for_machines_each_message_is_a_document_on_its_line(capsys, monkeypatch):
    monkeypatch.setenv("SALESWORTHY_LOG", "json")
    with progress_bar() as progress:
        progress("features", 0.0)
    say("a\nb", event="failed", exit_code=3)
    step, failed = map(json.loads, capsys.readouterr().err.splitlines())
    assert (step["event"], step["step"]) == ("step", "features")
    assert (failed["event"], failed["exit_code"], failed["message"]) == ("failed", 3, "a\nb")
    assert step["time"].endswith("Z")
