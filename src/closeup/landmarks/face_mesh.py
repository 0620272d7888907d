"""The 468 points of MediaPipe's face mesh.

Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs", 2019
(Apache-2.0). The parts of a picture that the network gets are those of MediaPipe's
``face_detection_front_detection_to_roi`` and ``face_landmark_landmarks_to_roi``.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from closeup.faces import Faces, PointScheme
from closeup.frames import RGBImage
from closeup.geometry import centres_of, sides_of
from closeup.landmarks.levelling import levelled
from closeup.models.network_input import planes
from closeup.models.sessions import Network
from closeup.models.tflite_onnx import tflite_onnx

_SIDE, _COUNT = 192, 468
_MARGIN = 1.5
"""Side of the part that the network gets, in sides of the face."""

_OUTER_CORNERS = 33, 263
"""Outer corner of the subject's right and left eye among the points."""


class FaceMesh:
    """Finds the points on the face's surface, in two passes.

    The first pass sees the surroundings of the detector's box, the second those of the points that
    the first has found, with the line between the eyes level: so the result depends little on
    whose box it is.

    Args:
        model: The bytes of ``face_landmark.tflite``.
        name: Its name in the catalogue.

    Raises:
        ModelCorruptError: the bytes are not such a network.

    """

    scheme: str = PointScheme.MEDIAPIPE_468
    count = _COUNT

    def __init__(self, model: bytes, name: str = "mediapipe-468") -> None:
        self.name = name
        # One thread: the network is too small to gain from more.
        self._network = Network(tflite_onnx(model, name, ("points", "presence")), name, 1)

    def find(self, image: RGBImage, faces: Faces) -> NDArray[np.float32]:
        """See :meth:`closeup.protocols.Landmarker.find`.

        The 468 points are in MediaPipe's order; their depth is left out.
        """
        squares = faces.squares()
        places = centres_of(squares), sides_of(squares)[:, 0].tolist(), faces.turns().tolist()
        found = [self._twice(image, *place) for place in zip(*places, strict=True)]
        return np.array(found, np.float32).reshape(-1, _COUNT, 2)

    def _twice(
        self, image: RGBImage, centre: NDArray[np.floating], side: float, degrees: float
    ) -> NDArray[np.float64]:
        first = self._once(image, centre, side, degrees)
        right, left = first[list(_OUTER_CORNERS)]
        x, y = (left - right).tolist()
        angle = math.atan2(y, x)
        turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        upright = first @ turn
        low, high = upright.min(axis=0), upright.max(axis=0)
        middle = turn @ ((low + high) / 2)
        return self._once(image, middle, float((high - low).max()), math.degrees(angle))

    def _once(
        self, image: RGBImage, centre: NDArray[np.floating], side: float, degrees: float
    ) -> NDArray[np.float64]:
        """Points (468, 2) in the picture, of a face of that side and clockwise rotation."""
        seen = levelled(image, centre, _MARGIN * max(side, 1.0), degrees, _SIDE)
        points = self._network.run(planes=planes(seen.pixels, 1 / 255))["points"]
        # Pixel centres are at integers: on mirrored photos of LFW, points and mirrored points are
        # then 0.1 pixels of the network aside, and 0.6 if its first pixel's edge is taken as 0.
        places = points.reshape(_COUNT, 3)[:, :2].astype(np.float64)
        return seen.similarity.inverse().apply(places)
