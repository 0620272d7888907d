from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from closeup.errors import ShapeError
from closeup.eyes import Eyes
from closeup.faces import Faces, Squaring, rolls_of
from closeup.identities import Likeness, Recognition

SIDES = st.floats(0, 1000, width=32)


@given(arrays(np.float32, (3, 4), elements=SIDES), st.floats(0.5, 2), st.floats(-0.5, 0.5))
def test_squares_follow_the_recipe(corners: np.ndarray, side: float, lower: float) -> None:
    boxes = np.hstack([corners[:, :2], corners[:, :2] + corners[:, 2:]])
    squares = Faces(boxes, np.ones(3, np.float32), squaring=Squaring(side, lower)).squares()
    longer = corners[:, 2:].max(axis=1)
    sides = squares[:, 2:] - squares[:, :2]
    np.testing.assert_allclose(sides, np.stack([longer * side] * 2, 1), atol=4e-3)
    shift = (squares[:, :2] + squares[:, 2:] - boxes[:, :2] - boxes[:, 2:]) / 2
    np.testing.assert_allclose(shift[:, 0], 0, atol=4e-3)
    np.testing.assert_allclose(shift[:, 1], lower * longer, atol=4e-3)


def test_no_face_gives_no_square() -> None:
    assert Faces.none().squares().shape == (0, 4)


def test_a_square_box_of_dlib_stays() -> None:
    boxes = np.array([[10, 20, 30, 40]], np.float32)
    np.testing.assert_array_equal(Faces(boxes, np.ones(1, np.float32)).squares(), boxes)


def test_the_way_to_squares_survives_scaling_and_choosing() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 20, 30]], np.float32)
    faces = Faces(boxes, np.ones(2, np.float32), squaring=Squaring(0.5, 0.1))
    chosen = faces.scaled(2, 2)[np.array([1])]
    assert chosen.squaring == Squaring(0.5, 0.1)
    sides = chosen.squares()[0, 2:] - chosen.squares()[0, :2]
    np.testing.assert_allclose(sides, 30, rtol=1e-5)


def test_arrays_must_agree() -> None:
    with pytest.raises(ValueError, match=r"scores must have shape \(1,\), got \(2,\)"):
        Faces(np.zeros((1, 4), np.float32), np.zeros(2, np.float32))


def test_rolls_by_points() -> None:
    face = np.array([(38, 52), (74, 52), (56, 72), (42, 92), (70, 92)], np.float32)
    for degrees in (0, 30, 90, 179, -120):
        angle = np.radians(degrees)
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        found = rolls_of((5 * face @ turn + 7)[None].astype(np.float32))
        assert abs((found[0] - degrees + 180) % 360 - 180) < 1


def test_heads_that_are_turned_before_their_points_are_found() -> None:
    face = np.array([(38, 52), (74, 52), (56, 72), (42, 92), (70, 92)], np.float32)
    sideways = np.stack([face[:, 1], -face[:, 0]], axis=1)
    boxes, ones = np.zeros((2, 4), np.float32), np.ones(2, np.float32)
    by_points = Faces(boxes, ones, np.stack([face, sideways]))
    np.testing.assert_allclose(by_points.turns(), [0, -90], atol=1)
    assert not by_points.lying.any()
    assert Faces(boxes, ones).turns().tolist() == [0, 0]
    known = by_points.with_columns(rolls=np.array([19, np.nan], np.float32))
    assert known.turns().tolist() == [0, 0]
    assert known.lying.tolist() == [False, True]
    assert known.with_columns(rolls=np.array([21, -180], np.float32)).turns().tolist() == [21, -180]


@pytest.mark.parametrize("degrees", [0, 90, 180, -90, 37])
def test_the_square_of_a_turned_head_is_turned_with_it(degrees: float) -> None:
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    halves = np.sqrt(turn**2 @ np.array([37.5, 50]) ** 2)
    upright, turned = (
        Faces(
            np.array([[*(100 - sides), *(100 + sides)]], np.float32),
            np.ones(1, np.float32),
            squaring=Squaring(0.95, 0.04),
            rolls=np.array([roll], np.float32),
        ).squares()[0]
        for sides, roll in ((np.array([37.5, 50]), 0), (halves, degrees))
    )
    centre = turn @ ((upright[:2] + upright[2:]) / 2 - 100) + 100
    np.testing.assert_allclose((turned[:2] + turned[2:]) / 2, centre, atol=1e-3)
    np.testing.assert_allclose(turned[2:] - turned[:2], upright[2:] - upright[:2], atol=1e-3)


def test_joined_faces() -> None:
    one, two = with_all_columns(1), with_all_columns(2).with_columns(rolls=None)
    both = Faces.joined([one, Faces.none(), two])
    assert len(both) == 3
    assert both.rolls is None
    assert both.squaring == one.squaring
    np.testing.assert_array_equal(both.boxes, np.concatenate([one.boxes, two.boxes]))
    assert both.landmarks is not None
    np.testing.assert_array_equal(both.landmarks[1:], two.landmarks)
    assert len(Faces.joined([Faces.none(), Faces.none()])) == 0


ARRAYS = ("boxes", "scores", "landmarks", "rolls", "points", "embeddings", "weights")


def with_all_columns(count: int) -> Faces:
    """Faces with every column; the left eye of every second one is not found."""
    rng = np.random.default_rng(count)
    lost = np.arange(count) % 2 == 1
    centres = rng.uniform(0, 90, (count, 2, 2)).astype(np.float32)
    centres[lost, 1] = np.nan
    eyes = Eyes(
        centres,
        rng.random((count, 2), np.float32),
        rng.random((count, 2), np.float32),
        tuple(("", "closed" if missing else "") for missing in lost.tolist()),
        rng.normal(size=(count, 2)),
    )
    names = [Likeness(f"member {i}", 0.9, 0.25, 9.0, 0.01) for i in range(count)]
    return Faces(
        rng.uniform(0, 90, (count, 4)).astype(np.float32),
        rng.random(count, np.float32),
        rng.uniform(0, 90, (count, 5, 2)).astype(np.float32),
        Squaring(0.5, 0.1),
    ).with_columns(
        rolls=rng.uniform(-180, 180, count).astype(np.float32),
        points=rng.uniform(0, 90, (count, 3, 2)).astype(np.float32),
        scheme="three",
        eyes=eyes,
        embeddings=rng.normal(size=(count, 8)).astype(np.float32),
        weights=rng.random(count),
        identities=tuple(Recognition((name,), i % 3 > 0) for i, name in enumerate(names)),
    )


def assert_rows(found: Faces, every: Faces, rows: np.ndarray) -> None:
    """Whether ``found`` are the faces of ``every`` with these numbers, in all columns."""
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(found, name), getattr(every, name)[rows])
    assert (found.scheme, found.squaring) == (every.scheme, every.squaring)
    assert found.names == tuple(every.names[i] for i in rows)
    assert found.identities is not None
    assert every.identities is not None
    assert found.identities == tuple(every.identities[i] for i in rows)
    assert found.eyes is not None
    assert every.eyes is not None
    for name in ("centres", "openness", "confidence", "gaze"):
        np.testing.assert_array_equal(getattr(found.eyes, name), getattr(every.eyes, name)[rows])
    assert found.eyes.reasons == tuple(every.eyes.reasons[i] for i in rows)


@given(st.integers(0, 6), st.data())
def test_a_selection_keeps_every_column(count: int, data: st.DataObject) -> None:
    faces = with_all_columns(count)
    chosen = st.lists(st.integers(0, count - 1), max_size=8) if count else st.just([])
    rows = np.array(data.draw(chosen), np.int64)
    assert_rows(faces[rows], faces, rows)
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=count, max_size=count)), np.bool_)
    assert_rows(faces[mask], faces, np.flatnonzero(mask))
    for number, face in enumerate(faces):
        assert_rows(face, faces, np.array([number]))


@given(st.integers(0, 4), st.floats(0.25, 4, width=32), st.floats(0.25, 4, width=32))
def test_scaling_drops_what_was_found_in_the_picture_of_the_other_size(
    count: int, x: float, y: float
) -> None:
    faces = with_all_columns(count)
    scaled = faces.scaled(x, y)
    assert (scaled.points, scaled.scheme, scaled.eyes) == (None, None, None)
    assert scaled.names == faces.names
    for name in ("scores", "embeddings", "weights"):
        np.testing.assert_array_equal(getattr(scaled, name), getattr(faces, name))
    assert scaled.landmarks is not None
    assert faces.landmarks is not None
    expected = (faces.landmarks + 0.5) * (x, y) - 0.5
    np.testing.assert_allclose(scaled.landmarks, expected, rtol=1e-5, atol=1e-4)
    again = scaled.scaled(1 / x, 1 / y)
    np.testing.assert_allclose(again.boxes, faces.boxes, rtol=1e-4, atol=1e-3)


def test_faces_that_nobody_compared_have_no_names() -> None:
    faces = with_all_columns(2).with_columns(identities=None)
    assert faces.names == (None, None)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"points": np.zeros((3, 5, 2))}, r"points must have shape \(2, k, 2\), got \(3, 5, 2\)"),
        ({"embeddings": np.zeros(2)}, r"embeddings must have shape \(2, d\), got \(2,\)"),
        ({"weights": np.zeros((2, 1))}, r"weights must have shape \(2,\), got \(2, 1\)"),
        ({"eyes": Eyes.none()}, "eyes must describe 2 faces, got 0"),
        ({"identities": ()}, "identities must describe 2 faces, got 0"),
    ],
)
def test_columns_must_describe_the_same_faces(columns: dict[str, object], message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        with_all_columns(2).with_columns(**columns)


def test_there_are_no_other_columns() -> None:
    with pytest.raises(TypeError, match="colour"):
        with_all_columns(2).with_columns(colour=1)


def test_faces_of_lists() -> None:
    faces = Faces.of(
        [[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.5]], [1, 0.5], np.zeros((2, 5, 2), np.int64)
    )
    assert faces.boxes.dtype == faces.scores.dtype == np.float32
    assert faces.landmarks is not None
    assert faces.landmarks.dtype == np.float32
    assert faces.boxes.tolist() == [[1, 2, 3, 4], [5, 6, 7, 8.5]]
    assert len(Faces.of([], [])) == 0


@pytest.mark.parametrize(
    ("boxes", "scores"),
    [([[1, 2, 3]], [1]), ([[1, 2, 3, 4]], []), ([1, 2, 3, 4], [1]), ([], [1])],
)
def test_lists_must_describe_the_same_faces(boxes: list[Any], scores: list[float]) -> None:
    with pytest.raises(ShapeError):
        Faces.of(boxes, scores)
