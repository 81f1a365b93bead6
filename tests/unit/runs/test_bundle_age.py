"""Bundles of an earlier version: what they do not say is named, and nothing breaks on it."""

from __future__ import annotations

import pytest

from salesworthy.domain.errors import UserError
from salesworthy.runs.bundle_age import NEEDED, OF_CHECKS, check_says_all


def today():
    """What a bundle says of itself today, as far as anybody reads it."""
    sections = {section: dict.fromkeys(names, 0) for section, names in NEEDED.items()}
    return {**sections, "reasons": [dict.fromkeys(OF_CHECKS, 0), dict.fromkeys(OF_CHECKS, 0)]}


def test_a_bundle_of_today_says_all():
    check_says_all("v3", today())


@pytest.mark.parametrize("name", OF_CHECKS)
def test_checks_that_lack_something_are_named(name):
    old = today()
    del old["reasons"][1][name]
    with pytest.raises(UserError, match="v3 was made by an earlier version") as refused:
        check_says_all("v3", old)
    assert refused.value.what.endswith(f"does not say reasons.{name}")
    assert "train" in refused.value.todo


@pytest.mark.parametrize("section", [*NEEDED, "reasons"])
def test_a_section_that_is_missing_is_named(section):
    old = today()
    del old[section]
    with pytest.raises(UserError) as refused:
        check_says_all("v3", old)
    assert refused.value.what.endswith(f"does not say {section}")


def test_everything_that_is_missing_is_named_at_once():
    old = today()
    del old["evaluation"]["selection"], old["reasons"][0]["untrue"], old["label"]
    with pytest.raises(UserError, match=r"label, evaluation\.selection, reasons\.untrue"):
        check_says_all("v3", old)
