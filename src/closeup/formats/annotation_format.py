"""A format of annotation files: its reader and writer, and what of a set it can carry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from closeup.annotations import (
    AnnotatedPicture,
    Annotation,
    AnnotationSet,
    KeyPoint,
    LabelSchema,
    Origin,
)
from closeup.geometry import Size
from closeup.labels import Box
from closeup.progress import Progress


class Part(StrEnum):
    """A part of an annotation set; the value is what a message calls it."""

    BOXES = "boxes"
    POINTS = "points"
    VISIBILITY = "which points are covered"
    MASKS = "masks"
    NAMES = "names of classes and members"
    KEYS = "which objects of different frames are the same one"
    VERDICTS = "verdicts"
    ORIGINS = "how labels came to be"
    SCORES = "scores"
    FRAMES = "frames of videos"
    SIZES = "sizes of pictures"
    EMPTY = "pictures without objects"
    TAGS = "classes and verdicts of whole pictures"
    BOXLESS = "objects without a box"
    OUTSIDE = "places outside the picture"
    SCHEMA = "classes, points and targets that no object has"
    EXTRA = "keys of other programs"


ALL_PARTS = frozenset(Part)


def _unchanged(annotations: AnnotationSet) -> AnnotationSet:
    return annotations


@dataclass(frozen=True, slots=True)
class AnnotationFormat:
    """One format of annotation files or folders.

    Attributes:
        name: Name for ``--format``.
        title: Name as its makers write it.
        read: Reads a file, or a folder where the format is one of folders. It raises
            :class:`~closeup.errors.InputError` with file and line where the file is damaged; its
            second argument receives messages about what it leaves out.
        write: Writes a set completely or not at all; parts that are not in ``carries`` are left
            out. It raises :class:`~closeup.errors.OutputError`.
        recognises: Whether a path seems to be of this format, judged by its beginning.
        carries: The parts that come back from a file as they were, within ``places``.
        places: Largest error of a coordinate that comes back, in pixels.
        convention: Where its coordinates differ from ours, and how they are converted.
        needs_sizes: Whether ``write`` refuses a picture without a size, as coordinates are shares
            of its sides.
        changed: What comes back in another form than it was, such as the names of numbered points.

    """

    name: str
    title: str
    read: Callable[[Path, Progress], AnnotationSet]
    write: Callable[[Path, AnnotationSet], None]
    recognises: Callable[[Path], bool]
    carries: frozenset[Part]
    places: float
    convention: str
    needs_sizes: bool = False
    changed: Callable[[AnnotationSet], AnnotationSet] = _unchanged

    def kept(self, annotations: AnnotationSet) -> AnnotationSet:
        """What of a set comes back from a file of this format."""
        return self.changed(kept(annotations, self.carries, self.name))

    def losses(self, annotations: AnnotationSet) -> list[str]:
        """What of a set does not come back, in a sentence a part; empty if nothing is lost."""
        counts = Counter(part for part in _parts(annotations) if part not in self.carries)
        own = {self.name} if Part.EXTRA in self.carries else set()
        counts[Part.EXTRA] = sum(1 for names in _extras(annotations) if names - own)
        return [
            f"{self.title} cannot carry {part}: {counts[part]} lost"
            for part in Part
            if counts[part]
        ]


def kept(annotations: AnnotationSet, carries: frozenset[Part], name: str) -> AnnotationSet:
    """A set without the parts that a format does not carry; writers may begin with it.

    Args:
        annotations: The set.
        carries: The parts that the format carries.
        name: Name of the format, whose keys in ``extra`` are kept.

    """
    keeping = _Keeping(carries, name)
    pictures = tuple(
        picture
        for picture in map(keeping.picture, annotations.pictures)
        if (picture.frame is None or Part.FRAMES in carries)
        and (picture.annotations or Part.EMPTY in carries)
    )
    schema = keeping.schema(annotations.schema) if Part.SCHEMA in carries else LabelSchema()
    return AnnotationSet(pictures, completed(schema, pictures), keeping.own(annotations))


def completed(schema: LabelSchema, pictures: tuple[AnnotatedPicture, ...]) -> LabelSchema:
    """The schema with all names of points and classes in pictures; new ones come last."""
    annotations = [one for picture in pictures for one in picture.annotations]
    points = (name for one in annotations for name in one.points)
    classes = (one.name for one in annotations if one.name)
    return replace(
        schema,
        points=tuple(dict.fromkeys([*schema.points, *points])),
        classes=tuple(dict.fromkeys([*schema.classes, *classes])),
        box=schema.box or any(one.box for one in annotations),
    )


def schema_of(pictures: tuple[AnnotatedPicture, ...]) -> LabelSchema:
    """The schema of a file that has none: all names of points and classes, in order."""
    return completed(LabelSchema(), pictures)


@dataclass(frozen=True, slots=True)
class _Keeping:
    """Takes away what a format does not carry."""

    carries: frozenset[Part]
    name: str

    def picture(self, picture: AnnotatedPicture) -> AnnotatedPicture:
        frame = None if Part.OUTSIDE in self.carries else picture.size
        found = (self._annotation(one, frame) for one in picture.annotations)
        return replace(
            picture,
            size=picture.size if Part.SIZES in self.carries else None,
            annotations=tuple(one for one in found if self._has_place(one)),
            extra=self.own(picture),
        )

    def schema(self, schema: LabelSchema) -> LabelSchema:
        if Part.POINTS not in self.carries:
            schema = replace(schema, points=(), skeleton=())
        if Part.NAMES not in self.carries:
            schema = replace(schema, classes=(), targets={})
        return schema

    def own(self, of: AnnotationSet | AnnotatedPicture | Annotation) -> dict[str, object]:
        wanted = {self.name} if Part.EXTRA in self.carries else set()
        return {name: of.extra[name] for name in of.extra.keys() & wanted}

    def _has_place(self, one: Annotation) -> bool:
        """Whether enough of an annotation is left."""
        if not (one.box or one.points or one.mask):
            return Part.TAGS in self.carries and bool(one.name or one.verdict)
        return one.box is not None or Part.BOXLESS in self.carries

    def _annotation(self, one: Annotation, frame: Size | None) -> Annotation:
        plain, box = Annotation(), one.box if Part.BOXES in self.carries else None
        kept = replace(
            one,
            name=one.name if Part.NAMES in self.carries else plain.name,
            box=clipped(box, frame) if box and frame else box,
            points=self._points(one, frame) if Part.POINTS in self.carries else {},
            mask=one.mask if Part.MASKS in self.carries else None,
            score=one.score if Part.SCORES in self.carries else None,
            verdict=one.verdict if Part.VERDICTS in self.carries else None,
            extra=self.own(one),
        )
        if Part.ORIGINS not in self.carries:
            kept = replace(kept, origin=plain.origin, method="", version="")
        if Part.KEYS not in self.carries:
            kept = replace(kept, key="", keyframe=True, absent=False)
        return kept

    def _points(self, one: Annotation, frame: Size | None) -> dict[str, KeyPoint]:
        visible = Part.VISIBILITY not in self.carries
        return {
            name: replace(point, visible=point.visible or visible)
            for name, point in one.points.items()
            if frame is None or is_inside(point, frame)
        }


LEAST_SIDE = 1e-6
"""Pixels of a box that must lie within the picture, in both directions."""


def clipped(box: Box, size: Size) -> Box | None:
    """The part of a box within a picture; None if hardly anything of it is."""
    x1, y1 = max(box[0], -0.5), max(box[1], -0.5)
    x2, y2 = min(box[2], size.width - 0.5), min(box[3], size.height - 0.5)
    return (x1, y1, x2, y2) if min(x2 - x1, y2 - y1) > LEAST_SIDE else None


def is_inside(point: KeyPoint, size: Size) -> bool:
    """Whether a point lies within a picture, edges included."""
    return -0.5 <= point.x <= size.width - 0.5 and -0.5 <= point.y <= size.height - 0.5


def _parts(annotations: AnnotationSet) -> Iterator[Part]:
    """The parts that a set has, each as often as it has it."""
    if annotations.schema != schema_of(annotations.pictures):
        yield Part.SCHEMA
    for picture in annotations.pictures:
        if picture.frame is not None:
            yield Part.FRAMES
        if picture.size is not None:
            yield Part.SIZES
        if not picture.annotations:
            yield Part.EMPTY
        for one in picture.annotations:
            yield from _parts_of(one, picture.size)


def _parts_of(one: Annotation, size: Size | None) -> Iterator[Part]:
    placed = bool(one.box or one.points or one.mask)
    has = {
        Part.BOXES: one.box is not None,
        Part.POINTS: bool(one.points),
        Part.VISIBILITY: any(not point.visible for point in one.points.values()),
        Part.MASKS: one.mask is not None,
        Part.NAMES: bool(one.name),
        Part.KEYS: bool(one.key) or not one.keyframe or one.absent,
        Part.VERDICTS: one.verdict is not None,
        Part.ORIGINS: one.origin is not Origin.IMPORTED or bool(one.method or one.version),
        Part.SCORES: one.score is not None,
        Part.TAGS: not placed,
        Part.BOXLESS: placed and one.box is None,
        Part.OUTSIDE: size is not None and _reaches_out(one, size),
    }
    return (part for part, present in has.items() if present)


def _reaches_out(one: Annotation, size: Size) -> bool:
    boxed = one.box is not None and clipped(one.box, size) != one.box
    return boxed or not all(is_inside(point, size) for point in one.points.values())


def _extras(annotations: AnnotationSet) -> Iterator[set[str]]:
    """The names of the formats whose keys the set, a picture or an annotation has."""
    yield set(annotations.extra)
    for picture in annotations.pictures:
        yield set(picture.extra)
        yield from (set(one.extra) for one in picture.annotations)
