"""Faces cut out of a picture, by a template or by their boxes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.errors import ModelError
from closeup.faces import Faces, Landmarks, PointScheme
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.landmarks.alignment import chip_similarity, face_chip
from closeup.landmarks.cut_options import CutOptions, Template
from closeup.landmarks.five_points import five_points
from closeup.landmarks.surroundings import cut_out
from closeup.landmarks.templates import (
    ARCFACE_SIZE,
    EYES_PLACE,
    EYES_SIDE,
    arcface,
    eyes256,
)
from closeup.landmarks.warping import warped
from closeup.protocols import Landmarker
from closeup.similarity import Similarity

DLIB_SIDE = 150
MARGIN = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class FaceCut:
    """One cut-out face.

    Attributes:
        pixels: RGB uint8 of shape (H, W, 3).
        similarity: From the picture's pixels to the cut's; pixel centres at integer coordinates.

    """

    pixels: RGBImage
    similarity: Similarity

    @property
    def size(self) -> Size:
        """Size of the cut, in pixels."""
        return Size.of(self.pixels)


class FaceCutter:
    """Cuts faces out of pictures.

    Args:
        options: The way faces are cut out.
        landmarker: Finds the points named in ``options``.

    """

    def __init__(self, options: CutOptions, landmarker: Landmarker) -> None:
        self._options = options
        self._landmarker = landmarker

    def cut(self, image: RGBImage, faces: Faces) -> list[FaceCut]:
        """Cut out every face, in order; safe to call from two threads at the same time.

        Args:
            image: (H, W, 3) RGB uint8, not empty.
            faces: Faces in the picture's pixels.

        Raises:
            ModelError: the detector's own points are requested, but the faces have none.
            ValueError: a face is so small that all its points coincide.

        """
        match self._options.template:
            case Template.DLIB150:
                return [_dlib(image, face) for face in self._landmarker.find(image, faces)]
            case Template.ARCFACE112:
                places = [arcface(face) for face in self._landmarks(image, faces)]
                return [_aligned(image, place, ARCFACE_SIZE) for place in places]
            case Template.EYES256:
                side = self._options.size or EYES_SIDE
                where = self._options.eyes or EYES_PLACE
                points = five_points(self._landmarker.find(image, faces))
                places = [eyes256(face[:2], where, side) for face in points]
                return [_aligned(image, place, Size(side, side)) for place in places]
            case Template.CROP:
                margin = MARGIN if self._options.margin is None else self._options.margin
                return [_cropped(image, box, margin) for box in faces.boxes]

    def _landmarks(self, image: RGBImage, faces: Faces) -> Landmarks:
        if self._options.points in (None, PointScheme.EYES_NOSE_MOUTH):
            if faces.landmarks is not None:
                return faces.landmarks
            if self._options.points and len(faces):
                raise ModelError(
                    "the detector gives no points; take those of dlib, or the detector yunet-n"
                )
        return five_points(self._landmarker.find(image, faces))


def _dlib(image: RGBImage, points: NDArray[np.float32]) -> FaceCut:
    return FaceCut(face_chip(image, points, DLIB_SIDE), chip_similarity(points, DLIB_SIDE))


def _aligned(image: RGBImage, similarity: Similarity, size: Size) -> FaceCut:
    return FaceCut(warped(image, similarity, size, fill=None), similarity)


def _cropped(image: RGBImage, box: NDArray[np.float32], margin: float) -> FaceCut:
    """Cut out all pixels that the enlarged box touches, clipped to the picture."""
    first, last = np.split(box.astype(np.float64), 2)
    more = margin * (last - first)
    # A box's edges are half a pixel outside its first and last pixel's centre.
    pixels, origin = cut_out(image, first - more + 0.5, last + more - 0.5)
    return FaceCut(pixels, Similarity(np.column_stack([np.eye(2), -origin.astype(np.float64)])))
