import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from tests.calibrations import DLIB

CURVE = DLIB.false_accepts
ODDS = DLIB.odds


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


@given(
    arrays(np.float32, 4, elements=st.floats(0, 2, width=32)),
    arrays(np.int64, (3, 1), elements=st.integers(1, 9)),
    arrays(np.float64, (3, 4), elements=st.floats(0, 5)),
)
def test_the_odds_of_many_probes_are_those_of_each(
    distances: NDArray[np.float32], photos: NDArray[np.int64], probes: NDArray[np.float64]
) -> None:
    together = ODDS.log_likelihood_ratio(distances, photos, probes)
    assert together.shape == (3, 4)
    alone = [
        ODDS.log_likelihood_ratio(distances[[column]], photos[row], float(probes[row, column]))[0]
        for row, column in np.ndindex(3, 4)
    ]
    np.testing.assert_allclose(together.ravel(), alone, atol=1e-9)
    assert np.abs(together).max() <= 12
    assert not together[probes == 0].any(), "faces of no weight are no evidence"
