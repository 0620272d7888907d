"""OpenCV's Haar cascade: the first fast face detector, included for comparison.

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
"""Of the four frontal cascades it has the highest recall and the fewest false faces, on upright
photos, photos tilted by 15 degrees and drawn stages. ``default`` finds slightly more tilted heads
with nearly twice the false faces, ``alt`` finds fewer of them, ``alt_tree`` misses a third of the
faces. Equalising the histogram first, globally or in tiles (CLAHE), loses faces."""

_STEP = 1.08
"""Factor between scales. 1.1 misses a tilted head that the contract tests require, 1.05 takes
1.5 times as long."""
_NEIGHBOURS = 4
"""Neighbouring windows needed for a face; 3 finds 2 % more, with a third more false ones."""
_WINDOW = 20
"""Side of the cascade's window, in pixels."""

SQUARING = Squaring(side=1.05, lower=0.05)
"""The square that matches YuNet's boxes, by medians on 306 photos with hand-set eye centres. There
the middles of the eyes' corners are off by 0.059 eye distances (mean of the worse eye); any side
from 0.85 to 1.1 gives 0.058 to 0.061, which is equal within the standard error."""


class HaarDetector(FaceDetector):
    """Finds frontal faces from about 30 pixels in height; needs no model file.

    A box covers the face from mid-forehead to chin and a little beside it, and is square: its
    top is 1.0 above the eyes, its bottom 0.55 below the mouth, its side 2.55 (medians on photos,
    in distances from eyes to mouth). Scores are the votes of the last stage, about 54 to 58;
    boxes above 55.5 are rarely false.

    Raises:
        ModelMissingError: this build of OpenCV does not contain the cascades.

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
        self._turn = Lock()  # the classifier stores the picture's pyramid in itself

    def __reduce__(self) -> tuple[type, tuple[()]]:
        """Pickle as a new detector that another process opens."""
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
