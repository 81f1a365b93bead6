"""Names that must stand elsewhere in the policy: every reference, its section, and what it may name there."""

from __future__ import annotations

from collections.abc import Iterable

from salesworthy.domain.errors import MistakeCollector
from salesworthy.domain.names import nearest
from salesworthy.domain.tables import TABLES
from salesworthy.policy.raw import Entry, RawPolicy, listed
from salesworthy.policy.rule import RuleKind

DECIDERS = ("propensity", "points", "matrix", "not_approved", "no_criteria", "consent", "random")
"""What may decide beside rules, criteria sets and ``override:CODE``."""
REFERENCES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("criteria", ("applies", "products"), "products"),
    ("criteria", ("applies", "motions"), "motions"),
    ("criteria", ("applies", "regions"), "regions"),
    ("blocked_regions", ("region",), "regions"),
    ("rules", ("step",), "buying_steps"),
    ("rules", ("nurture_until",), "buying_steps"),
    ("rules", ("track",), "tracks"),
    ("buying_steps", ("track",), "tracks"),
    ("owners", ("spills_to",), "owners"),
    ("routes", ("owner",), "owners"),
    ("routes", ("regions",), "regions"),
    ("routes", ("products",), "products"),
    ("assets", ("buying_step",), "buying_steps"),
    ("assets", ("products",), "products"),
    ("assets", ("regions",), "regions"),
    ("tracks", ("products",), "products"),
    ("cases", ("expect", "criteria"), "criteria"),
    ("cases", ("expect", "buying_step"), "buying_steps"),
    ("cases", ("expect", "owner"), "owners"),
    ("cases", ("expect", "track"), "tracks"),
    ("cases", ("expect", "assets"), "assets"),
    ("cases", ("expect", "not_assets"), "assets"),
    ("cases", ("full_owners",), "owners"),
    ("cases", ("site_owner",), "owners"),
)
"""Section, path of the reference, and the section that must hold what it names."""
ONE_OF = {
    "products": "product",
    "motions": "sales motion",
    "regions": "region",
    "buying_steps": "buying step",
    "tracks": "track",
    "owners": "owner",
    "criteria": "criteria set",
    "assets": "asset",
}
RULE_REFERENCES: tuple[tuple[str, tuple[str, ...], RuleKind], ...] = (
    ("criteria", ("fit",), RuleKind.REQUIRE),
    ("criteria", ("actions",), RuleKind.ACTION),
    ("routes", ("triggers",), RuleKind.ACTION),
    ("response_windows", ("triggers",), RuleKind.ACTION),
    ("cases", ("expect", "tier"), RuleKind.TIER),
)
"""The same for references to rules of a kind."""


def report_unknown_names(raw: RawPolicy, mistakes: MistakeCollector) -> None:
    """Note every reference to something that the policy does not hold, with the nearest names."""
    for section, path, target in REFERENCES:
        known = raw.codes(target)
        for entry in raw.of(section):
            _report(entry, path, known, f"there is no {ONE_OF[target]} ", mistakes)
    for entry in raw.of("tracks"):
        steps = entry.get("steps")
        for number, step in enumerate(steps if isinstance(steps, list) else ()):
            asset = step.get("asset") if isinstance(step, dict) else None
            if isinstance(asset, str) and asset not in raw.codes("assets"):
                place = entry.at("steps", number, "asset")
                mistakes.add(place, f"{entry.code}: there is no asset {asset!r}", nearest(asset, raw.codes("assets")))
    _report_rules(raw, mistakes)
    _report_consent_regions(raw, mistakes)
    _report_others(raw, mistakes)


def _report(entry: Entry, path: tuple[str, ...], known: Iterable[str], what: str, mistakes: MistakeCollector) -> None:
    known = set(known)
    for name, place in listed(entry, *path):
        if name not in known:
            label = f"{entry.code}: " if entry.code else ""
            todo = nearest(name, known) if known else "the policy names none yet"
            mistakes.add(entry.at(*place), f"{label}{what}{name!r}", todo)


def _report_rules(raw: RawPolicy, mistakes: MistakeCollector) -> None:
    kinds = {entry.code: entry.get("kind") for entry in raw.of("rules")}
    for section, path, kind in RULE_REFERENCES:
        fitting = [code for code, each in kinds.items() if each == kind]
        for entry in raw.of(section):
            for name, place in listed(entry, *path):
                label = f"{entry.code}: " if entry.code else ""
                if name not in kinds:
                    mistakes.add(entry.at(*place), f"{label}there is no rule {name!r}", nearest(name, fitting))
                elif kinds[name] in tuple(RuleKind) and kinds[name] != kind:
                    what = f"{label}the rule {name} is of kind {kinds[name]}, but {kind} is needed here"
                    mistakes.add(entry.at(*place), what, nearest(name, fitting))


def _report_consent_regions(raw: RawPolicy, mistakes: MistakeCollector) -> None:
    consent = raw.one("consent")
    matrix = consent.get("matrix") if consent is not None else None
    for number, rule in enumerate(matrix if isinstance(matrix, list) else ()):
        if consent is not None and isinstance(rule, dict):
            inside = Entry("consent", consent.file, (*consent.path, "matrix", number), rule)
            _report(inside, ("regions",), raw.codes("regions"), "there is no region ", mistakes)


def _report_others(raw: RawPolicy, mistakes: MistakeCollector) -> None:
    for entry in raw.of("retention"):
        _report(entry, ("table",), TABLES, "there is no table ", mistakes)
    rules = raw.codes("rules") | {"BLOCKED_REGION"}
    for entry in raw.of("cases"):
        overrides = (f"override:{code}" for code in raw.codes("overrides"))
        deciders = {*rules, *raw.codes("criteria"), *overrides, *DECIDERS}
        _report(entry, ("expect", "decided_by"), deciders, "nothing decides as ", mistakes)
        expect = entry.get("expect")
        verdicts = expect.get("verdicts") if isinstance(expect, dict) else None
        for name in verdicts if isinstance(verdicts, dict) else ():
            if name not in rules:
                place = entry.at("expect", "verdicts", name)
                mistakes.add(place, f"{entry.code}: there is no rule {name!r}", nearest(name, rules))
