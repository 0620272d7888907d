"""A contact sheet of the eyes with the largest errors of a method."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from closeup.drawing.colours import Colour
from closeup.drawing.crosses import draw_cross
from closeup.drawing.sheets import below, captioned, framed, grid, heading
from closeup.evaluation.pupil_misses import Miss
from closeup.evaluation.pupil_reading import PhotoReading
from closeup.evaluation.pupil_truth import PupilTruth
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.landmarks.warping import warped
from closeup.pupils.eye_frame import EyeFrame
from closeup.similarity import Similarity

_UNIT = 120
"""Distance between the eyes in pixels of a strip."""
_STRIP = Size(252, 132)
_COLUMNS = 4
_FARTHEST, _WITHOUT = 24, 12
TRUE: Colour = (60, 220, 90)
FOUND: Colour = (255, 60, 60)
_ARM = 5.0


def worst_eyes(
    method: str, misses: Sequence[Miss], readings: Sequence[PhotoReading], truth: PupilTruth
) -> RGBImage:
    """Draw the worst misses of a method: RGB uint8 (H, W, 3), never empty.

    Both eyes of a face lie level in a strip, with green crosses at true pupils and red ones
    at found pupils, and the photo's name, the error and its cause below.

    Args:
        method: Name of the method.
        misses: The worst misses first, as :func:`closeup.evaluation.pupil_misses.explain_misses`
            gives them.
        readings: One per face.
        truth: Truth of the same faces.

    Raises:
        ImageError: a photo cannot be read any more.

    """
    off = [miss for miss in misses if np.isfinite(miss.error)]
    without = [miss for miss in misses if not np.isfinite(miss.error)]
    parts = []
    for title, chosen in (
        (f"{method}: farthest off ({len(off)} in all)", off[:_FARTHEST]),
        (f"{method}: an eye without a centre ({len(without)} in all)", without[:_WITHOUT]),
    ):
        found = [(miss, readings[miss.index].found[method].centres) for miss in chosen]
        tiles = [_tile(truth, miss, centres) for miss, centres in found]
        parts.append(heading(title, grid(tiles, _COLUMNS)))
    return framed(below(parts))


def _tile(truth: PupilTruth, miss: Miss, found: NDArray[np.float64]) -> RGBImage:
    name = truth.names[miss.index].rpartition("/")[2].rpartition(".")[0].replace("_", " ")
    cause = "" if miss.detail.endswith(miss.cause) else str(miss.cause)
    detail = ": ".join(miss.detail.split(": ")[:2])  # a reason's own explanation is too long
    return captioned(eye_strip(truth, miss.index, found), name, detail, cause)


def eye_strip(truth: PupilTruth, index: int, found: NDArray[np.float64]) -> RGBImage:
    """Both eyes of a face, level: green crosses at true pupils and red ones at found pupils.

    Args:
        truth: The true pupils.
        index: The face.
        found: (2, 2) found pupils in the photo's pixels, NaN where none was found.

    Raises:
        ImageError: the photo cannot be read any more.

    """
    eyes = truth.centres[index]
    upright = _upright(EyeFrame(eyes[0], eyes[1]))
    strip = np.ascontiguousarray(warped(truth.image(index), upright, _STRIP))
    for place in upright.apply(eyes):
        draw_cross(strip, place, _ARM, TRUE)
    for place in upright.apply(found[np.isfinite(found).all(axis=1)]):
        draw_cross(strip, place, _ARM, FOUND)
    return strip


def _upright(frame: EyeFrame) -> Similarity:
    """Levels the eyes, with their centre slightly below that of the strip, so that brows show."""
    middle = np.array([(_STRIP.width - 1) / 2, _STRIP.height * 0.55])
    half = np.array([_UNIT / 2, 0.0])
    return Similarity.between(
        np.array([frame.right, frame.left]), np.array([middle - half, middle + half])
    )
