"""The policy as it is written: sections of all files put together, each entry with the place of everything in it."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from salesworthy.domain.errors import MistakeCollector
from salesworthy.domain.names import nearest
from salesworthy.policy.document import Policy
from salesworthy.policy.parts import Part
from salesworthy.policy.yaml_reader import Path as KeyPath
from salesworthy.policy.yaml_reader import ReadFile, read_yaml

CONDITIONS = "conditions"
SECTIONS = tuple(Policy.model_fields)
LARGEST = 2_000_000
"""Bytes of a file; a policy of ten thousand rules is smaller."""


@dataclass(frozen=True)
class Entry:
    """One entry of a section, or a section that is one mapping."""

    section: str
    file: ReadFile
    path: KeyPath
    values: Any

    def at(self, *keys: str | int) -> str:
        """File and line of something inside the entry: as near as the path leads, the entry itself otherwise."""
        path, here = self.path, self.values
        for key in keys:
            is_key = isinstance(here, Mapping) and key in here
            if is_key or (isinstance(here, list) and isinstance(key, int) and key < len(here)):
                path, here = (*path, key), here[key]
        return f"{self.file.name}:{self.file.lines.get(path, 1)}"

    @property
    def code(self) -> str:
        """What the entry is called; empty where it has no name."""
        if not isinstance(self.values, Mapping):
            return ""
        found = self.values.get("code", self.values.get("id", self.values.get("table", "")))
        return found if isinstance(found, str) else ""

    def get(self, key: str) -> Any:
        """A value of the entry as written; None where it is absent."""
        return self.values.get(key) if isinstance(self.values, Mapping) else None


@dataclass
class RawPolicy:
    """All sections: their entries in order.

    ``is_whole`` is no longer true once a file could not be read: what it holds is then not looked for elsewhere.
    """

    is_whole: bool = True
    entries: dict[str, list[Entry]] = field(default_factory=dict)

    def of(self, section: str) -> list[Entry]:
        """Entries of a section."""
        return self.entries.get(section, [])

    def one(self, section: str) -> Entry | None:
        """The entry of a section that is one mapping."""
        found = self.of(section)
        return found[0] if found else None

    def codes(self, section: str) -> set[str]:
        """Codes of a section, those of entries with mistakes too: nobody is told that they do not exist."""
        return {entry.code for entry in self.of(section) if entry.code}


def model_of(section: str) -> type[Part] | None:
    """What an entry of a section is read as; None for shared conditions, which are plain texts."""
    annotation = Policy.model_fields[section].annotation
    for each in (annotation, *typing.get_args(annotation)):
        if isinstance(each, type) and issubclass(each, Part):
            return each
    return None


def is_list(section: str) -> bool:
    """Whether a section is a list of entries."""
    return typing.get_origin(Policy.model_fields[section].annotation) is tuple


def read_folder(folder: Path, mistakes: MistakeCollector) -> RawPolicy:
    """Read all YAML files of a folder and of the folders in it, in the order of their names."""
    raw = RawPolicy()
    files = policy_files(folder)
    if not files:
        mistakes.add(
            str(folder),
            "there is no policy: no file ends in .yaml",
            "write one, or start from `salesworthy init --example`",
        )
    for path in files:
        name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
        text = _text(path, name, mistakes)
        file = None if text is None else read_yaml(text, name, mistakes)
        raw.is_whole &= file is not None
        if file is not None:
            _add_file(raw, file, mistakes)
    return raw


def policy_files(folder: Path) -> list[Path]:
    """The YAML files of a policy; hidden ones are left out."""
    found = (path for pattern in ("*.yaml", "*.yml") for path in folder.rglob(pattern))
    shown = (path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))
    return sorted(path for path in shown if path.is_file())


def _text(path: Path, name: str, mistakes: MistakeCollector) -> str | None:
    try:
        if path.stat().st_size > LARGEST:
            mistakes.add(name, "the file is too large for a policy", "is it data?")
            return None
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        mistakes.add(name, f"the file cannot be read: {error}", "save it as UTF-8")
        return None


def _add_file(raw: RawPolicy, file: ReadFile, mistakes: MistakeCollector) -> None:
    for section, values in file.values.items():
        if section not in SECTIONS:
            mistakes.add(
                f"{file.name}:{file.lines[(section,)]}", f"unknown section {section!r}", nearest(section, SECTIONS)
            )
            continue
        entry = Entry(section, file, (section,), values)
        if values is not None:
            raw.entries.setdefault(section, []).extend(_entries(raw, entry, mistakes))


def _entries(raw: RawPolicy, entry: Entry, mistakes: MistakeCollector) -> Iterator[Entry]:
    if is_list(entry.section):
        if not isinstance(entry.values, list):
            mistakes.add(entry.at(), f"{entry.section} is not a list", "begin every entry with '- '")
            return
        for number, each in enumerate(entry.values):
            yield Entry(entry.section, entry.file, (entry.section, number), each)
        return
    first = raw.one(entry.section)
    if first is not None and entry.section != CONDITIONS:
        mistakes.add(entry.at(), f"{entry.section} was given already in {first.at()}", "keep one of them")
    elif not isinstance(entry.values, Mapping):
        mistakes.add(entry.at(), f"{entry.section} is not a mapping", "write keys and values below it")
    else:
        yield entry


def report_duplicates(raw: RawPolicy, mistakes: MistakeCollector) -> None:
    """Note codes that stand twice in a section, with both places."""
    for section in SECTIONS:
        first: dict[str, Entry] = {}
        for entry in raw.of(section):
            if not entry.code or not is_list(section):
                continue
            if entry.code in first:
                what = f"{entry.code} stands in {section} twice: here and in {first[entry.code].at('code')}"
                mistakes.add(entry.at("code"), what, "give one of them another code")
            first.setdefault(entry.code, entry)


def listed(entry: Entry, *path: str | int) -> Iterable[tuple[str, tuple[str | int, ...]]]:
    """Texts that stand at a path of an entry, one or a list of them, each with its own path."""
    here = entry.values
    for key in path:
        here = here.get(key) if isinstance(here, Mapping) else None
    if isinstance(here, str):
        yield here, path
    elif isinstance(here, list):
        for number, each in enumerate(here):
            if isinstance(each, str):
                yield each, (*path, number)
