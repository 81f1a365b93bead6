"""The audit of negative rules as people read it."""

from __future__ import annotations

from typing import Any

from salesworthy.cli.terminal import table


def audit_text(found: dict[str, Any]) -> str:
    """A row per negative rule: what became of drawn leads that it speaks against, beside the others; then sentences."""
    rows = [
        [
            each["rule"],
            "excludes" if each["points"] is None else f"-{each['points']:g}",
            f"{each['leads']['with']:,}",
            _share(each["with"]),
            f"{each['leads']['without']:,}",
            _share(each["without"]),
            each["review"],
        ]
        for each in found["rules"]
    ]
    header = ["rule", "takes", "leads with it", "accepted", "without it", "accepted", "review"]
    return "\n".join(
        [
            f"Policy {found['version']}, outcomes settled by {found['as_of']}: {found['drawn']:,} judged leads were "
            f"drawn at random; a rule can be judged from {found['needed']} that it speaks against",
            *([f"Set aside without a probability on record: {found['set_aside']:,}"] if found["set_aside"] else []),
            table(header, rows) if rows else "No negative rule is in force.",
            *_findings(found["rules"]),
        ]
    )


def _findings(rules: list[dict[str, Any]]) -> list[str]:
    """A line per finding, with the rules of which it holds."""
    said: dict[str, list[str]] = {}
    for each in rules:
        said.setdefault(each["says"], []).append(each["rule"])
    return [f"{', '.join(codes)}: {says}" for says, codes in said.items()]


def _share(found: dict[str, Any] | None) -> str:
    if found is None:
        return "-"
    share = found["conversion"]
    return f"{share['value']:.1%} [{share['low']:.1%} {share['high']:.1%}]"
