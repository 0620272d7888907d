"""A format of annotation files: its reader and writer, and what of a set it can carry."""

from __future__ import annotations

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
    EXTRA = "keys of its own that mean nothing here"


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

    """

    name: str
    title: str
    read: Callable[[Path, Progress], AnnotationSet]
    write: Callable[[Path, AnnotationSet], None]
    recognises: Callable[[Path], bool]
    carries: frozenset[Part]
    places: float
    convention: str

    def kept(self, annotations: AnnotationSet) -> AnnotationSet:
        """What of a set comes back from a file of this format."""
        pictures = (self._kept_picture(picture) for picture in annotations.pictures)
        return AnnotationSet(
            tuple(
                picture
                for picture in pictures
                if (picture.frame is None or Part.FRAMES in self.carries)
                and (picture.annotations or Part.EMPTY in self.carries)
            ),
            annotations.schema,
            self._extra(annotations),
        )

    def losses(self, annotations: AnnotationSet) -> list[str]:
        """What of a set does not come back, in a sentence a part; empty if nothing is lost."""
        counts = dict.fromkeys(Part, 0)
        for part in _parts(annotations):
            counts[part] += 1
        return [
            f"{self.title} cannot carry {part}: {counts[part]} lost"
            for part in Part
            if counts[part] and part not in self.carries
        ]

    def _kept_picture(self, picture: AnnotatedPicture) -> AnnotatedPicture:
        annotations = map(self._kept_annotation, picture.annotations)
        return replace(
            picture,
            size=picture.size if Part.SIZES in self.carries else None,
            annotations=tuple(one for one in annotations if one.box or one.points or one.mask),
            extra=self._extra(picture),
        )

    def _kept_annotation(self, one: Annotation) -> Annotation:
        plain = Annotation()
        kept = replace(
            one,
            name=one.name if Part.NAMES in self.carries else plain.name,
            box=one.box if Part.BOXES in self.carries else None,
            points=self._kept_points(one),
            mask=one.mask if Part.MASKS in self.carries else None,
            score=one.score if Part.SCORES in self.carries else None,
            verdict=one.verdict if Part.VERDICTS in self.carries else None,
            extra=self._extra(one),
        )
        if Part.ORIGINS not in self.carries:
            kept = replace(kept, origin=plain.origin, method="", version="")
        if Part.KEYS not in self.carries:
            kept = replace(kept, key="", keyframe=True, absent=False)
        return kept

    def _kept_points(self, one: Annotation) -> dict[str, KeyPoint]:
        if Part.POINTS not in self.carries:
            return {}
        if Part.VISIBILITY in self.carries:
            return dict(one.points)
        return {name: replace(point, visible=True) for name, point in one.points.items()}

    def _extra(self, of: AnnotationSet | AnnotatedPicture | Annotation) -> dict[str, object]:
        return {name: keys for name, keys in of.extra.items() if name == self.name}


def _parts(annotations: AnnotationSet) -> Iterator[Part]:
    """The parts that a set has, each as often as it has it."""
    for picture in annotations.pictures:
        if picture.frame is not None:
            yield Part.FRAMES
        if not picture.annotations:
            yield Part.EMPTY
        for one in picture.annotations:
            yield from _parts_of(one)


def _parts_of(one: Annotation) -> Iterator[Part]:
    has = {
        Part.BOXES: one.box is not None,
        Part.POINTS: bool(one.points),
        Part.VISIBILITY: any(not point.visible for point in one.points.values()),
        Part.MASKS: one.mask is not None,
        Part.NAMES: bool(one.name),
        Part.KEYS: bool(one.key),
        Part.VERDICTS: one.verdict is not None,
        Part.ORIGINS: one.origin is not Origin.IMPORTED or bool(one.method or one.version),
        Part.SCORES: one.score is not None,
    }
    return (part for part, present in has.items() if present)


def schema_of(pictures: tuple[AnnotatedPicture, ...]) -> LabelSchema:
    """The schema of a file that has none: all names of points and classes, in order."""
    annotations = [one for picture in pictures for one in picture.annotations]
    return LabelSchema(
        points=tuple(dict.fromkeys(name for one in annotations for name in one.points)),
        classes=tuple(dict.fromkeys(one.name for one in annotations if one.name)),
        box=any(one.box for one in annotations),
    )
