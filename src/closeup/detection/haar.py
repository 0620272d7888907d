"""The Haar cascade of OpenCV: the detector that made face detection quick, for comparison.

Viola and Jones, "Rapid Object Detection using a Boosted Cascade of Simple Features", 2001;
Lienhart, Kuranov and Pisarevsky, "Empirical Analysis of Detection Cascades of Boosted
Classifiers for Rapid Object Detection", 2003.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock

import cv2
import numpy as np
from cv2 import data as cascades

from closeup.detection.candidates import best_first
from closeup.errors import ModelMissingError
from closeup.faces import Faces, Squaring
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.protocols import FaceDetector

_FILE = "haarcascade_frontalface_alt2.xml"
"""Of the four frontal cascades it finds most beside the fewest false faces, on photos upright
and tilted by 15 degrees and on drawn stages. ``default`` finds tilted heads a little more often
with nearly twice the false faces, ``alt`` fewer of them, ``alt_tree`` misses every third face.
Equalising the histogram first, all at once or in tiles (CLAHE), loses faces."""

_STEP = 1.08
"""From one scale to the next. 1.1 misses a tilted head that the contract tests ask for, 1.05 takes
half as long again."""
_NEIGHBOURS = 4
"""Hits of neighbouring windows that make a face; 3 finds 2 % more, with a third more false ones."""
_WINDOW = 20
"""Pixels of the cascade's own window."""

SQUARING = Squaring(side=1.05, lower=0.05)
"""The square that YuNet's boxes give, by medians on 306 photos with hand-set eye centres. There
the middles of the eyes' corners lie 0.059 of the eyes' distance off (mean of the worse eye);
any side from 0.85 to 1.1 gives 0.058 to 0.061, which is the same within its standard error."""


class HaarDetector(FaceDetector):
    """Finds faces from about 30 pixels on that look at the camera; needs no model file.

    A box covers the face from mid-forehead to chin and a little beside it, and is square: its
    top is 1.0 above the eyes, its bottom 0.55 below the mouth, its side 2.55 (medians on photos,
    in distances from eyes to mouth). Scores are the votes of the last stage, about 54 to 58;
    above 55.5 a box is hardly ever a false one.

    Raises:
        ModelMissingError: this build of OpenCV came without its cascades.

    """

    name = "haar"
    reliable_height = 40

    def __init__(self) -> None:
        self._cascade = cv2.CascadeClassifier(str(Path(cascades.haarcascades) / _FILE))
        if self._cascade.empty():
            raise ModelMissingError(
                f"this OpenCV came without {_FILE}; "
                "install it again: pip install --force-reinstall opencv-python"
            )
        self._turn = Lock()  # the classifier keeps the picture's pyramid in itself

    def __reduce__(self) -> tuple[type, tuple[()]]:
        """Another process opens it anew."""
        return type(self), ()

    def detect(self, image: RGBImage) -> Faces:
        """See :meth:`closeup.protocols.FaceDetector.detect`; no landmarks."""
        height, width = image.shape[:2]
        if min(height, width) < _WINDOW:
            return Faces.none()
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        with self._turn:
            found, _, votes = self._cascade.detectMultiScale3(
                grey, scaleFactor=_STEP, minNeighbors=_NEIGHBOURS, outputRejectLevels=True
            )
        corners = np.array(found, np.float64).reshape(-1, 4)[:, :2] - 0.5
        sides = np.array(found, np.float64).reshape(-1, 4)[:, 2:]
        scores = np.array(votes, np.float64).reshape(-1)
        boxes = np.hstack([corners, corners + sides])
        return best_first(boxes, scores, Size(width, height), squaring=SQUARING)
