"""The minutes of a review as Markdown: evidence, proposal, replay, votes with names, decision, versions.

The same ledger and the same files give the same text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from salesworthy.policy.approvals import TITLES
from salesworthy.review.minutes_evidence import evidence_lines
from salesworthy.review.text import amount, rows, shown

Document = Mapping[str, Any]
VOTE_SAYS = {"approve": "approves", "reject": "rejects", "changes": "asks for changes"}


def minutes(document: Document) -> str:
    """The minutes of a review.

    Args:
        document: The review as ``review show --json`` prints it.
    """
    review = document["review"]
    parts = [
        f"# Calibration review {review['review_id']}",
        f"{document['says']}. Opened by {shown(review['by'])} on {review['at'][:10]}, as of {review['as_of']}.",
        "## Evidence",
        *evidence_lines(document["evidence"]),
        "## Proposal",
        *_proposal(document),
        "## Votes",
        *_votes(document),
        "## Decision",
        *_decision(document),
        f"Evidence {review['evidence_sha256']}" + _replay_hash(document),
    ]
    return "\n\n".join(parts) + "\n"


def _proposal(document: Document) -> Iterator[str]:
    proposals = document["proposals"]
    if not proposals:
        yield "Nothing is proposed yet."
        return
    if len(proposals) > 1:
        yield "Replaced, with the votes on them: " + ", ".join(
            f"{each['proposal_id']} ({each['kind']}, by {shown(each['by'])})" for each in proposals[:-1]
        )
    last = proposals[-1]
    content = last["content"]
    who = f"by {shown(last['by'])} on {last['at'][:10]}"
    yield f"**{last['proposal_id']}**, {last['kind']}, {who}: {shown(content['why'])}"
    yield _versions(content)
    if content["differences"]:
        yield "\n".join(f"- {shown(each)}" for each in content["differences"])
    if content["cases"]:
        yield f"All {content['cases']} worked cases of the proposed policy hold."
    if content["gate"]:
        marks = {True: "holds", False: "FAILS", None: "cannot be judged"}
        yield rows(
            ["condition of the gate", "", "figure"],
            ([each["code"], marks[each["holds"]], each["says"]] for each in content["gate"]),
        )
    yield from _replay(document["replay"])


def _versions(content: Document) -> str:
    before, after = content["before"], content["after"]
    named = [
        [what, before[key] or "none", after[key] or "none"]
        for what, key in (("policy", "policy_version"), ("model", "model_version"))
    ]
    return rows(["", "before", "after"], named)


def _replay(replay: Document) -> Iterator[str]:
    yield "### Replay"
    yield f"{replay['headline']}. From {replay['from']} to {replay['to']}, {replay['moments']}."
    yield rows(["MQLs", "leads", "SQL expected", "95 % interval", "SQL per 100"], _sales(replay["mqls"]))
    more = replay["mqls"]["difference"]
    yield (
        f"SQL gained less SQL lost: {more['sql_expected']:+.1f} "
        f"(95 % interval {more['low']:+.1f} to {more['high']:+.1f}; luck alone, with propensities as they are)."
    )
    weeks = ([each["week"], each["leads"], each["changed"], *each["mqls"].values()] for each in replay["weeks"])
    yield rows(["week", "leads", "change decision", "MQLs before", "MQLs after"], weeks)
    if replay["pairs"]:
        pairs = ([f"{each['from']} to {each['to']}", each["leads"]] for each in replay["pairs"])
        yield rows(["decision", "leads"], pairs)
    if replay["regions"]:
        territories = (
            [name, each["changed"], each["mqls_gained"], each["mqls_lost"]] for name, each in replay["regions"].items()
        )
        yield rows(["territory", "leads that change", "enter", "leave"], territories)
    if replay["examples"]:
        yield "Examples:"
        yield "\n".join(f"- {_example(each)}" for each in replay["examples"])
    if replay["notes"]:
        yield "\n".join(f"- {shown(each)}" for each in replay["notes"])


def _sales(mqls: Document) -> Iterable[Sequence[object]]:
    for title, key in (("before", "old"), ("after", "new"), ("enter", "gained"), ("leave", "lost")):
        told = mqls[key]
        interval = f"{told['sql_low']:.1f} to {told['sql_high']:.1f}" if told["sql_expected"] is not None else "-"
        yield title, told["leads"], amount(told["sql_expected"]), interval, amount(told["sql_per_100"])


def _example(each: Document) -> str:
    place = f", {each['region']}" if each["region"] else ""
    return shown(
        f"{each['week']}{place}: {each['from']} to {each['to']} ({each['rule']}). Before: {each['before']}. "
        f"After: {each['after']}"
    )


def _votes(document: Document) -> Iterator[str]:
    if document["votes"] is None:
        yield document["votes_say"]
        return
    told = (
        [TITLES[each["role"]], each["by"], VOTE_SAYS[each["vote"]], each["at"][:10], each["note"]]
        for each in document["votes"]
    )
    yield rows(["role", "who", "vote", "on", "note"], told)


def _decision(document: Document) -> Iterator[str]:
    if not document["decisions"]:
        yield f"Nothing was decided: {document['says'].lower()}; next is {document['next']}."
        return
    told = (
        [
            {"adopt": "adopted", "revert": "taken back"}[each["action"]],
            each["by"],
            each["at"][:10],
            each["policy"] or "none",
            each["model_version"] or "none",
            each["note"],
        ]
        for each in document["decisions"]
    )
    yield rows(["", "by", "on", "policy in force since", "model in force since", "note"], told)


def _replay_hash(document: Document) -> str:
    return f", replay {document['proposals'][-1]['replay_sha256']}" if document["proposals"] else ""
