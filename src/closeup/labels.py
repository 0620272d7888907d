"""What is known of a face from people who looked at it: a box, and points with names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite

Point = tuple[float, float]
"""x and y in the image's pixels; a pixel's centre has integer coordinates."""

Box = tuple[float, float, float, float]
"""x1, y1, x2, y2 in the image's pixels: edges, so the first pixel begins at -0.5."""

FIVE_POINTS = ("right_eye", "left_eye", "nose", "mouth_right", "mouth_left")
"""Names of the points that most sets have, in the order of :data:`closeup.faces.Landmarks`:
pupils or eye centres, nose tip, corners of the mouth; right is the subject's right."""

EYES = FIVE_POINTS[:2]
"""Names of the two eyes' points, the subject's right one first."""


@dataclass(frozen=True, slots=True)
class FaceLabel:
    """One labelled face.

    Attributes:
        image: Path of its image, with forward slashes, below a folder that is known elsewhere.
        box: Where the face is, None where nobody said.
        points: Points by name: :data:`FIVE_POINTS`, ``pupil`` in pictures of one eye, ``p0``,
            ``p1`` … for a set's own numbering. What is not there was not labelled.

    Raises:
        ValueError: no image is named, a number is not finite, or the box holds nothing.

    """

    image: str
    box: Box | None = None
    points: Mapping[str, Point] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.image:
            raise ValueError("it names no image")
        if not all(isfinite(value) for value in self.box or ()):
            raise ValueError(f"the box {self.box} has a number that is not finite")
        if self.box and (self.box[0] >= self.box[2] or self.box[1] >= self.box[3]):
            raise ValueError(f"the box {self.box} holds nothing; it needs x1 < x2 and y1 < y2")
        for name, point in self.points.items():
            if not all(isfinite(value) for value in point):
                raise ValueError(f"the point {name} {point} has a number that is not finite")
