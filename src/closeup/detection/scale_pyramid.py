"""Extends a detector that is reliable up to a certain height to faces that fill a picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.detection.candidates import best_first, best_of_overlapping
from closeup.detection.letterbox import largest_inside, resized
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size, covered, heights_of, iou
from closeup.protocols import FaceDetector

_HALVINGS = 2
"""Between two looks: a look costs a sixteenth of the one before, and the heights that both are
reliable for overlap widely."""
_OVERLAP = 0.45
"""Intersection over union from which the less certain of two boxes is dropped."""
_AS_SURE = 0.5
"""Ratio of a face's score to that of the same or a larger face in a smaller look from which it
stays."""
_INSIDE = 0.7
"""Share of a box inside a large face from which it may be a part of that face, such as a mouth."""


class ScalePyramid(FaceDetector):
    """Finds faces of any size with a detector that is reliable only up to a certain height.

    The picture is searched at ``longest_side``, at a quarter of that, at a quarter of the quarter,
    and so on, until a face of the picture's height is not too large for the detector. Faces up to
    a certain height come from the largest look, larger ones from the next. All smaller looks
    together cost a fifteenth of the first one's time.

    A box in a large face with a higher score is a part of it, such as a bearded mouth, if the
    smaller look ought to see it as well and does not. Any other small face inside a large box
    stays: the large box may be the false one.

    Args:
        detector: The wrapped detector; it must not scale pictures to a fixed size by itself.
        largest: Height in pixels of a look up to which it is reliable; larger boxes may be parts of
            a face and are left to the next look.
        smallest: Height in pixels of a look from which the next look adds faces that it missed.
        single: Height in pixels of a picture up to which one look finds any face in it.
        longest_side: Larger pictures are scaled down to this many pixels.
        enlarged: Whether smaller pictures are scaled up to it.

    """

    def __init__(
        self,
        detector: FaceDetector,
        *,
        largest: int,
        smallest: int,
        single: int,
        longest_side: int,
        enlarged: bool = False,
    ) -> None:
        self.name, self.reliable_height = detector.name, detector.reliable_height
        self._detector, self._longest_side, self._enlarged = detector, longest_side, enlarged
        self._largest, self._smallest, self._single = largest, smallest, single

    def detect(self, image: RGBImage) -> Faces:
        """See :meth:`closeup.protocols.FaceDetector.detect`."""
        if not image.size:
            return Faces.none()
        size = Size.of(image)
        inner = size.fitted(self._longest_side)
        if self._enlarged:
            inner = largest_inside(size, Size(self._longest_side, self._longest_side))
        if inner == size:
            return self._found(image)
        faces = self._found(resized(image, inner))
        faces = faces.scaled(size.width / inner.width, size.height / inner.height)
        return best_first(faces.boxes, faces.scores, size, faces.landmarks, faces.squaring)

    def _found(self, picture: RGBImage) -> Faces:
        """Return the faces of a picture from a look at it and at all smaller ones."""
        near = self._detector.detect(picture)
        size = Size.of(picture)
        if size.height <= self._single:
            return near
        smaller = picture
        for _ in range(_HALVINGS):
            smaller = _halved(smaller)
        far = self._found(smaller)
        far = far.scaled(size.width / smaller.shape[1], size.height / smaller.shape[0])
        return self._merged(near, far)

    def _merged(self, near: Faces, far: Faces) -> Faces:
        """Merge the faces of a look with those of all smaller looks, best score first."""
        near = near[heights_of(near.boxes) <= self._largest]
        if not len(far):
            return near
        near = near[~self._parts(near, far)]
        heights = heights_of(far.boxes)
        known = (heights <= self._largest) & _seen_in(near, far)
        far = far[(heights > self._smallest) & ~known]
        return _joined(near, far)

    def _parts(self, near: Faces, far: Faces) -> NDArray[np.bool_]:
        """Return which faces of a look are parts of larger faces of the smaller looks."""
        same = iou(near.boxes, far.boxes) > _OVERLAP
        inside = (covered(near.boxes, far.boxes) > _INSIDE) & ~same
        visible = heights_of(near.boxes) >= self.reliable_height << _HALVINGS
        missed = visible & ~same.any(axis=1)
        least = np.where(missed, 1.0, _AS_SURE)[:, None] * far.scores[None]
        return np.asarray((inside & (near.scores[:, None] < least)).any(axis=1))


def _halved(image: RGBImage) -> RGBImage:
    """Halve the picture; each pixel is the mean of four, four times as fast as INTER_AREA."""
    half = Size.of(image).fitted(max(image.shape[:2]) // 2)
    return np.asarray(cv2.resize(image, half, interpolation=cv2.INTER_LINEAR), np.uint8)


def _seen_in(near: Faces, far: Faces) -> NDArray[np.bool_]:
    """Return which faces of the smaller look the larger one found too; its boxes are more exact."""
    same = iou(far.boxes, near.boxes) > _OVERLAP
    sure = near.scores[None] >= _AS_SURE * far.scores[:, None]
    return np.asarray((same & sure).any(axis=1))


def _joined(near: Faces, far: Faces) -> Faces:
    """Join both sets, best score first; of boxes that overlap the best one stays."""
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
