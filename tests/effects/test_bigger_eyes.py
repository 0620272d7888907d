from __future__ import annotations

from pathlib import Path

import numpy as np

from closeup.effects.bigger_eyes import BiggerEyes
from closeup.effects.face_shapes import face_shapes
from tests.effects.portraits import described


def test_irises_grow_with_the_amount(shared_models: Path) -> None:
    """The dark area around a pupil grows as the square of the magnification."""
    image, faces = described("hopper", shared_models)
    (face,) = face_shapes(faces)
    areas = []
    for amount in (0.0, 0.5, 1.0):
        drawn = BiggerEyes(amount)(image, faces)
        x, y = np.rint(face.eyes[1].pupil).astype(int)
        around = drawn[y - 12 : y + 13, x - 12 : x + 13].max(axis=-1)
        areas.append(int((around < 75).sum()))
    assert areas[0] < areas[1] < areas[2]


def test_the_change_ends_before_the_nose(shared_models: Path) -> None:
    image, faces = described("astronaut", shared_models)
    drawn = BiggerEyes(1.0)(image, faces)
    (face,) = face_shapes(faces)
    x, y = np.rint(face.nose).astype(int)
    np.testing.assert_array_equal(drawn[y - 2 :, x - 3 : x + 4], image[y - 2 :, x - 3 : x + 4])
