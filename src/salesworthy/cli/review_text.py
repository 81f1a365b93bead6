"""A review as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from salesworthy.policy.approvals import TITLES

Document = dict[str, Any]


def review_text(document: Document) -> str:
    """What a review has come to, and whose move it is; the minutes tell the rest."""
    review = document["review"]
    return "\n".join(
        [
            f"Review {review['review_id']}, as of {review['as_of']}: {document['says']}. Next: {document['next']}",
            "",
            *_evidence(document["evidence"]),
            *_proposal(document),
            *_votes(document),
            *_decisions(document),
            "The whole: salesworthy review minutes",
        ]
    )


def _evidence(evidence: Document) -> Iterator[str]:
    told = evidence["in_force"]
    policy, model = told["policy_version"] or "none", told["model_version"] or "none"
    yield f"In force when it was opened: policy {policy}, model {model}"
    sections = evidence["sections"]
    for name, section in sections.items():
        if "not_available" in section:
            yield f"  {name}: not available, {section['not_available']}"
    drift = sections["drift"]
    if "headline" in drift:
        yield f"  drift: {drift['headline']}"
        yield from (f"    {each['severity']:5} {each['code']}: {each['title']}" for each in drift["findings"])
    for each in sections["rules"].get("rules", []):
        if each["finding"] == "convert_more":
            yield f"  {each['rule']}: {each['says']}"
    yield ""


def _proposal(document: Document) -> Iterator[str]:
    if not document["proposals"]:
        return
    last, replay = document["proposals"][-1], document["replay"]
    content = last["content"]
    yield f"Proposal {last['proposal_id']} ({last['kind']}) by {last['by']}: {content['why']}"
    yield from (f"  - {each}" for each in content["differences"])
    marks = {True: "holds", False: "FAILS", None: "cannot be judged"}
    yield from (f"  {each['code']} {marks[each['holds']]}: {each['says']}" for each in content["gate"])
    yield f"Replay from {replay['from']} to {replay['to']}: {replay['headline']}"
    more = replay["mqls"]["difference"]
    yield f"  SQL gained less SQL lost: {more['sql_expected']:+.1f} ({more['low']:+.1f} to {more['high']:+.1f})"
    for name, each in replay["regions"].items():
        yield f"  {name}: {each['changed']:,} change, {each['mqls_gained']:,} enter, {each['mqls_lost']:,} leave"
    yield ""


def _votes(document: Document) -> Iterator[str]:
    if not document["proposals"]:
        return
    if document["votes"] is None:
        given = ", ".join(f"{TITLES[each['role']]} ({each['by']})" for each in document["voted"])
        yield f"Voted: {given or 'nobody'}; {document['votes_say']}"
    for each in document["votes"] or []:
        note = f": {each['note']}" if each["note"] else ""
        yield f"  {TITLES[each['role']]}, {each['by']}: {each['vote']}{note}"


def _decisions(document: Document) -> Iterator[str]:
    words = {"adopt": "Adopted", "revert": "Taken back"}
    for each in document["decisions"]:
        yield (
            f"{words[each['action']]} by {each['by']} on {each['at'][:10]}; in force since: policy "
            f"{each['policy'] or 'none'}, model {each['model_version'] or 'none'}"
        )
