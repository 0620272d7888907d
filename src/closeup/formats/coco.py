"""Boxes and keypoints in COCO's JSON (https://cocodataset.org/#format-data).

Keypoints are ``x, y, v`` from 0, with a pixel's centre at whole numbers; v = 0 means not labelled,
1 hidden, 2 visible. Boxes are ``x, y, width, height`` from the picture's corner, which is half a
pixel left of and above the first centre. "Left" is the person's left.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from math import isfinite
from pathlib import Path
from typing import Any

from closeup.errors import InputError
from closeup.files.atomic import write_text
from closeup.files.documents import as_json, parse_json
from closeup.files.text import read_text
from closeup.labels import Box, FaceLabel, Point
from closeup.progress import Progress, Silent

_KINDS: dict[type, str] = {list: "list", str: "text"}
_BODY = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
_OTHER_NAMES = {
    "nose_tip": "nose",
    "eye_right": "right_eye",
    "eye_left": "left_eye",
    "right_mouth": "mouth_right",
    "left_mouth": "mouth_left",
    "right_mouth_corner": "mouth_right",
    "left_mouth_corner": "mouth_left",
    "mouth_right_corner": "mouth_right",
    "mouth_left_corner": "mouth_left",
}


def read_coco(path: Path, progress: Progress | None = None) -> list[FaceLabel]:
    """Read the annotations that label a face, in the order of the file.

    Points keep their category's names, in lower case with underscores; other names of the five
    landmarks are replaced by ours. Body keypoints are ignored. Boxes are read from the category
    ``face`` only, as a person's box is not the face's. An annotation may lack either, also as
    null, an empty list or a box of zeros. Annotations without both are left out, as are crowds.

    Args:
        path: The file.
        progress: Receives a message for annotations that are left out; silent if None.

    Raises:
        InputError: the file cannot be read, is not JSON or not COCO's, an id is repeated or
            unknown, a box has a negative side, or keypoints are not numbers or do not match the
            category's count.

    """
    place = str(path)
    content = _parsed(path)
    images = _by_id(content, "images", place)
    categories = _by_id(content, "categories", place)
    _by_id(content, "annotations", place)
    labels, crowds, empty = [], 0, 0
    for number, annotation in enumerate(content["annotations"]):
        where = f"{place}, annotations[{number}]"
        image = _referred(images, annotation, "image_id", where)
        category = _referred(categories, annotation, "category_id", where)
        name = _member(image, "file_name", str, f"{where}, its image")
        box = _box(annotation, where) if _tidy(str(category.get("name"))) == "face" else None
        points = _points(annotation, category, where)
        if annotation.get("iscrowd") in (1, True, "1"):
            crowds += 1
        elif box or points:
            labels.append(_label(name, box, points, where))
        else:
            empty += 1
    _tell(path, crowds, empty, progress or Silent())
    return labels


def _label(image: str, box: Box | None, points: Mapping[str, Point], place: str) -> FaceLabel:
    try:
        return FaceLabel(image, box, points)
    except ValueError as error:
        raise InputError(f"{place}: {error}; correct it") from None


def _tell(path: Path, crowds: int, empty: int, progress: Progress) -> None:
    for count, what in (
        (crowds, "mark a crowd (iscrowd)"),
        (empty, "have neither a point of a face nor the box of a category 'face'"),
    ):
        if count:
            progress.say(f"{path}: left out annotations that {what}: {count}")


def write_coco(path: Path, labels: Iterable[FaceLabel]) -> None:
    """Write labels as one category, ``face``, whose keypoints are all names in the labels.

    Raises:
        OutputError: the file cannot be written.

    """
    labels = list(labels)
    names = list(dict.fromkeys(name for label in labels for name in label.points))
    numbers = {name: i for i, name in enumerate(dict.fromkeys(face.image for face in labels), 1)}
    content = {
        "images": [{"id": i, "file_name": name} for name, i in numbers.items()],
        "annotations": [
            {
                "id": i,
                "image_id": numbers[label.image],
                "category_id": 1,
                **_box_member(label.box),
                "num_keypoints": len(label.points),
                "keypoints": [
                    value
                    for name in names
                    for value in ((*label.points[name], 2) if name in label.points else (0, 0, 0))
                ],
            }
            for i, label in enumerate(labels, 1)
        ],
        "categories": [{"id": 1, "name": "face", "keypoints": names}],
    }
    write_text(path, json.dumps(content))


def _box_member(box: Box | None) -> dict[str, list[float]]:
    if box is None:
        return {}
    return {"bbox": [box[0] + 0.5, box[1] + 0.5, box[2] - box[0], box[3] - box[1]]}


def _parsed(path: Path) -> dict[str, Any]:
    try:
        content = parse_json(read_text(path))
    except ValueError as error:
        raise InputError(f"{path}: {error}; it is damaged, or not COCO's JSON") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: no object with images and annotations; it is not COCO's JSON")
    return content


def _by_id(content: dict[str, Any], key: str, place: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for number, item in enumerate(_member(content, key, list, place)):
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
) -> dict[str, Any]:
    identity = _identity(annotation, key, place)
    if identity not in found:
        raise InputError(
            f"{place}: {key} {as_json(annotation[key])} is nowhere in the file; correct it"
        )
    return found[identity]


def _identity(item: dict[str, Any], key: str, place: str) -> str:
    """An id as text: other programs write 7 also as "7" or 7.0."""
    value = item.get(key)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | str):
        reason = f"{key} is {as_json(value)}, no number or text" if key in item else f"no {key}"
        raise InputError(f"{place}: {reason}; correct it")
    return str(value)


def _member(item: dict[str, Any], key: str, kind: type, place: str) -> Any:
    value = item.get(key)
    if not isinstance(value, kind):
        reason = f"{key} is {as_json(value)}, no {_KINDS[kind]}" if key in item else f"no {key}"
        raise InputError(f"{place}: {reason}; correct it")
    return value


def _list(item: dict[str, Any], key: str, count: int, place: str) -> list[Any]:
    """A list of ``count`` values, or an empty one for null or nothing."""
    if item.get(key) is None:
        return []
    values: list[Any] = _member(item, key, list, place)
    if values and len(values) != count:
        raise InputError(f"{place}: {key} has {len(values)} numbers, not {count}; correct it")
    return values


def _finite(value: Any, key: str, place: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        with suppress(OverflowError):  # a whole number of hundreds of digits
            if isfinite(number := float(value)):
                return number
    raise InputError(f"{place}: {as_json(value)} in {key} is no finite number; correct it")


def _box(annotation: dict[str, Any], place: str) -> Box | None:
    """The face's box; None without one, or if it has no width or no height."""
    numbers = [_finite(value, "bbox", place) for value in _list(annotation, "bbox", 4, place)]
    if not numbers:
        return None
    x, y, width, height = numbers
    if width < 0 or height < 0:
        raise InputError(f"{place}: a bbox of {width:g} x {height:g}; correct it")
    return (x - 0.5, y - 0.5, x + width - 0.5, y + height - 0.5) if width and height else None


def _points(annotation: dict[str, Any], category: dict[str, Any], place: str) -> dict[str, Point]:
    if annotation.get("keypoints") is None or not any(
        _member(annotation, "keypoints", list, place)
    ):
        return {}
    known = _member(category, "keypoints", list, f"{place}, its category")
    names = [_tidy(str(name)) for name in known]
    values = _list(annotation, "keypoints", 3 * len(names), place)
    points: dict[str, Point] = {}
    for name, x, y, visible in zip(names, values[::3], values[1::3], values[2::3], strict=True):
        # x and y of an unlabelled point mean nothing, and may be null or NaN.
        if visible is None or not _finite(visible, "keypoints", place) or name.endswith(_BODY):
            continue
        if name in points:
            raise InputError(f"{place}: its category has {as_json(name)} twice; rename one")
        points[name] = (_finite(x, "keypoints", place), _finite(y, "keypoints", place))
    return points


def _tidy(name: str) -> str:
    tidy = name.strip().lower().replace(" ", "_").replace("-", "_")
    return _OTHER_NAMES.get(tidy, tidy)
