"""Parts of a picture that are turned so that a head is upright."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.landmarks.levelling import levelled
from tests.real_photos import astronaut

PLACE = st.floats(-50, 600)


@given(st.tuples(PLACE, PLACE), st.floats(1, 300), st.floats(-360, 360), st.integers(16, 64))
def test_the_crown_is_above_and_the_middle_stays(
    centre: tuple[float, float], width: float, degrees: float, side: int
) -> None:
    seen = levelled(np.zeros((40, 60, 3), np.uint8), np.array(centre), width, degrees, side)
    assert seen.pixels.shape == (side, side, 3)
    angle = np.radians(degrees)
    crown = np.array(centre) + width / 4 * np.array([np.sin(angle), -np.cos(angle)])
    places = seen.similarity.apply(np.array([centre, crown]))
    middle = (side - 1) / 2
    np.testing.assert_allclose(places, [(middle, middle), (middle, middle - side / 4)], atol=1e-6)


@pytest.mark.parametrize("quarters", range(4))
def test_quarter_turns_change_no_pixel(quarters: int) -> None:
    image = astronaut()[:200, :200]
    clockwise = np.ascontiguousarray(np.rot90(image, -quarters))
    seen = levelled(clockwise, np.array([99.5, 99.5]), 200, 90 * quarters, 200)
    assert np.abs(seen.pixels.astype(int) - image).max() <= 1


def test_beyond_the_picture_its_border_is_repeated() -> None:
    seen = levelled(np.full((9, 9, 3), 200, np.uint8), np.array([0.0, 0.0]), 100, 33, 50)
    assert (seen.pixels == 200).all()
