"""Options for cutting faces out of a picture."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from closeup.faces import PointScheme
from closeup.landmarks.templates import EyePlace

SIDES = range(16, 4097)
"""Allowed sides of a chip, in pixels."""

_MOST_MARGIN = 10


class Template(StrEnum):
    """The way a face is cut out."""

    DLIB150 = "dlib150"
    """The input of dlib's embedding, 150×150."""
    ARCFACE112 = "arcface112"
    """The input of ArcFace, SFace and most newer embeddings, 112×112."""
    EYES256 = "eyes256"
    """The eyes level, at a chosen position."""
    CROP = "crop"
    """The box with a margin, without rotation or scaling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOptions:
    """Options for cutting; an option that is None has its default.

    Attributes:
        template: How faces are cut out.
        points: The points used for alignment: dlib's 5 or 68, or for ``arcface112`` the
            detector's own. By default ``arcface112`` uses the detector's own if there are any,
            else dlib's five.
        eyes: For ``eyes256``: position of the eyes, x below 0.5. Default 0.35, 0.35.
        size: For ``eyes256``: side of the chip in pixels, one of :data:`SIDES`. Default 256.
        margin: For ``crop``: addition on every side, as a share of the box's width or
            height. Default 0.3.

    Raises:
        ValueError: an option is out of range or does not apply; the message is one line.

    """

    template: Template
    points: PointScheme | None = None
    eyes: EyePlace | None = None
    size: int | None = None
    margin: float | None = None

    def __post_init__(self) -> None:
        self._check_use()
        if self.eyes and not (0 < self.eyes.x < 0.5 and 0 < self.eyes.y < 1):
            raise ValueError(
                f"eyes are {self.eyes.x:g},{self.eyes.y:g}; "
                "x lies between 0 and 0.5, y between 0 and 1"
            )
        if self.size is not None and self.size not in SIDES:
            raise ValueError(f"size is {self.size}; give {SIDES.start} to {SIDES.stop - 1} pixels")
        if self.margin is not None and not 0 <= self.margin <= _MOST_MARGIN:
            raise ValueError(
                f"margin is {self.margin:g}; give 0 to {_MOST_MARGIN} sides of the box"
            )

    def _check_use(self) -> None:
        for name, value, template in (
            ("eyes", self.eyes, Template.EYES256),
            ("size", self.size, Template.EYES256),
            ("margin", self.margin, Template.CROP),
        ):
            if value is not None and self.template is not template:
                raise ValueError(
                    f"the {name} of {template} cannot be chosen for {self.template}; leave it out"
                )
        if self.template is Template.CROP and self.points is not None:
            raise ValueError(f"no points are needed for {self.template}; leave them out")
        if self.points is PointScheme.MEDIAPIPE_468:
            raise ValueError(f"no template is made for the points {self.points}; take dlib's")
        own = self.points is PointScheme.EYES_NOSE_MOUTH
        if own and self.template is not Template.ARCFACE112:
            raise ValueError(
                f"the detector's own points serve {Template.ARCFACE112} only; take those of dlib"
            )
