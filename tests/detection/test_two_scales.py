"""Large faces are found from farther away, and nothing twice."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from closeup.detection.two_scales import TwoLooks
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.protocols import FaceDetector

LARGEST, SMALLEST = 60, 40


class Discs(FaceDetector):
    """Takes white discs for faces; of those that are too large for it, it sees a rim."""

    name = "discs"
    reliable_height = 20

    def detect(self, image: RGBImage) -> Faces:
        """The bounding boxes of what is white."""
        white = (image.min(axis=2) > 200).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(white)
        boxes, scores = [], []
        for x, y, width, height, _ in stats[1:].tolist():
            edges = (x - 0.5, y - 0.5, x + width - 0.5, y + height - 0.5)
            if height > 1.5 * LARGEST:
                edges = (edges[0], edges[1], edges[0] + 30, edges[1] + 30)
            boxes.append(edges)
            scores.append(0.6 if height > 1.5 * LARGEST else 0.9)
        found = np.array(boxes, np.float32).reshape(-1, 4)
        return Faces(found, np.array(scores, np.float32), np.repeat(found[:, None, :2], 5, axis=1))


def stage(*discs: tuple[int, int, int], side: int = 480) -> RGBImage:
    image = np.full((side, side, 3), 40, np.uint8)
    for x, y, radius in discs:
        cv2.circle(image, (x, y), radius, (255, 255, 255), -1)
    return image


def looks() -> TwoLooks:
    return TwoLooks(Discs(), largest=LARGEST, smallest=SMALLEST)


def heights(faces: Faces) -> list[int]:
    return sorted((faces.boxes[:, 3] - faces.boxes[:, 1]).round().astype(int).tolist())


def test_small_and_large_ones_are_found_once_each() -> None:
    faces = looks().detect(stage((60, 60, 15), (300, 300, 100)))

    small, large = heights(faces)
    assert small == 31
    assert large == pytest.approx(201, abs=5)
    assert (np.diff(faces.scores) <= 0).all()
    assert faces.landmarks is not None
    assert faces.landmarks.shape == (2, 5, 2)


def test_the_rim_of_a_large_one_is_no_face() -> None:
    faces = looks().detect(stage((240, 240, 120)))
    assert len(faces) == 1
    np.testing.assert_allclose(faces.boxes[0], [119.5, 119.5, 360.5, 360.5], atol=4)


def test_a_small_picture_is_looked_at_once() -> None:
    image = stage((30, 30, 15), side=LARGEST)
    expected = Discs().detect(image)
    faces = looks().detect(image)
    np.testing.assert_array_equal(faces.boxes, expected.boxes)


def test_a_surer_small_face_stays_before_a_large_one() -> None:
    small = np.array([[100, 100, 130, 140]], np.float32)

    class Unsure(Discs):
        def detect(self, image: RGBImage) -> Faces:
            near = Faces(small, np.array([0.9], np.float32))
            far = Faces(np.array([[10, 10, 70, 90]], np.float32), np.array([0.5], np.float32))
            return far if max(image.shape) == 120 else near

    faces = TwoLooks(Unsure(), largest=LARGEST, smallest=SMALLEST).detect(stage())
    assert heights(faces) == [40, 320]


@pytest.mark.parametrize(
    ("near_score", "expected"),
    [(0.9, 50), (0.5, 50), (0.3, 48), (None, 48)],
)
def test_where_both_looks_see_the_near_one_counts_unless_it_doubts(
    near_score: float | None, expected: int
) -> None:
    class Both(Discs):
        def detect(self, image: RGBImage) -> Faces:
            box = np.array([[100, 100, 140, 150]], np.float32)
            near = Faces(box, np.array([near_score or 0], np.float32))
            far = Faces(np.array([[25, 25, 35, 37]], np.float32), np.array([0.9], np.float32))
            seen = near if near_score else Faces.none()
            return far if max(image.shape) == 120 else seen

    faces = TwoLooks(Both(), largest=LARGEST, smallest=SMALLEST).detect(stage())
    assert heights(faces) == [expected]


def test_what_is_small_from_far_is_left_to_the_near_look() -> None:
    class Far(Discs):
        def detect(self, image: RGBImage) -> Faces:
            far = Faces(np.array([[25, 25, 33, 34]], np.float32), np.array([0.9], np.float32))
            return far if max(image.shape) == 120 else Faces.none()

    faces = TwoLooks(Far(), largest=LARGEST, smallest=SMALLEST).detect(stage())
    assert len(faces) == 0


def test_nothing_is_nothing() -> None:
    faces = looks().detect(stage())
    assert len(faces) == 0
