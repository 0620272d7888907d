"""The parts of COCO's JSON: annotations, and the images and categories that they refer to.

Numbers are converted to our pixels: see :mod:`closeup.formats.coco`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from closeup.annotations import KeyPoint
from closeup.errors import InputError
from closeup.files.documents import as_json
from closeup.formats.json_members import finite, member, read_object, values_of
from closeup.labels import Box

HIDDEN, VISIBLE = 1, 2
"""Third number of a keypoint; 0 if it is not labelled."""


class CocoObject(NamedTuple):
    """One annotation of a file, with what it refers to.

    Attributes:
        members: The annotation as in the file.
        image: Id of its image as text.
        category: Its category as in the file.
        place: File and place in it, for error messages.

    """

    members: dict[str, Any]
    image: str
    category: dict[str, Any]
    place: str


@dataclass(frozen=True, slots=True)
class CocoFile:
    """The content of a file, with images and categories by the text of their ids."""

    content: dict[str, Any]
    place: str
    images: dict[str, dict[str, Any]]
    categories: dict[str, dict[str, Any]]

    @classmethod
    def read(cls, path: Path) -> CocoFile:
        """Read a file.

        Raises:
            InputError: it cannot be read, is not COCO's JSON, or an id is missing or repeated.

        """
        content, place = read_object(path, "COCO's JSON", "images and annotations"), str(path)
        images, categories = (_by_id(content, key, place) for key in ("images", "categories"))
        _by_id(content, "annotations", place)
        return cls(content, place, images, categories)

    def objects(self) -> Iterator[CocoObject]:
        """The annotations in the file's order."""
        for number, members in enumerate(self.content["annotations"]):
            place = f"{self.place}, annotations[{number}]"
            image = _referred(self.images, members, "image_id", place)
            category = _referred(self.categories, members, "category_id", place)
            yield CocoObject(members, image, self.categories[category], place)


def _by_id(content: dict[str, Any], key: str, place: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for number, item in enumerate(member(content, key, list, place)):
        where = f"{place}, {key}[{number}]"
        if not isinstance(item, dict):
            raise InputError(f"{where}: not an object; correct it")
        identity = _identity(item, "id", where)
        if identity in found:
            raise InputError(
                f"{where}: the id {as_json(item['id'])} is there twice; give each its own"
            )
        found[identity] = item
    return found


def _referred(
    found: Mapping[str, dict[str, Any]], annotation: dict[str, Any], key: str, place: str
) -> str:
    identity = _identity(annotation, key, place)
    if identity not in found:
        raise InputError(
            f"{place}: {key} {as_json(annotation[key])} is nowhere in the file; correct it"
        )
    return identity


def id_text(value: object) -> str | None:
    """An id as text, as other programs write 7 also as "7" or 7.0; None if it is no id."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return str(value)


def _identity(item: dict[str, Any], key: str, place: str) -> str:
    value = item.get(key)
    identity = id_text(value)
    if identity is None:
        reason = f"{key} is {as_json(value)}, no number or text" if key in item else f"no {key}"
        raise InputError(f"{place}: {reason}; correct it")
    return identity


def box_of(one: CocoObject) -> Box | None:
    """The box; None without one, or if it has no width or no height."""
    values = values_of(one.members, "bbox", one.place, 4)
    if not values:
        return None
    x, y, width, height = (finite(value, "bbox", one.place) for value in values)
    if width < 0 or height < 0:
        raise InputError(f"{one.place}: a bbox of {width:g} x {height:g}; correct it")
    return (x - 0.5, y - 0.5, x + width - 0.5, y + height - 0.5) if width and height else None


def points_of(one: CocoObject, name_of: Callable[[str], str] = str) -> dict[str, KeyPoint]:
    """The labelled points of an annotation.

    Args:
        one: The annotation.
        name_of: Makes a point's name of that in the file.

    Raises:
        InputError: a number is not finite, there are more or fewer than the category has
            keypoints, or two of these have one name.

    """
    place = one.place
    if not any(values_of(one.members, "keypoints", place)):
        return {}
    known = member(one.category, "keypoints", list, f"{place}, its category")
    names = [name_of(str(name)) for name in known]
    values = values_of(one.members, "keypoints", place, 3 * len(names))
    points: dict[str, KeyPoint] = {}
    for name, x, y, visible in zip(names, values[::3], values[1::3], values[2::3], strict=True):
        # x and y of an unlabelled point mean nothing, and may be null or NaN.
        if visible is None or not (seen := finite(visible, "keypoints", place)):
            continue
        if name in points:
            raise InputError(f"{place}: its category has {as_json(name)} twice; rename one")
        x, y = finite(x, "keypoints", place), finite(y, "keypoints", place)
        try:
            points[name] = KeyPoint(x, y, seen != HIDDEN)
        except ValueError as error:
            raise InputError(f"{place}: {error}; correct it") from None
    return points
