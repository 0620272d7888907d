import numpy as np
import pytest
from hypothesis import given, strategies as st

from tests.calibrations import DLIB

CURVE = DLIB.false_accepts


@given(st.floats(1e-6, 0.9), st.integers(1, 30))
def test_the_rate_at_a_distance_is_the_rate_asked_for(rate: float, photos: int) -> None:
    distance = np.array([CURVE.distance_at(rate, photos)], np.float64)
    np.testing.assert_allclose(CURVE.rate(distance, photos), rate, rtol=1e-6)


@given(st.floats(0, 2), st.floats(0, 2))
def test_further_strangers_are_more(a: float, b: float) -> None:
    near, far = CURVE.rate(np.sort(np.array([a, b], np.float32)))
    assert 0 < near <= far <= 1


def test_a_centroid_of_more_photos_asks_for_less_distance() -> None:
    assert CURVE.distance_at(1e-3, 5) < CURVE.distance_at(1e-3, 2) < CURVE.distance_at(1e-3, 1)
    rates = CURVE.rate(np.full(3, 0.35, np.float32), np.array([1, 2, 5]))
    assert np.all(np.diff(rates) > 0)


@pytest.mark.parametrize("rate", [0, 1e-7, 0.95, 1, -1])
def test_what_was_not_measured_is_not_promised(rate: float) -> None:
    with pytest.raises(ValueError, match="rate must be"):
        CURVE.distance_at(rate)
