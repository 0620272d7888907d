"""dlib's five points of a face: the corners of both eyes and the base of the nose."""

from __future__ import annotations

from pathlib import Path

import dlib
import numpy as np
from numpy.typing import NDArray

from closeup.errors import ModelCorruptError
from closeup.frames import RGBImage
from closeup.geometry import Boxes
from closeup.landmarks.surroundings import cut_out

FivePoints = NDArray[np.int64]
"""dlib's points (x, y) in source pixels; shape (5, 2): outer and inner corner of the subject's
left eye, outer and inner corner of the right eye, base of the nose."""

_MARGIN = 1.0
"""Sides of the box that the predictor may look at around it."""


def squared(boxes: Boxes) -> Boxes:
    """YuNet's boxes in the shape of dlib's, which its predictors were trained on; (n, 4).

    A square of 0.95 of the longer side, 4 % of it lower: found by experiment on photos with
    hand-set eye centres.
    """
    longer = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0, keepdims=True)
    side = np.float32(0.95) * longer
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    centre[:, 1:] += np.float32(0.04) * longer
    return np.asarray(np.hstack([centre - side / 2, centre + side / 2]), np.float32)


class FivePointPredictor:
    """Finds the five points inside a box (Kazemi and Sullivan, 2014).

    Args:
        path: dlib's ``shape_predictor_5_face_landmarks.dat``.

    Raises:
        ModelCorruptError: dlib cannot read the file.

    """

    def __init__(self, path: Path) -> None:
        try:
            self._predictor = dlib.shape_predictor(str(path))
        except RuntimeError as error:
            raise ModelCorruptError(
                f"dlib cannot read {path}; install it again: "
                "pip install --force-reinstall face_recognition_models"
            ) from error

    def find(self, image: RGBImage, box: NDArray[np.floating]) -> FivePoints:
        """The points of one face.

        Only the box and as much again on every side are read.

        Args:
            image: (H, W, 3) RGB uint8.
            box: (4,) xyxy, from a dlib detector or :func:`squared`; it may leave the picture.

        """
        # A box's edges are half a pixel outside of its first and last pixel.
        first = np.floor(box[:2] + 0.5).astype(np.int64)
        last = np.maximum(np.floor(box[2:] - 0.5).astype(np.int64), first)
        margin = (last - first + 1) * _MARGIN
        crop, origin = cut_out(image, first - margin, last + margin)
        corners = [*(first - origin).tolist(), *(last - origin).tolist()]
        parts = self._predictor(crop, dlib.rectangle(*corners)).parts()
        return np.array([(part.x, part.y) for part in parts], np.int64) + origin
