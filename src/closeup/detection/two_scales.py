"""Extends a detector of small faces to large ones by a second run on a reduced picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.detection.candidates import best_of_overlapping
from closeup.detection.yolo import YoloDetector
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size, covered, heights_of, iou
from closeup.protocols import FaceDetector

_HALVINGS = 2
_OVERLAP = 0.45
"""Intersection over union from which the less certain of two boxes is dropped."""
_AS_SURE = 0.5
"""Ratio of the full-size score to the reduced-size score from which the full-size face stays."""
_INSIDE = 0.7
"""Share of a box inside a large face from which it is a part of that face, such as an eye."""


class TwoLooks(FaceDetector):
    """Finds faces of any size with a detector that is reliable only up to a certain height.

    Faces up to that height come from the picture itself, larger ones from the picture at a
    quarter of its size. Where the two ranges of heights overlap, the second run adds faces that
    the first one missed. The second run costs a sixteenth of the first one's time.

    Args:
        detector: The wrapped detector; it must not scale pictures to a fixed size by itself.
        largest: Face height in pixels up to which it is reliable; a picture whose sides do not
            exceed it gets a single run.
        smallest: Face height in pixels of the picture from which the second run is used.

    """

    def __init__(self, detector: FaceDetector, *, largest: int, smallest: int) -> None:
        self.name, self.reliable_height = detector.name, detector.reliable_height
        self._detector, self._largest, self._smallest = detector, largest, smallest

    def detect(self, image: RGBImage) -> Faces:
        """See :meth:`closeup.protocols.FaceDetector.detect`."""
        near = self._detector.detect(image)
        size = Size.of(image)
        if max(size) <= self._largest:
            return near
        picture = image
        for _ in range(_HALVINGS):
            picture = _halved(picture)
        seen = self._detector.detect(picture)
        far = seen.scaled(size.width / picture.shape[1], size.height / picture.shape[0])
        near, far = (
            near[heights_of(near.boxes) <= self._largest],
            far[heights_of(far.boxes) > self._smallest],
        )
        known = (heights_of(far.boxes) <= self._largest) & _seen_in(near, far)
        return _merged(near, far[~known])


def _halved(image: RGBImage) -> RGBImage:
    """Halve the picture; each pixel is the mean of four, four times as fast as INTER_AREA."""
    half = Size.of(image).fitted(max(image.shape[:2]) // 2)
    return np.asarray(cv2.resize(image, half, interpolation=cv2.INTER_LINEAR), np.uint8)


def _seen_in(near: Faces, far: Faces) -> NDArray[np.bool_]:
    """Return which reduced-size faces are found at full size too, where boxes are more exact."""
    same = iou(far.boxes, near.boxes) > _OVERLAP
    sure = near.scores[None] >= _AS_SURE * far.scores[:, None]
    return np.asarray((same & sure).any(axis=1))


def _merged(near: Faces, far: Faces) -> Faces:
    """Merge both sets, best score first, without parts of large faces."""
    if not len(far):
        return near
    near = near[~_parts(near, far)]
    points = None
    if near.landmarks is not None and far.landmarks is not None:
        points = np.concatenate([near.landmarks, far.landmarks])
    both = Faces(
        np.concatenate([near.boxes, far.boxes]),
        np.concatenate([near.scores, far.scores]),
        points,
        far.squaring,
    )
    return both[best_of_overlapping(both.boxes, both.scores, _OVERLAP)]


def _parts(near: Faces, far: Faces) -> NDArray[np.bool_]:
    """Return which faces lie mostly inside a large face with a higher score."""
    surer = far.scores[None] > near.scores[:, None]
    inside = covered(near.boxes, far.boxes) > _INSIDE
    return np.asarray((inside & surer).any(axis=1))


NAME = "closeup"

_SCORE_THRESHOLD = 0.5
_LONGEST_SIDE = 1280
"""Longest side in pixels; larger pictures are scaled down to it, as for YuNet."""
_LARGEST, _SMALLEST = 190, 90
"""Face heights in pixels: few faces of the network's training are larger than the first; a
quarter of a height below the second is too small for certainty."""


def closeup_detector(
    model: bytes,
    *,
    score_threshold: float = _SCORE_THRESHOLD,
    longest_side: int = _LONGEST_SIDE,
    threads: int | None = None,
) -> TwoLooks:
    """Open the detector called ``closeup``.

    Args:
        model: The bytes of a network of ``closeup train faces``.
        score_threshold: Faces with lower scores are dropped.
        longest_side: Pictures with a longer side are scaled down to this many pixels.
        threads: Threads inside one operator; one per processor by default.

    Raises:
        ModelError: the file is not such a network.

    """
    looks = YoloDetector(
        model,
        NAME,
        name=NAME,
        own_size=longest_side,
        score_threshold=score_threshold,
        threads=threads,
    )
    return TwoLooks(looks, largest=_LARGEST, smallest=_SMALLEST)
