"""Faces of any size are found, large ones from farther away, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import ArrayLike

from closeup.detection.scale_pyramid import ScalePyramid
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import heights_of, iou
from closeup.protocols import FaceDetector

LARGEST, SMALLEST, SIDE = 120, 40, 480


class Discs(FaceDetector):
    """Takes white discs for faces; of those that are too large for it, it sees a rim."""

    name = "discs"
    reliable_height = 8

    def __init__(self) -> None:
        self.sizes: list[tuple[int, int]] = []

    def detect(self, image: RGBImage) -> Faces:
        """The bounding boxes of what is white."""
        self.sizes.append(image.shape[:2])
        white = (image.min(axis=2) > 200).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(white)
        boxes, scores = [], []
        for x, y, width, height, _ in stats[1:].tolist():
            edges = (x - 0.5, y - 0.5, x + width - 0.5, y + height - 0.5)
            if height > 1.5 * LARGEST:
                edges = (edges[0], edges[1], edges[0] + 40, edges[1] + 40)
            if height >= self.reliable_height:
                boxes.append(edges)
                scores.append(0.6 if height > 1.5 * LARGEST else 0.9)
        found = np.array(boxes, np.float32).reshape(-1, 4)
        return Faces(found, np.array(scores, np.float32), np.repeat(found[:, None, :2], 5, axis=1))


class Looks(Discs):
    """Finds what a table says for each size of a picture, by its longer side."""

    def __init__(self, looks: dict[int, tuple[ArrayLike, ArrayLike]]) -> None:
        super().__init__()
        self._looks = looks

    def detect(self, image: RGBImage) -> Faces:
        """The faces of the look at this size."""
        boxes, scores = self._looks.get(max(image.shape[:2]), ([], []))
        return Faces.of(boxes, scores)


def stage(*discs: tuple[int, int, int], side: int = SIDE) -> RGBImage:
    image = np.full((side, side, 3), 40, np.uint8)
    for x, y, radius in discs:
        cv2.circle(image, (x, y), radius, (255, 255, 255), -1)
    return image


def pyramid(
    detector: FaceDetector, longest_side: int = SIDE, *, enlarged: bool = False
) -> ScalePyramid:
    return ScalePyramid(
        detector,
        largest=LARGEST,
        smallest=SMALLEST,
        single=LARGEST,
        longest_side=longest_side,
        enlarged=enlarged,
    )


def heights(faces: Faces) -> list[int]:
    return sorted(heights_of(faces.boxes).round().astype(int).tolist())


def test_small_and_large_ones_are_found_once_each() -> None:
    faces = pyramid(Discs()).detect(stage((60, 60, 15), (300, 300, 100)))

    small, large = heights(faces)
    assert small == 31
    assert large == pytest.approx(201, abs=5)
    assert (np.diff(faces.scores) <= 0).all()
    assert faces.landmarks is not None
    assert faces.landmarks.shape == (2, 5, 2)


@given(
    st.integers(70, 4000),
    st.floats(0.3, 1.0),
    st.floats(0.2, 0.95),
    st.booleans(),
)
def test_one_that_fills_the_picture_is_found_once_at_every_size(
    side: int, aspect: float, share: float, upright: bool
) -> None:
    other = max(40, round(side * aspect))
    shape = (side, other, 3) if upright else (other, side, 3)
    image = np.full(shape, 40, np.uint8)
    radius = max(10, int(share * min(shape[:2]) / 2))
    middle = shape[1] // 2, shape[0] // 2
    cv2.circle(image, middle, radius, (255, 255, 255), -1)
    faces = pyramid(Discs()).detect(image)

    assert len(faces) == 1
    expected = np.array([[*np.subtract(middle, radius), *np.add(middle, radius)]], np.float32)
    assert iou(faces.boxes, expected)[0, 0] > 0.6


@pytest.mark.parametrize(
    ("side", "looks"),
    [
        (120, [120]),
        (121, [121, 30]),
        (480, [480, 120]),
        (481, [480, 120]),
        (3000, [480, 120]),
    ],
)
def test_looks_end_with_the_whole_picture_small(side: int, looks: list[int]) -> None:
    discs = Discs()
    pyramid(discs).detect(stage(side=side))
    assert [max(size) for size in discs.sizes] == looks


def test_a_picture_as_low_as_a_reliable_face_is_searched_once() -> None:
    discs = Discs()
    pyramid(discs).detect(stage(side=SIDE)[:LARGEST])
    assert discs.sizes == [(LARGEST, SIDE)]


def test_small_pictures_can_be_enlarged() -> None:
    discs = Discs()
    faces = pyramid(discs, enlarged=True).detect(stage((60, 60, 40), side=120))
    assert discs.sizes == [(480, 480), (120, 120)]
    assert heights(faces) == pytest.approx([81], abs=5)


def test_the_rim_of_a_large_one_is_no_face() -> None:
    faces = pyramid(Discs()).detect(stage((240, 240, 120)))
    assert len(faces) == 1
    np.testing.assert_allclose(faces.boxes[0], [119.5, 119.5, 360.5, 360.5], atol=4)


def test_a_small_picture_is_searched_once() -> None:
    image = stage((30, 30, 15), side=LARGEST)
    expected = Discs().detect(image)
    faces = pyramid(Discs()).detect(image)
    np.testing.assert_array_equal(faces.boxes, expected.boxes)


def test_two_large_ones_side_by_side_stay_two() -> None:
    faces = pyramid(Discs(), longest_side=1920).detect(
        stage((480, 960, 470), (1440, 960, 470), side=1920)
    )
    assert heights(faces) == pytest.approx([941, 941], abs=70)


NEAR_SMALL = ([[100, 100, 122, 130]], [0.9])
"""A face of 30 pixels, which the look at a quarter cannot show."""
NEAR_LARGE = ([[100, 100, 130, 140]], [0.8])
"""A face of 40 pixels; the look at a quarter ought to show it with 10."""
ALL_AROUND = [10, 10, 70, 90]
"""A box around both in the look at a quarter."""
IN_THE_QUARTER = [24.6, 24.6, 32.1, 34.6]
"""The second one in the look at a quarter."""


@pytest.mark.parametrize(
    ("near", "far", "expected"),
    [
        pytest.param(NEAR_SMALL, ([ALL_AROUND], [0.5]), [30, 320], id="surer"),
        pytest.param(NEAR_SMALL, ([ALL_AROUND], [0.99]), [30, 320], id="less sure, unseen"),
        pytest.param(NEAR_SMALL, ([ALL_AROUND], [1.9]), [320], id="half as sure"),
        pytest.param(NEAR_LARGE, ([ALL_AROUND], [0.7]), [40, 320], id="larger, surer"),
        pytest.param(NEAR_LARGE, ([ALL_AROUND], [0.9]), [320], id="larger, a part"),
        pytest.param(
            NEAR_LARGE, ([ALL_AROUND, IN_THE_QUARTER], [0.9, 0.6]), [40, 320], id="confirmed"
        ),
        pytest.param(NEAR_LARGE, ([[60, 10, 110, 90]], [0.9]), [40, 320], id="beside it"),
    ],
)
def test_a_small_face_in_a_large_box_stays_unless_it_is_a_part(
    near: tuple[ArrayLike, ArrayLike], far: tuple[ArrayLike, ArrayLike], expected: list[int]
) -> None:
    faces = pyramid(Looks({SIDE: near, SIDE // 4: far})).detect(stage())
    assert heights(faces) == expected


@pytest.mark.parametrize(
    ("near_score", "expected"),
    [(0.9, 50), (0.5, 50), (0.3, 48), (None, 48)],
)
def test_where_both_looks_see_the_near_one_counts_unless_it_doubts(
    near_score: float | None, expected: int
) -> None:
    near = ([[100, 100, 140, 150]], [near_score]) if near_score else ([], [])
    far = ([[25, 25, 35, 37]], [0.9])
    looks = Looks({SIDE: near, SIDE // 4: far})
    assert heights(pyramid(looks).detect(stage())) == [expected]


def test_what_is_small_from_far_is_left_to_the_near_look() -> None:
    far = ([[25, 25, 33, 34]], [0.9])
    assert len(pyramid(Looks({SIDE // 4: far})).detect(stage())) == 0


def test_what_is_large_from_near_is_left_to_the_far_look() -> None:
    near = ([[100, 100, 200, 221]], [0.9])
    assert len(pyramid(Looks({SIDE: near})).detect(stage())) == 0


@pytest.mark.parametrize("make", [Discs, lambda: Looks({})])
def test_nothing_is_nothing(make: Callable[[], FaceDetector]) -> None:
    assert len(pyramid(make()).detect(stage())) == 0
    assert len(pyramid(make()).detect(np.empty((0, 9, 3), np.uint8))) == 0
