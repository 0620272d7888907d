"""Members of objects in JSON files, checked when they are read; errors name their place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite, nan
from pathlib import Path
from typing import Any

from closeup.errors import InputError
from closeup.files.documents import as_json, parse_json
from closeup.files.text import read_text

_KINDS: dict[type, str] = {list: "list", str: "text", dict: "object"}


def read_json(path: Path, title: str) -> Any:
    """The content of a JSON file.

    Args:
        path: The file.
        title: What the file should be, for messages.

    Raises:
        InputError: it cannot be read, or is not JSON.

    """
    try:
        return parse_json(read_text(path))
    except ValueError as error:
        raise InputError(f"{path}: {error}; it is damaged, or not {title}") from None


def parsed_text(text: str, place: str) -> Any:
    """What a JSON text within a file of another format holds.

    Raises:
        InputError: it is not JSON.

    """
    try:
        return parse_json(text)
    except ValueError as error:
        raise InputError(f"{place}: {error}; correct or remove it") from None


def read_object(path: Path, title: str, members: str) -> dict[str, Any]:
    """Read a file whose content is one object.

    Args:
        path: The file.
        title: What the file should be, such as "COCO's JSON".
        members: What the object should have, for the error message.

    Raises:
        InputError: the file cannot be read, is not JSON, or its content is no object.

    """
    content = read_json(path, title)
    if not isinstance(content, dict):
        raise InputError(f"{path}: no object with {members}; it is not {title}")
    return content


def member(item: dict[str, Any], key: str, kind: type, place: str) -> Any:
    """A member of an object in the file.

    Raises:
        InputError: it is missing or of another type than ``kind``, a list, text or object.

    """
    value = item.get(key)
    if not isinstance(value, kind):
        reason = f"{key} is {as_json(value)}, no {_KINDS[kind]}" if key in item else f"no {key}"
        raise InputError(f"{place}: {reason}; correct it")
    return value


def typed(value: Any, kind: type, place: str) -> Any:
    """The value, if it is a list, a text or an object.

    Args:
        value: The value.
        kind: ``list``, ``str`` or ``dict``.
        place: File and place in it, for messages.

    Raises:
        InputError: it is something else.

    """
    if not isinstance(value, kind):
        raise InputError(f"{place} is {as_json(value)}, no {_KINDS[kind]}; correct it")
    return value


def values_of(item: dict[str, Any], key: str, place: str, count: int | None = None) -> list[Any]:
    """A list of ``count`` values, or of any number; an empty one for null or nothing."""
    if item.get(key) is None:
        return []
    values: list[Any] = member(item, key, list, place)
    if values and count is not None and len(values) != count:
        raise InputError(f"{place}: {key} has {len(values)} numbers, not {count}; correct it")
    return values


def finite(value: Any, key: str, place: str) -> float:
    """A number.

    Raises:
        InputError: it is not a finite number.

    """
    known = isinstance(value, int | float) and not isinstance(value, bool)
    try:
        number = float(value) if known else nan
    except OverflowError:  # a whole number of hundreds of digits
        number = nan
    if not isfinite(number):
        raise InputError(f"{place}: {as_json(value)} in {key} is no finite number; correct it")
    return number


def without(members: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """The members without those of some keys."""
    left = dict(members)
    for key in keys:
        left.pop(key, None)
    return left


def side(item: dict[str, Any], key: str, place: str) -> int:
    """A picture's width or height; 0 if it is missing, null or 0."""
    value = item.get(key)
    number = 0.0 if value is None else finite(value, key, place)
    if number != int(number) or number < 0:
        raise InputError(f"{place}: {key} is {as_json(value)}, no number of pixels; correct it")
    return int(number)
