from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.fancam.face_from_body import FaceInBox, upper_bodies
from closeup.geometry import Size

FACES = np.array(
    [[100 + 30 * n, 60 + 5 * n, 130 + 32 * n, 100 + 8 * n] for n in range(12)], np.float32
)
LARGE = Size(4000, 4000)


def test_the_usual_place_is_that_in_the_head_and_upper_body() -> None:
    faces = np.array([[300, 300, 378, 400], [800, 500, 956, 700]], np.float32)
    np.testing.assert_allclose(FaceInBox().faces(upper_bodies(faces, LARGE)), faces, atol=1)


@given(st.floats(0.2, 0.8), st.floats(0, 1), st.floats(0.1, 0.9), st.floats(0.1, 0.9))
def test_any_kind_of_box_is_learnt(across: float, top: float, width: float, height: float) -> None:
    kind = FaceInBox(across, top, width, height)
    boxes = np.array([[10 * n, 20, 10 * n + 50 + n, 200] for n in range(9)], np.float32)

    learnt = FaceInBox.fitted(kind.faces(boxes), boxes)

    assert (learnt.across, learnt.top) == pytest.approx((across, top), abs=1e-4)
    assert (learnt.width, learnt.height) == pytest.approx((width, height), abs=1e-4)


def test_some_wrong_pairs_do_no_harm() -> None:
    bodies = upper_bodies(FACES, LARGE)
    wrong = FACES.copy()
    wrong[:4] += 200
    expected = FaceInBox.fitted(FACES, bodies)
    learnt = FaceInBox.fitted(wrong, bodies)
    assert learnt.across == pytest.approx(expected.across, abs=0.05)


def test_few_pairs_are_not_believed() -> None:
    assert FaceInBox.fitted(FACES[:3] + 50, upper_bodies(FACES[:3], LARGE)) == FaceInBox()


PICTURE = Size(640, 360)


def test_a_body_hangs_below_its_face() -> None:
    (body,) = upper_bodies(np.array([[290, 50, 330, 100]], np.float32), PICTURE)
    np.testing.assert_allclose(body, [310 - 65, 50 - 17.5, 310 + 65, 100 + 130])


def test_bodies_end_at_the_edges_of_the_picture() -> None:
    faces = np.array([[-10, -5, 40, 60], [600, 300, 650, 350], [700, 10, 720, 40]], np.float32)

    bodies = upper_bodies(faces, PICTURE)

    assert (bodies >= -0.5).all()
    assert (bodies[:, [0, 2]] <= 639.5).all()
    assert (bodies[:, [1, 3]] <= 359.5).all()
    areas = (bodies[:, 2] - bodies[:, 0]) * (bodies[:, 3] - bodies[:, 1])
    assert (areas[:2] > 0).all()
    assert areas[2] == 0


def test_nobody_has_no_body() -> None:
    assert upper_bodies(np.empty((0, 4), np.float32), PICTURE).shape == (0, 4)
