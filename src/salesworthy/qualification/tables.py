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
        ("sent_probability", pa.float64()),
    ]
)
"""One row per scored lead. Columns that only a policy can fill are null without one. ``sent_probability`` is the
probability with which a lead like this is sent to sales: 1 for an MQL, the policy's share for every lead below the
threshold that the draw of ``exploration`` decides about, whether it was drawn or not, and 0 for who is never sent."""

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
"""One row per lead and reason with a share. ``rank`` 1 weighs most, whichever way it points; a rule that decided comes
first, with a share of 0."""

CODED_TEXT = pa.dictionary(pa.int32(), pa.string())
CODED_REASONS = pa.schema(
    [
        field.with_type(CODED_TEXT) if field.name in ("family", "code", "degree", "sentence", "run_id") else field
        for field in REASONS
    ]
)
"""``REASONS`` as they are held in memory: few different words, and for each row which of them it says."""

DECIDED = pa.schema(
    [
        ("lead_id", pa.string()),
        ("account_id", pa.string()),
        ("decision", pa.string()),
        ("decided_by", pa.string()),
        ("criteria", pa.string()),
        ("trigger", pa.string()),
        ("trigger_days", pa.float64()),
        ("path", pa.string()),
        ("fit_grade", pa.string()),
        ("interest_grade", pa.string()),
        ("buying_step", pa.string()),
        ("tier", pa.string()),
        ("points", pa.float64()),
        ("missing", pa.list_(pa.string())),
        ("waits", pa.bool_()),
        ("sent_probability", pa.float64()),
    ]
)
"""What ``decide`` gives, one row per lead. ``trigger`` is the high-intent action behind an MQL, ``trigger_days`` how
long ago it was; ``missing`` names the facts that hold a lead; ``waits`` marks leads whose threshold follows from the
run: decided as if below it, with the trigger that they have if it makes MQLs of them; ``sent_probability`` is as in
``SCORES``, with what ``exploration`` knows about consent still to come."""
