from __future__ import annotations

import numpy as np

from closeup.fancam.upper_body import upper_bodies
from closeup.geometry import Size

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
