"""Boxes and keypoints in COCO's JSON (https://cocodataset.org/#format-data).

Keypoints are ``x, y, v`` from 0, with a pixel's centre at whole numbers; v = 0 means not labelled,
1 hidden, 2 visible. They are in the order of their category's ``keypoints``. Boxes are ``x, y,
width, height`` from the picture's corner, which is half a pixel left of and above the first centre;
a box of zeros is none. "Left" is the person's left. Sizes and coordinates are those of the picture
as it is shown.

What COCO has no key for is in objects called ``closeup``, which other programs pass over: see
:mod:`closeup.formats.own_keys`; an image that is the frame of a video has its number there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from closeup.annotations import AnnotatedPicture, Annotation, AnnotationSet, KeyPoint, LabelSchema
from closeup.errors import InputError
from closeup.files.atomic import write_text
from closeup.files.documents import as_json
from closeup.files.text import beginning
from closeup.formats.annotation_format import ALL_ASPECTS, AnnotationFormat, kept
from closeup.formats.coco_file import (
    HIDDEN,
    VISIBLE,
    CocoFile,
    CocoObject,
    box_of,
    id_text,
    points_of,
)
from closeup.formats.json_members import finite, member, values_of, without
from closeup.formats.own_keys import OWN, own_keys, schema_keys, with_own_keys, with_schema_keys
from closeup.geometry import Size
from closeup.progress import Progress

NAME = "coco"
_LISTS = ("images", "annotations", "categories")


def read_coco_annotations(path: Path, _: Progress | None = None) -> AnnotationSet:
    """Read all annotations of a file, crowds included, with the names that the file has.

    Raises:
        InputError: the file cannot be read, is not JSON or not COCO's, an id is repeated or
            unknown, a box has a negative side, or keypoints are not numbers or do not match the
            category's count.

    """
    file = CocoFile.read(path)
    found: dict[str, list[Annotation]] = {identity: [] for identity in file.images}
    for one in file.objects():
        found[one.image].append(_annotation(one))
    pictures = tuple(
        _picture(image, tuple(found[identity]), f"{path}, images[{number}]")
        for number, (identity, image) in enumerate(file.images.items())
    )
    extra = without(file.content, (*_LISTS, OWN))
    extra["categories"] = list(file.categories.values())
    return AnnotationSet(pictures, _schema(file, pictures), {NAME: extra})


def write_coco(path: Path, annotations: AnnotationSet) -> None:
    """Write a set; ids are those of the file that it was read from, or new ones.

    All categories have the same keypoints, unless they were read with others.

    Raises:
        OutputError: the file cannot be written.

    """
    annotations = kept(annotations, ALL_ASPECTS, NAME)
    extra = annotations.extra.get(NAME, {})
    categories = _categories(annotations, extra.get("categories", []))
    images = _ids(picture.extra.get(NAME, {}) for picture in annotations.pictures)
    objects = [one for picture in annotations.pictures for one in picture.annotations]
    ids = iter(_ids(one.extra.get(NAME, {}) for one in objects))
    content = {
        **without(extra, ("categories",)),
        "images": [
            _image(picture, identity)
            for picture, identity in zip(annotations.pictures, images, strict=True)
        ],
        "annotations": [
            _object(one, next(ids), image, categories[one.name])
            for picture, image in zip(annotations.pictures, images, strict=True)
            for one in picture.annotations
        ],
        "categories": list(categories.values()),
        **_own(schema_keys(annotations.schema)),
    }
    write_text(path, json.dumps(content))


def is_coco(path: Path) -> bool:
    """Whether a file begins as COCO's JSON does."""
    text = beginning(path)
    lists = re.search(r'"(images|categories)"\s*:\s*\[', text)
    # A long list of annotations may come first.
    return text.lstrip().startswith("{") and bool(lists or '"image_id"' in text)


COCO = AnnotationFormat(
    name=NAME,
    title="COCO",
    read=read_coco_annotations,
    write=write_coco,
    recognises=is_coco,
    carries=ALL_ASPECTS,
    places=1e-6,
    convention="keypoints count from the first pixel's centre, boxes from its corner (+0.5)",
)


def _annotation(one: CocoObject) -> Annotation:
    score = one.members.get("score")
    scored = isinstance(score, int | float) and not isinstance(score, bool) and 0 <= score <= 1
    known = {*_KNOWN, "score"} if scored else _KNOWN
    name = member(one.category, "name", str, f"{one.place}, its category")
    try:
        read = Annotation(
            name,
            box_of(one),
            points_of(one),
            score=score if scored else None,
            extra={NAME: without(one.members, known)},
        )
    except ValueError as error:
        raise InputError(f"{one.place}: {error}; correct it") from None
    return with_own_keys(read, one.members.get(OWN), one.place)


_KNOWN = {"image_id", "category_id", "bbox", "keypoints", "num_keypoints", OWN}


def _picture(
    image: dict[str, Any], annotations: tuple[Annotation, ...], place: str
) -> AnnotatedPicture:
    if not member(image, "file_name", str, place):
        raise InputError(f"{place}: it names no picture; correct it")
    own = image.get(OWN)
    frame = own.get("frame") if isinstance(own, dict) else None
    if frame is not None and (not isinstance(frame, int) or isinstance(frame, bool) or frame < 0):
        raise InputError(f"{place}: frame is {as_json(frame)}, no number from 0; correct it")
    return AnnotatedPicture(
        image["file_name"],
        frame,
        _size(image, place),
        annotations,
        {NAME: without(image, ("file_name", "width", "height", OWN))},
    )


def _size(image: dict[str, Any], place: str) -> Size | None:
    if not image.get("width") or not image.get("height"):
        return None
    sides = [finite(image[key], key, place) for key in ("width", "height")]
    if min(sides) < 1 or any(side != int(side) for side in sides):
        raise InputError(f"{place}: a size of {sides[0]:g} x {sides[1]:g}; correct it")
    return Size(int(sides[0]), int(sides[1]))


def _schema(file: CocoFile, pictures: tuple[AnnotatedPicture, ...]) -> LabelSchema:
    points: list[str] = []
    classes: list[str] = []
    skeleton: list[tuple[str, str]] = []
    for number, category in enumerate(file.categories.values()):
        place = f"{file.place}, categories[{number}]"
        classes.append(member(category, "name", str, place))
        names = [str(name) for name in values_of(category, "keypoints", place)]
        points.extend(names)
        skeleton.extend(
            _line(names, pair, place) for pair in values_of(category, "skeleton", place)
        )
    boxed = any(one.box for picture in pictures for one in picture.annotations)
    try:
        schema = LabelSchema(
            tuple(dict.fromkeys(points)),
            tuple(filter(None, dict.fromkeys(classes))),
            tuple(dict.fromkeys(skeleton)),
            box=boxed,
        )
    except ValueError as error:
        raise InputError(f"{file.place}, categories: {error}; correct it") from None
    return with_schema_keys(schema, file.content.get(OWN), file.place)


def _line(names: list[str], pair: object, place: str) -> tuple[str, str]:
    """The names of two joined points, which a file counts from 1."""
    match pair:
        case [int(first), int(second)] if 0 < first <= len(names) and 0 < second <= len(names):
            return names[first - 1], names[second - 1]
        case _:
            raise InputError(
                f"{place}: {as_json(pair)} in skeleton is no pair of 1 to {len(names)}; correct it"
            )


def _categories(
    annotations: AnnotationSet, earlier: Iterable[dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Name → category; that of objects without a name is called nothing."""
    schema = annotations.schema
    used: dict[str, set[str]] = {name: set() for name in schema.classes}
    for one in (one for picture in annotations.pictures for one in picture.annotations):
        used.setdefault(one.name, set()).update(one.points)
    if not used and schema.points:
        used[""] = set()
    known = {category["name"]: category for category in reversed(list(earlier))}
    given = [known.get(name, {}) for name in used]
    return {
        name: _category(name, identity, category, used[name], schema)
        for name, identity, category in zip(used, _ids(given), given, strict=True)
    }


def _category(
    name: str, identity: object, earlier: dict[str, Any], used: set[str], schema: LabelSchema
) -> dict[str, Any]:
    points = [str(point) for point in earlier.get("keypoints") or ()]
    if not used <= set(points) or not earlier:
        points = list(schema.points)
    made = {**without(earlier, ("keypoints", "skeleton")), "id": identity, "name": name}
    if points:
        lines = [pair for pair in schema.skeleton if set(pair) <= set(points)]
        made["keypoints"] = points
        made["skeleton"] = [[points.index(end) + 1 for end in pair] for pair in lines]
    return made


def _image(picture: AnnotatedPicture, identity: object) -> dict[str, Any]:
    size = picture.size
    return {
        **picture.extra.get(NAME, {}),
        "id": identity,
        "file_name": picture.path,
        **({"width": size.width, "height": size.height} if size else {}),
        **_own({} if picture.frame is None else {"frame": picture.frame}),
    }


def _object(
    one: Annotation, identity: object, image: object, category: dict[str, Any]
) -> dict[str, Any]:
    x1, y1, x2, y2 = one.box or (-0.5,) * 4
    values = [
        value
        for name in category.get("keypoints", ())
        for value in (_triple(one.points[name]) if name in one.points else (0, 0, 0))
    ]
    return {
        "area": (x2 - x1) * (y2 - y1),
        "iscrowd": 0,
        **one.extra.get(NAME, {}),
        "id": identity,
        "image_id": image,
        "category_id": category["id"],
        "bbox": [x1 + 0.5, y1 + 0.5, x2 - x1, y2 - y1],
        **({"num_keypoints": len(one.points), "keypoints": values} if values else {}),
        **({} if one.score is None else {"score": one.score}),
        **_own(own_keys(one, without=("score",))),
    }


def _triple(point: KeyPoint) -> tuple[float, float, int]:
    return point.x, point.y, VISIBLE if point.visible else HIDDEN


def _own(keys: dict[str, Any]) -> dict[str, Any]:
    return {OWN: keys} if keys else {}


def _ids(members: Iterable[Mapping[str, Any]]) -> list[Any]:
    """The id of each; the next free number for one that has none, or the id of an earlier one."""
    found: list[Any] = []
    taken = set()
    for one in members:
        text = id_text(one.get("id"))
        found.append(None if text is None or text in taken else one["id"])
        taken.add(text)
    numbers = (number for number in count(1) if str(number) not in taken)
    return [next(numbers) if identity is None else identity for identity in found]
