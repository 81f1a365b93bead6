"""Reading YAML with the line of every key: plain values, no anchors, and no words that turn into something else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from salesworthy.domain.errors import MistakeCollector

Path = tuple[str | int, ...]
PLAIN = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
DEEPEST = 12
"""Levels of nesting; more than any policy has."""


# YAML whose only special words are true, false and null: NO is Norway, and on is a word. Read by libyaml where PyYAML
# has it: in plain Python a policy takes half a second.
_Words: Any = type("_Words", (getattr(yaml, "CSafeLoader", yaml.SafeLoader),), {"yaml_implicit_resolvers": {}})
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
    ("timestamp", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "0123456789"),
):
    _Words.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


@dataclass(frozen=True)
class ReadFile:
    """A file: its sections as plain values, and the line of everything in it, by path."""

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[Path, int] = field(default_factory=dict)


def read_yaml(text: str, file: str, mistakes: MistakeCollector) -> ReadFile | None:
    """Read a file of sections.

    Args:
        text: The file's text.
        file: Its name, for messages.
        mistakes: Told about everything that is not in this form.

    Returns:
        What was read; None where the file is not YAML, or has no sections.
    """
    try:
        loader = _Words(text)
    except (yaml.YAMLError, ValueError) as error:
        _refuse(error, text, file, mistakes)
        return None
    try:
        reader = _Reader(loader, file, mistakes)
        root = loader.get_single_node()
        if root is None:
            return ReadFile(file)
        if not isinstance(root, yaml.MappingNode):
            mistakes.add(
                f"{file}:{root.start_mark.line + 1}", "this file has no sections", "begin with one, such as rules:"
            )
            return None
        return ReadFile(file, reader.value(root, ()), reader.lines)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        _refuse(error, text, file, mistakes)
    finally:
        loader.dispose()
    return None


def _refuse(error: Exception, text: str, file: str, mistakes: MistakeCollector) -> None:
    line, what, todo = 1, str(error).splitlines()[0], "write sections such as rules:"
    if isinstance(error, yaml.MarkedYAMLError):
        # libyaml finds what is missing at the end one line below the last one.
        line = min(error.problem_mark.line + 1, len(text.splitlines())) if error.problem_mark else 1
        what, todo = str(error.problem), "mend the line, or the one above it"
    elif isinstance(error, yaml.reader.ReaderError):
        todo = "take out the control characters"
    mistakes.add(f"{file}:{line}", f"this is not YAML: {what}", todo)


class _Reader:
    def __init__(self, loader: yaml.SafeLoader, file: str, mistakes: MistakeCollector) -> None:
        self.loader = loader
        self.file = file
        self.mistakes = mistakes
        self.lines: dict[Path, int] = {}
        self.seen: set[int] = set()

    def value(self, node: yaml.Node, path: Path) -> Any:
        """The plain value of a node; the lines of everything in it are noted."""
        self.lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in self.seen:
            self._add(node, "an anchor (&, *) stands here", "write the text out: each part is read on its own")
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if node.tag not in PLAIN:
            self._add(node, f"the tag {node.tag!r} stands here", "leave it out")
            return None
        if len(path) > DEEPEST:
            self._add(node, "this is nested too deeply", "move it up")
            return None
        if isinstance(node, yaml.SequenceNode):
            return [self.value(each, (*path, number)) for number, each in enumerate(node.value)]
        return self._mapping(node, path)

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        try:
            return self.loader.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            self._add(node, f"{node.value!r} cannot be read: {str(error).splitlines()[0]}", "put it in quotes")
            return None

    def _mapping(self, node: yaml.Node, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value)
            if name in found:
                self._add(key, f"the key {name!r} stands here twice", "keep one of them")
                continue
            self.lines[(*path, name)] = key.start_mark.line + 1
            found[name] = self.value(value, (*path, name))
        return found

    def _add(self, node: yaml.Node, what: str, todo: str) -> None:
        self.mistakes.add(f"{self.file}:{node.start_mark.line + 1}", what, todo)
