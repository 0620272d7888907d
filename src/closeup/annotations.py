"""Annotations: what people and programs say of the objects in pictures, whatever the file format.

An :class:`AnnotationSet` is what a reader of :mod:`closeup.formats` returns and a writer takes, and
what the store of labels imports and exports. Coordinates are in the pixels of the picture as it is
shown, after its EXIF orientation; a pixel's centre has integer coordinates, so the first pixel
begins at -0.5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from closeup.geometry import Size
from closeup.labels import FARTHEST, Box


class LabelVerdict(StrEnum):
    """What a person says of a proposed label."""

    TRUE = "true"
    FALSE = "false"
    UNSURE = "unsure"
    """It cannot be told from the picture."""


class Origin(StrEnum):
    """How a label came to be."""

    COARSE = "coarse"
    """By a classic method, without training."""
    MODEL = "model"
    """By a trained network."""
    PERSON = "person"
    """By hand."""
    IMPORTED = "imported"
    """From a file that does not say."""
    INTERPOLATED = "interpolated"
    """Between two key frames of a video."""


@dataclass(frozen=True, slots=True)
class KeyPoint:
    """A named point of an object.

    Attributes:
        x: Pixels across.
        y: Pixels down.
        visible: False if something covers the point, so that its place is a guess.

    Raises:
        ValueError: a coordinate is not finite or beyond :data:`closeup.labels.FARTHEST`.

    """

    x: float
    y: float
    visible: bool = True

    def __post_init__(self) -> None:
        _check_numbers("the point", (self.x, self.y))


@dataclass(frozen=True, slots=True)
class Annotation:
    """One object of a picture.

    Attributes:
        name: Class of the object, such as ``face``, or the name of a member; empty if not said.
        box: x1, y1, x2, y2 in pixels, as edges; None without a box.
        points: Name → point, in the order of the schema; a point that is absent is not labelled.
        mask: Path of a mask's picture, relative to the folder of masks; None without a mask.
        key: What identifies the object among those of its picture, and in all frames of its track;
            empty if nothing does.
        keyframe: False if the place was interpolated between two key frames of a video.
        absent: True in the frame of a video from which on the object of this track is gone.
        verdict: What a person said of it; None without a verdict.
        origin: How it came to be.
        method: Name of the method or model that made it, or of the person; empty if not said.
        version: Version of that method; empty if not said.
        score: Confidence of the method from 0 to 1; None if it gives none.
        extra: Format's name → keys of its file that mean nothing here, so that they survive.

    Raises:
        ValueError: a number of the box is not finite or too large, or the box is empty.

    """

    name: str = ""
    box: Box | None = None
    points: Mapping[str, KeyPoint] = field(default_factory=dict)
    mask: str | None = None
    key: str = ""
    keyframe: bool = True
    absent: bool = False
    verdict: LabelVerdict | None = None
    origin: Origin = Origin.IMPORTED
    method: str = ""
    version: str = ""
    score: float | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.box is None:
            return
        _check_numbers("the box", self.box)
        if self.box[0] >= self.box[2] or self.box[1] >= self.box[3]:
            raise ValueError(f"the box {self.box} is empty; it needs x1 < x2 and y1 < y2")

    def as_json(self) -> dict[str, Any]:
        """What the annotation says, without ``verdict`` and how it came to be, for JSON.

        Members with their usual value are left out; a point is [x, y, 1 if visible else 0].
        """
        content = {
            "name": self.name,
            "box": None if self.box is None else list(self.box),
            "points": {name: [p.x, p.y, int(p.visible)] for name, p in self.points.items()},
            "mask": self.mask,
            "keyframe": None if self.keyframe else False,
            "absent": self.absent or None,
            "score": self.score,
            "extra": dict(self.extra),
        }
        return {
            key: value
            for key, value in content.items()
            if value or isinstance(value, float | bool)  # 0.0 and False say something
        }

    @classmethod
    def of_json(cls, content: Mapping[str, Any], **origin: Any) -> Annotation:
        """The annotation that :meth:`as_json` wrote; ``origin`` gives the other attributes.

        Raises:
            ValueError, TypeError, KeyError: the content is not that of an annotation.

        """
        box = content.get("box")
        points = {
            str(name): KeyPoint(float(x), float(y), bool(visible))
            for name, (x, y, visible) in dict(content.get("points", {})).items()
        }
        return cls(
            name=str(content.get("name", "")),
            box=None if box is None else _four(box),
            points=points,
            mask=content.get("mask"),
            keyframe=bool(content.get("keyframe", True)),
            absent=bool(content.get("absent", False)),
            score=content.get("score"),
            extra=dict(content.get("extra", {})),
            **origin,
        )


@dataclass(frozen=True, slots=True)
class AnnotatedPicture:
    """A picture, or a frame of a video, with its objects.

    Attributes:
        path: Path relative to the set's folder, with forward slashes.
        frame: Number of the frame from 0 if ``path`` is a video's; None for a picture.
        size: Width and height in pixels as shown; None if the file does not say.
        annotations: Its objects.
        extra: Format's name → keys of its file that mean nothing here.

    """

    path: str
    frame: int | None = None
    size: Size | None = None
    annotations: tuple[Annotation, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LabelSchema:
    """What is to be labelled.

    Attributes:
        points: Names of an object's points, in the order in which they are set.
        classes: Names of the classes or members, in the order of their numbers.
        skeleton: Pairs of points that a line joins.
        targets: Class → number of labels that are wanted.
        box: Whether an object has a box.

    Raises:
        ValueError: a name is empty or stands twice, or a pair or target names nothing of these.

    """

    points: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    skeleton: tuple[tuple[str, str], ...] = ()
    targets: Mapping[str, int] = field(default_factory=dict)
    box: bool = False

    def __post_init__(self) -> None:
        for kind, names in (("point", self.points), ("class", self.classes)):
            if "" in names:
                raise ValueError(f"a {kind} has no name")
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise ValueError(f"the {kind} {twice!r} is there twice; name it once")
        for name in (end for pair in self.skeleton for end in pair):
            if name not in self.points:
                raise ValueError(f"the skeleton names the point {name!r}, which is not in points")
        for name, wanted in self.targets.items():
            if name not in self.classes:
                raise ValueError(f"the targets name the class {name!r}, which is not in classes")
            if wanted < 0:
                raise ValueError(f"the target of {name!r} is {wanted}; it must be 0 or more")


@dataclass(frozen=True, slots=True)
class AnnotationSet:
    """The annotations of many pictures.

    Attributes:
        pictures: The pictures, in the file's order.
        schema: Names of points and classes, in the file's order.
        extra: Format's name → keys of its file that mean nothing here.

    """

    pictures: tuple[AnnotatedPicture, ...]
    schema: LabelSchema = LabelSchema()
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        """The number of pictures."""
        return len(self.pictures)


def _four(numbers: Sequence[float]) -> Box:
    x1, y1, x2, y2 = map(float, numbers)
    return x1, y1, x2, y2


def _check_numbers(what: str, values: tuple[float, ...]) -> None:
    for value in values:
        if not -FARTHEST <= value <= FARTHEST:  # NaN is in no range
            raise ValueError(
                f"{what} {values} has a number not finite or beyond {FARTHEST:g} pixels"
            )
