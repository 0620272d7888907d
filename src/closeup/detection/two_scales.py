"""A detector of small faces that looks again from farther away, where large faces are small."""

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
"""Of two boxes with this intersection over union the surer stays."""
_AS_SURE = 0.5
"""Score of a face seen near, over that of the same seen far, from which the near one stays."""
_INSIDE = 0.7
"""Share of a box in a large face from which it is a part of it, as an eye or a mouth."""


class TwoLooks(FaceDetector):
    """Finds faces of any size with a detector that knows them up to some height only.

    From what the detector finds in the picture itself come faces of up to that height, from what
    it finds in the picture at a quarter of its size larger ones. Where the heights of both meet,
    the second adds what the first has missed. It costs a sixteenth of the time.

    Args:
        detector: Looks; it must not scale pictures to one size by itself.
        largest: Height in pixels up to which it is reliable; a picture that is no longer is
            looked at once.
        smallest: Height in pixels of the picture from which the second look is believed.

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
    """At half the size: between four pixels is their mean, in a quarter of the time of areas."""
    half = Size.of(image).fitted(max(image.shape[:2]) // 2)
    return np.asarray(cv2.resize(image, half, interpolation=cv2.INTER_LINEAR), np.uint8)


def _seen_in(near: Faces, far: Faces) -> NDArray[np.bool_]:
    """Which of the far ones are seen near, too, where their boxes and points are more exact."""
    same = iou(far.boxes, near.boxes) > _OVERLAP
    sure = near.scores[None] >= _AS_SURE * far.scores[:, None]
    return np.asarray((same & sure).any(axis=1))


def _merged(near: Faces, far: Faces) -> Faces:
    """Both together, the surest first, without what is a part of a large face."""
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
    """Which faces lie mostly in a large one that is surer."""
    surer = far.scores[None] > near.scores[:, None]
    inside = covered(near.boxes, far.boxes) > _INSIDE
    return np.asarray((inside & surer).any(axis=1))


NAME = "closeup"

_SCORE_THRESHOLD = 0.5
_LONGEST_SIDE = 1280
"""Pixels; larger pictures are made so large, as for YuNet."""
_LARGEST, _SMALLEST = 190, 90
"""Heights of faces in pixels: of those that the network has learnt from few are larger than the
first; of those lower than the second, a quarter is too little to be sure of."""


def closeup_detector(
    model: bytes,
    *,
    score_threshold: float = _SCORE_THRESHOLD,
    longest_side: int = _LONGEST_SIDE,
    threads: int | None = None,
) -> TwoLooks:
    """The detector called ``closeup``.

    Args:
        model: The bytes of what ``closeup train faces`` made.
        score_threshold: Faces below are dropped.
        longest_side: Larger pictures are scaled down to so many pixels.
        threads: Threads inside one operator, by default one a processor.

    Raises:
        ModelError: the file is no such network.

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
