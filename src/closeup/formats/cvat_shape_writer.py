"""Writes the shapes of CVAT's XML, and the labels that they need; see :mod:`.cvat_shapes`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from closeup.annotations import Annotation, AnnotationSet, KeyPoint, Origin
from closeup.formats.cvat_shapes import (
    NAME,
    ORIGINS,
    SIDES,
    UNKNOWN_SOURCE,
    UNNAMED,
    with_points,
)
from closeup.formats.own_keys import OWN, own_keys
from closeup.formats.rotated_boxes import is_same_box
from closeup.formats.xml_elements import XmlElement, element_of, number_text
from closeup.labels import Box

_SOURCES = {Origin.PERSON: "manual", Origin.MODEL: "auto"}
_NOT_IN_FILES = {"label", "elements", "rotated"}
"""Keys of ``extra`` that are no attributes of a shape."""


class CvatLabels:
    """The labels that the shapes of a set get.

    Args:
        annotations: The set.

    Attributes:
        boxes: Labels of boxes.
        skeletons: Label of a skeleton → names of its points, in the order of the schema.
        points: Labels of points that belong to no skeleton.
        tags: Labels of objects without a place.

    """

    def __init__(self, annotations: AnnotationSet) -> None:
        every = [one for picture in annotations.pictures for one in picture.annotations]
        self.boxes = list(dict.fromkeys(one.name or UNNAMED for one in every if one.box))
        self.skeletons: dict[str, list[str]] = {}
        self.points: list[str] = []
        self.tags: list[str] = []
        order = {name: number for number, name in enumerate(annotations.schema.points)}
        for one in every:
            lone, cloud, jointed = _parted(one)
            self.points += [name for name in lone if name not in self.points]
            if cloud or not (one.box or one.points):
                self.tags.append(one.name or UNNAMED)
            if jointed:
                names = {*self.skeletons.get(self.skeleton(one), []), *jointed}
                self.skeletons[self.skeleton(one)] = sorted(names, key=lambda name: order[name])

    def skeleton(self, one: Annotation) -> str:
        """The label of an object's skeleton, which is none of boxes."""
        stated = one.extra.get(NAME, {}).get("skeleton", {}).get("label")
        label = str(stated or one.name or with_points(""))
        while label in self.boxes:
            label = with_points(label)
        return label


def _parted(one: Annotation) -> tuple[list[str], list[str], list[str]]:
    """The names of points that are shapes of their own, of those of one shape, and of the rest."""
    extra = one.extra.get(NAME, {})
    lone = [name for name in one.points if name in extra.get("points", {})]
    rest = [name for name in one.points if name not in lone]
    covered = {point.visible for point in one.points.values()}
    numbered = rest == [f"p{number}" for number in range(len(rest))]
    if "cloud" in extra and not lone and len(covered) == 1 and numbered:
        return [], rest, []
    return lone, [], rest


def source_of(one: Annotation) -> str:
    """CVAT's word for the origin of an object."""
    return _SOURCES.get(one.origin, UNKNOWN_SOURCE)


def shapes_of(
    one: Annotation, labels: CvatLabels, source: str, *, tracked: bool = False
) -> list[XmlElement]:
    """The shapes of an object: its box, and its points as a skeleton, or as they were read.

    Args:
        one: The object; one without a box or point has no shape.
        labels: The labels of its set.
        source: CVAT's word for its origin, which the shapes state.
        tracked: Whether they belong to tracks, in which a point can be gone.

    """
    extra = one.extra.get(NAME, {})
    lone, cloud, jointed = _parted(one)
    shapes = [_box(one.name or UNNAMED, box, extra.get("box", {})) for box in (one.box,) if box]
    if jointed:
        shapes.append(
            _skeleton(one, labels, extra.get("skeleton", {}), gone=tracked and one.absent)
        )
    if cloud:
        shapes.append(_points(one.name or UNNAMED, list(one.points.values()), extra["cloud"]))
    shapes += [_points(name, [one.points[name]], extra["points"][name]) for name in lone]
    for shape in shapes:
        shape.attributes = {"label": shape.attributes["label"], "source": source} | shape.attributes
    return shapes


def tag_of(one: Annotation) -> XmlElement:
    """The tag of an object without a place."""
    given = {"label": one.name or UNNAMED, "source": source_of(one)}
    return _shape("tag", given, one.extra.get(NAME, {}).get("tag", {}))


def native_name(shape: XmlElement) -> str:
    """The name that readers give to an object with this first shape."""
    is_lone_point = shape.name == "points" and ";" not in shape.attributes["points"]
    return "" if is_lone_point else shape.attributes["label"]


def add_own(
    element: XmlElement, one: Annotation, name: str, key: str | None, without: tuple[str, ...] = ()
) -> None:
    """Add Closeup's keys to the first shape of an object, or to its tag.

    Args:
        element: The shape or tag, with its source.
        one: The object.
        name: The name that readers give to it otherwise.
        key: The key that they give to it otherwise; None if it is to be stated in any case.
        without: Keys that the element has a place of its own for.

    """
    own = own_keys(one, without=("key", "origin", *without))
    native: dict[str, str | None] = {"name": name, "key": key}
    native["origin"] = ORIGINS.get(element.attributes["source"], Origin.IMPORTED)
    own |= {
        field: getattr(one, field) for field, held in native.items() if getattr(one, field) != held
    }
    if own:
        text = json.dumps(own, ensure_ascii=False)
        element.children.append(XmlElement("attribute", {"name": OWN}, text=text))


def _box(label: str, box: Box, extra: Mapping[str, Any]) -> XmlElement:
    sides = {side: number_text(edge + 0.5) for side, edge in zip(SIDES, box, strict=True)}
    rotated = extra.get("rotated")
    if rotated and is_same_box(rotated["box"], box):
        sides = {side: rotated[side] for side in (*SIDES, "rotation")}
    return _shape("box", {"label": label, "occluded": "0", **sides, "z_order": "0"}, extra)


def _skeleton(
    one: Annotation, labels: CvatLabels, extra: Mapping[str, Any], *, gone: bool
) -> XmlElement:
    label = labels.skeleton(one)
    shape = _shape("skeleton", {"label": label, "z_order": "0"}, extra)
    for name in labels.skeletons[label]:
        point = one.points.get(name)
        if point or not gone:
            held = extra.get("elements", {}).get(name, {})
            shape.children.append(_element(name, point, held, gone=gone))
    return shape


def _element(
    name: str, point: KeyPoint | None, extra: Mapping[str, Any], *, gone: bool
) -> XmlElement:
    """A point of a skeleton; one that is not labelled is outside."""
    given = {
        "label": name,
        "outside": str(int(gone or point is None)),
        "occluded": str(int(point is not None and not point.visible)),
        "points": _pair(point) if point else "0,0",
    }
    return _shape("points", given, extra)


def _points(label: str, points: list[KeyPoint], extra: Mapping[str, Any]) -> XmlElement:
    given = {
        "label": label,
        "occluded": str(int(not points[0].visible)),
        "points": ";".join(map(_pair, points)),
        "z_order": "0",
    }
    return _shape("points", given, extra)


def _pair(point: KeyPoint) -> str:
    return f"{number_text(point.x + 0.5)},{number_text(point.y + 0.5)}"


def _shape(kind: str, attributes: Mapping[str, str], extra: Mapping[str, Any]) -> XmlElement:
    others = element_of(kind, {k: v for k, v in extra.items() if k not in _NOT_IN_FILES})
    return XmlElement(kind, {**attributes, **others.attributes}, children=others.children)
