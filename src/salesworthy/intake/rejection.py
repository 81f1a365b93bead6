"""Why a row is set aside: the name is the stable code, the value is the sentence."""

from __future__ import annotations

from enum import StrEnum


class Rejection(StrEnum):
    """Reasons for which a row does not reach the checked table. A row has one: the first that holds, in this order."""

    RAGGED_ROW = "The row has more or fewer values than the header has names."
    DAMAGED_TEXT = "The row holds bytes that are no text: they were changed after it was written."
    SWALLOWED_ROWS = "A value holds what look like further rows: a quotation mark before them is wrong."
    MISSING_ID = "An identifier that every row needs is empty."
    MISSING_MOMENT = "A moment that every row needs is empty."
    UNREADABLE_MOMENT = "A moment that every row needs cannot be read, or lies outside the years 1900 to 2199."
    MISSING_VALUE = "A value that every row needs is empty."
    UNKNOWN_DISPOSITION = "The disposition is none of the listed spellings."
    UNKNOWN_BUYING_STEP = "The buying step is none of the listed spellings."
    UNKNOWN_VALUE = "A value is none of the listed spellings."
    UNDATED_OUTCOME = "The outcome is settled but has no date, and undated outcomes are refused."
    DUPLICATE = "The row repeats another row of the same key in every column."
    CONFLICTING_DUPLICATE = "Another row has the same key and other values; the first one is kept."


NEXT_STEPS = {
    Rejection.RAGGED_ROW: "name the delimiter, or put values that hold it in quotes",
    Rejection.DAMAGED_TEXT: "export or copy the file again, or mend the row",
    Rejection.SWALLOWED_ROWS: "put the quotation mark right in the file, or export it again",
    Rejection.MISSING_ID: "check which column holds the identifier",
    Rejection.MISSING_MOMENT: "check which column holds the moment",
    Rejection.UNREADABLE_MOMENT: 'say how it is written: { column = "Created", format = "%d.%m.%Y" }',
    Rejection.MISSING_VALUE: "check which column holds the value, or give a constant",
    Rejection.UNKNOWN_DISPOSITION: "list the spelling under values.disposition",
    Rejection.UNKNOWN_BUYING_STEP: "list the spelling under values.buying_step",
    Rejection.UNKNOWN_VALUE: "list the spelling under values",
    Rejection.UNDATED_OUTCOME: 'map outcomes.at, or write undated = "final" under [label]',
    Rejection.DUPLICATE: "export every row once",
    Rejection.CONFLICTING_DUPLICATE: "export one row per key",
}
"""What to do when a reason holds for too many rows."""
