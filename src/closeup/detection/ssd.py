"""OpenCV's face detector: a ResNet-10 with SSD heads, run by OpenCV's own engine.

Liu et al., "SSD: Single Shot MultiBox Detector", 2016. The network was trained by OpenCV on
pictures of 300x300 pixels, in BGR with their mean subtracted (``samples/dnn/face_detector``).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.detection.candidates import best_first, best_of_overlapping
from closeup.detection.letterbox import Letterbox
from closeup.errors import ModelCorruptError
from closeup.faces import Faces, Squaring
from closeup.frames import RGBImage
from closeup.geometry import Boxes, Size, centres_of, lie_inside, sides_of
from closeup.protocols import FaceDetector

_TRAINED, _STEP = 300, 64
"""Side of the training pictures, in pixels; a smaller one is too small for its layers. Sides may
be larger by multiples of the step: with another remainder the layers are padded at the other end,
and boxes are off by half a cell, four pixels."""

_LARGEST = 200
"""Longer side, in pixels of a larger canvas, from which boxes are ignored there: the network's two
coarsest grids are laid out for 300 pixels only and misplace faces on another canvas."""

_CLOSE = 150
"""Longer side, in pixels of the trained size, from which boxes are searched again at half of it:
the coarsest grid, which finds such faces, often adds a second box of the same size and score, half
a face to the lower right."""
_NEARLY = 0.8
"""Ratio of two looks' measures of one face that is always exceeded."""

_MEAN = (123, 117, 104)
"""RGB mean, also the background colour of a canvas."""

_OVERLAP = 0.4
"""Suppression threshold for boxes of both sizes; the network itself uses 0.45 for each size."""

SQUARING = Squaring(side=0.95, lower=0.06)
"""The square that matches YuNet's boxes, by medians on 306 photos with hand-set eye centres. There
the middles of the eyes' corners are off by 0.060 eye distances (mean of the worse eye); any side
from 0.75 to 1.0 gives 0.059 to 0.063, which is equal within the standard error."""


class SsdDetector(FaceDetector):
    """Finds small and large faces, from frontal to half profile.

    The network sees a picture in two sizes: with its longer side at 300 pixels, where it finds
    faces as large as the picture, and, if the picture is longer than that, at up to
    ``longest_side``, where it finds small ones. Where the first look finds a face of half the
    picture's longer side or more, a third one at 150 pixels replaces it. The aspect ratio is kept.
    A box covers the face from the hairline to the chin: its top is 1.15 above the eyes, its bottom
    0.8 below the mouth, its width 2.1 and its height 2.95 (medians on photos, in distances from
    eyes to mouth). Scores are in 0..1.

    Args:
        weights: ``opencv_face_detector_uint8.pb``.
        graph: ``opencv_face_detector.pbtxt``, the definition of the network's graph.
        longest_side: Larger pictures are scaled down to this many pixels; at least 300.
        score_threshold: Faces with lower scores are dropped.

    Raises:
        ModelCorruptError: OpenCV cannot read the files.

    """

    name = "ssd"
    reliable_height = 40

    def __init__(
        self, weights: Path, graph: Path, *, longest_side: int = 940, score_threshold: float = 0.5
    ) -> None:
        try:
            self._network = cv2.dnn.readNetFromTensorflow(str(weights), str(graph))
        except cv2.error as error:
            raise ModelCorruptError(
                f"OpenCV cannot read {weights} with {graph}; "
                "fetch them again: closeup models fetch ssd"
            ) from error
        self._files = weights, graph
        self._turn = Lock()  # an OpenCV network stores the values of its layers
        self._longest_side = longest_side
        self._score_threshold = score_threshold

    def __reduce__(self) -> tuple[Callable[..., SsdDetector], tuple[Path, Path]]:
        """Pickle as a new detector that another process opens from the same files."""
        opening = partial(
            type(self), longest_side=self._longest_side, score_threshold=self._score_threshold
        )
        return opening, self._files

    def detect(self, image: RGBImage) -> Faces:
        """See :meth:`closeup.protocols.FaceDetector.detect`; no landmarks."""
        if not image.size:
            return Faces.none()
        size = Size.of(image)
        boxes, scores = self._whole(image)
        if max(size) > _TRAINED:
            scale = min(1.0, self._longest_side / max(size))
            more, their_scores = self._found(image, scale)
            small = _longer_sides(more) < _LARGEST / scale
            boxes = np.vstack([boxes, more[small]])
            scores = np.hstack([scores, their_scores[small]])
        kept = best_of_overlapping(boxes, scores, _OVERLAP)
        kept = kept[~_parts(boxes[kept])]
        return best_first(boxes[kept], scores[kept], size, squaring=SQUARING)

    def _whole(self, image: RGBImage) -> tuple[Boxes, NDArray[np.float32]]:
        """Return boxes and scores as :meth:`_found`, for faces up to the size of the picture."""
        scale = _TRAINED / max(Size.of(image))
        boxes, scores = self._found(image, scale)
        large = _longer_sides(boxes) >= _CLOSE / scale
        if not large.any():
            return boxes, scores
        far, their_scores = self._found(image, scale / 2)
        near = _longer_sides(far) >= _NEARLY * _CLOSE / scale
        return np.vstack([boxes[~large], far[near]]), np.hstack(
            [scores[~large], their_scores[near]]
        )

    def _found(self, image: RGBImage, scale: float) -> tuple[Boxes, NDArray[np.float32]]:
        """Return boxes (n, 4) xyxy in the picture's pixels, and scores (n,), at one scale."""
        size = Size.of(image)
        inner = Size(*(max(1, round(side * scale)) for side in size))
        canvas = Size(*(_canvas_side(side) for side in inner))
        letterbox = Letterbox(size, inner, canvas)
        blob = cv2.dnn.blobFromImage(letterbox.drawn(image, _MEAN), mean=_MEAN)[:, ::-1]
        with self._turn:
            self._network.setInput(np.ascontiguousarray(blob))
            # Rows are picture, class, score, and the box as shares of the canvas.
            rows = self._network.forward()[0, 0]
        rows = rows[rows[:, 2] >= self._score_threshold]
        boxes = rows[:, 3:] * np.array([*canvas, *canvas], np.float32) - np.float32(0.5)
        return letterbox.boxes_to_picture(boxes), np.asarray(rows[:, 2], np.float32)


def _canvas_side(side: int) -> int:
    """Return the smallest side that the network accepts and that is at least ``side``."""
    return _TRAINED + max(0, -(-(side - _TRAINED) // _STEP)) * _STEP


def _longer_sides(boxes: Boxes) -> NDArray[np.float32]:
    """Return the longer side of each box; (n,)."""
    return np.asarray(sides_of(boxes).max(axis=1, initial=0))


def _parts(boxes: Boxes) -> NDArray[np.bool_]:
    """Return which boxes, best score first, are parts of a face in a better box; (n,) bool.

    A part has its middle in that box and less than half its side: on the larger canvas the
    network occasionally takes an eye or a mouth for a face.
    """
    sides = _longer_sides(boxes)
    inside = lie_inside(centres_of(boxes)[:, None], boxes)
    return np.asarray(np.tril(inside & (sides[:, None] < sides / 2), -1).any(axis=1))
