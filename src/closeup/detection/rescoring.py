"""A second look at each candidate of a face detector: a small network corrects its score.

A single-stage detector judges all places of a picture at once with few operations a place, so it
mistakes letters, hands and shirts for faces. The second network sees one candidate at a time, with
its surroundings and at a fixed size, as in the cascades of Li et al. 2015 ("A convolutional neural
network cascade for face detection"). ``closeup train rescorer`` makes its file.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from closeup.errors import ModelError
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Boxes, centres_of, sides_of
from closeup.models.sessions import Network
from closeup.protocols import FaceDetector

PROPERTY = "closeup"
"""The metadata property: JSON with ``task``, ``version``, and the fields of :class:`Fusion`."""
TASK, VERSION = "face rescoring", 1
INPUT, OUTPUT = "crops", "logits"
"""uint8 (n, S, S, 3) RGB crops of :func:`face_crops`; float32 (n,) log odds of a face."""

CONTEXT = 1.8
"""Side of a crop, in geometric means of its box's sides: the head with hair and neck."""

_SURE = 1e-4
"""Distance of a detector's score from 0 and 1 at least, for finite log odds."""


@dataclass(frozen=True, slots=True)
class Fusion:
    """Log odds of a face as a linear function of the log odds of both networks.

    Attributes:
        bias: Added to the log odds.
        detector: Factor of the log odds of the detector's score.
        rescorer: Factor of the log odds of the second network.

    """

    bias: float = 0.0
    detector: float = 0.0
    rescorer: float = 1.0

    def scores(
        self, detector: NDArray[np.floating], rescorer: NDArray[np.floating]
    ) -> NDArray[np.float32]:
        """Return scores in 0..1.

        Args:
            detector: (n,) scores of the detector, in 0..1.
            rescorer: (n,) log odds of the second network.

        """
        first = detector_logits(detector)
        return np.asarray(
            expit(self.bias + self.detector * first + self.rescorer * rescorer), np.float32
        )


def detector_logits(scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the log odds of a detector's scores in 0..1, which are kept off both ends."""
    return np.asarray(logit(np.clip(np.asarray(scores, np.float64), _SURE, 1 - _SURE)))


class FaceRescorer:
    """Computes new scores of candidates from crops around them.

    Args:
        model: The bytes of the ONNX file.
        name: Its name, for messages.
        threads: Threads inside one operator; one per processor by default.

    Raises:
        ModelCorruptError: onnxruntime cannot run these bytes.
        ModelError: the file is not such a network, or of another version.

    """

    def __init__(self, model: bytes, name: str, *, threads: int | None = None) -> None:
        self._network = Network(model, name, threads)
        self._fusion = _fusion(self._network, name)
        self._side = _side(self._network, name)

    def scores(self, image: RGBImage, faces: Faces) -> NDArray[np.float32]:
        """Return the score of each candidate, in 0..1.

        Args:
            image: RGB uint8 of shape (H, W, 3).
            faces: The candidates, in the picture's pixels, with the detector's scores.

        """
        if not len(faces):
            return np.empty(0, np.float32)
        crops = face_crops(image, faces.boxes, self._side)
        logits = self._network.run(**{INPUT: crops})[OUTPUT]
        return self._fusion.scores(faces.scores, logits)


class RescoringDetector(FaceDetector):
    """Finds the faces of a detector that a second network confirms.

    Args:
        detector: The wrapped detector, with a lower score threshold; its scores are in 0..1.
        rescorer: The second network.
        name: Name of the result.
        score_threshold: Faces with lower new scores are dropped.

    """

    def __init__(
        self, detector: FaceDetector, rescorer: FaceRescorer, *, name: str, score_threshold: float
    ) -> None:
        self.name, self.reliable_height = name, detector.reliable_height
        self._detector, self._rescorer = detector, rescorer
        self._score_threshold = score_threshold

    def detect(self, image: RGBImage) -> Faces:
        """See :meth:`closeup.protocols.FaceDetector.detect`."""
        found = self._detector.detect(image)
        scores = self._rescorer.scores(image, found)
        order = np.argsort(-scores, kind="stable")
        return replace(found, scores=scores)[order[scores[order] >= self._score_threshold]]


def face_crops(
    image: RGBImage, boxes: Boxes, side: int, context: float = CONTEXT
) -> NDArray[np.uint8]:
    """Cut a square around each box; beyond the picture its border is repeated.

    Args:
        image: RGB uint8 of shape (H, W, 3), at least one pixel.
        boxes: (n, 4) xyxy in the picture's pixels.
        side: Side of the crops in pixels.
        context: Side of the square, in geometric means of the box's sides.

    Returns:
        RGB uint8 of shape (n, side, side, 3).

    """
    lengths = np.maximum(2, np.rint(context * np.sqrt(np.prod(sides_of(boxes), axis=1))))
    corners = np.rint(centres_of(boxes) + 0.5 - lengths[:, None] / 2)
    places = np.column_stack([corners, corners + lengths[:, None]]).astype(int).tolist()
    crops = np.empty((len(boxes), side, side, 3), np.uint8)
    for crop, place in zip(crops, places, strict=True):
        crop[:] = _resized(_cut(image, *place), side)
    return crops


def _cut(image: RGBImage, left: int, top: int, right: int, bottom: int) -> RGBImage:
    """Cut out a rectangle that overlaps the picture, with repeated borders outside."""
    height, width = image.shape[:2]
    inside = image[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    edges = max(0, -top), max(0, bottom - height), max(0, -left), max(0, right - width)
    if not any(edges):
        return inside
    return np.asarray(cv2.copyMakeBorder(inside, *edges, cv2.BORDER_REPLICATE), np.uint8)


def _resized(image: RGBImage, side: int) -> RGBImage:
    method = cv2.INTER_AREA if len(image) > side else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (side, side), interpolation=method), np.uint8)


def _fusion(network: Network, name: str) -> Fusion:
    """Read the file's metadata.

    Raises:
        ModelError: it is no such network, or of another version.

    """
    try:
        said: Any = json.loads(network.metadata[PROPERTY])
        task, version = said["task"], said["version"]
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{name} does not say that it scores faces: its property {PROPERTY!r} cannot be read; "
            "such files are made by: closeup train rescorer"
        ) from error
    if (task, version) != (TASK, VERSION):
        raise ModelError(
            f"{name} is a network for {task}, version {version}; this Closeup reads {TASK}, "
            f"version {VERSION}; train it again"
        )
    try:
        return Fusion(*(float(said[field]) for field in Fusion.__slots__))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{name}: its metadata lack {' or '.join(Fusion.__slots__)}; train it again"
        ) from error


def _side(network: Network, name: str) -> int:
    shape = network.inputs.get(INPUT, ())
    if len(network.inputs) == 1 and len(shape) == 4 and OUTPUT in network.outputs:
        count, height, width, channels = shape
        squares = isinstance(height, int) and height == width and channels == 3
        if squares and not isinstance(count, int):
            return int(height or 0)
    raise ModelError(
        f"{name} reads {network.inputs}; a network that scores faces reads {INPUT!r} of "
        f"(n, S, S, 3) with n free, and gives {OUTPUT!r}"
    )
