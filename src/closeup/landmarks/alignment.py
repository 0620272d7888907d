"""The aligned face picture that is the input of dlib's embedding."""

from __future__ import annotations

from typing import Any

import dlib
import numpy as np

from closeup.frames import RGBImage
from closeup.landmarks.dlib_points import DlibPoints
from closeup.landmarks.surroundings import cut_out_repeating
from closeup.similarity import Similarity

_PADDING = 0.25
_BORDER = 0.03
"""dlib halves large faces before cutting, and reads up to 4/150 of the side around the chip."""


def face_chip(image: RGBImage, points: DlibPoints, side: int) -> RGBImage:
    """Like ``dlib.get_face_chip(image, shape, side, 0.25)``, reading the face's surroundings only.

    Beyond the picture its border is repeated, where dlib's own chip is black: black bars move the
    vectors of tight crops towards each other (``benchmarks/borders.py``).

    Args:
        image: (H, W, 3) RGB uint8, of any size.
        points: dlib's points of one face, (5, 2) or (68, 2), in the picture's pixels.
        side: Side of the chip, in pixels.

    Returns:
        (side, side, 3) RGB uint8.

    """
    place = dlib.get_face_chip_details(_shape(points), side, _PADDING).rect
    centre = np.array([place.left() + place.right(), place.top() + place.bottom()]) / 2
    reach = np.hypot(place.width(), place.height()) * (0.5 + _BORDER) + 4  # at any rotation
    crop, origin = cut_out_repeating(image, centre - reach, centre + reach)
    return np.asarray(dlib.get_face_chip(crop, _shape(points - origin), side, _PADDING), np.uint8)


def chip_similarity(points: DlibPoints, side: int) -> Similarity:
    """Return the similarity from the picture to the chip of :func:`face_chip`.

    dlib halves large faces before cutting, which shifts them by a quarter of a pixel.

    Args:
        points: dlib's points of one face, (5, 2) or (68, 2), in the picture's pixels.
        side: Side of the chip, in pixels.

    """
    place = dlib.get_face_chip_details(_shape(points), side, _PADDING)
    rect = place.rect
    middle = np.array([rect.left() + rect.right(), rect.top() + rect.bottom()]) / 2
    reach = (rect.right() - rect.left()) / 2 * np.array([np.cos(place.angle), np.sin(place.angle)])
    # The square's edges lie on the centres of the outermost pixels (dlib's get_mapping_to_chip).
    last = side - 1
    ends = np.array([(0, last / 2), (last, last / 2)])
    return Similarity.between(np.array([middle - reach, middle + reach]), ends)


def _shape(points: DlibPoints) -> Any:
    parts = [dlib.point(*point) for point in np.rint(points).astype(np.int64).tolist()]
    return dlib.full_object_detection(dlib.rectangle(), parts)  # the rectangle is not read
