import cv2
import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.landmarks.warping import warped
from closeup.similarity import Similarity
from tests.real_photos import astronaut


def moved(x: float, y: float, scale: float = 1, degrees: float = 0) -> Similarity:
    turn = np.deg2rad(degrees)
    a, b = scale * np.cos(turn), scale * np.sin(turn)
    return Similarity(np.array([[a, -b, x], [b, a, y]]))


def ramp(width: int = 240, height: int = 200) -> RGBImage:
    """Red is the column and green the row of each pixel, from 5 on."""
    rows, columns = np.mgrid[:height, :width] + 5
    return np.stack([columns, rows, np.full_like(rows, 200)], axis=2).astype(np.uint8)


@given(
    st.floats(-9, 9), st.floats(-9, 9), st.floats(0.1, 6), st.floats(-180, 180),
    st.integers(1, 40), st.integers(1, 40),
)  # fmt: skip
def test_a_pixel_shows_the_place_it_comes_from(
    x: float, y: float, scale: float, degrees: float, width: int, height: int
) -> None:
    image = ramp()
    middle = np.array([120.0, 100.0])
    centre = moved(0, 0, scale, degrees)
    shift = np.array([width / 2 + x, height / 2 + y]) - centre.apply(middle)
    similarity = centre.then(moved(*shift))
    chip = warped(image, similarity, Size(width, height))
    rows, columns = np.mgrid[:height, :width]
    places = similarity.inverse().apply(np.stack([columns, rows], axis=2).astype(np.float64))
    reach = 1 / scale + 1  # a shrunk pixel covers so much
    inside = (places > reach).all(2) & (places < np.array([239, 199]) - reach).all(2)
    difference = chip[..., :2].astype(float) - 5 - places
    assert np.abs(difference[inside]).max(initial=0) <= 1.05  # rounded twice
    assert np.abs(chip[inside][:, 2].astype(int) - 200).max(initial=0) == 0


def test_nothing_changes_without_a_move() -> None:
    image = astronaut()
    np.testing.assert_array_equal(warped(image, moved(0, 0), Size(512, 512)), image)
    part = warped(image, moved(-100, -50), Size(200, 100))
    np.testing.assert_array_equal(part, image[50:150, 100:300])


def test_half_a_pixel_is_between_two() -> None:
    image = astronaut()
    chip = warped(image, moved(-0.5, 0), Size(511, 512)).astype(int)
    expected = (image[:, :-1].astype(int) + image[:, 1:]) / 2
    assert np.abs(chip - expected).max() <= 0.5


@pytest.mark.parametrize("factor", [2, 3, 5])
def test_shrinking_is_a_mean_and_not_a_choice(factor: int) -> None:
    side = 60 // factor
    image = np.random.default_rng(factor).integers(0, 256, (60, 60, 3), np.uint8)
    shrunk = moved(-(factor - 1) / 2 / factor, -(factor - 1) / 2 / factor, 1 / factor)
    means = image.reshape(side, factor, side, factor, 3).mean(axis=(1, 3))
    chip = warped(image, shrunk, Size(side, side))
    assert np.abs(chip - means).max() <= 0.5


@pytest.mark.parametrize("degrees", [0, 30, 77])
def test_a_fine_pattern_turns_grey(degrees: float) -> None:
    rows, columns = np.mgrid[:400, :400]
    board = ((rows + columns) % 2 * 255).astype(np.uint8)
    image = np.repeat(board[..., None], 3, axis=2)
    there = moved(0, 0, 0.25, degrees)
    similarity = there.then(moved(*(np.array([20, 20]) - there.apply(np.array([200.0, 200.0])))))
    chip = warped(image, similarity, Size(40, 40)).astype(int)
    assert np.abs(chip - 127).max() < 40


def test_outside_is_black_or_what_is_chosen() -> None:
    image = np.full((20, 20, 3), 250, np.uint8)
    assert not warped(image, moved(100, 100), Size(50, 60)).any()
    chip = warped(image, moved(10, 0), Size(40, 30), fill=(1, 2, 3))
    assert chip.shape == (30, 40, 3)
    assert np.all(chip[:, :9] == (1, 2, 3))
    assert np.all(chip[20:] == (1, 2, 3))
    assert np.all(chip[:20, 10:30] == 250)


def test_outside_may_repeat_the_border() -> None:
    image = astronaut()[:40, :50]
    chip = warped(image, moved(10, 20), Size(80, 90), fill=None)
    more = ((20, 30), (10, 20), (0, 0))
    np.testing.assert_array_equal(chip, np.pad(image, more, mode="edge"))
    shrunk = warped(image, moved(10, 20, 0.25), Size(40, 40), fill=None)
    assert shrunk.any(axis=2).all()


def test_a_part_of_a_picture_that_opencv_cannot_warp_as_a_whole() -> None:
    image = np.zeros((3, 50_000, 3), np.uint8)
    image[:, 40_000] = 255
    chip = warped(image, moved(-39_990, 0), Size(20, 3))
    assert np.flatnonzero(chip[1, :, 0]).tolist() == [10]


def test_views_and_read_only_pictures() -> None:
    image = astronaut()[:, ::-1]
    image.flags.writeable = False
    place = moved(-20.3, -11.7, 0.9, 12)
    expected = warped(np.ascontiguousarray(image), place, Size(64, 64))
    np.testing.assert_array_equal(warped(image, place, Size(64, 64)), expected)


def test_a_chip_moves_with_its_place() -> None:
    """What is read is cut out of the picture first: that must not show."""
    image = astronaut()
    place = moved(-150, -40, 0.7, 9)
    large = np.zeros((1100, 1300, 3), np.uint8)
    large[500:1012, 700:1212] = image
    there = moved(-700, -500).then(place)
    chip, expected = (warped(*args, Size(80, 80)) for args in [(large, there), (image, place)])
    assert np.abs(chip.astype(int) - expected).max() <= 2
    whole = cv2.warpAffine(image, place.matrix, (80, 80))
    assert np.abs(expected.astype(int) - whole).max() <= 2
