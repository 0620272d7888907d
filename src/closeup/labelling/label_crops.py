"""Crops of proposed labels: the pixels around a label, and where the label is.

A network that tells good labels from bad ones reads both; see
:mod:`closeup.labelling.quality_file`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from closeup.annotations import Annotation, KeyPoint
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.landmarks.warping import warped
from closeup.similarity import Similarity

LabelCrops = NDArray[np.uint8]
"""(n, H, W, 4): red, green and blue of the picture, and the mark of the label, 0 to 255."""

PUPIL = "pupil"
"""Name of the point that is judged in a picture of one eye."""

MARK_SPREAD = 0.04
"""Standard deviation of a point's mark, in widths of the crop."""


class LabelCropper(Protocol):
    """Cuts out a label."""

    @property
    def size(self) -> Size:
        """Size of the crops in pixels."""
        ...

    def place(self, picture: Size, annotation: Annotation) -> Similarity | None:
        """From the picture's pixels to the crop's; None if the label has no point and no box."""
        ...

    def marked(self, annotation: Annotation) -> Sequence[KeyPoint]:
        """The points that are marked; without any, the box is."""
        ...


@dataclass(frozen=True, slots=True)
class EyeCropper:
    """Cuts out the middle of a picture of one eye, as those of an eye data set.

    Attributes:
        size: Size of the crops in pixels.
        width: Width of the crops, in eye distances.
        picture_width: Width of the pictures, in eye distances.

    """

    size: Size
    width: float
    picture_width: float

    def place(self, picture: Size, annotation: Annotation) -> Similarity | None:
        """See :meth:`LabelCropper.place`; all labels of a picture have one place."""
        if not annotation.points:
            return None
        scale = self.size.width / self.width * self.picture_width / picture.width
        return _centred((np.array(picture) - 1) / 2, scale, self.size)

    def marked(self, annotation: Annotation) -> Sequence[KeyPoint]:
        """See :meth:`LabelCropper.marked`; the pupil alone if the corners are there, too."""
        points = annotation.points
        return [points[PUPIL]] if PUPIL in points else list(points.values())


@dataclass(frozen=True, slots=True)
class ObjectCropper:
    """Cuts out the surroundings of a box, or of all points of a label without a box.

    Attributes:
        size: Size of the crops in pixels.
        width: Width of the crops, in longer sides of the box or of the points' bounding box.

    """

    size: Size
    width: float

    def place(self, picture: Size, annotation: Annotation) -> Similarity | None:  # noqa: ARG002
        """See :meth:`LabelCropper.place`."""
        edges = _extent(annotation)
        if edges is None:
            return None
        side = max(float(np.ptp(edges, axis=0).max()), 1.0)
        return _centred(edges.mean(axis=0), self.size.width / (self.width * side), self.size)

    def marked(self, annotation: Annotation) -> Sequence[KeyPoint]:
        """See :meth:`LabelCropper.marked`; all points."""
        return list(annotation.points.values())


def label_crop(image: RGBImage, annotation: Annotation, cropper: LabelCropper) -> LabelCrops | None:
    """The crop (H, W, 4) of a label; None if it has no point and no box.

    Pixels outside of the picture repeat its border.
    """
    place = cropper.place(Size.of(image), annotation)
    if place is None:
        return None
    pixels = warped(image, place, cropper.size, fill=None)
    return np.dstack([pixels, _mark(annotation, place, cropper)])


def _mark(annotation: Annotation, place: Similarity, cropper: LabelCropper) -> NDArray[np.uint8]:
    """Where the label is: a soft spot on each point, or the area of the box."""
    size, points = cropper.size, cropper.marked(annotation)
    rows, columns = np.mgrid[: size.height, : size.width].astype(np.float64)
    mark = np.zeros((size.height, size.width))
    for point in points:
        x, y = place.apply(np.array([point.x, point.y]))
        squared = ((columns - x) ** 2 + (rows - y) ** 2) / (MARK_SPREAD * size.width) ** 2
        mark = np.maximum(mark, np.exp(-squared / 2))
    if annotation.box is not None and not points:
        (x1, y1), (x2, y2) = place.apply(np.array(annotation.box).reshape(2, 2))
        mark[(columns >= x1) & (columns <= x2) & (rows >= y1) & (rows <= y2)] = 1
    return np.asarray((255 * mark).round(), np.uint8)


def _centred(centre: NDArray[np.float64], scale: float, size: Size) -> Similarity:
    shift = (np.array(size) - 1) / 2 - scale * centre
    return Similarity(np.column_stack([scale * np.eye(2), shift]))


def _extent(annotation: Annotation) -> NDArray[np.float64] | None:
    """(2, 2) upper left and lower right of the box, else of the points."""
    if annotation.box is not None:
        return np.array(annotation.box, np.float64).reshape(2, 2)
    if not annotation.points:
        return None
    places = np.array([(point.x, point.y) for point in annotation.points.values()])
    return np.array([places.min(axis=0), places.max(axis=0)])
