import numpy as np
from hypothesis import given, strategies as st

from closeup.landmarks.surroundings import cut_out, cut_out_repeating

PLACE = st.floats(-60, 120)


@given(PLACE, PLACE, st.floats(0, 80), st.floats(0, 80))
def test_it_is_the_asked_part_of_the_picture(x: float, y: float, w: float, h: float) -> None:
    image = np.arange(40 * 60 * 3, dtype=np.int32).astype(np.uint8).reshape(40, 60, 3)
    crop, origin = cut_out(image, np.array([x, y]), np.array([x + w, y + h]))
    left, top = origin.tolist()
    rows, columns = crop.shape[:2]
    assert rows >= 1
    assert columns >= 1
    np.testing.assert_array_equal(crop, image[top : top + rows, left : left + columns])
    for pixel in range(60):
        if x <= pixel <= x + w:
            assert left <= pixel < left + columns
    for pixel in range(40):
        if y <= pixel <= y + h:
            assert top <= pixel < top + rows
    assert columns <= w + 3
    assert crop.flags.c_contiguous


# Quarters, since sums of tenths are rounded differently at different places.
PLACES = st.integers(-240, 480).map(lambda quarters: quarters / 4)
LENGTHS = st.integers(0, 320).map(lambda quarters: quarters / 4)


@given(PLACES, PLACES, LENGTHS, LENGTHS)
def test_beyond_the_picture_its_border_is_repeated(x: float, y: float, w: float, h: float) -> None:
    image = np.arange(40 * 60 * 3, dtype=np.int32).astype(np.uint8).reshape(40, 60, 3)
    more = 250
    wide = np.pad(image, ((more, more), (more, more), (0, 0)), mode="edge")
    corners = np.array([x, y]), np.array([x + w, y + h])
    crop, origin = cut_out_repeating(image, *corners)
    expected, place = cut_out(wide, *(corner + more for corner in corners))
    np.testing.assert_array_equal(crop, expected)
    np.testing.assert_array_equal(origin, place - more)
    assert crop.flags.c_contiguous
