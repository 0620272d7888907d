"""BlazeFace, MediaPipe's network for faces of any size, with six points each.

Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", 2019; the
"full-range" network (Apache-2.0). It was made for 192×192 pixels, but is convolutional: here it
runs on the whole picture at once, which finds the faces that overlapping tiles find in less than
half of their time (``benchmarks/blazeface.py``). Outputs are decoded as in MediaPipe's
``tensors_to_detections_calculator.cc``, with one anchor in the middle of each cell of four by four
pixels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from closeup.detection.candidates import best_first, best_of_overlapping
from closeup.detection.letterbox import Letterbox
from closeup.detection.scale_pyramid import ScalePyramid
from closeup.faces import Faces, Landmarks
from closeup.frames import RGBImage
from closeup.geometry import Size, boxes_around, heights_of
from closeup.models.network_input import planes
from closeup.models.sessions import Network
from closeup.models.tflite_onnx import tflite_onnx
from closeup.protocols import FaceDetector

NAME = "blazeface"

_CELL, _LARGEST_STRIDE = 4, 32
_OVERLAP = 0.3
_BLACK = (0, 0, 0)
_LONGEST_SIDE = 1536
"""Longest side in pixels; larger than YuNet's, because faces below 18 pixels are missed."""
_SCORE_THRESHOLD = 0.45
"""On frames of three videos twice as many boxes that YuNet-n does not confirm come below it."""
_LEAST_HEIGHT = 16
"""Height in pixels of a look below which boxes are dropped: most of them are not faces."""
_SMALL, _SMALL_THRESHOLD = 24, 0.6
"""Boxes below this height need this score: of LFW's faces of 18 pixels all have more, and parts of
faces that fill a picture have less."""
_LARGEST, _SMALLEST, _SINGLE = 110, 80, 110
"""Box heights in pixels of one look. In photos of LFW every face of 18 to 84 pixels was found at
this threshold, 98 % of 110 pixels, 52 % of 176 and none of 220."""
_MOUTH = 0.4
"""Half of the mouth's width, in eye distances."""


def blazeface_detector(model: bytes, *, threads: int | None = None) -> ScalePyramid:
    """Open BlazeFace for faces of any size, up to those that fill a large photo.

    Args:
        model: The bytes of ``face_detection_full_range.tflite``.
        threads: Threads inside one operator; one per processor by default.

    Raises:
        ModelCorruptError: the bytes are not such a network.

    """
    look = BlazeFaceDetector(model, threads=threads)
    return ScalePyramid(
        look, largest=_LARGEST, smallest=_SMALLEST, single=_SINGLE, longest_side=_LONGEST_SIDE
    )


class BlazeFaceDetector(FaceDetector):
    """Finds faces from about 16 to 110 pixels in height, up to the profile.

    Larger faces are lost; :func:`blazeface_detector` finds them, too.

    A box is a square, from the forehead to below the mouth and ear to ear: its top is 0.8 above
    the eyes, its bottom 0.65 below the mouth, its side 2.45 (medians on photos, in distances from
    eyes to mouth). dlib's predictors find the eyes in it as exactly as in their own boxes. Scores
    are in 0..1. Of the landmarks, eyes and nose are the network's; it gives the middle of the
    mouth, whose corners are estimated from the line between the eyes.

    Args:
        model: The bytes of ``face_detection_full_range.tflite``.
        score_threshold: Faces with lower scores are dropped.
        least_height: Boxes of a lower height, in pixels, are dropped.
        threads: Threads inside one operator; one per processor by default.

    Raises:
        ModelCorruptError: the bytes are not such a network.

    """

    name = NAME
    reliable_height = 24

    def __init__(
        self,
        model: bytes,
        *,
        score_threshold: float = _SCORE_THRESHOLD,
        least_height: float = _LEAST_HEIGHT,
        threads: int | None = None,
    ) -> None:
        converted = tflite_onnx(model, NAME, ("places", "scores"), any_size=True)
        self._network = Network(converted, NAME, threads)
        self._score_threshold, self._least_height = score_threshold, least_height

    def detect(self, image: RGBImage) -> Faces:
        """See :meth:`closeup.protocols.FaceDetector.detect`."""
        if not image.size:
            return Faces.none()
        size = Size.of(image)
        canvas = Size(*(-(-side // _LARGEST_STRIDE) * _LARGEST_STRIDE for side in size))
        drawn = Letterbox(size, size, canvas).drawn(image, _BLACK)
        outputs = self._network.run(planes=planes(drawn, 1 / 127.5) - np.float32(1))
        faces = _decoded(
            outputs["places"][0], outputs["scores"][0, :, 0], canvas.width, self._score_threshold
        )
        heights = heights_of(faces.boxes)
        sure = (heights >= _SMALL) | (faces.scores >= _SMALL_THRESHOLD)
        faces = faces[(heights >= self._least_height) & sure]
        return best_first(faces.boxes, faces.scores, size, faces.landmarks)


def _decoded(
    places: NDArray[np.float32], logits: NDArray[np.float32], width: int, score_threshold: float
) -> Faces:
    """Return the faces of one picture of that width, in its pixels.

    Args:
        places: (n, 16) for each cell, row by row, in pixels from its middle: x and y of the box's
            middle, its width and height, x and y of both eyes, nose, mouth and both ears.
        logits: (n,) logarithms of odds.
        width: Width of the picture.
        score_threshold: Faces with lower scores are dropped.

    """
    least = np.log(score_threshold / (1 - score_threshold))
    cells = np.flatnonzero(logits >= least)
    rows, columns = np.divmod(cells, width // _CELL)
    # The edge of the picture is at 0 for the network, and at -½ here.
    middle = (np.stack([columns, rows], 1) + 0.5) * _CELL - 0.5
    points = places[cells].reshape(-1, 8, 2).astype(np.float64)
    boxes = boxes_around(middle + points[:, 0], points[:, 1] / 2).astype(np.float32)
    scores = (1 / (1 + np.exp(-logits[cells]))).astype(np.float32)
    faces = Faces(boxes, scores, _landmarks(points[:, 2:6] + middle[:, None]))
    return faces[best_of_overlapping(faces.boxes, faces.scores, _OVERLAP)]


def _landmarks(points: NDArray[np.float64]) -> Landmarks:
    """Five points a face, from (n, 4, 2): right and left eye, nose, middle of the mouth."""
    across = _MOUTH * (points[:, 1] - points[:, 0])
    corners = np.stack([points[:, 3] - across, points[:, 3] + across], axis=1)
    return np.concatenate([points[:, :3], corners], axis=1).astype(np.float32)
