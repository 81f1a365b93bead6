"""Figures for Prometheus: one file per command, replaced whole, in the text format, with the last success kept."""

from __future__ import annotations

from salesworthy.cli.metrics import HELP, Metrics

SECOND = 1_000_000


def lines(folder, command="score"):
    text = (folder / f"salesworthy_{command}.prom").read_text(encoding="utf-8")
    return dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))


def test_a_run_leaves_its_figures(tmp_path):
    metrics = Metrics(tmp_path / "prom", "score", started=10 * SECOND)
    metrics.set_each("leads", {"MQL": 3, "HELD": 0}, "decision")
    metrics.write(0, finished=14 * SECOND)
    assert lines(tmp_path / "prom") == {
        'salesworthy_exit_code{command="score"}': "0",
        'salesworthy_finished_timestamp_seconds{command="score"}': "14",
        'salesworthy_succeeded_timestamp_seconds{command="score"}': "14",
        'salesworthy_duration_seconds{command="score"}': "4",
        'salesworthy_leads{command="score",decision="HELD"}': "0",
        'salesworthy_leads{command="score",decision="MQL"}': "3",
    }
    assert [path.name for path in (tmp_path / "prom").iterdir()] == ["salesworthy_score.prom"]


def test_a_failure_keeps_the_moment_of_the_last_success(tmp_path):
    Metrics(tmp_path, "score", started=0).write(0, finished=5 * SECOND)
    Metrics(tmp_path, "score", started=8 * SECOND).write(4, finished=9 * SECOND)
    found = lines(tmp_path)
    assert found['salesworthy_exit_code{command="score"}'] == "4"
    assert found['salesworthy_succeeded_timestamp_seconds{command="score"}'] == "5"


def test_a_command_that_never_succeeded_says_so_by_silence(tmp_path):
    Metrics(tmp_path, "score", started=0).write(70, finished=SECOND)
    assert not [name for name in lines(tmp_path) if "succeeded" in name]


def test_labels_cannot_break_out_of_their_quotes(tmp_path):
    metrics = Metrics(tmp_path, "score", started=0)
    metrics.set("rejected_rows", 1, table='a"b\\c\nd')
    assert r'{command="score",table="a\"b\\c\nd"} 1' in metrics.as_text()


def test_nothing_is_written_unless_asked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Metrics(None, "score", started=0).write(0, finished=SECOND)
    assert not list(tmp_path.iterdir())


def test_every_figure_is_explained_before_it_is_told():
    metrics = Metrics(None, "score", started=0)
    for name in HELP:
        metrics.set(name, 1)
    told = metrics.as_text().splitlines()
    assert [line.split()[2] for line in told[::3]] == [f"salesworthy_{name}" for name in HELP]
