"""A catalogue as people read it: one line per feature, in Markdown; ``docs/features.md`` ends with the medtech set."""

from __future__ import annotations

from salesworthy.features.catalogue import OF_ACTS, Catalogue, Feature, FeatureKind
from salesworthy.features.sentences import sentence


def feature_table(catalogue: Catalogue) -> str:
    """The features as a Markdown table: name, reason, what is measured, direction, and how it sounds.

    Example:
        >>> demos = Feature("demos", "count", "engagements", window="30d", per="lead", says="Asked for {value} demo(s)")
        >>> print(feature_table(Catalogue((demos,))))
        | feature | reason | measures | direction | says |
        |---|---|---|---|---|
        | `demos` | OTHER | count of engagements, 30d | none | Asked for 2 demos |
    """
    head = ["| feature | reason | measures | direction | says |", "|---|---|---|---|---|"]
    return "\n".join(head + [_row(feature) for feature in catalogue])


def _row(feature: Feature) -> str:
    cells = (
        f"`{feature.name}`",
        feature.reason,
        _measures(feature),
        feature.direction,
        sentence(feature, _usual(feature)),
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _measures(feature: Feature) -> str:
    if feature.kind in OF_ACTS:
        of = f" of {feature.column}" if feature.column else ""
        site = ", everybody at the site" if feature.per == "account" else ""
        window = f", {feature.window}" if feature.window else ""
        return f"{feature.kind}{of} {'in' if of else 'of'} {feature.table}{window}{site}"
    if feature.kind == FeatureKind.EXPRESSION:
        return f"expression of {', '.join(feature.reads)}" if feature.reads else "expression of facts"
    return f"{feature.kind} `{feature.table}.{feature.column}`"


def _usual(feature: Feature) -> object:
    """A value to show the sentence with."""
    if feature.dtype == "category":
        return "..."
    if feature.unit == "share" or feature.kind in (FeatureKind.SHARE, FeatureKind.HISTORY):
        return 0.25
    return True if feature.type == "yes_no" else 2
