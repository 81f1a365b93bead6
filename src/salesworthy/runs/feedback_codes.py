"""Why a row of feedback is set aside: the name is the stable code, the value is the sentence."""

from __future__ import annotations

from enum import StrEnum

from salesworthy.domain.feedback import LONGEST_NOTE


class FeedbackRejection(StrEnum):
    """Reasons for which a row of feedback is not recorded. A row has one: the first that holds, in this order."""

    RAGGED_ROW = "The row has more or fewer values than the header has names."
    MISSING_LEAD = "No lead is named."
    MISSING_PERSON = "Nobody is named who says so."
    UNREADABLE_MOMENT = "The moment is empty, or cannot be read."
    IN_THE_FUTURE = "The moment has not come yet."
    UNKNOWN_KIND = "The kind is none of disposition, answer, skip, appeal."
    UNKNOWN_DISPOSITION = "The disposition is none of accepted, rejected, unreachable, duplicate, untouched."
    REASON_IS_MISSING = "A rejection, a skip and an appeal each need a reason."
    UNKNOWN_REASON = "The reason is none of the list for this kind."
    UNKNOWN_REASON_CODE = "An answer names a reason code that neither the taxonomy nor the decision knows."
    ANSWER_IS_MISSING = "An answer says of at least one reason whether it matched."
    UNREADABLE_ANSWER = "Whether a reason matched is neither yes nor no."
    NOTE_TOO_LONG = f"The note has more than {LONGEST_NOTE} characters."
    UNKNOWN_LEAD = "Neither the ledger nor the table leads knows this lead."
    NEVER_HANDED = "A lead is skipped, and its reasons are judged, only once it was handed to sales."
    NOT_SUPPRESSED = "Only a lead that a decision keeps from sales can be appealed for."


NEXT_STEPS = {
    FeedbackRejection.RAGGED_ROW: "put values that hold the delimiter in quotes",
    FeedbackRejection.MISSING_LEAD: "fill lead_id",
    FeedbackRejection.MISSING_PERSON: "fill by",
    FeedbackRejection.UNREADABLE_MOMENT: "write a day or an ISO 8601 moment under at",
    FeedbackRejection.IN_THE_FUTURE: "check the day, and the time zone",
    FeedbackRejection.UNKNOWN_KIND: "leave kind empty for a disposition",
    FeedbackRejection.UNKNOWN_DISPOSITION: "take one of the list",
    FeedbackRejection.REASON_IS_MISSING: "fill reason",
    FeedbackRejection.UNKNOWN_REASON: "take one of the list in docs/ledger.md, or other",
    FeedbackRejection.UNKNOWN_REASON_CODE: "take the codes of the packet",
    FeedbackRejection.ANSWER_IS_MISSING: "fill reason_matched, or reason_matched.CODE",
    FeedbackRejection.UNREADABLE_ANSWER: "write yes or no, or CODE=yes;CODE=no",
    FeedbackRejection.NOTE_TOO_LONG: "shorten it; documents belong elsewhere",
    FeedbackRejection.UNKNOWN_LEAD: "check the id",
    FeedbackRejection.NEVER_HANDED: "check the id, or score first",
    FeedbackRejection.NOT_SUPPRESSED: "see: salesworthy explain LEAD_ID",
}
"""What to do about each."""


class RowRefused(Exception):
    """A row of feedback that is set aside."""

    def __init__(self, code: FeedbackRejection) -> None:
        self.code = code
        super().__init__(code.value)
