"""Templates: positions of a face's landmarks in a chip, an aligned face picture."""

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
"""The template of ArcFace (Deng et al., CVPR 2019) and of most later networks, in pixels of
112×112: right eye, left eye, nose tip, right and left corner of the mouth of the subject."""


class EyePlace(NamedTuple):
    """Position of the subject's right eye (left in the chip).

    Shares of the chip's side from its top left corner; the other eye is mirrored.
    """

    x: float
    y: float

    @classmethod
    def parse(cls, text: str) -> EyePlace:
        """Parse text such as ``0.35,0.35``.

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
    """Return the similarity from a picture to the ArcFace template, least squares over five points.

    Args:
        points: (5, 2) of one face in pixels, in the order of :data:`closeup.faces.Landmarks`.
        side: Side of the chip in pixels; the template is scaled to it.

    Raises:
        ValueError: the points coincide, or are mirrored so that no similarity fits.

    """
    grown = side / ARCFACE_SIZE.width
    # A chip's edge lies half a pixel before its first pixel's centre, at any size.
    return Similarity.between(points, ARCFACE_POINTS * grown + (grown - 1) / 2)


def eyes256(
    eyes: NDArray[np.floating],
    place: EyePlace = EYES_PLACE,
    side: int = EYES_SIDE,
) -> Similarity:
    """Return the similarity from a picture to a square chip with level eyes at a given position.

    Args:
        eyes: (2, 2) centres of the subject's right and left eye, in pixels.
        place: Position of the right eye.
        side: Side of the chip, in pixels.

    Raises:
        ValueError: the eyes coincide in the picture, or would in the chip.

    """
    x, y = place
    # A share s of the side is s·side pixels from the edge, which is at -½.
    target = np.array([(x, y), (1 - x, y)]) * side - 0.5
    return Similarity.between(eyes, target)
