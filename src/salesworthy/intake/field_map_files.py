"""The files of field maps: those that come with the package, and those that a workspace writes for itself."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from salesworthy.domain.errors import ConfigurationMistakes, Mistake
from salesworthy.domain.names import nearest
from salesworthy.intake.field_map import FieldMap
from salesworthy.intake.settings import Path as KeyPath
from salesworthy.intake.settings_mistakes import report_invalid

SHIPPED = files("salesworthy.intake") / "maps"
SUFFIX = ".yaml"


@lru_cache
def shipped_maps() -> tuple[str, ...]:
    """Names of the field maps that come with the package, such as ``hubspot/contacts``."""
    return tuple(
        sorted(
            f"{crm.name}/{each.name.removesuffix(SUFFIX)}"
            for crm in SHIPPED.iterdir()
            for each in crm.iterdir()
            if each.name.endswith(SUFFIX)
        )
    )


def load_map(name: str, root: Path | None) -> FieldMap:
    """A shipped field map, or the file of a workspace.

    Args:
        name: Such as ``hubspot/contacts``, or a path that ends in ``.yaml``.
        root: Folder of the workspace; without it only shipped maps are known.

    Raises:
        ConfigurationMistakes: When there is no such map, or the file has mistakes, each with its line.
    """
    if name in shipped_maps():
        return _shipped(name)
    if not name.endswith(SUFFIX) or root is None:
        raise _no_map(name)
    try:
        text = (root / name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _no_map(name) from error
    return _read(name, text)


def upload_map(name: str, root: Path | None, *, preferred: str | None = None) -> FieldMap:
    """The field map that upload files are written by.

    Args:
        name: A map, or a CRM: then ``preferred`` where it belongs to that CRM, and the CRM's usual one otherwise.
        root: Folder of the workspace.
        preferred: The map that the leads are read by.

    Raises:
        ConfigurationMistakes: When there is no such map, or it takes no scores.
    """
    if name in crms():
        mine = [load_map(each, root) for each in shipped_maps() if each.startswith(f"{name}/")]
        able = [each for each in mine if each.upload is not None]
        return min(able, key=lambda each: (each.name != preferred, not (each.upload and each.upload.usual), each.name))
    found = load_map(name, root)
    if found.upload is None:
        known = ", ".join(each for each in shipped_maps() if load_map(each, None).upload is not None)
        mistake = Mistake(name, "this field map has no part upload, so nothing can be written by it", f"take {known}")
        raise ConfigurationMistakes([mistake], of="the field map")
    return found


def crms() -> tuple[str, ...]:
    """The CRMs that have shipped maps."""
    return tuple(dict.fromkeys(name.partition("/")[0] for name in shipped_maps()))


def _no_map(name: str) -> ConfigurationMistakes:
    close = nearest(name, shipped_maps())
    hint = f"{close} " if close.startswith("did you mean") else ""
    todo = f"{hint}shipped: {', '.join(shipped_maps())}; or the path of a file of your own that ends in {SUFFIX}"
    return ConfigurationMistakes([Mistake("map", f"there is no field map {name!r}", todo)], of="the field map")


@lru_cache
def _shipped(name: str) -> FieldMap:
    return _read(name, (SHIPPED / f"{name}{SUFFIX}").read_text(encoding="utf-8"))


def _read(name: str, text: str) -> FieldMap:
    """Read a map; every value is a text, so that ``NO`` and ``true`` stay what they are."""
    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)
        values = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  # makes texts, lists and mappings only
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{name}:{mark.line + 1 if mark else 1}"
        mistake = Mistake(place, f"this is not YAML: {getattr(error, 'problem', error)}", "mend the line")
        raise ConfigurationMistakes([mistake], of="the field map") from error
    if not isinstance(values, dict):
        raise ConfigurationMistakes(
            [Mistake(f"{name}:1", "this is no field map", "begin with reads:")], of="the field map"
        )
    lines = dict(_lines(node, ()))
    mistakes: list[Mistake] = []

    def report(path: KeyPath, what: str, todo: str) -> None:
        place = next(lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in lines)
        mistakes.append(Mistake(f"{name}:{place}", what, todo))

    try:
        return FieldMap.model_validate({**values, "name": name})
    except ValidationError as error:
        report_invalid(error, FieldMap, (), report)
    raise ConfigurationMistakes(sorted(mistakes, key=lambda each: _line_of(each.where)), of="the field map")


def _line_of(where: str) -> int:
    return int(where.rpartition(":")[2])


def _lines(node: Any, path: KeyPath) -> Iterator[tuple[KeyPath, int]]:
    """Path of everything in a node, and its line."""
    yield path, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _lines(value, (*path, str(key.value)))
            yield (*path, str(key.value)), key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for number, each in enumerate(node.value):
            yield from _lines(each, (*path, number))
