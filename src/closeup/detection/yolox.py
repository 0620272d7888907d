"""YOLOX, a detector of persons (and of 79 other classes, which are ignored).

Ge et al., "YOLOX: Exceeding YOLO Series in 2021". OpenCV Zoo's file is YOLOX-s as its authors
export it since 0.1.1: pictures in BGR, 0..255, and boxes that are not decoded. The authors' code
and answers state BGR; OpenCV Zoo's own sample passes RGB, which they say costs little accuracy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from closeup.detection.candidates import best_detections_first, best_of_overlapping
from closeup.detection.letterbox import Letterbox
from closeup.detections import Detections
from closeup.frames import RGBImage
from closeup.geometry import Boxes, Size, boxes_around
from closeup.models.network_input import planes
from closeup.models.sessions import Network

_STRIDES = (8, 16, 32)
_CANVAS = Size(640, 640)
_GREY = (114, 114, 114)
_OBJECTNESS, _PERSON = 4, 5
"""Columns of the output: objectness after the box, then the first of COCO's 80 classes."""


class YoloxDetector:
    """Finds persons, whole or partly visible, from any side.

    A box encloses the visible part of a person. Scores are in 0..1.

    Args:
        model: The bytes of OpenCV Zoo's ``object_detection_yolox_2022nov.onnx``.
        score_threshold: Persons with lower scores are dropped.
        overlap: Intersection over union from which the less certain of two boxes is dropped.
        threads: Threads inside one operator; one per processor by default.

    Raises:
        ModelCorruptError: onnxruntime cannot run the bytes.

    """

    name = "yolox"

    def __init__(
        self,
        model: bytes,
        *,
        score_threshold: float = 0.5,
        overlap: float = 0.5,
        threads: int | None = None,
    ) -> None:
        self._network = Network(model, self.name, threads)
        self._score_threshold = score_threshold
        self._overlap = overlap

    def detect(self, image: RGBImage) -> Detections:
        """See :meth:`closeup.protocols.PersonDetector.detect`; one picture per run."""
        if not image.size:
            return Detections.none()
        size = Size(image.shape[1], image.shape[0])
        letterbox = Letterbox.top_left(size, _CANVAS)
        blob = planes(letterbox.drawn(image, _GREY), bgr=True)
        (name,) = self._network.inputs
        output = next(iter(self._network.run(**{name: blob}).values()))[0]
        boxes, scores = _decoded(output, self._score_threshold)
        kept = best_of_overlapping(boxes, scores, self._overlap)
        found = Detections.of_one_class(letterbox.boxes_to_picture(boxes[kept]), scores[kept])
        return best_detections_first(found, size)


def _decoded(
    output: NDArray[np.float32], score_threshold: float
) -> tuple[Boxes, NDArray[np.float32]]:
    """Return boxes (n, 4) xyxy on the canvas and scores (n,) of the persons.

    Args:
        output: (8400, 85), the cells of the three grids row by row, the finest grid first.
        score_threshold: Rows with lower scores are dropped.

    """
    scores = output[:, _OBJECTNESS] * output[:, _PERSON]
    sure = scores >= score_threshold
    corners, strides = _grid()
    rows = output[sure, :4]
    centres = (rows[:, :2] + corners[sure]) * strides[sure]
    halves = np.exp(rows[:, 2:]) * (strides[sure] / 2)
    # YOLOX's origin is the edge of the first pixel, ours its centre.
    boxes = boxes_around(centres, halves) - 0.5
    return np.asarray(boxes, np.float32), scores[sure]


def _grid() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the cell (column, row) and stride of each output row; (n, 2) and (n, 1)."""
    corners, strides = [], []
    for stride in _STRIDES:
        columns, rows = np.meshgrid(
            np.arange(_CANVAS.width // stride), np.arange(_CANVAS.height // stride)
        )
        corners.append(np.stack([columns.ravel(), rows.ravel()], 1))
        strides.append(np.full((columns.size, 1), stride))
    return np.concatenate(corners).astype(np.float32), np.concatenate(strides).astype(np.float32)
