"""Values of JSON files that must be of a type; the errors name the file and the place in it."""

from __future__ import annotations

from contextlib import suppress
from math import isfinite
from pathlib import Path
from typing import Any

from closeup.errors import InputError
from closeup.files.documents import as_json, parse_json
from closeup.files.text import read_text

_KINDS: dict[type, str] = {list: "list", str: "text", dict: "object"}


def parsed(path: Path, title: str) -> Any:
    """The content of a JSON file.

    Args:
        path: The file.
        title: Name of its format, for messages.

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


def member(item: dict[str, Any], key: str, kind: type, place: str) -> Any:
    """The value of a key that must be there, checked as :func:`typed` does."""
    if key not in item:
        raise InputError(f"{place}: no {key}; add it")
    return typed(item[key], kind, f"{place}: {key}")


def finite(value: Any, key: str, place: str) -> float:
    """The value, if it is a finite number.

    Args:
        value: The value.
        key: Its key, for messages.
        place: File and place in it, for messages.

    Raises:
        InputError: it is something else.

    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        with suppress(OverflowError):  # a whole number of hundreds of digits
            if isfinite(number := float(value)):
                return number
    raise InputError(f"{place}: {as_json(value)} in {key} is no finite number; correct it")


def side(item: dict[str, Any], key: str, place: str) -> int:
    """A picture's width or height; 0 if it is missing, null or 0."""
    value = item.get(key)
    number = 0.0 if value is None else finite(value, key, place)
    if number != int(number) or number < 0:
        raise InputError(f"{place}: {key} is {as_json(value)}, no number of pixels; correct it")
    return int(number)
