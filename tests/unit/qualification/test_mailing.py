"""Who may be mailed: the batch says of each lead what the consent matrix says of it alone."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest
from tests.unit.qualification.conftest import DAY

from salesworthy.domain.moments import MICROSECONDS_PER_DAY, parse_moment
from salesworthy.policy.consent import consent_answer
from salesworthy.qualification.lead_facts import CONTENT_TYPES, LEAD_FACTS, since_column, state_column
from salesworthy.qualification.mailing import may_mail

AS_OF = parse_moment(DAY.isoformat())
STATES = ["opt_in", "implied", "withdrawn", "bounced", "objected", None]
REGIONS = ["north_america", "dach", "uk_ireland", "nordics", "southern_europe", "asia_pacific", None]
DAYS = [0.0, 1.0, 179.999, 180.0, 364.0, 365.0, 366.0, 729.0, 730.0, 1094.0, 1095.0, 5000.0, None]


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
def test_as_the_matrix_says(in_force, content_type):
    asked = [(region, state, days) for region in REGIONS for state in STATES for days in DAYS]
    random.Random(1).shuffle(asked)  # noqa: S311
    columns = {field.name: pa.nulls(len(asked), field.type) for field in LEAD_FACTS}
    columns["region"] = pa.array([region for region, _, _ in asked])
    columns[state_column(content_type)] = pa.array([state for _, state, _ in asked])
    since = [None if days is None else AS_OF - round(days * MICROSECONDS_PER_DAY) for _, _, days in asked]
    columns[since_column(content_type)] = pa.array(since, pa.int64())
    found = may_mail(pa.table(columns), in_force, content_type, as_of=AS_OF)
    expected = [
        consent_answer(
            in_force.policy.consent, DAY, state=state, days=days, region=region, channel="email", purpose="marketing",
            content_type=content_type,
        ).allowed
        for region, state, days in asked
    ]  # fmt: skip
    assert found.tolist() == expected
    assert set(expected) == {True, False}
