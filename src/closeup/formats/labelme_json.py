"""Boxes and points in the JSON files of labelme, one a picture.

    {"version": "5.5.0", "flags": {}, "imagePath": "a.jpg", "imageData": null,
     "imageHeight": 480, "imageWidth": 640, "shapes": [
      {"label": "face", "shape_type": "rectangle", "points": [[10.5, 20], [50, 60]],
       "group_id": 1, "description": "", "flags": {}},
      {"label": "pupil", "shape_type": "point", "points": [[30, 40]], "group_id": 1, …}]}

The keys are those of ``labelme/_label_file.py`` (https://github.com/wkentaro/labelme), which keeps
unknown ones of documents and shapes. labelme draws pixel (0, 0) from 0 to 1, so a pixel's centre
has 0.5 there (https://github.com/wkentaro/labelme/issues/1226), and shows the picture after its
EXIF orientation. Rotated rectangles have four corners; their box is the one around these. Shapes of
one ``group_id`` are one object here: a rectangle, and points that are named by their labels.
labelme has no key for a covered point; it is one with the flag ``occluded``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from closeup.annotations import AnnotatedPicture, Annotation, AnnotationSet, KeyPoint
from closeup.errors import InputError
from closeup.files.documents import as_json
from closeup.formats.annotation_format import AnnotationFormat, Aspect, kept
from closeup.formats.json_members import finite, member, read_json, side, typed
from closeup.formats.left_out import LeftOut
from closeup.formats.own_keys import OWN, own_keys, with_own_keys
from closeup.formats.picture_files import (
    LabelNames,
    first_beginning,
    in_order_of_files,
    picture_path,
    read_label_files,
    write_label_files,
)
from closeup.formats.placeless import placeless_keys, with_placeless
from closeup.formats.rotated_boxes import is_same_box
from closeup.geometry import Size
from closeup.labels import Box
from closeup.progress import Progress

NAME = "labelme"
TITLE = "labelme"
_DEFAULTS: dict[str, Any] = {"version": "5.5.0", "flags": {}}
_KNOWN = {"shapes", "imagePath", "imageData", "imageHeight", "imageWidth", OWN}
_SHAPE_DEFAULTS: dict[str, Any] = {"flags": {}, "description": ""}
_SHAPE_KNOWN = {"label", "shape_type", "points", "group_id", OWN}
_RECTANGLES = ("rectangle", "oriented_rectangle", "rotation")
"""Shapes with a box; the last is X-AnyLabeling's name for the second."""
_COVERED = "occluded"
_LONGEST_ID = 9
"""Digits of a key that is written as a group_id."""
_CARRIES = frozenset(Aspect) - {Aspect.FRAMES, Aspect.SCHEMA}


def read_labelme(path: Path, progress: Progress) -> AnnotationSet:
    """Read a folder of JSON files, or one of them.

    Args:
        path: The folder, whose subfolders are searched too.
        progress: Receives messages about shapes that are no rectangle and no point, which
            are kept in ``extra``, and about pictures that lie in the files, which are left out.

    Raises:
        InputError: a file cannot be read, is not JSON or not labelme's, or a value is of a wrong
            type.

    """
    return read_label_files(path, ".json", progress, _picture)


def write_labelme(path: Path, annotations: AnnotationSet) -> None:
    """Write one file a picture into a folder.

    Raises:
        OutputError: the folder cannot be written to.

    """
    names = LabelNames(".json")
    files = []
    for picture in kept(annotations, _CARRIES, NAME).pictures:
        file, named = names.take(picture.path)
        document = _document(picture, named)
        files.append((file, json.dumps(document, indent=2, ensure_ascii=False) + "\n"))
    write_label_files(path, files)


def is_labelme(path: Path) -> bool:
    """Whether a file, or the first JSON file of a folder, has the keys of labelme."""
    text = first_beginning(path, ".json")
    return text.lstrip().startswith("{") and bool(re.search(r'"shapes"\s*:\s*\[', text))


def _picture(file: Path, folder: Path, left_out: LeftOut) -> AnnotatedPicture:
    place = str(file)
    document = typed(read_json(file, TITLE), dict, place)
    own = typed(document.get(OWN, {}), dict, f"{place}: {OWN}")
    reader = _ShapeReader(left_out)
    for number, shape in enumerate(member(document, "shapes", list, place)):
        reader.add(typed(shape, dict, f"{place}, shapes[{number}]"), f"{place}, shapes[{number}]")
    extra = _others(document, _KNOWN, _DEFAULTS)
    if reader.others:
        extra["shapes"] = reader.others
    if document.get("imageData") is not None:
        left_out.add("pictures that lie in the files (imageData)")
    width, height = (side(document, key, place) for key in ("imageWidth", "imageHeight"))
    return AnnotatedPicture(
        picture_path(file, folder, _named(document, own, place)),
        size=Size(width, height) if width and height else None,
        annotations=with_placeless(reader.annotations(), own, NAME, place),
        extra={NAME: extra} if extra else {},
    )


def _named(document: dict[str, Any], own: dict[str, Any], place: str) -> str:
    """What a file names; Windows' separators become slashes, as in labelme."""
    if "path" in own:
        return str(member(own, "path", str, place))
    named = str(member(document, "imagePath", str, place))
    if not named:
        raise InputError(f"{place}: imagePath is empty; name the picture")
    return named.replace("\\", "/")


def _others(
    item: Mapping[str, Any], known: set[str], defaults: Mapping[str, Any]
) -> dict[str, Any]:
    """The keys that the writer would not write by itself."""
    return {
        key: value
        for key, value in item.items()
        if key not in known and value != defaults.get(key, item) and not _is_gap(key, value)
    }


def _is_gap(key: str, value: Any) -> bool:
    """Whether a key that labelme always has is null, as older versions wrote it."""
    return value is None and (key in _SHAPE_DEFAULTS or key == "mask")


@dataclass(slots=True)
class _Draft:
    """An object whose shapes are being read."""

    key: str
    place: str
    name: str = ""
    box: Box | None = None
    points: dict[str, KeyPoint] = field(default_factory=dict)
    own: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    def annotation(self) -> Annotation:
        extra = {NAME: self.extra} if self.extra else {}
        name = typed(self.own.get("name", self.name), str, f"{self.place}: name")
        try:
            one = Annotation(name, self.box, self.points, key=self.key, extra=extra)
        except ValueError as error:
            raise InputError(f"{self.place}: {error}; correct it") from None
        return with_own_keys(one, self.own, self.place)


class _ShapeReader:
    """Joins the shapes of a picture to objects."""

    def __init__(self, left_out: LeftOut) -> None:
        self.others: list[dict[str, Any]] = []
        self._left_out = left_out
        self._drafts: list[_Draft] = []
        self._latest: dict[str, _Draft] = {}

    def annotations(self) -> list[Annotation]:
        return [draft.annotation() for draft in self._drafts]

    def add(self, shape: dict[str, Any], place: str) -> None:
        kind = shape.get("shape_type", "polygon")  # as labelme took it, before it was required
        corners = _corners(shape, place)
        if kind in _RECTANGLES:
            self._add_box(shape, corners, place)
        elif kind == "point" and len(corners) == 1:
            self._add_point(shape, corners[0], place)
        else:
            self._leave_out(shape, f"shapes of type {kind}")

    def _leave_out(self, shape: dict[str, Any], what: str) -> None:
        self._left_out.add(what)
        self.others.append(shape)

    def _add_box(
        self, shape: dict[str, Any], corners: list[tuple[float, float]], place: str
    ) -> None:
        xs, ys = ([corner[axis] - 0.5 for corner in corners] for axis in (0, 1))
        box = min(xs), min(ys), max(xs), max(ys)
        if box[0] == box[2] or box[1] == box[3]:
            return self._leave_out(shape, "rectangles without area")
        draft = self._draft(shape, place, lambda draft: draft.box is None)
        draft.box, draft.name = box, member(shape, "label", str, place)
        others = _others(shape, _SHAPE_KNOWN, _SHAPE_DEFAULTS)
        if len(corners) != 2:
            stated = {key: shape[key] for key in ("shape_type", "points")}
            others["rotated"] = {"box": list(box), **stated}
        if others:
            draft.extra["rectangle"] = others
        return None

    def _add_point(self, shape: dict[str, Any], at: tuple[float, float], place: str) -> None:
        name = member(shape, "label", str, place) or "point"
        draft = self._draft(shape, place, lambda draft: name not in draft.points)
        flags = dict(typed(shape.get("flags") or {}, dict, f"{place}: flags"))
        covered = flags.pop(_COVERED, False) is True
        try:
            draft.points[name] = KeyPoint(at[0] - 0.5, at[1] - 0.5, not covered)
        except ValueError as error:
            raise InputError(f"{place}: {error}; correct it") from None
        if others := _others({**shape, "flags": flags}, _SHAPE_KNOWN, _SHAPE_DEFAULTS):
            draft.extra.setdefault("points", {})[name] = others

    def _draft(self, shape: dict[str, Any], place: str, fits: Callable[[_Draft], bool]) -> _Draft:
        """The object that a shape belongs to: the latest of its group, if it has no such part."""
        group = shape.get("group_id")
        key = "" if group is None else str(group)
        draft = self._latest.get(key) if key else None
        if draft is None or not fits(draft):
            draft = self._latest[key] = _Draft(key, place)
            self._drafts.append(draft)
        draft.own |= typed(shape.get(OWN, {}), dict, f"{place}: {OWN}")
        return draft


def _corners(shape: dict[str, Any], place: str) -> list[tuple[float, float]]:
    corners = []
    for corner in member(shape, "points", list, place):
        if not isinstance(corner, list) or len(corner) != 2:
            raise InputError(f"{place}: {as_json(corner)} in points is no pair; correct it")
        x, y = (finite(value, "points", place) for value in corner)
        corners.append((x, y))
    if not corners:
        raise InputError(f"{place}: points is empty; remove the shape")
    return corners


def _document(picture: AnnotatedPicture, named: str) -> dict[str, Any]:
    extra = dict(picture.extra.get(NAME, {}))
    others = extra.pop("shapes", [])
    width, height = picture.size or (None, None)
    own = placeless_keys(picture.annotations, NAME)
    if "\\" in named:
        own["path"] = named
    document = {
        **_DEFAULTS,
        "shapes": [*_shapes(picture.annotations), *others],
        "imagePath": named,
        "imageData": None,
        "imageHeight": height,
        "imageWidth": width,
        **extra,
    }
    return {**document, OWN: own} if own else document


def _shapes(annotations: tuple[Annotation, ...]) -> Iterator[dict[str, Any]]:
    groups = _GroupIds(annotations)
    for one in annotations:
        extra = one.extra.get(NAME, {})
        shapes = [_rectangle(one.name, box, extra) for box in (one.box,) if box]
        shapes += [_point(name, point, extra) for name, point in one.points.items()]
        if not shapes:
            continue
        group = groups.take(one, together=len(shapes) > 1)
        own = own_keys(one, without=("key",))
        if one.key != ("" if group is None else str(group)):
            own["key"] = one.key
        if one.box is None and one.name:
            own["name"] = one.name
        if own:
            shapes[0][OWN] = own
        yield from ({**shape, "group_id": group} for shape in shapes)


def _rectangle(label: str, box: Box, extra: Mapping[str, Any]) -> dict[str, Any]:
    x1, y1, x2, y2 = (round(edge + 0.5, 9) for edge in box)
    place = {"shape_type": "rectangle", "points": [[x1, y1], [x2, y2]]}
    others = dict(extra.get("rectangle", {}))
    rotated = others.pop("rotated", None)
    if rotated and is_same_box(rotated["box"], box):
        place = {key: rotated[key] for key in place}
    return {"label": label, **place, **_SHAPE_DEFAULTS, **others}


def _point(label: str, point: KeyPoint, extra: Mapping[str, Any]) -> dict[str, Any]:
    shape = {
        "label": label,
        "shape_type": "point",
        "points": [[round(point.x + 0.5, 9), round(point.y + 0.5, 9)]],
        **_SHAPE_DEFAULTS,
        **extra.get("points", {}).get(label, {}),
    }
    return shape if point.visible else {**shape, "flags": {**shape["flags"], _COVERED: True}}


class _GroupIds:
    """Gives the objects of a picture a ``group_id``: their keys, where these are such numbers."""

    def __init__(self, annotations: tuple[Annotation, ...]) -> None:
        self._keys = {key for one in annotations if (key := _number(one.key)) is not None}
        self._free = (number for number in count(1) if number not in self._keys)
        self._latest: dict[int, Annotation] = {}

    def take(self, one: Annotation, *, together: bool) -> int | None:
        """The object's number; None if it has only one shape, and no key that is a number.

        A number that another object has is taken again only if readers can tell the two apart.
        """
        number = _number(one.key)
        if number is not None:
            before = self._latest.get(number)
            if before is None or (before.box and one.box):
                self._latest[number] = one
                return number
        return next(self._free) if together else None


def _number(key: str) -> int | None:
    plain = key.isascii() and key.isdecimal() and len(key) <= _LONGEST_ID
    return int(key) if plain and str(int(key)) == key else None


LABELME = AnnotationFormat(
    name=NAME,
    title=TITLE,
    read=read_labelme,
    write=write_labelme,
    recognises=is_labelme,
    carries=_CARRIES,
    places=1e-6,
    convention="pixels of the picture as shown, from its corner (+0.5)",
    changed=lambda annotations: in_order_of_files(annotations, ".json"),
)
