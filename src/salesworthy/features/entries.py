"""Reading ``features.yaml``: entries with the file and line that each key stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from salesworthy.domain.errors import MistakeCollector
from salesworthy.domain.names import nearest

SECTIONS = ("conditions", "features")


@dataclass(frozen=True)
class Entry:
    """One entry: its keys with their values, and where each stands."""

    file: str
    line: int
    values: Mapping[str, Any]
    lines: Mapping[str, int]

    def at(self, key: str = "") -> str:
        """File and line of a key, or of the entry."""
        return f"{self.file}:{self.lines.get(key, self.line)}"


# libyaml where PyYAML has it: plain Python takes ten times as long.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class EntryFile:
    """A file's entries in order, and the conditions that they share, by name."""

    name: str
    entries: tuple[Entry, ...] = ()
    conditions: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Name -> (text, place)."""


def read_entries(text: str, file: str, mistakes: MistakeCollector) -> EntryFile:
    """Read a catalogue file: a list of entries, or a mapping with ``features`` and shared ``conditions``.

    Args:
        text: The file's text.
        file: Its name, for messages.
        mistakes: Told about everything that is not in this form.
    """
    loader = _Loader(text)
    try:
        return _Reader(loader, file, mistakes).file_of(loader.get_single_node())
    except yaml.MarkedYAMLError as error:
        # libyaml finds what is missing at the end one line below the last one.
        line = min(error.problem_mark.line + 1, len(text.splitlines())) if error.problem_mark else 1
        mistakes.add(f"{file}:{line}", f"this is not YAML: {error.problem}", "mend the line, or the one above it")
    except (yaml.YAMLError, RecursionError) as error:
        mistakes.add(f"{file}:1", f"this is not YAML: {str(error).splitlines()[0]}", "write a list of features")
    finally:
        loader.dispose()
    return EntryFile(file)


class _Reader:
    def __init__(self, loader: yaml.SafeLoader, file: str, mistakes: MistakeCollector) -> None:
        self.loader = loader
        self.file = file
        self.mistakes = mistakes

    def file_of(self, root: yaml.Node | None) -> EntryFile:
        if root is None or (isinstance(root, yaml.ScalarNode) and root.value == ""):
            return EntryFile(self.file)
        if isinstance(root, yaml.SequenceNode):
            return EntryFile(self.file, self._entries(root))
        if not isinstance(root, yaml.MappingNode):
            self._add(root, "this is not a list of features", "begin every feature with '- name: ...'")
            return EntryFile(self.file)
        sections = self._sections(root)
        return EntryFile(
            self.file, self._entries(sections.get("features")), self._conditions(sections.get("conditions"))
        )

    def _add(self, node: yaml.Node, what: str, todo: str = "") -> None:
        self.mistakes.add(f"{self.file}:{node.start_mark.line + 1}", what, todo)

    def _sections(self, root: yaml.MappingNode) -> dict[str, yaml.Node]:
        found = dict(self._pairs(root))
        for name, node in found.items():
            if name not in SECTIONS:
                self._add(node, f"unknown section {name!r}", nearest(name, SECTIONS))
        return found

    def _pairs(self, node: yaml.MappingNode) -> list[tuple[str, yaml.Node]]:
        pairs: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if str(key.value) in pairs:
                self._add(key, f"the key {key.value!r} stands here twice", "keep one of them")
            pairs[str(key.value)] = value
        return list(pairs.items())

    def _conditions(self, node: yaml.Node | None) -> dict[str, tuple[str, str]]:
        if node is None:
            return {}
        if not isinstance(node, yaml.MappingNode):
            self._add(node, "shared conditions are not a mapping", 'write name: "condition"')
            return {}
        return {
            name: (str(self._value(value)), f"{self.file}:{value.start_mark.line + 1}")
            for name, value in self._pairs(node)
        }

    def _entries(self, node: yaml.Node | None) -> tuple[Entry, ...]:
        if node is None:
            return ()
        if not isinstance(node, yaml.SequenceNode):
            self._add(node, "the features are not a list", "begin every feature with '- name: ...'")
            return ()
        return tuple(entry for each in node.value if (entry := self._entry(each)) is not None)

    def _entry(self, node: yaml.Node) -> Entry | None:
        if not isinstance(node, yaml.MappingNode):
            self._add(node, "this entry is not a feature", "write keys and values, such as name: visits_30d")
            return None
        lines = {str(key.value): key.start_mark.line + 1 for key, _ in node.value}
        values = {key: self._value(value) for key, value in self._pairs(node)}
        return Entry(self.file, node.start_mark.line + 1, values, lines)

    def _value(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            value = self.loader.construct_object(node)
            # No key takes a truth value, and people who write yes or on mean the word.
            return node.value if isinstance(value, bool) else value
        self._add(node, "a list or mapping stands where one value belongs", "write one text or number")
        return ""
