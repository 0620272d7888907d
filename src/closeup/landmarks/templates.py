"""Where the feature points of a face come to lie in a chip, an aligned picture of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from closeup.geometry import Size
from closeup.similarity import Similarity

ARCFACE_SIZE = Size(112, 112)

ARCFACE_POINTS = np.array(
    [(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655),
     (70.7299, 92.2041)]
)  # fmt: skip
"""The template of ArcFace (Deng et al., CVPR 2019) and of most networks since, in pixels of
112×112: right eye, left eye, nose tip, right and left corner of the mouth of the subject."""


class EyePlace(NamedTuple):
    """Where the eye that is left in the chip, the subject's right one, comes to lie.

    Shares of the chip's side from its top left corner; the other eye is the mirror image.
    """

    x: float
    y: float

    @classmethod
    def parse(cls, text: str) -> EyePlace:
        """Read ``0.35,0.35``.

        Raises:
            ValueError: not two numbers joined by a comma.

        """
        try:
            x, y = map(float, text.split(","))
        except ValueError:
            raise ValueError(
                f"cannot read {text!r} as a place; write X,Y, as in 0.35,0.35"
            ) from None
        return cls(x, y)


EYES_PLACE = EyePlace(0.35, 0.35)
EYES_SIDE = 256


def arcface(points: NDArray[np.floating], side: int = ARCFACE_SIZE.width) -> Similarity:
    """From a picture to the ArcFace template, least squares over five points.

    Args:
        points: (5, 2) of one face, in the order of :data:`closeup.faces.Landmarks`.
        side: Of the chip in pixels, to which the template is scaled.

    Raises:
        ValueError: the points are all one, or so mirrored that nothing fits.

    """
    grown = side / ARCFACE_SIZE.width
    # A chip's edge lies half a pixel before its first pixel's centre, whatever its size.
    return Similarity.between(points, ARCFACE_POINTS * grown + (grown - 1) / 2)


def eyes256(
    eyes: NDArray[np.floating],
    place: EyePlace = EYES_PLACE,
    side: int = EYES_SIDE,
) -> Similarity:
    """From a picture to a square chip in which the eyes are level and exactly where asked.

    Args:
        eyes: (2, 2) centres of the subject's right and left eye.
        place: Of the right one.
        side: Of the chip, in pixels.

    Raises:
        ValueError: the eyes are in one place, or are asked to be.

    """
    x, y = place
    # A share s of the side is s·side pixels from the edge, and that is at -½.
    target = np.array([(x, y), (1 - x, y)]) * side - 0.5
    return Similarity.between(eyes, target)
