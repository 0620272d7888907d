from __future__ import annotations

import numpy as np
import pytest

from closeup.evaluation.degradation import recompressed, shrunk
from tests.real_photos import astronaut


def test_lower_qualities_lose_more() -> None:
    image = astronaut()[:201, :203]
    errors = []
    for quality in (100, 90, 50, 10):
        worse = recompressed(image, quality)
        assert worse.shape == image.shape
        assert worse.dtype == np.uint8
        errors.append(float(np.abs(worse.astype(float) - image).mean()))
    assert errors == sorted(errors)
    assert 0 < errors[0] < 3  # red and blue are where they were
    assert errors[-1] > 4


def test_a_quality_that_is_none() -> None:
    with pytest.raises(ValueError, match="1 to 100"):
        recompressed(astronaut(), 0)


def test_shrinking_keeps_shape_and_brightness() -> None:
    image = astronaut()
    small = shrunk(image, 0.25)
    assert small.shape == (128, 128, 3)
    np.testing.assert_allclose(small.mean(axis=(0, 1)), image.mean(axis=(0, 1)), atol=0.5)


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_nothing_is_enlarged(scale: float) -> None:
    image = astronaut()
    assert shrunk(image, scale) is image


def test_a_pixel_remains() -> None:
    assert shrunk(astronaut(), 1e-4).shape == (1, 1, 3)
