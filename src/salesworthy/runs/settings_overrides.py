"""Environment variables that override single settings: ``SALESWORTHY__LEDGER__URL`` stands for ``ledger.url``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from salesworthy.domain.errors import MistakeCollector

PREFIX = "SALESWORTHY__"


def override(
    raw: dict[str, Any], environ: Mapping[str, str], mistakes: MistakeCollector
) -> dict[tuple[str | int, ...], str]:
    """Write the variables into parsed settings; returns which key came from which variable.

    A value is read as TOML where it is TOML (``4``, ``true``, ``["a"]``), and as text otherwise.

    Args:
        raw: Settings as TOML gives them; changed.
        environ: The environment.
        mistakes: Told about variables that lead nowhere.
    """
    places: dict[tuple[str | int, ...], str] = {}
    for name in sorted(environ):
        if name.startswith(PREFIX):
            path = tuple(name.removeprefix(PREFIX).lower().split("__"))
            if all(path) and _put(raw, path, _value(environ[name])):
                places[path] = name
            else:
                mistakes.add(name, "this variable names no setting", "write for example SALESWORTHY__LEDGER__URL")
    return places


def _put(raw: dict[str, Any], path: tuple[str, ...], value: object) -> bool:
    place: Any = raw
    for key in path[:-1]:
        place = place.setdefault(key, {})
        if not isinstance(place, dict):
            return False
    place[path[-1]] = value
    return True


def _value(text: str) -> object:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
