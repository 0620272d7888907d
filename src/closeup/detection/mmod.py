"""dlib's convolutional face detector (max-margin object detection), run by onnxruntime.

King, "Max-Margin Object Detection", 2015; the same boxes as dlib's own
``cnn_face_detection_model_v1`` in a small fraction of its time.
"""

from __future__ import annotations

from typing import Literal

import dlib
import numpy as np
from numpy.typing import NDArray

from closeup.detection.candidates import best_first, boxes_from_rectangles
from closeup.detection.tiled_pyramid import TiledPyramid
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size, boxes_around
from closeup.models.dlib_onnx import mmod_onnx, resizing_onnx
from closeup.models.dlib_weights import DlibNetwork
from closeup.models.sessions import Network
from closeup.protocols import FaceDetector

_STRIDE, _FIRST_CENTRE, _HALF_WINDOW = 8, 14, 39.5
_LEAST_CANVAS = 29
"""Smallest canvas side; the three convolutions of 5x5 and stride 2 need at least this."""

_OVERLAP = 0.3382761351109955
"""Overlap threshold of non-maximum suppression, as tuned and stored with the network."""


class MmodDetector(FaceDetector):
    """Finds faces from about 80 pixels in height (40 with ``upsample``), frontal to profile.

    A box covers the face from the forehead to below the lips, ear to ear, and is square: its
    top is 0.8 above the eyes, its bottom 0.45 below the mouth, its side 2.25 (medians on photos,
    in distances from eyes to mouth). Sides come in steps of 6/5, so boxes jump while a face
    grows. Scores are the network's own, greater than 0, about 1 for a clear face.

    Args:
        network: The detector's parameters, read from ``mmod_human_face_detector.dat``.
        upsample: Number of initial doublings of the picture; 1 finds faces of half the size for
            four times the work. 0 by default.
        threads: Threads inside one operator; one per processor by default.

    """

    name = "mmod"
    reliable_height = 90

    def __init__(
        self, network: DlibNetwork, upsample: Literal[0, 1] = 0, threads: int | None = None
    ) -> None:
        self._windows = Network(mmod_onnx(network), self.name, threads)
        self._resizing = Network(resizing_onnx(), self.name, threads)
        self._background = network.averages
        self._upsample = upsample

    def detect(self, image: RGBImage) -> Faces:
        """See :meth:`closeup.protocols.FaceDetector.detect`; no landmarks."""
        height, width = image.shape[:2]
        if height == 0 or width == 0:
            return Faces.none()
        if self._upsample:
            image = dlib.resize_image(np.ascontiguousarray(image), 2 * height + 1, 2 * width + 2)
        pyramid = TiledPyramid.of(Size.of(image))
        if min(pyramid.canvas) < _LEAST_CANVAS:
            return Faces.none()
        scores = self._windows.run(canvas=self._canvas(image, pyramid))["scores"][0, 0]
        rectangles, scores = _decoded(scores, pyramid)
        if self._upsample:
            rectangles = _rounded(rectangles / 2 - [1.25, 0.75, 1.25, 0.75])
        return best_first(boxes_from_rectangles(rectangles), scores, Size(width, height))

    def _canvas(self, image: RGBImage, pyramid: TiledPyramid) -> NDArray[np.float32]:
        """Draw the pyramid on the colour that the network maps to zero; (1, 3, H, W) float32."""
        canvas = np.empty((1, 3, pyramid.canvas.height, pyramid.canvas.width), np.float32)
        canvas[:] = self._background[:, None, None]
        scale = np.ascontiguousarray(image.transpose(2, 0, 1)[None], np.float32)
        for left, top, width, height in pyramid.tiles.tolist():
            if scale.shape[2:] != (height, width):
                shape = np.array([1, 3, height, width])
                scale = self._resizing.run(planes=scale, shape=shape)["resized"]
            canvas[:, :, top : top + height, left : left + width] = scale
        return canvas


def _decoded(
    scores: NDArray[np.float32], pyramid: TiledPyramid
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Return rectangles (n, 4) with inclusive corners in the picture, best first; scores (n,)."""
    rows, columns = np.nonzero(scores > 0)
    found = scores[rows, columns]
    order = np.argsort(-found, kind="stable")
    centres = _STRIDE * np.stack([columns, rows], 1)[order].astype(np.float64) + _FIRST_CENTRE
    windows = boxes_around(centres, _HALF_WINDOW)
    rectangles = _rounded(pyramid.to_picture(centres, windows))
    kept = _suppressed(rectangles)
    return rectangles[kept], found[order][kept]


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round to whole numbers, halves away from zero as in C."""
    return np.asarray(np.trunc(values + np.copysign(0.5, values)))


def _suppressed(rectangles: NDArray[np.float64]) -> list[int]:
    """Return the indices that dlib's non-maximum suppression keeps; rectangles come best first.

    Unlike intersection over union, the denominator is the area of the rectangle around both.
    """
    kept: list[int] = []
    first, last = rectangles[:, :2], rectangles[:, 2:]
    for index in range(len(rectangles)):
        shared = np.minimum(last[kept], last[index]) - np.maximum(first[kept], first[index]) + 1
        around = np.maximum(last[kept], last[index]) - np.minimum(first[kept], first[index]) + 1
        overlap = np.prod(np.clip(shared, 0, None), axis=1) / np.prod(around, axis=1)
        if not np.any(overlap > _OVERLAP):
            kept.append(index)
    return kept
