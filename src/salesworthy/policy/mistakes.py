"""What pydantic found, in our words and with the place where it stands."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Iterable

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from salesworthy.domain.names import nearest

Report = Callable[[tuple[str | int, ...], str, str], None]

_KINDS = {
    "string_type": "a text; put it in quotes",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number, or a length of time such as 30d where one is meant",
    "finite_number": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "date_type": "a day such as 2026-03-01",
    "date_parsing": "a day such as 2026-03-01",
    "date_from_datetime_parsing": "a day such as 2026-03-01",
    "dict_type": "a mapping of keys and values",
    "mapping_type": "a mapping of keys and values",
    "model_type": "a mapping of keys and values",
    "tuple_type": "a list",
    "list_type": "a list",
}
_PATTERNS = {
    r"^[A-Z][A-Z0-9_]*$": "a code in capitals such as EVALUATION_REQUEST",
    r"^[A-D][1-4]$": "a cell of the matrix, A1 to D4",
    r"^[0-9a-f]{64}$": "a content hash, as `policy approve` writes it",
}
_QUOTED = re.compile(r"'([^']*)'")


def report_invalid(error: ValidationError, model: type[BaseModel], report: Report) -> None:
    """Report every mistake that pydantic found in a part of the policy.

    Args:
        error: What pydantic raised.
        model: The model that was read.
        report: Told the path inside the part, what is wrong, and what to do.
    """
    errors = error.errors()
    for each in errors:
        if each["type"] == "too_short" and any(_inside(other["loc"], each["loc"]) for other in errors):
            continue  # the list is not short: what stands in it could not be read, and that is told already
        path = _as_written(each["loc"])
        what, todo = _words(each["type"], each["msg"], path, model, each)
        report(each["loc"], what, todo)


def _inside(path: tuple[str | int, ...], other: tuple[str | int, ...]) -> bool:
    return len(path) > len(other) and path[: len(other)] == other


def _as_written(path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The path without what only the model has: the list of versions where one was written."""
    kept: list[str | int] = []
    for before, key in zip((None, *path), path, strict=False):
        if key not in ("versions", "[key]") and (before, key) != ("versions", 0):
            kept.append(key)
    return tuple(kept)


def _words(
    kind: str, message: str, path: tuple[str | int, ...], model: type[BaseModel], error: ErrorDetails
) -> tuple[str, str]:
    name = _name(path)
    context = error.get("ctx", {})
    if kind == "extra_forbidden":
        return f"unknown key {str(path[-1])!r}", nearest(str(path[-1]), _keys(model, path[:-1]))
    if kind == "missing":
        return f"{name} is missing", f"write {path[-1]}: ..."
    if kind == "value_error":
        what, _, todo = str(context["error"]).partition("; ")
        return (f"{name}: {what}" if name else what), todo
    return _about_value(kind, message, name, error)


def _about_value(kind: str, message: str, name: str, error: ErrorDetails) -> tuple[str, str]:
    shown, context = _shown(error["input"]), error.get("ctx", {})
    if kind in ("literal_error", "enum"):
        return f"{name} cannot be {shown}", nearest(str(error["input"]), _QUOTED.findall(str(context["expected"])))
    if kind == "string_pattern_mismatch":
        return f"{name} is {shown}", f"write {_PATTERNS.get(context['pattern'], 'another text')}"
    if kind in _KINDS:
        return f"{name} is {shown}", f"write {_KINDS[kind]}"
    return f"{name}: {message[0].lower()}{message[1:]}", ""


def _name(path: tuple[str | int, ...]) -> str:
    """The key as people read it: ``steps 2, asset`` for ('steps', 1, 'asset')."""
    parts: list[str] = []
    for key in path:
        if isinstance(key, int):
            parts[-1:] = [f"{parts[-1] if parts else ''} {key + 1}".strip()]
        else:
            parts.append(key)
    return ", ".join(parts)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _keys(model: type[BaseModel], path: Iterable[str | int]) -> list[str]:
    """The keys that are known at a place inside a model."""
    for key in path:
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        field = fields.get(str(key))
        model = (_model_in(field.annotation) if field else None) or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        versions = annotation.model_fields.get("versions")
        return _model_in(versions.annotation) if versions else annotation
    found = (_model_in(each) for each in typing.get_args(annotation))
    return next((each for each in found if each is not None), None)
