"""dlib's classic face detector: histograms of oriented gradients and a linear classifier."""

from __future__ import annotations

from threading import Lock

import dlib
import numpy as np

from closeup.detection.candidates import best_first, boxes_from_rectangles
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.protocols import FaceDetector


class HogDetector(FaceDetector):
    """Finds frontal faces from about 80 pixels in height; needs no model file.

    A box covers the face from mid-forehead to chin and a little beside it, and is square: its
    top is 0.7 above the eyes, its bottom 0.6 below the mouth, its side 2.35 (medians on photos,
    in distances from eyes to mouth). Sides come in steps of 6/5, so boxes jump while a face
    grows. Scores are distances from the decision boundary, above 1 for a clear face. Dalal
    and Triggs, "Histograms of Oriented Gradients for Human Detection", 2005.

    Args:
        upsample: Number of initial doublings of the picture; each one halves the smallest face
            height and quadruples the work. 0 by default.

    """

    name = "hog"
    reliable_height = 90

    def __init__(self, upsample: int = 0) -> None:
        self._detector = dlib.get_frontal_face_detector()
        self._upsample = upsample
        self._turn = Lock()  # dlib's detector stores its pyramid in itself

    def __reduce__(self) -> tuple[type, tuple[int]]:
        """Pickle as a new detector that another process opens."""
        return type(self), (self._upsample,)

    def detect(self, image: RGBImage) -> Faces:
        """See :meth:`closeup.protocols.FaceDetector.detect`; no landmarks."""
        height, width = image.shape[:2]
        if height == 0 or width == 0:
            return Faces.none()
        with self._turn:
            found, scores, _ = self._detector.run(np.ascontiguousarray(image), self._upsample, 0.0)
        corners = np.array([(r.left(), r.top(), r.right(), r.bottom()) for r in found], np.int64)
        return best_first(boxes_from_rectangles(corners), np.array(scores), Size(width, height))
