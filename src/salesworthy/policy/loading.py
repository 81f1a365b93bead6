"""Loading a policy: every mistake of all its files in one report, each with file and line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from salesworthy.domain.errors import MistakeCollector
from salesworthy.policy.coverage import (
    report_assets,
    report_consent,
    report_criteria,
    report_grades,
    report_owners,
    report_routes,
    report_windows,
)
from salesworthy.policy.document import Policy
from salesworthy.policy.mistakes import report_invalid
from salesworthy.policy.parts import Part
from salesworthy.policy.raw import (
    CONDITIONS,
    SECTIONS,
    Entry,
    RawPolicy,
    is_list,
    model_of,
    read_folder,
    report_duplicates,
)
from salesworthy.policy.references import report_unknown_names
from salesworthy.policy.rule_checks import rule_mistakes

OF = "the policy"


@dataclass(frozen=True)
class Written:
    """A condition as somebody wrote it, to be checked where the columns are known.

    Attributes:
        text: SQL.
        label: What it belongs to, such as a rule's code.
        place: File and line.
        acts: Table of acts that it reads; empty for a condition on leads.
        gives_number: Whether it gives a number, not a yes or no.
        name: For a shared condition: its name.
    """

    text: str
    label: str
    place: str
    acts: str = ""
    gives_number: bool = False
    name: str = ""


@dataclass(frozen=True)
class ReadPolicy:
    """What reading gave: the policy, unless it has mistakes, and everything that needs the columns to be checked."""

    policy: Policy | None
    conditions: tuple[Written, ...]
    facts: tuple[Written, ...]


def load_policy(folder: Path | str) -> Policy:
    """Load the policy in a folder, from all YAML files in it.

    Conditions are texts here; ``rules.checking`` parses them, where the columns are known.

    Raises:
        ConfigurationMistakes: With every mistake of all files, each with file and line.
    """
    mistakes = MistakeCollector(of=OF)
    found = read_policy(Path(folder), mistakes)
    mistakes.raise_if_any()
    return cast(Policy, found.policy)


def read_policy(folder: Path, mistakes: MistakeCollector) -> ReadPolicy:
    """Read a policy as far as it can be read.

    Args:
        folder: Where its files are.
        mistakes: Told about everything that is wrong; more may be added before they are raised.
    """
    raw = read_folder(folder, mistakes)
    if raw.is_whole and raw.entries:
        _report_missing_sections(raw, folder, mistakes)
    report_duplicates(raw, mistakes)
    parts = {section: list(_parts(raw, section, mistakes)) for section in SECTIONS if section != CONDITIONS}
    _report_rules(raw, mistakes)
    if raw.is_whole:
        report_unknown_names(raw, mistakes)
        _report_coverage(parts, mistakes)
    mistakes.found.sort(key=lambda mistake: line_of(mistake.where))
    policy = None if mistakes.found else _policy(raw, parts)
    return ReadPolicy(policy, tuple(_conditions(raw)), tuple(_facts(raw)))


def _policy(raw: RawPolicy, parts: Mapping[str, list[tuple[Part, Entry]]]) -> Policy:
    found: dict[str, Any] = {
        section: tuple(part for part, _ in read) if is_list(section) else read[0][0]
        for section, read in parts.items()
        if read
    }
    shared = {name: text for entry in raw.of(CONDITIONS) for name, text in entry.values.items()}
    return Policy(**{**found, CONDITIONS: shared})


def _report_missing_sections(raw: RawPolicy, folder: Path, mistakes: MistakeCollector) -> None:
    for section, field in Policy.model_fields.items():
        if field.is_required() and not raw.of(section):
            mistakes.add(folder.name, f"the policy has no section {section!r}", f"write {section}: in one of its files")


def _parts(raw: RawPolicy, section: str, mistakes: MistakeCollector) -> Iterator[tuple[Part, Entry]]:
    """The entries of a section that can be read, each on its own, so that one mistake hides no other."""
    model = model_of(section)
    for entry in raw.of(section) if model is not None else ():
        label = f"{entry.code}: " if entry.code else f"{section}: "

        def report(path: tuple[str | int, ...], what: str, todo: str, entry: Entry = entry, label: str = label) -> None:
            mistakes.add(entry.at(*path), f"{label}{what}", todo)

        if not isinstance(entry.values, Mapping):
            mistakes.add(entry.at(), f"{section}: this is not an entry", "write keys and values, such as code: ...")
            continue
        try:
            yield model.model_validate(entry.values), entry  # type: ignore[union-attr]
        except ValidationError as error:
            report_invalid(error, cast(type[Part], model), report)


def _report_rules(raw: RawPolicy, mistakes: MistakeCollector) -> None:
    for entry in raw.of("rules"):
        if isinstance(entry.values, Mapping):
            for key, what, todo in rule_mistakes(entry.values):
                mistakes.add(entry.at(key), f"{entry.code}: {what}", todo)


def _report_coverage(parts: Mapping[str, list[tuple[Part, Entry]]], mistakes: MistakeCollector) -> None:
    checks: dict[str, Callable[[Any, Sequence[Entry], MistakeCollector], None]] = {
        "criteria": report_criteria,
        "routes": report_routes,
        "response_windows": report_windows,
        "owners": report_owners,
        "assets": report_assets,
    }
    for section, check in checks.items():
        check([part for part, _ in parts[section]], [entry for _, entry in parts[section]], mistakes)
    for consent, entry in parts["consent"]:
        report_consent(consent.matrix, entry, mistakes)  # type: ignore[attr-defined]
    for grades, entry in parts["grades"]:
        report_grades(grades, entry, mistakes)  # type: ignore[arg-type]


def _conditions(raw: RawPolicy) -> Iterator[Written]:
    """Every condition of the policy, also of entries that have other mistakes."""
    for entry in raw.of(CONDITIONS):
        for name, text in entry.values.items():
            if isinstance(text, str):
                yield Written(text, name, entry.at(name), acts="*", name=name)
    for entry in raw.of("motions"):
        if isinstance(text := entry.get("when"), str):
            yield Written(text, entry.code, entry.at("when"))
    for entry in raw.of("rules"):
        yield from _of_rule(entry)


def _of_rule(entry: Entry) -> Iterator[Written]:
    for key, gives_number in (("when", False), ("per", True), ("since", True)):
        if isinstance(text := entry.get(key), str):
            yield Written(text, entry.code, entry.at(key), gives_number=gives_number)
    sequence = entry.get("sequence")
    table = entry.get("of")
    for number, act in enumerate(sequence if isinstance(sequence, list) else ()):
        text = act.get("where") if isinstance(act, Mapping) else None
        if isinstance(text, str):
            acts = table if isinstance(table, str) else "engagements"
            yield Written(text, entry.code, entry.at("sequence", number, "where"), acts=acts)


def _facts(raw: RawPolicy) -> Iterator[Written]:
    entry = raw.one("facts")
    for name, text in entry.values.items() if entry is not None else ():
        if isinstance(text, str):
            yield Written(text, f"facts, {name}", cast(Entry, entry).at(name))


def line_of(where: str) -> tuple[str, int]:
    """File and line of a place, to sort mistakes by."""
    file, _, line = where.rpartition(":")
    return (file, int(line)) if line.isdigit() else (where, 0)
