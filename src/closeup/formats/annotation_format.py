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


class Aspect(StrEnum):
    """What an annotation set can hold; the value is what a message calls it."""

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


ALL_ASPECTS = frozenset(Aspect)


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
        write: Writes a set completely or not at all; aspects that are not in ``carries`` are left
            out. It raises :class:`~closeup.errors.OutputError`.
        recognises: Whether a path seems to be of this format, judged by its beginning.
        carries: The aspects that come back from a file as they were, within ``places``.
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
    carries: frozenset[Aspect]
    places: float
    convention: str
    needs_sizes: bool = False
    changed: Callable[[AnnotationSet], AnnotationSet] = _unchanged

    def kept(self, annotations: AnnotationSet) -> AnnotationSet:
        """What of a set comes back from a file of this format."""
        return self.changed(kept(annotations, self.carries, self.name))

    def losses(self, annotations: AnnotationSet) -> list[str]:
        """What of a set does not come back, in a sentence an aspect; empty if nothing is lost."""
        counts = Counter(aspect for aspect in _aspects(annotations) if aspect not in self.carries)
        own = {self.name} if Aspect.EXTRA in self.carries else set()
        counts[Aspect.EXTRA] = sum(1 for names in _extras(annotations) if names - own)
        return [
            f"{self.title} cannot carry {aspect}: {counts[aspect]} lost"
            for aspect in Aspect
            if counts[aspect]
        ]


def kept(annotations: AnnotationSet, carries: frozenset[Aspect], name: str) -> AnnotationSet:
    """A set without the aspects that a format does not carry; writers may begin with it.

    Args:
        annotations: The set.
        carries: The aspects that the format carries.
        name: Name of the format, whose keys in ``extra`` are kept.

    """
    keeping = _Keeping(carries, name)
    pictures = tuple(
        picture
        for picture in map(keeping.picture, annotations.pictures)
        if (picture.frame is None or Aspect.FRAMES in carries)
        and (picture.annotations or Aspect.EMPTY in carries)
    )
    schema = keeping.schema(annotations.schema) if Aspect.SCHEMA in carries else LabelSchema()
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

    carries: frozenset[Aspect]
    name: str

    def picture(self, picture: AnnotatedPicture) -> AnnotatedPicture:
        frame = None if Aspect.OUTSIDE in self.carries else picture.size
        found = (self._annotation(one, frame) for one in picture.annotations)
        return replace(
            picture,
            size=picture.size if Aspect.SIZES in self.carries else None,
            annotations=tuple(one for one in found if self._has_place(one)),
            extra=self.own(picture),
        )

    def schema(self, schema: LabelSchema) -> LabelSchema:
        if Aspect.POINTS not in self.carries:
            schema = replace(schema, points=(), skeleton=())
        if Aspect.NAMES not in self.carries:
            schema = replace(schema, classes=(), targets={})
        return schema

    def own(self, of: AnnotationSet | AnnotatedPicture | Annotation) -> dict[str, object]:
        wanted = {self.name} if Aspect.EXTRA in self.carries else set()
        return {name: of.extra[name] for name in of.extra.keys() & wanted}

    def _has_place(self, one: Annotation) -> bool:
        """Whether enough of an annotation is left."""
        if not (one.box or one.points or one.mask):
            return Aspect.TAGS in self.carries and bool(one.name or one.verdict)
        return one.box is not None or Aspect.BOXLESS in self.carries

    def _annotation(self, one: Annotation, frame: Size | None) -> Annotation:
        plain, box = Annotation(), one.box if Aspect.BOXES in self.carries else None
        kept = replace(
            one,
            name=one.name if Aspect.NAMES in self.carries else plain.name,
            box=clipped(box, frame) if box and frame else box,
            points=self._points(one, frame) if Aspect.POINTS in self.carries else {},
            mask=one.mask if Aspect.MASKS in self.carries else None,
            score=one.score if Aspect.SCORES in self.carries else None,
            verdict=one.verdict if Aspect.VERDICTS in self.carries else None,
            extra=self.own(one),
        )
        if Aspect.ORIGINS not in self.carries:
            kept = replace(kept, origin=plain.origin, method="", version="")
        if Aspect.KEYS not in self.carries:
            kept = replace(kept, key="", keyframe=True, absent=False)
        return kept

    def _points(self, one: Annotation, frame: Size | None) -> dict[str, KeyPoint]:
        uncovered = Aspect.VISIBILITY not in self.carries
        return {
            name: replace(point, visible=True) if uncovered and not point.visible else point
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


def _aspects(annotations: AnnotationSet) -> Iterator[Aspect]:
    """The aspects that a set has, each as often as it has it."""
    schema, used = annotations.schema, schema_of(annotations.pictures)
    if schema != used:
        yield Aspect.SCHEMA
    if schema.points and not used.points:
        yield Aspect.POINTS
    if schema.classes and not used.classes:
        yield Aspect.NAMES
    for picture in annotations.pictures:
        if picture.frame is not None:
            yield Aspect.FRAMES
        if picture.size is not None:
            yield Aspect.SIZES
        if not picture.annotations:
            yield Aspect.EMPTY
        for one in picture.annotations:
            yield from _aspects_of(one, picture.size)


def _aspects_of(one: Annotation, size: Size | None) -> Iterator[Aspect]:
    placed = bool(one.box or one.points or one.mask)
    has = {
        Aspect.BOXES: one.box is not None,
        Aspect.POINTS: bool(one.points),
        Aspect.VISIBILITY: any(not point.visible for point in one.points.values()),
        Aspect.MASKS: one.mask is not None,
        Aspect.NAMES: bool(one.name),
        Aspect.KEYS: bool(one.key) or not one.keyframe or one.absent,
        Aspect.VERDICTS: one.verdict is not None,
        Aspect.ORIGINS: one.origin is not Origin.IMPORTED or bool(one.method or one.version),
        Aspect.SCORES: one.score is not None,
        Aspect.TAGS: not placed,
        Aspect.BOXLESS: placed and one.box is None,
        Aspect.OUTSIDE: size is not None and _reaches_out(one, size),
    }
    return (aspect for aspect, present in has.items() if present)


def _reaches_out(one: Annotation, size: Size) -> bool:
    boxed = one.box is not None and clipped(one.box, size) != one.box
    return boxed or not all(is_inside(point, size) for point in one.points.values())


def _extras(annotations: AnnotationSet) -> Iterator[set[str]]:
    """The names of the formats whose keys the set, a picture or an annotation has."""
    yield set(annotations.extra)
    for picture in annotations.pictures:
        yield set(picture.extra)
        yield from (set(one.extra) for one in picture.annotations)
