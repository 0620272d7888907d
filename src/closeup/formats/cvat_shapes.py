"""The shapes of CVAT's XML that have a place in an annotation: boxes, skeletons and points.

    <box label="face" source="manual" occluded="0" xtl="10" ytl="20" xbr="50" ybr="60" z_order="0"
         group_id="1"/>
    <skeleton label="face points" source="manual" z_order="0" group_id="1">
      <points label="pupil" occluded="0" outside="0" points="30,40"/>
    </skeleton>
    <points label="pupil" source="manual" occluded="0" points="30,40" z_order="0"/>

This follows https://docs.cvat.ai/docs/other/xml_format and ``dataset_manager/formats/cvat.py`` of
CVAT, which reads coordinates as decimals and writes two of them. A point of a skeleton with
``outside="1"`` is not labelled. Shapes of one ``group_id`` are one object here, if they are one box
and points of different names. A label of skeletons has no boxes in CVAT; that of an object with
both is called after it, with "points" behind. Closeup's keys are in an attribute of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from closeup.annotations import Annotation, KeyPoint, Origin
from closeup.errors import InputError
from closeup.files.text import read_number, shown
from closeup.formats.json_members import parsed_text, typed
from closeup.formats.own_keys import OWN, with_own_keys
from closeup.formats.rotated_boxes import box_around
from closeup.formats.xml_elements import XmlElement, add_value
from closeup.labels import Box

NAME = "cvat"
SHAPES = frozenset({"box", "skeleton", "points"})
SIDES = ("xtl", "ytl", "xbr", "ybr")
ORIGINS = {"manual": Origin.PERSON, "auto": Origin.MODEL}
"""CVAT's ``source`` → origin; others mean that it is not known."""
UNKNOWN_SOURCE = "file"
_DEFAULTS = {"z_order": "0", "occluded": "0"}
_IN_TRACKS = ("frame", "keyframe", "outside")
UNNAMED = "object"
"""Label of an object without a name, as CVAT's labels have one."""


@dataclass(slots=True)
class CvatShape:
    """A shape that was read.

    Attributes:
        kind: ``box``, ``skeleton``, ``points`` or ``tag``.
        label: Its label.
        place: File and line.
        group: Its ``group_id``; empty without one.
        source: What CVAT says of its origin.
        box: The box, around a rotated one; None for others.
        points: Its points by their names.
        own: Closeup's keys.
        extra: What means nothing here.

    """

    kind: str
    label: str
    place: str
    group: str = ""
    source: str = UNKNOWN_SOURCE
    box: Box | None = None
    points: dict[str, KeyPoint] = field(default_factory=dict)
    own: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def is_lone_point(self) -> bool:
        """Whether its label names a point, and not the class of an object."""
        return self.kind == "points" and len(self.points) == 1

    @property
    def has_area(self) -> bool:
        """Whether it is no box, or one with some width and height."""
        return self.box is None or (self.box[0] < self.box[2] and self.box[1] < self.box[3])


def read_shape(element: XmlElement, label: str, source: str) -> CvatShape:
    """Read an element that is one of :data:`SHAPES`, or a tag, which has no place.

    Args:
        element: The element.
        label: Its label, or that of its track.
        source: Its source, or that of its track.

    Raises:
        InputError: a value is missing or of a wrong type.

    """
    group = element.attributes.get("group_id", "0")
    shape = CvatShape(element.name, label, element.place, "" if group == "0" else group, source)
    known = {"label", "source", *_IN_TRACKS, "group_id", *SIDES, "points", "rotation"}
    shape.own = _own(element)
    shape.extra = _others(element, known)
    if source not in (*ORIGINS, UNKNOWN_SOURCE):
        shape.extra["@source"] = source
    if element.name == "box":
        _read_box(element, shape)
    elif element.name == "skeleton":
        _read_skeleton(element, shape)
    elif element.name == "points":
        _read_points(element, shape)
    return shape


def _own(element: XmlElement) -> dict[str, Any]:
    for child in element.children:
        if child.name == "attribute" and child.attributes.get("name") == OWN:
            keys = parsed_text(child.text, child.place)
            return dict(typed(keys, dict, f"{child.place}: {OWN}"))
    return {}


def _others(element: XmlElement, known: set[str]) -> dict[str, Any]:
    """What the writer would not write by itself, as :func:`element_of` takes it."""
    found: dict[str, Any] = {
        f"@{name}": value
        for name, value in element.attributes.items()
        if name not in known and _DEFAULTS.get(name) != value
    }
    for child in element.children:
        if child.attributes.get("name") != OWN and (element.name, child.name) != _SKELETON_POINT:
            add_value(found, child)
    return found


_SKELETON_POINT = ("skeleton", "points")


def _read_box(element: XmlElement, shape: CvatShape) -> None:
    xtl, ytl, xbr, ybr = (element.number(side) - 0.5 for side in SIDES)
    shape.box = xtl, ytl, xbr, ybr
    rotation = element.number("rotation") if "rotation" in element.attributes else 0
    if rotation:  # clockwise about the centre
        shape.box = box_around(shape.box, rotation, ((xtl + xbr) / 2, (ytl + ybr) / 2))
        stated = {side: element.attributes[side] for side in (*SIDES, "rotation")}
        shape.extra["rotated"] = {"box": list(shape.box), **stated}


def _read_skeleton(element: XmlElement, shape: CvatShape) -> None:
    points = [child for child in element.children if child.name == "points"]
    labelled = [child for child in points if child.attributes.get("outside") != "1"]
    if is_gone(element):
        labelled = points
    for child in labelled:
        name = child.attribute("label") or "point"
        if name in shape.points:
            raise InputError(f"{child.place}: the point {shown(name)} is there twice; keep one")
        (shape.points[name],) = _pairs(child, 1)
        others = _others(child, {"label", "points", "occluded", *_IN_TRACKS})
        if others:
            shape.extra.setdefault("elements", {})[name] = others


def is_gone(element: XmlElement) -> bool:
    """Whether a shape of a track, or all points of it, are outside."""
    points = [child for child in element.children if child.name == "points"]
    all_outside = points and all(child.attributes.get("outside") == "1" for child in points)
    return element.attributes.get("outside") == "1" or bool(
        all_outside and "frame" in element.attributes
    )


def _read_points(element: XmlElement, shape: CvatShape) -> None:
    points = list(_pairs(element))
    names = (
        [shape.label or "point"]
        if len(points) == 1
        else [f"p{number}" for number in range(len(points))]
    )
    shape.points = dict(zip(names, points, strict=True))
    shape.extra.pop("@occluded", None)


def _pairs(element: XmlElement, count: int | None = None) -> Iterator[KeyPoint]:
    pairs = element.attribute("points").split(";")
    if count not in (None, len(pairs)):
        raise InputError(f"{element.place}: {len(pairs)} points in place of {count}; correct it")
    for pair in pairs:
        numbers = pair.split(",")
        if len(numbers) != 2:
            raise InputError(f"{element.place}: {shown(pair)} in points is no pair; correct it")
        x, y = (read_number(number, f"{element.place}, points") - 0.5 for number in numbers)
        try:
            yield KeyPoint(x, y, element.attributes.get("occluded") != "1")
        except ValueError as error:
            raise InputError(f"{element.place}: {error}; correct it") from None


def in_objects(shapes: list[CvatShape]) -> list[list[int]]:
    """The numbers of the shapes of each object.

    Shapes of a group are one object if they are one box and points of different names; in other
    groups each shape is an object, and keeps its ``group_id``.
    """
    groups: dict[str, list[int]] = {}
    for number, shape in enumerate(shapes):
        groups.setdefault(shape.group or f"alone {number}", []).append(number)
    objects = []
    for numbers in groups.values():
        if len(numbers) == 1 or not _is_object([shapes[number] for number in numbers]):
            for number in numbers:
                if shapes[number].group:
                    shapes[number].extra["@group_id"] = shapes[number].group
            objects += [[number] for number in numbers]
        else:
            objects.append(numbers)
    return sorted(objects)


def _is_object(shapes: list[CvatShape]) -> bool:
    names = [name for shape in shapes for name in shape.points]
    is_cloud = any(shape.kind == "points" and len(shape.points) > 1 for shape in shapes)
    boxes = sum(shape.box is not None for shape in shapes)
    return boxes == 1 and len(set(names)) == len(names) and not is_cloud


def joined(shapes: list[CvatShape], key: str = "") -> Annotation:
    """The object that shapes make together.

    Args:
        shapes: At most one box, and points of different names.
        key: Key of the object, unless it says another one.

    Raises:
        InputError: a number is too large, or one of Closeup's keys is not valid.

    """
    box = next((shape for shape in shapes if shape.box), None)
    first = box or shapes[0]
    native = "" if first.is_lone_point else first.label
    name = str(typed(first.own.get("name", native), str, f"{first.place}: name"))
    extra = _joined_extra(shapes, name)
    try:
        one = Annotation(
            name,
            box.box if box else None,
            {name: point for shape in shapes for name, point in shape.points.items()},
            key=key,
            origin=ORIGINS.get(first.source, Origin.IMPORTED),
            extra={NAME: extra} if extra else {},
        )
    except ValueError as error:
        raise InputError(f"{first.place}: {error}; correct it") from None
    return with_own_keys(one, first.own, first.place)


def _joined_extra(shapes: list[CvatShape], name: str) -> dict[str, Any]:
    """What :func:`shapes_of` needs to write the same shapes again."""
    extra: dict[str, Any] = {}
    for shape in shapes:
        if shape.is_lone_point:
            extra.setdefault("points", {})[shape.label] = shape.extra
        elif shape.kind == "points":
            extra["cloud"] = shape.extra
        elif shape.kind == "skeleton" and not _is_made_of(shape.label, name):
            extra["skeleton"] = {**shape.extra, "label": shape.label}
        elif shape.extra:
            extra[shape.kind] = shape.extra
    return extra


def _is_made_of(label: str, name: str) -> bool:
    """Whether the writer may label the skeleton of an object of this name so."""
    made = name or with_points(name)
    while len(made) < len(label):
        made = with_points(made)
    return made == label


def with_points(name: str) -> str:
    """The label of the skeletons of objects that have boxes too."""
    return f"{name or UNNAMED} points"
