from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from closeup.effects.face_shapes import IRIS
from closeup.effects.moved_eye import MovedEye
from tests.effects.test_eye_opening import SHIFTS, opening

GRADIENT = np.tile(np.linspace(40, 220, 200).astype(np.uint8)[:, None, None], (1, 260, 3))


@given(SHIFTS, st.floats(0, 1))
@settings(max_examples=50)
def test_narrowed_lids_leave_the_moved_iris_visible(
    shift: tuple[float, float], amount: float
) -> None:
    eye = opening()
    moved = MovedEye.narrowed(eye, eye.limited(np.array(shift)), amount)
    x, y = eye.iris + moved.shift
    top, bottom = eye.lids(np.array(x))
    upper, lower = (share * (bottom - top) for share in moved.closed)
    assert all(share >= 0 for share in moved.closed)
    assert upper == 0 or y - (top + upper) >= 0.34 * IRIS
    assert lower == 0 or (bottom - lower) - y >= 0.49 * IRIS


def test_the_offset_is_along_the_axes_of_the_face() -> None:
    eye = opening()
    wanted = np.array([0.03, -0.01])
    np.testing.assert_allclose(MovedEye(eye, eye.limited(wanted), (0, 0)).offset, wanted)


@pytest.mark.parametrize("closed", [(0.0, 0.0), (0.3, 0.1)])
def test_it_changes_the_picture_only_if_something_moves(closed: tuple[float, float]) -> None:
    drawn = GRADIENT.copy()
    MovedEye(opening(), np.zeros(2), closed).draw(GRADIENT, drawn)
    assert (drawn != GRADIENT).any() == any(closed)


def test_a_closing_lid_takes_its_skin_along() -> None:
    """Brightness grows down: what has moved down is darker than before."""
    eye, drawn = opening(), GRADIENT.copy()
    MovedEye(eye, np.zeros(2), (0.3, 0.0)).draw(GRADIENT, drawn)
    top = eye.middle + eye.linear @ np.array([0.0, float(eye.lids(np.array(0.0))[0]) + 0.01])
    column, row = np.rint(top).astype(int).tolist()
    assert drawn[row, column, 0] < GRADIENT[row, column, 0]
    assert (drawn.astype(int) <= GRADIENT.astype(int) + 12).all()
