from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from closeup.effects.face_motion import face_motion
from tests.real_photos import astronaut

BOX = np.array([178, 65, 269, 176], np.float32)
GRAY = np.asarray(cv2.cvtColor(astronaut(), cv2.COLOR_RGB2GRAY), np.uint8)


@given(
    x=st.floats(-12, 12),
    y=st.floats(-12, 12),
    angle=st.floats(-6, 6),
    scale=st.floats(0.95, 1.05),
)
@settings(max_examples=30)
def test_known_motions_are_measured(x: float, y: float, angle: float, scale: float) -> None:
    matrix = np.asarray(cv2.getRotationMatrix2D((224.0, 120.0), angle, scale))
    matrix[:, 2] += np.array([x, y])
    after = cv2.warpAffine(GRAY, matrix, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    motion = face_motion(GRAY, np.asarray(after, np.uint8), BOX)
    assert motion is not None
    corners = BOX.reshape(2, 2).astype(np.float64)
    true = corners @ matrix[:, :2].T + matrix[:, 2]
    assert np.abs(motion.apply(corners) - true).max() < 0.6


def test_after_a_cut_there_is_no_motion() -> None:
    noise = np.random.default_rng(0).integers(0, 255, GRAY.shape).astype(np.uint8)
    assert face_motion(GRAY, noise, BOX) is None
    assert face_motion(GRAY, np.zeros_like(GRAY), BOX) is None


@pytest.mark.parametrize("box", [(-300, -300, -200, -200), (505, 505, 511, 511), (0, 0, 0.5, 0.5)])
def test_faces_beyond_the_picture_have_none(box: tuple[float, ...]) -> None:
    assert face_motion(GRAY, GRAY, np.array(box, np.float32)) is None


def test_pictures_of_other_sizes_have_none() -> None:
    assert face_motion(GRAY, GRAY[:100], BOX) is None
