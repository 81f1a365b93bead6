"""Later clicks change nothing of an earlier day: what counted then still does, and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "intake"))

from small_acts import NOON, SECOND, click, judge, lead

from salesworthy.intake.machine_clicks_settings import MachineClickSettings

LEADS = [lead("L1"), lead("L2"), lead("L3")]
acts = st.lists(
    st.builds(
        click,
        st.integers(0, 45),
        st.sampled_from(["T1", "T2", "T3"]),
        st.sampled_from(["L1", "L2", "L3"]),
        kind=st.sampled_from(["click", "click", "click", "delivered"]),
        late=st.sampled_from([0, 0, 10, 45, 90]),
        agent=st.sampled_from([None, None, None, "bot"]),
    ),
    min_size=3,
    max_size=12,
)


def counted(folder, rows, as_of):
    """Acts that count as of a moment: by people, and known."""
    found, _ = judge(
        folder, rows, LEADS, MachineClickSettings(site_people=2, hourly_clicks=5, burst_clicks=2, burst_links=1)
    )
    chosen = found.filter(~found["machine"] & (found["known_at"] <= as_of))
    return sorted(chosen.select("lead_id", "occurred_at", "kind", "content_id").rows())


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=acts, as_of=st.integers(0, 130))
def test_what_becomes_known_later_changes_no_earlier_count(tmp_path, rows, as_of):
    moment = NOON + as_of * SECOND
    known_then = [row for row in rows if row["known_at"] <= moment]
    assert counted(tmp_path, rows, moment) == counted(tmp_path, known_then, moment)
