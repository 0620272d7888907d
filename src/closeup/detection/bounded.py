"""A wrapper that limits the memory and time of any detector on huge pictures."""

from __future__ import annotations

from math import sqrt

import cv2
import numpy as np

from closeup.detection.candidates import best_first
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.protocols import FaceDetector


class BoundedDetector(FaceDetector):
    """A :class:`closeup.protocols.FaceDetector` that scales huge pictures down before detection.

    Args:
        detector: The wrapped detector; pictures within the limit are passed to it unchanged.
        most_pixels: Pictures with more pixels are scaled down to about this number.

    """

    def __init__(self, detector: FaceDetector, most_pixels: int) -> None:
        self.name = detector.name
        self.reliable_height = detector.reliable_height
        self._detector = detector
        self._most_pixels = most_pixels

    def detect(self, image: RGBImage) -> Faces:
        """See :meth:`closeup.protocols.FaceDetector.detect`."""
        size = Size.of(image)
        if size.width * size.height <= self._most_pixels:
            return self._detector.detect(image)
        scale = sqrt(self._most_pixels / (size.width * size.height))
        inner = size.fitted(max(1, round(scale * max(size))))
        smaller = np.asarray(cv2.resize(image, inner, interpolation=cv2.INTER_AREA), np.uint8)
        faces = self._detector.detect(smaller)
        faces = faces.scaled(size.width / inner.width, size.height / inner.height)
        return best_first(faces.boxes, faces.scores, size, faces.landmarks, faces.squaring)
