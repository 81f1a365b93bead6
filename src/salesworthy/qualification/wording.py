"""Approved wording: the sentences of features as people may speak them on a day.

A sentence that is not approved, or no longer, gives way to the title of its reason: "Clinical evidence" instead of
"Opened clinical evidence 2 times in the last 30 days". Figures and order of reasons stay as they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from salesworthy.domain.findings import Finding, Severity
from salesworthy.domain.reasons import reason_code
from salesworthy.features.catalogue import Catalogue, Feature
from salesworthy.features.sentences import VALUE, sentence, title
from salesworthy.policy.in_force import PolicyInForce

WORDING_NOT_APPROVED = "policy_wording_not_approved"
WORDING_UNKNOWN = "policy_wording_unknown"
_DIGITS = 12


@dataclass(frozen=True)
class Template:
    """A sentence of a feature, with ``{value}`` where its value goes.

    Attributes:
        feature: Whose it is.
        part: ``says``, ``says_zero`` or ``says_missing``.
        words: The sentence.
    """

    feature: str
    part: str
    words: str

    @property
    def id(self) -> str:
        """What people approve: the feature and a hash of the words, so that other words need a new approval.

        Example:
            >>> Template("beds", "says", "The site has {value} bed(s)").id
            'beds:d329a55205cd'
        """
        return f"{self.feature}:{hashlib.sha256(self.words.encode()).hexdigest()[:_DIGITS]}"


def templates(feature: Feature) -> tuple[Template, ...]:
    """Every sentence that a feature may speak, those that nobody wrote too."""
    says = feature.says or f"{title(feature.name)}: {VALUE}"
    found = {"says": says, "says_missing": sentence(feature, None)}
    if feature.says_zero or VALUE not in says:
        found["says_zero"] = feature.says_zero or sentence(feature, 0)
    return tuple(Template(feature.name, part, words) for part, words in found.items())


def spoken(catalogue: Catalogue, policy: PolicyInForce) -> Catalogue:
    """The features with the sentences that may be spoken; the very same catalogue where no approval is required.

    Args:
        catalogue: The features.
        policy: What is in force on the day.
    """
    if not policy.policy.wording.require_approval:
        return catalogue
    return Catalogue(tuple(_spoken(each, policy) for each in catalogue))


def wording_findings(catalogue: Catalogue, policy: PolicyInForce) -> tuple[Finding, ...]:
    """Sentences that are not spoken since nobody approved them, and approvals of sentences that nobody speaks.

    Args:
        catalogue: The workspace's features.
        policy: What is in force on the day.
    """
    known = [template for feature in catalogue for template in templates(feature)]
    return (*_not_approved(known, policy), *_unknown(known, policy))


def neutral(feature: Feature, policy: PolicyInForce) -> str:
    """What is said instead of a sentence that is not approved: the title of the reason."""
    return policy.policy.taxonomy.get(feature.reason, reason_code(feature.reason)).title


def _spoken(feature: Feature, policy: PolicyInForce) -> Feature:
    instead = neutral(feature, policy)
    wording = policy.policy.wording
    refused = {each.part for each in templates(feature) if not wording.speaks(each.id, policy.day)}
    if "says" in refused and not feature.says_zero:
        refused.add("says_zero")  # otherwise a sentence is made up for 0
    return replace(
        feature,
        says=instead if "says" in refused else feature.says,
        says_zero=instead if "says_zero" in refused else feature.says_zero,
        says_missing=instead if "says_missing" in refused else feature.says_missing,
    )


def _not_approved(known: Iterable[Template], policy: PolicyInForce) -> Iterator[Finding]:
    wording = policy.policy.wording
    expired = {each.id for each in wording.approved if each.expires <= policy.day}
    for each in known:
        if not wording.speaks(each.id, policy.day):
            why = "is no longer approved" if each.id in expired else "is not approved"
            says = f"the sentence {each.words!r} {why}: the title of its reason is said instead"
            todo = f"have it approved, and list it under wording, approved: id {each.id}"
            yield Finding(WORDING_NOT_APPROVED, Severity.WARN, says, column=each.id, todo=todo)


def _unknown(known: Iterable[Template], policy: PolicyInForce) -> Iterator[Finding]:
    spoken_ids = {each.id for each in known}
    for entry in policy.policy.wording.approved:
        if entry.id not in spoken_ids:
            says = f"no feature of this workspace speaks the approved sentence {entry.id}"
            yield Finding(WORDING_UNKNOWN, Severity.INFO, says, column=entry.id, todo="take it out of the list")
