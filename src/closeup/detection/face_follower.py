"""Follows the faces of a video cheaply: most frames are searched only around known faces."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size, areas, centres_of, clipped, iou, sides_of
from closeup.protocols import FaceDetector

_EVERY = 0.3
"""Seconds between two searches of the whole picture, for faces that appear."""
_SIDE, _AROUND = 224, 2.2
"""Side in pixels of the picture of a known face's surroundings, and in sides of its box."""
_SAME = 0.3
"""Least overlap of a face with where it was in the frame before."""
_TWICE = 0.5
"""Overlap from which two boxes are one face."""


class FaceFollower:
    """Finds the faces of the frames of one video in order.

    The whole picture is searched at first, every 0.3 seconds, and whenever a face is lost; in other
    frames only the surroundings of each face, in a small picture.

    Args:
        detector: Finds the faces.
        every: Seconds between two searches of the whole picture; 0 searches it in every frame.

    """

    def __init__(self, detector: FaceDetector, every: float = _EVERY) -> None:
        self._detector, self._every = detector, every
        self._known = Faces.none()
        self._whole = -np.inf

    def find(self, image: RGBImage, seconds: float) -> Faces:
        """The faces of the next frame, largest first.

        Args:
            image: RGB uint8 of shape (H, W, 3).
            seconds: Time of the frame. A time before the last one begins anew.

        """
        due = not 0 <= seconds - self._whole < self._every
        found = None if due or not len(self._known) else self._followed(image)
        if due or (found is None and len(self._known)):
            self._whole, found = seconds, self._detector.detect(image)
        found = Faces.none() if found is None else found
        self._known = found[np.argsort(-areas(found.boxes), kind="stable")]
        return self._known

    def _followed(self, image: RGBImage) -> Faces | None:
        """The known faces in this frame; None if one is lost."""
        places = [_surroundings(box, Size.of(image)) for box in self._known.boxes]
        cuts = [image[top:bottom, left:right] for left, top, right, bottom in places]
        if any(min(cut.shape[:2]) < 8 for cut in cuts):
            return None
        found = []
        for cut, place, box in zip(cuts, places, self._known.boxes, strict=True):
            faces = _moved(self._detector.detect(_small(cut)), cut, place)
            overlap = iou(faces.boxes, box[None])[:, 0] if len(faces) else np.zeros(0)
            if overlap.max(initial=0) < _SAME:
                return None
            found.append(faces[np.array([int(overlap.argmax())])])
        joined = Faces.joined(found)
        same = np.triu(iou(joined.boxes, joined.boxes) > _TWICE, k=1).any(axis=0)
        return None if same.any() else joined


def _surroundings(box: NDArray[np.floating], size: Size) -> tuple[int, int, int, int]:
    half = _AROUND / 2 * float(sides_of(box).max())
    around = np.concatenate([centres_of(box) - half, centres_of(box) + half])
    left, top, right, bottom = np.rint(clipped(around[None], size)[0]).astype(int).tolist()
    return left, top, right + 1, bottom + 1


def _small(cut: RGBImage) -> RGBImage:
    size = Size.of(cut).fitted(_SIDE)
    if size == Size.of(cut):
        return np.ascontiguousarray(cut)
    return np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), np.uint8)


def _moved(faces: Faces, cut: RGBImage, place: tuple[int, int, int, int]) -> Faces:
    """Faces of the small picture, in the pixels of the frame."""
    whole, small = Size.of(cut), Size.of(cut).fitted(_SIDE)
    scaled = faces.scaled(whole.width / small.width, whole.height / small.height)
    corner = np.array(place[:2], np.float32)
    landmarks = None if scaled.landmarks is None else scaled.landmarks + corner
    return scaled.with_columns(boxes=scaled.boxes + np.tile(corner, 2), landmarks=landmarks)
