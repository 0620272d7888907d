from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, strategies as st

from closeup.effects.eye_opening import EyeOpening
from closeup.effects.face_shapes import face_shapes
from tests.effects.portraits import drawn_face, moved

SHIFTS = st.tuples(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))


def opening(scale: float = 1.0, openness: float = 1.0) -> EyeOpening:
    """The right eye of a drawn face."""
    faces = moved(drawn_face(), (0, 0), scale)
    assert faces.eyes is not None
    narrow = replace(faces.eyes, openness=np.full((1, 2), openness, np.float32))
    (face,) = face_shapes(faces.with_columns(eyes=narrow))
    assert face.right is not None
    return EyeOpening.of(face, face.right)


@given(SHIFTS)
def test_a_moved_iris_stays_between_lids_and_corners(shift: tuple[float, float]) -> None:
    eye = opening()
    x, y = eye.iris + eye.limited(np.array(shift))
    assert eye.depth(np.array(x), np.array(y)) > 0


@given(st.tuples(st.floats(-0.05, 0.05), st.floats(-0.02, 0.02)))
def test_small_shifts_are_not_limited(shift: tuple[float, float]) -> None:
    eye = opening()
    moved_in_picture = eye.linear @ eye.limited(np.array(shift))
    np.testing.assert_allclose(moved_in_picture, eye.axes @ np.array(shift), atol=1e-6)


@given(st.tuples(st.floats(-0.3, 0.3), st.floats(-0.2, 0.2)))
def test_an_iris_that_is_not_shifted_stays_where_it_is(place: tuple[float, float]) -> None:
    """Also where the lids or the pupil were found wrong, so that the iris lies beyond them."""
    eye = replace(opening(), iris=np.array(place))
    np.testing.assert_array_equal(eye.limited(np.zeros(2)), 0)


def test_depths_are_distances_from_the_lids() -> None:
    eye = opening()
    x = np.array(0.0)
    top, bottom = eye.lids(x)
    assert np.isclose(eye.depth(x, top + 0.01), 0.01)
    assert np.isclose(eye.depth(x, bottom + 0.02), -0.02)
    assert np.isclose(eye.depth(x, top - 0.02, above=0.05), 0.03)
    assert eye.depth(np.array(eye.ends[1] + 0.01), np.array(0.0)) <= 0


def test_lids_of_small_faces_have_wider_edges() -> None:
    """Their place is uncertain by a pixel."""
    large, small = opening(), opening(0.3)
    assert small.margin > large.margin
    assert small.lids(np.array(0.0))[0] < large.lids(np.array(0.0))[0]
