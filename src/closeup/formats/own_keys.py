"""What Closeup writes into files of formats that have no key for it, and reads from there.

Readers of JSON and YAML pass over keys that they do not know. An annotation's are ``mask``,
``key``, ``keyframe``, ``absent``, ``verdict``, ``origin``, ``method``, ``version`` and ``score``;
those of a set are ``skeleton``, ``targets`` and ``box``. A key is there if its value differs from
the default.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar

from closeup.annotations import Annotation, LabelSchema, LabelVerdict, Origin
from closeup.errors import InputError
from closeup.files.documents import as_json

OWN = "closeup"
"""Key under which a document, or an object in it, holds the keys of this module."""

Named = TypeVar("Named", bound=StrEnum)

_PLAIN = Annotation()


def own_keys(one: Annotation, without: Collection[str] = ()) -> dict[str, Any]:
    """The keys of an annotation.

    Args:
        one: The annotation.
        without: Keys that the format has a place of its own for.

    """
    values = {key: getattr(one, key) for key in _CHECKS if key not in without}
    return {key: value for key, value in values.items() if value != getattr(_PLAIN, key)}


def with_own_keys(one: Annotation, keys: object, place: str) -> Annotation:
    """The annotation with the values of its keys; unknown ones are passed over.

    Args:
        one: The annotation.
        keys: What a file has in their place; None without any.
        place: File and place in it, for the error message.

    Raises:
        InputError: it is no object, or a value is of a wrong type.

    """
    given = _object(keys, OWN, place)
    return replace(
        one, **{key: _CHECKS[key](given[key], key, place) for key in _CHECKS if key in given}
    )


def schema_keys(schema: LabelSchema) -> dict[str, Any]:
    """The keys of a schema, without its names of points and classes."""
    found = {
        "skeleton": [list(pair) for pair in schema.skeleton],
        "targets": dict(schema.targets),
        "box": schema.box,
    }
    return {key: value for key, value in found.items() if value}


def with_schema_keys(schema: LabelSchema, keys: object, place: str) -> LabelSchema:
    """The schema with the values of its keys; unknown ones are passed over.

    Args:
        schema: The schema, with its points and classes.
        keys: What a file has in their place; None without any.
        place: File, for the error message.

    Raises:
        InputError: it is no object, a value is of a wrong type, or one names what is not there.

    """
    given = _object(keys, OWN, place)
    pairs, targets = given.get("skeleton", []), _object(given.get("targets"), "targets", place)
    if not isinstance(pairs, list):
        raise InputError(f"{place}: skeleton is {as_json(pairs)}, no list; correct it")
    try:
        return replace(
            schema,
            skeleton=tuple(_pair(pair, place) for pair in pairs) or schema.skeleton,
            targets={name: _count(wanted, place) for name, wanted in targets.items()},
            box=_truth(given.get("box", schema.box), "box", place),
        )
    except ValueError as error:
        raise InputError(f"{place}: {error}; correct it") from None


def _object(value: object, key: str, place: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InputError(f"{place}: {key} is {as_json(value)}, no object; correct it")
    return value


def _text(value: object, key: str, place: str) -> str:
    if not isinstance(value, str):
        raise InputError(f"{place}: {key} is {as_json(value)}, no text; correct it")
    return value


def _truth(value: object, key: str, place: str) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"{place}: {key} is {as_json(value)}, neither true nor false; correct it")
    return value


def _one_of(kind: type[Named]) -> Callable[[object, str, str], Named]:
    def check(value: object, key: str, place: str) -> Named:
        if not isinstance(value, str) or value not in list(kind):
            names = ", ".join(kind)
            raise InputError(f"{place}: {key} is {as_json(value)}, none of {names}; correct it")
        return kind(value)

    return check


def _score(value: object, key: str, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InputError(f"{place}: {key} is {as_json(value)}, not from 0 to 1; correct it")
    return float(value)


_CHECKS: dict[str, Callable[[object, str, str], Any]] = {
    "mask": _text,
    "key": _text,
    "keyframe": _truth,
    "absent": _truth,
    "verdict": _one_of(LabelVerdict),
    "origin": _one_of(Origin),
    "method": _text,
    "version": _text,
    "score": _score,
}
"""Key of an annotation → what checks its value."""

OWN_KEYS = tuple(_CHECKS)
"""The keys of an annotation."""


def _pair(value: object, place: str) -> tuple[str, str]:
    match value:
        case [str(first), str(second)]:
            return first, second
        case _:
            raise InputError(
                f"{place}: skeleton has {as_json(value)}, no pair of names; correct it"
            )


def _count(value: object, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InputError(f"{place}: targets has {as_json(value)}, no whole number; correct it")
    return value
