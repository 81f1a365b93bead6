"""Arguments: a sentence and its sign together must make sense."""

from __future__ import annotations

import pytest

from salesworthy.features.arguments import argument
from salesworthy.features.catalogue import Feature

FOR, AGAINST = True, False
TITLE = "What they read and attended, and how recently"
DEMOS = Feature("demos_30d", "count", reason="ACTIVITY", direction="increasing",
                says="Asked for a demo {value} time(s)", says_zero="Has not asked for a demo")  # fmt: skip
NEWS = Feature("news", "count", reason="ACTIVITY", says="Read news {value} time(s)", says_zero="Has not read news")
AGO = Feature("days", "recency", reason="ACTIVITY", direction="decreasing", says="Was active {value} day(s) ago",
              says_missing="Has never been active")  # fmt: skip
PART = Feature("momentum", "expression", reason="ACTIVITY", direction="increasing", unit="share",
               says="{value} of it was lately")  # fmt: skip
BOTH = Feature("both", "expression", reason="ACTIVITY", direction="increasing", says="Did both",
               says_zero="Has not done both")  # fmt: skip
CUSTOMER = Feature("customer", "column", type="yes_no", reason="ACTIVITY", says="Is a customer",
                   says_zero="Is no customer yet")  # fmt: skip
ROLES = Feature("roles", "distinct", reason="ACTIVITY", direction="increasing", says="{value} different role(s) wrote")
REFUSED = Feature("demos", "count", reason="ACTIVITY", says=TITLE, says_zero=TITLE, says_missing=TITLE)

SAYS = [
    (DEMOS, 2, FOR, "Asked for a demo twice"),
    (DEMOS, 2, AGAINST, "Asked for a demo only twice"),
    (DEMOS, 5, AGAINST, "Asked for a demo only 5 times"),
    (DEMOS, 0, AGAINST, "Has not asked for a demo"),
    (DEMOS, 0, FOR, TITLE),
    (DEMOS, None, FOR, TITLE),
    (NEWS, 0, FOR, "Counts in favour: has not read news"),
    (NEWS, 0, AGAINST, "Has not read news"),
    (NEWS, 3, AGAINST, "Read news 3 times"),
    (AGO, 8.2, AGAINST, "Was active 8 days ago"),
    (AGO, 0.1, FOR, "Was active less than a day ago"),
    (AGO, None, AGAINST, "Has never been active"),
    (AGO, float("nan"), FOR, TITLE),
    (PART, 0.3, AGAINST, "Only 30 % of it was lately"),
    (PART, 0.3, FOR, "30 % of it was lately"),
    (PART, 1.0, AGAINST, "100 % of it was lately"),
    (BOTH, True, FOR, "Did both"),
    (BOTH, True, AGAINST, TITLE),
    (BOTH, False, AGAINST, "Has not done both"),
    (BOTH, False, FOR, TITLE),
    (CUSTOMER, False, FOR, "Is no customer yet"),
    (CUSTOMER, True, AGAINST, "Is a customer"),
    (ROLES, 1, AGAINST, "Only 1 role wrote"),
    (REFUSED, 0, FOR, TITLE),
]


@pytest.mark.parametrize(("feature", "value", "sign", "says"), SAYS)
def test_what_a_feature_argues(feature, value, sign, says):
    assert argument(feature, value, speaks_for=sign) == says
