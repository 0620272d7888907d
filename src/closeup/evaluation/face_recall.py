"""Recall of a face detector on labelled photos."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from closeup.detections import Detections
from closeup.frames import RGBImage
from closeup.labels import PictureLabels
from closeup.metrics.matching import HeightRecall, recall_by_height
from closeup.metrics.recall import Recall, recall_at
from closeup.protocols import FaceDetector

EDGES = (0.0, 12.0, 16.0, 24.0, 40.0, 60.0, 120.0, float("inf"))
"""Edges of the ranges of face height, in pixels, for which recall is reported."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceRecall:
    """Recall of one detector.

    Attributes:
        detector: Name of the detector.
        pictures: Number of searched photos.
        result: Recall, the score threshold of it, and which faces are found.
        heights: Recall by the heights of the faces.

    """

    detector: str
    pictures: int
    result: Recall
    heights: tuple[HeightRecall, ...]


def face_recall(
    detector: FaceDetector,
    photos: Iterable[tuple[RGBImage, PictureLabels]],
    false_per_image: float = 1.0,
    overlap: float = 0.5,
) -> FaceRecall:
    """Detect faces in photos and compare them with the labels.

    Args:
        detector: A detector with a low score threshold: faces below the threshold count as missed.
        photos: Pictures and their faces, boxes in pixels whose centres are at integer
            coordinates; taken one at a time.
        false_per_image: Allowed number of false boxes, as a mean over all photos.
        overlap: Least intersection over union of a found and a true face.

    Raises:
        ValueError: no photo has a labelled face.

    """
    found, truths = [], []
    for image, truth in photos:
        faces = detector.detect(image)
        found.append(Detections.of_faces(faces))
        truths.append(truth)
    result = recall_at(found, truths, false_per_image, overlap)
    heights = tuple(recall_by_height(result.found, truths, EDGES))
    return FaceRecall(detector.name, len(truths), result, heights)
