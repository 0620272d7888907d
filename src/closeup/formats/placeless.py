"""Annotations without a box or point in formats whose every entry has a place.

They are kept under Closeup's own key of a picture, each with its number among the annotations of
the picture, so that the order comes back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from closeup.annotations import Annotation
from closeup.errors import InputError
from closeup.files.documents import as_json
from closeup.formats.json_members import typed
from closeup.formats.own_keys import own_keys, with_own_keys

_KEY = "objects"


def placeless_keys(annotations: Iterable[Annotation], format_name: str) -> dict[str, Any]:
    """The own keys of a picture for its annotations that have neither a box nor a point.

    Args:
        annotations: All annotations of the picture.
        format_name: Name of the format, whose keys in ``extra`` are kept.

    """
    found = []
    for number, one in enumerate(annotations):
        if not one.box and not one.points:
            keys = {"name": one.name, **own_keys(one)}
            if format_name in one.extra:
                keys["extra"] = one.extra[format_name]
            found.append([number, keys])
    return {_KEY: found} if found else {}


def with_placeless(
    annotations: list[Annotation], own: dict[str, Any], format_name: str, place: str
) -> tuple[Annotation, ...]:
    """The annotations, with those of a picture's own keys at their places among them.

    Raises:
        InputError: the keys are not as :func:`placeless_keys` wrote them.

    """
    for entry in typed(own.get(_KEY, []), list, f"{place}: {_KEY}"):
        match entry:
            case [int(number), {"name": str(name), **keys}]:
                extra = keys.get("extra")
                one = Annotation(name, extra={} if extra is None else {format_name: extra})
                annotations.insert(number, with_own_keys(one, keys, place))
            case _:
                raise InputError(f"{place}: {as_json(entry)} in {_KEY} is no object; correct it")
    return tuple(annotations)
