"""Detections of one picture: shapes, selection, joining, and what they take from faces."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.detections import Detections
from closeup.faces import Faces

POINTS = (None, (5, 2), (3, 3), (0, 2))


@st.composite
def detections(draw: st.DrawFn, points: tuple[int, int] | None = (5, 2)) -> Detections:
    count = draw(st.integers(0, 6))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    return Detections(
        rng.uniform(-5, 100, (count, 4)).astype(np.float32),
        rng.random(count).astype(np.float32),
        rng.integers(0, 4, count),
        None if points is None else rng.random((count, *points)).astype(np.float32),
    )


def assert_same(a: Detections, b: Detections) -> None:
    for name in ("boxes", "scores", "classes"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    assert (a.points is None) == (b.points is None)
    if a.points is not None and b.points is not None:
        np.testing.assert_array_equal(a.points, b.points)


@pytest.mark.parametrize("points", POINTS)
def test_a_selection_joined_with_the_rest_is_all_again(points: tuple[int, int] | None) -> None:
    @given(detections(points), st.integers(0, 6))
    def check(every: Detections, first: int) -> None:
        mask = np.arange(len(every)) < first
        parts = [every[mask], every[np.flatnonzero(~mask)]]
        assert sum(map(len, parts)) == len(every)
        assert_same(Detections.joined(parts), every)

    check()


@given(detections(), detections(None))
def test_points_get_lost_where_a_part_has_none(a: Detections, b: Detections) -> None:
    joined = Detections.joined([a, b])
    assert len(joined) == len(a) + len(b)
    assert joined.points is None


def test_nothing_has_no_rows() -> None:
    none = Detections.none()
    assert (len(none), none.boxes.shape, none.points) == (0, (0, 4), None)
    assert none.boxes.dtype == none.scores.dtype == np.float32
    assert none.classes.dtype == np.int64
    assert_same(Detections.joined([]), none)


def test_faces_are_objects_of_the_class_0() -> None:
    landmarks = np.ones((2, 5, 2), np.float32)
    faces = Faces(np.zeros((2, 4), np.float32), np.ones(2, np.float32), landmarks)
    found = Detections.of_faces(faces)
    assert found.classes.tolist() == [0, 0]
    assert found.points is landmarks


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (((2, 5), (2,), (2,), None), r"boxes must have shape \(2, 4\), got \(2, 5\)"),
        (((2, 4), (3,), (2,), None), r"scores must have shape \(2,\), got \(3,\)"),
        (((2, 4), (2,), (2, 1), None), r"classes must have shape \(2,\), got \(2, 1\)"),
        (((2, 4), (2,), (2,), (2, 5)), r"points must have shape \(2, k, 2\), got \(2, 5\)"),
        (((2, 4), (2,), (2,), (1, 5, 3)), r"points must have shape \(2, k, 3\), got \(1, 5, 3\)"),
        (((2, 4), (2,), (2,), (2, 5, 4)), r"points must have shape \(2, k, 2\), got \(2, 5, 4\)"),
    ],
)
def test_other_shapes_are_refused_with_the_expected_one(
    shapes: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...] | None],
    message: str,
) -> None:
    boxes, scores, classes, points = shapes
    with pytest.raises(ValueError, match=message):
        Detections(
            np.zeros(boxes, np.float32),
            np.zeros(scores, np.float32),
            np.zeros(classes, np.int64),
            None if points is None else np.zeros(points, np.float32),
        )
