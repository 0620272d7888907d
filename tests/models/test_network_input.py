import cv2
import numpy as np
import pytest

from closeup.models.network_input import planes


@pytest.mark.parametrize("scale", [1.0, 1 / 255])
@pytest.mark.parametrize("bgr", [False, True])
def test_gives_what_opencv_gives(scale: float, bgr: bool) -> None:
    image = np.random.default_rng(0).integers(0, 256, (48, 80, 3), np.uint8)
    expected = cv2.dnn.blobFromImage(image, scale, swapRB=bgr)
    made = planes(image, scale, bgr=bgr)
    assert made.dtype == np.float32
    assert made.flags.c_contiguous
    np.testing.assert_array_equal(made, expected)
