"""What pydantic found, in our words."""

from __future__ import annotations

import typing
from collections.abc import Iterable

from pydantic import BaseModel, ValidationError

from salesworthy.domain.names import nearest
from salesworthy.intake.settings import Path, Report

KINDS = {
    "string_type": "a text in quotes",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a table of keys and values",
    "model_type": "a section",
    "tuple_type": "a list",
    "list_type": "a list",
}


def report_invalid(error: ValidationError, model: type[BaseModel], path: Path, report: Report) -> None:
    """Report every mistake that pydantic found in a part of the settings.

    Args:
        error: What pydantic raised.
        model: The model that was read.
        path: Where that part stands.
        report: Told each mistake with its place.
    """
    for each in error.errors():
        place = tuple(key for key in each["loc"])
        what, todo = _words(each["type"], each["msg"], place, model, each.get("ctx", {}))
        report((*path, *place), what, todo)


def _words(kind: str, message: str, place: Path, model: type[BaseModel], context: dict[str, object]) -> tuple[str, str]:
    name = str(place[-1]) if place else ""
    if kind == "extra_forbidden":
        return f"unknown key {name!r}", nearest(name, _keys(model, place[:-1]))
    if kind == "missing":
        return f"{name} is missing", f"write {name} = ..."
    if kind == "literal_error":
        return f"{name} must be {context['expected']}", ""
    if kind == "value_error":
        return str(context["error"]), ""
    if kind in KINDS:
        return f"{'.'.join(map(str, place))} must be {KINDS[kind]}", ""
    return f"{name}: {message[0].lower()}{message[1:]}", ""


def _keys(model: type[BaseModel], place: Iterable[str | int]) -> list[str]:
    """The keys that are known at a place inside a model."""
    for key in place:
        field = model.model_fields.get(str(key))
        found = _model_in(field.annotation) if field else None
        model = found or model
    return [name for name in model.model_fields if name not in ("places", "field_map")]


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(each) for each in typing.get_args(annotation))
    return next((each for each in found if each is not None), None)
