"""Documents that are frozen: the same bytes for the same figures, nobody's name, and no change unnoticed."""

from __future__ import annotations

import math

import pytest

from salesworthy.domain.errors import InternalError, UserError
from salesworthy.review.documents import frozen, hash_of, thawed


def test_equal_figures_give_equal_bytes_and_come_back():
    one, other = frozen({"b": [1, (2.5,)], "a": math.nan}), frozen({"a": math.inf, "b": ([1, [2.5]])})
    assert one == other
    assert thawed(one, hash_of(one), where="here") == {"a": None, "b": [1, [2.5]]}


@pytest.mark.parametrize(
    "document", [{"lead_id": "L1"}, {"a": [{"b": {"account_id": "A1"}}]}, {"a": ({"email": "x"},)}], ids=str
)
def test_a_document_that_names_somebody_is_refused(document):
    with pytest.raises(InternalError, match="names somebody"):
        frozen(document)


def test_a_changed_document_is_refused():
    content = frozen({"figure": 0.2})
    with pytest.raises(UserError, match="changed since the ledger recorded it"):
        thawed(content.replace(b"0.2", b"0.3"), hash_of(content), where="here")
