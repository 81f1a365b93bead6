"""YAML with lines: words stay words, and what hides text is refused."""

from __future__ import annotations

import datetime as dt

import pytest

from salesworthy.domain.errors import MistakeCollector
from salesworthy.policy.yaml_reader import read_yaml


def read(text):
    mistakes = MistakeCollector(of="test")
    return read_yaml(text, "p.yaml", mistakes), [str(each) for each in mistakes.found]


def test_lines_of_everything():
    file, mistakes = read("rules:\n  - code: A\n    says: {pass: yes,\n      fail: no}\n  - code: B\n")
    assert not mistakes
    assert file.lines[("rules", 0, "says", "fail")] == 4
    assert file.lines[("rules", 1)] == file.lines[("rules", 1, "code")] == 5


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("NO", "NO"), ("on", "on"), ("yes", "yes"), ("true", True), ("null", None), ("2026-03-01", dt.date(2026, 3, 1)),
        ("012", "012"), ("12", 12), ("1.5", 1.5), ("12:30", "12:30"), ("1_000", "1_000"), ('"12"', "12"),
        ("0x1F", "0x1F"),
    ],
)  # fmt: skip
def test_words_stay_words(written, value):
    file, mistakes = read(f"a: {written}")
    assert not mistakes
    assert file.values["a"] == value
    assert type(file.values["a"]) is type(value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: &x 1\nb: *x", "p.yaml:1: an anchor"),
        ("a: 1\na: 2", "p.yaml:2: the key 'a' stands here twice"),
        ("a: [1\nb: 2", "p.yaml:2: this is not YAML"),
        ("- 1", "p.yaml:1: this file has no sections"),
        ("a: !!python/object:os.system {}", "p.yaml:1: the tag"),
        ("a: 2026-02-31", "cannot be read"),
        ("a: " + "[" * 40 + "]" * 40, "nested too deeply"),
        ("a: \x01", "this is not YAML"),
    ],
)
def test_what_is_refused(text, says):
    assert any(says in each for each in read(text)[1])
