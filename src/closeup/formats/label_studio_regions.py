"""Regions of Label Studio: rectangles and key points of a picture, in percent of its sides.

    {"id": "r1", "type": "rectanglelabels", "from_name": "box", "to_name": "image",
     "original_width": 640, "original_height": 480, "image_rotation": 0,
     "value": {"x": 10, "y": 20, "width": 5, "height": 5, "rotation": 0,
               "rectanglelabels": ["face"]}}
    {"id": "r2", "parentID": "r1", "type": "keypointlabels", …,
     "value": {"x": 12, "y": 21, "width": 0.5, "keypointlabels": ["pupil"]}}

The keys are those of https://labelstud.io/tags/rectanglelabels and /keypointlabels. A rectangle is
rotated clockwise about its top left corner, in pixels and not in percent
(https://labelstud.io/templates/image_bbox#Rotation). ``meta`` is free; Closeup's keys are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from closeup.annotations import Annotation, KeyPoint, Origin
from closeup.errors import InputError
from closeup.formats.json_members import finite, member, side, typed
from closeup.formats.left_out import LeftOut
from closeup.formats.own_keys import OWN, own_keys, with_own_keys
from closeup.formats.rotated_boxes import box_around, is_same_box
from closeup.geometry import Size
from closeup.labels import Box

NAME = "label-studio"
_BOXES = ("rectanglelabels", "rectangle")
_POINTS = ("keypointlabels", "keypoint")
_KNOWN = {"id", "value", "original_width", "original_height", "parentID", "score", "meta"}
_BOX_DEFAULTS: dict[str, Any] = {
    "type": "rectanglelabels",
    "from_name": "box",
    "to_name": "image",
    "image_rotation": 0,
}
_POINT_DEFAULTS: dict[str, Any] = {
    "type": "keypointlabels",
    "from_name": "point",
    "to_name": "image",
    "image_rotation": 0,
}
_BOX_PLACE = ("x", "y", "width", "height", "rotation")
_NEW = "closeup-"
"""Beginning of ids that objects without a key get."""
_POINT_VALUE: dict[str, Any] = {"width": 0.5}


@dataclass(slots=True)
class _Draft:
    """An object whose regions are being read."""

    number: int
    place: str
    key: str
    name: str = ""
    box: Box | None = None
    points: dict[str, KeyPoint] = field(default_factory=dict)
    score: float | None = None
    own: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    def annotation(self, origin: Origin, version: str) -> Annotation:
        extra = {NAME: self.extra} if self.extra else {}
        name = typed(self.own.get("name", self.name), str, f"{self.place}: name")
        try:
            one = Annotation(
                name,
                self.box,
                self.points,
                key=self.key,
                origin=origin,
                version=version,
                score=self.score,
                extra=extra,
            )
        except ValueError as error:
            raise InputError(f"{self.place}: {error}; correct it") from None
        return with_own_keys(one, self.own, self.place)


class RegionReader:
    """Joins the regions of one person's annotation, or of one prediction, to objects.

    Args:
        left_out: Receives what is neither a rectangle nor a key point.

    Attributes:
        others: What was left out.
        size: Width and height of the picture, once a region has stated them.

    """

    def __init__(self, left_out: LeftOut) -> None:
        self.others: list[dict[str, Any]] = []
        self.size: Size | None = None
        self._left_out = left_out
        self._drafts: list[_Draft] = []
        self._by_id: dict[str, _Draft] = {}
        self._by_object: dict[str, _Draft] = {}

    def read(self, items: list[Any], place: str) -> None:
        """Read the ``result`` list; rectangles first, as points refer to them.

        Raises:
            InputError: a value is missing or of a wrong type.

        """
        regions = []
        for number, item in enumerate(items):
            where = f"{place}[{number}]"
            if size := self._size(typed(item, dict, where), where):
                regions.append((number, item, size, where))
        for kinds, add in ((_BOXES, self._add_box), (_POINTS, self._add_point)):
            for number, item, size, where in regions:
                if item.get("type") in kinds:
                    add(number, item, size, where)

    def annotations(self, origin: Origin, version: str) -> list[Annotation]:
        """The objects in the order of their first regions.

        Args:
            origin: How they came to be, where they do not say it themselves.
            version: Version of the model, likewise.

        """
        drafts = sorted(self._drafts, key=lambda draft: draft.number)
        return [draft.annotation(origin, version) for draft in drafts]

    def _size(self, item: dict[str, Any], place: str) -> Size | None:
        """The size that a region states; None if the region is left out."""
        kind = str(item.get("type"))
        size = Size(side(item, "original_width", place), side(item, "original_height", place))
        if kind not in (*_BOXES, *_POINTS):
            self._leave_out(item, f"labels of type {kind}")
        elif not min(size):
            self._leave_out(item, "labels without original_width and original_height")
        elif item.get("image_rotation") not in (None, 0, 360):
            self._leave_out(item, "labels of pictures that were rotated in Label Studio")
        else:
            self.size = self.size or size
            return size
        return None

    def _leave_out(self, item: dict[str, Any], what: str) -> None:
        self._left_out.add(what)
        self.others.append(item)

    def _add_box(self, number: int, item: dict[str, Any], size: Size, place: str) -> None:
        value = member(item, "value", dict, place)
        box = _bounding_box(value, size, place)
        if box[0] >= box[2] or box[1] >= box[3]:
            return self._leave_out(item, "rectangles without area")
        draft = self._draft(number, item, place)
        draft.box, draft.name = box, _label(item, value, place)
        extra = _others(item, value, _BOX_DEFAULTS, dict.fromkeys(_BOX_PLACE))
        if value.get("rotation"):
            extra["rotated"] = {key: value[key] for key in _BOX_PLACE} | {"box": list(box)}
        if extra:
            draft.extra["rectangle"] = extra
        return None

    def _add_point(self, number: int, item: dict[str, Any], size: Size, place: str) -> None:
        value = member(item, "value", dict, place)
        name = _label(item, value, place) or "point"
        own = _own(item, place)
        draft = self._parent(item, own, name) or self._draft(number, item, place)
        if "object" in own:
            self._by_object.setdefault(str(own["object"]), draft)
        expected = _point_id(draft.key, len(draft.points) + bool(draft.box))
        x, y = (
            finite(value.get(axis), axis, place) * length / 100 - 0.5
            for axis, length in zip("xy", size, strict=True)
        )
        try:
            draft.points[name] = KeyPoint(x, y, own.get("visible") is not False)
        except ValueError as error:
            raise InputError(f"{place}: {error}; correct it") from None
        extra = _others(item, value, _POINT_DEFAULTS, {"x": None, "y": None, **_POINT_VALUE})
        identity = str(item.get("id") or expected)
        if identity != expected and not identity.startswith(_NEW):
            extra["id"] = identity
        if item.get("parentID") and self._by_id.get(str(item["parentID"])) is not draft:
            extra["parentID"] = item["parentID"]
        if extra:
            draft.extra.setdefault("points", {})[name] = extra

    def _parent(self, item: dict[str, Any], own: dict[str, Any], name: str) -> _Draft | None:
        """The object of a point; None if it is the first of its own."""
        found = self._by_id.get(str(item.get("parentID"))) or self._by_object.get(
            str(own.get("object"))
        )
        return found if found and name not in found.points else None

    def _draft(self, number: int, item: dict[str, Any], place: str) -> _Draft:
        identity = str(item.get("id") or "")
        draft = _Draft(number, place, identity, score=_score(item), own=_own(item, place))
        self._drafts.append(draft)
        if identity and item.get("type") in _BOXES:
            self._by_id.setdefault(identity, draft)
        return draft


def _own(item: dict[str, Any], place: str) -> dict[str, Any]:
    meta = item.get("meta")
    own = meta.get(OWN, {}) if isinstance(meta, dict) else {}
    return dict(typed(own, dict, f"{place}: {OWN}"))


def _score(item: Mapping[str, Any]) -> float | None:
    """The confidence; None if there is none from 0 to 1."""
    score = item.get("score")
    if isinstance(score, bool) or not isinstance(score, int | float):
        return None
    return float(score) if 0 <= score <= 1 else None


def _label(item: dict[str, Any], value: dict[str, Any], place: str) -> str:
    """The first label of a region; empty without one."""
    labels = typed(value.get(str(item["type"])) or [], list, f"{place}: {item['type']}")
    return str(typed(labels[0], str, f"{place}: {item['type']}")) if labels else ""


def _others(
    item: dict[str, Any],
    value: dict[str, Any],
    defaults: Mapping[str, Any],
    places: Mapping[str, Any],
) -> dict[str, Any]:
    """The keys of a region that the writer would not write by itself.

    Args:
        item: The region.
        value: Its value.
        defaults: What the writer writes for keys of the region.
        places: Keys of the value that are read; where the writer's value is always the same, this
            one.

    """
    found = {
        key: held
        for key, held in item.items()
        if key not in _KNOWN and not (key in defaults and defaults[key] == held)
    }
    if _score(item) is None and "score" in item:
        found["score"] = item["score"]
    labels = str(item["type"])
    values = {
        key: held
        for key, held in value.items()
        if not (key in places and places[key] in (None, held))
        and not (key == labels and len(held or []) <= 1)
    }
    meta = item["meta"] if isinstance(item.get("meta"), dict) else {}
    meta = {key: held for key, held in meta.items() if key != OWN}
    return found | {key: held for key, held in (("value", values), ("meta", meta)) if held}


def _bounding_box(value: dict[str, Any], size: Size, place: str) -> Box:
    """The box around a rectangle, in pixels."""
    x, y, width, height, rotation = (
        finite(value.get(key, 0 if key == "rotation" else None), key, place) for key in _BOX_PLACE
    )
    left, top = x * size.width / 100 - 0.5, y * size.height / 100 - 0.5
    across, down = width * size.width / 100, height * size.height / 100
    box = left, top, left + across, top + down
    return box_around(box, rotation, (left, top)) if rotation else box


def regions_of(
    annotations: Iterable[Annotation], size: Size, origin: Origin, version: str
) -> Iterator[dict[str, Any]]:
    """The regions of objects, each object's rectangle before its points.

    Args:
        annotations: The objects; those without a box or point have no region.
        size: Width and height of the picture.
        origin: Origin that readers give to regions that do not say it.
        version: Version that they give to such.

    """
    some = [one for one in annotations if one.box or one.points]
    ids = _RegionIds({one.key for one in some})
    stated = {"original_width": size.width, "original_height": size.height}
    for one in some:
        identity = ids.take(one.key)
        regions = [_rectangle(one, box, size) for box in (one.box,) if box]
        regions += [_point(one, name, point, size) for name, point in one.points.items()]
        _add_own(regions, one, identity, origin, version)
        for number, region in enumerate(regions):
            refers = {"parentID": identity} if number and one.box else {}
            wanted = region.pop("id", _point_id(identity, number))
            yield {"id": ids.take(wanted) if number else identity, **stated, **region, **refers}


def _point_id(identity: str, number: int) -> str:
    """The id of an object's region; the first has the object's own."""
    return f"{identity}.{number}" if number else identity


class _RegionIds:
    """Gives each region an id of its own.

    Args:
        keys: Keys of all objects, which others must not get.

    """

    def __init__(self, keys: set[str]) -> None:
        self._used = {""}
        names = (f"{_NEW}{number}" for number in count(1))
        self._free = (name for name in names if name not in keys)

    def take(self, wanted: str) -> str:
        """``wanted`` if it is free, or another id; for an empty one always another."""
        found = wanted
        while found in self._used:
            found = next(self._free)
        self._used.add(found)
        return found


def _add_own(
    regions: list[dict[str, Any]], one: Annotation, identity: str, origin: Origin, version: str
) -> None:
    """Put Closeup's keys into the regions of an object."""
    own = own_keys(one, without=("key", "origin", "version", "score"))
    native = {"key": identity, "origin": origin, "version": version}
    own |= {key: getattr(one, key) for key, held in native.items() if getattr(one, key) != held}
    if one.box is None and one.name:
        own["name"] = one.name
    keys = [own, *({} for _ in regions[1:])]
    if one.box is None and len(regions) > 1:
        keys = [{**held, "object": identity} for held in keys]
    points = list(one.points.values())
    for held, point in zip(keys[len(keys) - len(points) :], points, strict=True):
        held |= {} if point.visible else {"visible": False}
    for region, held in zip(regions, keys, strict=True):
        if held:
            region["meta"] = {**region.get("meta", {}), OWN: held}
    if one.score is not None:
        regions[0]["score"] = one.score


def _rectangle(one: Annotation, box: Box, size: Size) -> dict[str, Any]:
    extra = dict(one.extra.get(NAME, {}).get("rectangle", {}))
    rotated = extra.pop("rotated", None)
    value = {
        "x": (box[0] + 0.5) * 100 / size.width,
        "y": (box[1] + 0.5) * 100 / size.height,
        "width": (box[2] - box[0]) * 100 / size.width,
        "height": (box[3] - box[1]) * 100 / size.height,
        "rotation": 0,
    }
    if rotated and is_same_box(rotated["box"], box):
        value = {key: rotated[key] for key in _BOX_PLACE}
    return _region(_BOX_DEFAULTS, value, one.name, extra)


def _point(one: Annotation, name: str, point: KeyPoint, size: Size) -> dict[str, Any]:
    extra = one.extra.get(NAME, {}).get("points", {}).get(name, {})
    x, y = (point.x + 0.5) * 100 / size.width, (point.y + 0.5) * 100 / size.height
    return _region(_POINT_DEFAULTS, {"x": x, "y": y, **_POINT_VALUE}, name, extra)


def _region(
    defaults: Mapping[str, Any], value: dict[str, Any], label: str, extra: Mapping[str, Any]
) -> dict[str, Any]:
    region = {**defaults, **extra}
    kind, others = region["type"], extra.get("value", {})
    value = {**value, **others}
    if kind.endswith("labels"):
        value[kind] = [label, *others.get(kind, [])[1:]] if label else []
    return {**region, "value": value}
