"""What a scoring run writes: the columns of its tables, in order."""

from __future__ import annotations

import pyarrow as pa

SCORES = pa.schema(
    [
        ("lead_id", pa.string()),
        ("account_id", pa.string()),
        ("as_of", pa.timestamp("us", tz="UTC")),
        ("decision", pa.string()),
        ("decided_by", pa.string()),
        ("propensity", pa.float64()),
        ("propensity_low", pa.float64()),
        ("propensity_high", pa.float64()),
        ("log_odds", pa.float64()),
        ("fit_grade", pa.string()),
        ("interest_grade", pa.string()),
        ("buying_step", pa.string()),
        ("owner", pa.string()),
        ("respond_by", pa.timestamp("us", tz="UTC")),
        ("next_step", pa.string()),
        ("track", pa.string()),
        ("model_version", pa.string()),
        ("policy_version", pa.string()),
        ("run_id", pa.string()),
    ]
)
"""One row per scored lead. Columns that only a policy can fill are null without one."""

REASONS = pa.schema(
    [
        ("lead_id", pa.string()),
        ("rank", pa.int16()),
        ("family", pa.string()),
        ("code", pa.string()),
        ("log_odds", pa.float64()),
        ("degree", pa.string()),
        ("sentence", pa.string()),
        ("run_id", pa.string()),
    ]
)
"""One row per lead and reason with a share. ``rank`` 1 weighs most, whichever way it points."""
