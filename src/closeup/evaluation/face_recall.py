"""How many of the faces in labelled photos a detector finds."""

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
"""Heights of faces in pixels between which recall is told apart."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceRecall:
    """Of one detector.

    Attributes:
        detector: Its name.
        pictures: How many were searched.
        result: Recall, the score where it is reached, and which faces are found.
        heights: The same by the heights of the faces.

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
    """Search photos and compare with what is there.

    Args:
        detector: Open it with a low score threshold: what it holds back cannot count for it.
        photos: Pictures and their faces, boxes in pixels whose centres are at integer
            coordinates; taken one at a time.
        false_per_image: How many boxes may be false, as a mean over all photos.
        overlap: Least intersection over union of a found and a true face.

    Raises:
        ValueError: there is no face to find.

    """
    found, truths = [], []
    for image, truth in photos:
        faces = detector.detect(image)
        found.append(Detections.of_faces(faces))
        truths.append(truth)
    result = recall_at(found, truths, false_per_image, overlap)
    heights = tuple(recall_by_height(result.found, truths, EDGES))
    return FaceRecall(detector.name, len(truths), result, heights)
