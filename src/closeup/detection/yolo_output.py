"""The layouts of a YOLO file's output: detection of the layout, and decoding of its boxes."""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import NDArray

from closeup.detection.candidates import best_of_overlapping
from closeup.detection.yolo_file import YoloFile
from closeup.detections import Detections
from closeup.errors import ModelError
from closeup.geometry import Size, boxes_around

_FACE, _PERSON = "face", "person"
_ANCHORS = 3
"""Boxes per cell in YOLOv5's output; later versions have one."""


_EDGE = np.float32(0.5)
"""Distance from the first pixel's edge, the origin of Ultralytics' coordinates, to its centre."""


class Layout(Enum):
    """Arrangement of the output's values."""

    V8 = "v8"
    """(1, 4 + classes + points, N): cx, cy, w, h, one score per class, key points."""
    V5 = "v5"
    """(1, N, 5 + classes): cx, cy, w, h, objectness, one score per class."""
    FINISHED = "finished"
    """(1, N, 6 + points): x1, y1, x2, y2, score, class, key points; already suppressed."""


def face_class(file: YoloFile, name: str) -> int:
    """Return the number of the class ``face``, or of the only class.

    Raises:
        ModelError: there are several classes without ``face`` among them, or only persons.

    """
    classes = file.classes or {0: _FACE}
    for number, text in classes.items():
        if text.lower() == _FACE:
            return number
    if len(classes) > 1 or _PERSON in classes.values():
        listed = ", ".join(classes.values())
        raise ModelError(f"{name} does not find faces: its classes are {listed}; give another file")
    return next(iter(classes))


def tell_layout(output: NDArray[np.floating], canvas: Size, file: YoloFile, name: str) -> Layout:
    """Find an output's layout by its shape, by the file's description, and by its values.

    Only with one class can YOLOv5's (1, N, 6) be confused with finished boxes. The layout is
    YOLOv5's if there are three boxes per cell, or if the sixth column, which would be the number
    of the only class, is not 0.

    Args:
        output: Output of the file for a trial picture.
        canvas: Size of that picture, in pixels.
        file: Description of the file.
        name: Name of the file in error messages.

    Raises:
        ModelError: no layout fits, or more than one.

    """
    classes = len(file.classes or {0: _FACE})
    rows, columns = output.shape[1:] if output.ndim == 3 and len(output) == 1 else (0, 0)
    fitting = []
    if file.finished:
        fitting += [Layout.FINISHED] * (columns == 6 + file.point_numbers)
    else:
        fitting += [Layout.V8] * (rows == 4 + classes + file.point_numbers)
        if columns == 5 + classes and not file.points:
            fitting.append(Layout.V5)
            grid = rows == _ANCHORS * _cells(canvas, file)
            if classes == 1 and not grid and not output[0, :, 5].any():
                fitting.append(Layout.FINISHED)
    if len(fitting) != 1:
        raise ModelError(
            f"{name}: cannot tell what its output of shape {output.shape} means with {classes} "
            f"classes and {file.points} key points; export it again with Ultralytics, which "
            "writes into the file what it needs"
        )
    return fitting[0]


def decoded(
    output: NDArray[np.floating],
    layout: Layout,
    file: YoloFile,
    wanted: int,
    score_threshold: float,
    overlap: float,
) -> Detections:
    """Return the boxes of one class, best score first, in pixels of the network's input.

    Args:
        output: Output for one picture; its coordinates count from the edge of the first pixel.
        layout: Layout of the output.
        file: Description of the file.
        wanted: Number of the class.
        score_threshold: Boxes with a lower score are dropped.
        overlap: Intersection over union from which the less certain of two boxes is dropped.

    Returns:
        Objects in coordinates with pixel centres at integers; points (n, k, 2), k may be 0.

    """
    rows = np.asarray(output[0].T if layout is Layout.V8 else output[0], np.float32)
    numbers = rows[:, rows.shape[1] - file.point_numbers :]
    match layout:
        case Layout.V8:
            scores = rows[:, 4 + wanted]
        case Layout.V5:
            scores = rows[:, 4] * rows[:, 5 + wanted]
        case Layout.FINISHED:
            scores = np.where(rows[:, 5] == wanted, rows[:, 4], np.float32(0))
    sure = scores >= score_threshold
    boxes, scores = rows[sure, :4], scores[sure]
    if layout is not Layout.FINISHED:
        boxes = boxes_around(boxes[:, :2], boxes[:, 2:] / 2)
    points = numbers[sure].reshape(len(boxes), file.points, file.point_length)[..., :2]
    kept = best_of_overlapping(boxes, scores, overlap)
    return Detections.of_one_class(
        boxes[kept] - _EDGE, scores[kept], points[kept] - _EDGE, number=wanted
    )


def _cells(canvas: Size, file: YoloFile) -> int:
    """Count the cells of all grids, from 8 pixels per cell to the file's stride."""
    strides = [8 * 2**level for level in range(10) if 8 * 2**level <= file.stride]
    return sum((canvas.width // stride) * (canvas.height // stride) for stride in strides)
