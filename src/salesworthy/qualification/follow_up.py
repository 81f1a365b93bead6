"""What happens next with each lead: the next step, and the track that carries it on until sales is in contact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from salesworthy.domain.decisions import Decision
from salesworthy.features.sentences import title
from salesworthy.policy.in_force import PolicyInForce
from salesworthy.policy.nurture import Asset
from salesworthy.policy.rule import RuleKind
from salesworthy.qualification.arrays import NOTHING, Bools, Codes, coded, distinct_rows, numbers, worded
from salesworthy.qualification.lead_facts import CLINICAL, CONTENT_TYPES, GENERAL
from salesworthy.qualification.mailing import may_mail

NO_FOLLOW_UP = "No follow-up by sales"
CLINICAL_STEP = "clinical_evaluation"
ON_A_TRACK = (Decision.NURTURE, Decision.TRACKED)


@dataclass(frozen=True)
class FollowUp:
    """Per lead: the next step, the track that it is on, and the one that suits it whether it is on it or not."""

    next_step: pa.Array
    track: pa.Array
    suiting: pa.Array


def content_type_of(asset: Asset) -> str:
    """The sort of content that consent is asked for: clinical for assets of clinical evaluation."""
    return CLINICAL if asset.buying_step == CLINICAL_STEP else GENERAL


def sendable(
    policy: PolicyInForce, track: str, *, product: str | None, region: str | None, content_types: Sequence[str]
) -> tuple[Asset, ...]:
    """The assets of a track that may be sent, in order: approved, not expired, for that product and region.

    Args:
        policy: What is in force on the day.
        track: Code of the track.
        product: What the lead asks about.
        region: Where the site is.
        content_types: Sorts of content that the lead's consent allows.
    """
    found = policy.track(track)
    if found is None or (found.products and product not in found.products):
        return ()
    suiting = {each.id: each for each in policy.assets_for(product=product, region=region)}
    assets = (suiting[step.asset] for step in found.steps if step.asset in suiting)
    return tuple(each for each in assets if content_type_of(each) in content_types)


def follow_up(decided: pa.Table, facts: pa.Table, policy: PolicyInForce, *, as_of: int) -> FollowUp:
    """The next step and the track of each lead; leads that consent forbids to mail are on no track.

    MQLs are on no track here: ``nurture.nurture_of`` says whether one runs beside the call.

    Args:
        decided: Columns of ``DECIDED``.
        facts: Columns of ``LEAD_FACTS``, in the same order.
        policy: What is in force on the day.
        as_of: The moment of the question, in microseconds.
    """
    decision, words = coded(decided.column("decision"))
    steps = [step.code for step in policy.policy.buying_steps]
    step = _places(decided, "buying_step", steps)
    step = np.where(step == NOTHING, 0, step)  # a lead without evidence begins at the first step
    suiting, tracks = _tracks(decided, facts, policy, step, as_of)
    moves_on = np.isin(decision, [place for place, word in enumerate(words) if word in ON_A_TRACK])
    track = np.where(moves_on & ~_contacted(facts), suiting, NOTHING)
    return FollowUp(_next_steps(decided, policy, step), worded(track, tracks), worded(suiting, tracks))


def _places(table: pa.Table, column: str, names: Sequence[str]) -> Codes:
    codes, words = coded(table.column(column))
    order = {name: place for place, name in enumerate(names)}
    return np.asarray([*(order.get(word, NOTHING) for word in words), NOTHING], np.int32)[codes]


def _contacted(facts: pa.Table) -> Bools:
    """Whether sales made contact since the latest handover."""
    contact, handed = numbers(facts, "contact_at"), numbers(facts, "handed_at")
    with np.errstate(invalid="ignore"):
        return np.asarray(~np.isnan(contact) & (np.isnan(handed) | (contact >= handed)))


def _tracks(
    decided: pa.Table, facts: pa.Table, policy: PolicyInForce, step: Codes, as_of: int
) -> tuple[Codes, list[str]]:
    """The track of the lead's tier or step, where it holds something that may be sent."""
    tracks = [track.code for track in policy.policy.tracks]
    by_step = np.asarray([tracks.index(each.track) for each in policy.policy.buying_steps], np.int32)
    wanted = by_step[step]
    tiers = policy.of_kind(RuleKind.TIER)
    by_tier = [NOTHING if rule.rule.track is None else tracks.index(rule.rule.track) for rule in tiers]
    tier = _places(decided, "tier", [rule.code for rule in tiers])
    of_tier = np.asarray([*by_tier, NOTHING], np.int32)[tier]
    decision, words = coded(decided.column("decision"))
    is_tracked = decision == words.index(Decision.TRACKED) if Decision.TRACKED in words else np.zeros(len(step), bool)
    wanted = np.where(is_tracked & (of_tier != NOTHING), of_tier, wanted)
    return _with_something_to_send(wanted, tracks, facts, policy, as_of), tracks


def _with_something_to_send(
    wanted: Codes, tracks: Sequence[str], facts: pa.Table, policy: PolicyInForce, as_of: int
) -> Codes:
    products, product_names = coded(facts.column("product"))
    regions, region_names = coded(facts.column("region"))
    may = [may_mail(facts, policy, each, as_of=as_of) for each in CONTENT_TYPES]
    keys = np.stack([wanted, products, regions, *(each.astype(np.int32) for each in may)], axis=1)
    kinds, which = distinct_rows(keys)
    found = np.full(len(kinds), NOTHING, np.int32)
    for place, (track, product, region, *allowed) in enumerate(kinds.tolist()):
        types = [each for each, is_allowed in zip(CONTENT_TYPES, allowed, strict=True) if is_allowed]
        asked = {"product": [*product_names, None][product], "region": [*region_names, None][region]}
        if sendable(policy, tracks[track], content_types=types, **asked):
            found[place] = track
    return found[which]


def _next_steps(decided: pa.Table, policy: PolicyInForce, step: Codes) -> pa.Array:
    said: dict[str, int] = {}

    def number(text: str) -> int:
        return said.setdefault(text, len(said))

    by_step = np.asarray([number(each.next_step) for each in policy.policy.buying_steps], np.int32)
    found = by_step[step]
    triggers = [rule.code for rule in policy.of_kind(RuleKind.ACTION)]
    trigger = _places(decided, "trigger", triggers)
    for place, code in enumerate(triggers):
        found[trigger == place] = number(policy.by_code[code].rule.next_step or "")
    decision, words = coded(decided.column("decision"))
    for place, word in enumerate(words):
        if word in (Decision.BLOCKED, Decision.DISQUALIFIED):
            found[decision == place] = number(NO_FOLLOW_UP)
        if word == Decision.HELD:
            rows = np.flatnonzero(decision == place)
            missing = decided.column("missing").combine_chunks().take(pa.array(rows)).to_pylist()
            found[rows] = [number(_ask_for(facts)) for facts in missing]
    return worded(found, list(said))


def _ask_for(facts: Sequence[str] | None) -> str:
    names = [title(fact.rpartition(".")[2]).lower() for fact in facts or ()]
    return f"Find out: {', '.join(names)}" if names else "Find out what the rule needs"
