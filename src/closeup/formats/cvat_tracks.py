"""The tracks of CVAT's XML: objects of a video, each with a shape in some of its frames.

    <track id="7" label="face" source="manual" group_id="1">
      <box frame="3" keyframe="1" outside="0" occluded="0" xtl="10" ytl="20" xbr="50" ybr="60"/>
      <box frame="9" keyframe="1" outside="1" …/>
    </track>

``outside="1"`` says that the object is gone from this frame on. CVAT shows a shape until the next
one of its track, so each track that is written ends with a shape that is outside, one frame after
its last; Closeup's mark in it tells it from what people said. CVAT itself writes a shape that is in
no track as one of two shapes, the second outside: it is read as one object without a key.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count

from closeup.annotations import AnnotatedPicture, Annotation
from closeup.files.text import read_whole
from closeup.formats.cvat_shape_writer import (
    CvatLabels,
    add_own,
    native_name,
    shapes_of,
    source_of,
)
from closeup.formats.cvat_shapes import (
    SHAPES,
    CvatShape,
    in_objects,
    is_gone,
    joined,
    read_shape,
)
from closeup.formats.left_out import LeftOut
from closeup.formats.own_keys import OWN
from closeup.formats.xml_elements import XmlElement

_CLOSING = "closing"
_LONGEST_ID = 9
"""Digits of a key that is written as a track's id."""


@dataclass(slots=True)
class CvatTrack:
    """A track that was read.

    Attributes:
        number: Its id.
        task: Id of its task in a project; empty without one.
        shapes: Frame → shape, in order.
        keyframes: Frames whose shapes were set by hand.
        outside: Frames in which the object is gone.

    """

    number: str
    task: str
    shapes: dict[int, CvatShape] = field(default_factory=dict)
    keyframes: set[int] = field(default_factory=set)
    outside: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class TrackedObject:
    """An object of a video.

    Attributes:
        task: Id of its task in a project; empty without one.
        frames: Frame → the object in it.

    """

    task: str
    frames: dict[int, Annotation]


def read_track(element: XmlElement, left_out: LeftOut) -> CvatTrack | None:
    """Read a track; None if it has a shape that is no box, skeleton or points.

    Raises:
        InputError: a value is missing or of a wrong type.

    """
    given = element.attributes
    track = CvatTrack(given.get("id", ""), given.get("task_id", ""))
    label, source = element.attribute("label"), given.get("source", "file")
    for child in element.children:
        if child.name not in SHAPES:
            left_out.add(f"tracks with shapes of type {child.name}")
            return None
        shape = read_shape(child, label, source)
        shape.group = given.get("group_id", "0").removeprefix("0")
        frame = read_whole(child.attribute("frame"), f"{child.place}, frame")
        if not shape.has_area:
            left_out.add("boxes without area")
            continue
        track.shapes[frame] = shape
        if child.attributes.get("keyframe", "1") == "1":
            track.keyframes.add(frame)
        if is_gone(child):
            track.outside.add(frame)
    return track if track.shapes else None


def tracked_objects(tracks: list[CvatTrack], steps: Mapping[str, int]) -> Iterator[TrackedObject]:
    """The objects that tracks make, those of a group together where they are one.

    Args:
        tracks: The tracks, each with a shape.
        steps: Task → frames from one that is labelled to the next.

    Raises:
        InputError: a number is too large, or one of Closeup's keys is not valid.

    """
    shapes = []
    for track in tracks:
        first = next(iter(track.shapes.values()))
        points = {name: at for shape in track.shapes.values() for name, at in shape.points.items()}
        group = f"{track.task}/{first.group}" if first.group else ""
        shapes.append(replace(first, group=group, points=points, extra={}))
    for numbers in in_objects(shapes):
        object_tracks = [tracks[number] for number in numbers]
        if len(numbers) == 1:
            _keep_group(object_tracks[0])
        yield _object(object_tracks, steps[object_tracks[0].task])


def _keep_group(track: CvatTrack) -> None:
    for shape in track.shapes.values():
        if shape.group:
            shape.extra["@group_id"] = shape.group


def _object(tracks: list[CvatTrack], step: int) -> TrackedObject:
    has_end = False
    for track in tracks:
        for frame in [at for at, shape in track.shapes.items() if shape.own.get(_CLOSING) is True]:
            del track.shapes[frame]
            has_end = True
    primary = tracks[0]
    frames = sorted({frame for track in tracks for frame in track.shapes})
    if _is_single(primary, frames, step):
        has_end, frames = True, frames[:1]
    key = "" if has_end and len(frames) == 1 else primary.number
    found: dict[int, Annotation] = {}
    for frame in frames:
        there = [track for track in tracks if frame in track.shapes]
        one = joined([track.shapes[frame] for track in there], key)
        key = one.key if frame == frames[0] else key
        found[frame] = replace(
            one, key=key, keyframe=frame in there[0].keyframes, absent=frame in there[0].outside
        )
    return TrackedObject(primary.task, found)


def _is_single(track: CvatTrack, frames: list[int], step: int) -> bool:
    """Whether it is what CVAT writes for a shape that is in no track."""
    if len(frames) != 2 or frames[1] - frames[0] != step or not track.outside >= {frames[1]}:
        return False
    first, second = (track.shapes.get(frame) for frame in frames)
    if first is None or second is None or "key" in first.own:
        return False
    return first.box == second.box and (not second.points or first.points == second.points)


Placed = tuple[int, Annotation]
"""An object in a frame, and its number among the objects of that frame."""


def objects_of(pictures: Iterable[AnnotatedPicture]) -> list[tuple[str, dict[int, Placed]]]:
    """The objects of the frames of videos, in the order of their first frames.

    Those of one video, key and name are one object; without a key each is one of its own.

    Args:
        pictures: Frames of videos, in the order of the frames.

    Returns:
        The video of each object, and frame → the object in it.

    """
    objects: list[tuple[str, dict[int, Placed]]] = []
    known: dict[tuple[str, str, str], list[dict[int, Placed]]] = {}
    for picture in pictures:
        frame = picture.frame or 0
        for number, one in enumerate(picture.annotations):
            if not one.box and not one.points:
                continue
            same = known.setdefault((picture.path, one.key, one.name), []) if one.key else []
            frames = next((held for held in same if frame not in held), None)
            if frames is None:
                frames = {}
                same.append(frames)
                objects.append((picture.path, frames))
            frames[frame] = number, one
    return objects


class TrackWriter:
    """Makes the tracks of objects.

    Args:
        labels: The labels of the set.
        keys: Keys of all objects; those that are numbers are the ids of their tracks.
        groups: Numbers of groups that are free.

    """

    def __init__(self, labels: CvatLabels, keys: Iterable[str], groups: Iterator[str]) -> None:
        self._labels, self._groups = labels, groups
        self._reserved = {key for key in keys if _is_id(key)}
        self._used: set[str] = set()
        self._free = (str(number) for number in count() if str(number) not in self._reserved)

    def tracks(self, frames: dict[int, Annotation], task: str) -> list[XmlElement]:
        """The tracks of an object: one of its box, one of its skeleton, one of each other point.

        Args:
            frames: Frame → the object in it, in order.
            task: Id of its task in a project; empty without one.

        """
        first = next(iter(frames.values()))
        number = self._id(first.key)
        native: str | None = number if len(frames) > 2 else None
        if len(frames) == 1 and not first.absent:
            native = ""
        tracks: dict[tuple[str, str], XmlElement] = {}
        for frame, one in frames.items():
            shapes = shapes_of(one, self._labels, source_of(first), tracked=True)
            known = native if one is first else one.key
            add_own(shapes[0], one, native_name(shapes[0]), known, ("keyframe", "absent"))
            for shape in shapes:
                name = shape.attributes["label"] if shape.name == "points" else ""
                track = tracks.setdefault((shape.name, name), _track(shape, number, task))
                if not track.children and len(tracks) > 1:
                    track.attributes["id"] = self._id("")
                track.children.append(_in_frame(shape, frame, one))
        if len(tracks) > 1:
            group = next(self._groups)
            for track in tracks.values():
                track.attributes["group_id"] = group
        for track in tracks.values():
            _close(track)
        return list(tracks.values())

    def _id(self, key: str) -> str:
        number = key if _is_id(key) and key not in self._used else next(self._free)
        self._used.add(number)
        return number


def _is_id(key: str) -> bool:
    plain = key.isascii() and key.isdecimal() and len(key) <= _LONGEST_ID
    return plain and str(int(key)) == key


def _track(shape: XmlElement, number: str, task: str) -> XmlElement:
    given = {"id": number, "label": shape.attributes["label"], "source": shape.attributes["source"]}
    group = shape.attributes.get("group_id")
    return XmlElement(
        "track",
        {**given, **({"task_id": task} if task else {}), **({"group_id": group} if group else {})},
    )


def _in_frame(shape: XmlElement, frame: int, one: Annotation) -> XmlElement:
    """The shape as the child of a track."""
    gone = {"keyframe": str(int(one.keyframe)), "outside": str(int(one.absent))}
    given = {
        name: value
        for name, value in shape.attributes.items()
        if name not in ("label", "source", "group_id")
    }
    for child in shape.children:
        if child.name == "points":
            child.attributes = {"label": "", "keyframe": gone["keyframe"], **child.attributes}
    return replace(shape, attributes={"frame": str(frame), **gone, **given})


def _close(track: XmlElement) -> None:
    """Add the shape that ends a track, unless people ended it."""
    last = track.children[-1]
    if last.attributes["outside"] == "1":
        return
    points = [
        replace(child, attributes={**child.attributes, "keyframe": "1", "outside": "1"})
        for child in last.children
        if child.name == "points"
    ]
    own = XmlElement("attribute", {"name": OWN}, text=json.dumps({_CLOSING: True}))
    frame = str(int(last.attributes["frame"]) + 1)
    given = {**last.attributes, "frame": frame, "keyframe": "1", "outside": "1"}
    track.children.append(replace(last, attributes=given, children=[*points, own]))
