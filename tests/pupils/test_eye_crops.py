import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from numpy.typing import NDArray

from closeup.geometry import Size
from closeup.pupils.eye_crops import CropShape, eye_crops, in_pixels, normalised
from closeup.pupils.eye_frame import EyeFrame

SIZES = st.builds(Size, st.integers(8, 512), st.integers(8, 512))
COORDINATES = st.floats(-1000, 1000)
places = st.tuples(st.floats(-50, 250), st.floats(-50, 200)).map(np.array)
PICTURE = np.random.default_rng(0).integers(0, 256, (150, 200, 3), np.uint8)


@settings(max_examples=60)
@given(right=places, left=places, mirror=st.booleans(), points=st.lists(places, min_size=1))
def test_there_and_back(
    right: NDArray[np.float64],
    left: NDArray[np.float64],
    mirror: bool,
    points: list[NDArray[np.float64]],
) -> None:
    assume(np.linalg.norm(left - right) > 3)
    source = np.array(points)
    for crop in eye_crops(PICTURE, EyeFrame(right, left), CropShape(), mirror_left=mirror):
        back = crop.to_source(crop.to_crop(source))
        np.testing.assert_allclose(back, source, atol=1e-3)
        inside = np.array([(0.0, 0.0), (10.5, 20.25)])
        np.testing.assert_allclose(crop.to_crop(crop.to_source(inside)), inside, atol=1e-3)


@settings(max_examples=60)
@given(right=places, left=places, mirror=st.booleans())
def test_each_eye_is_in_the_middle_and_its_unit_is_the_eye_distance(
    right: NDArray[np.float64],
    left: NDArray[np.float64],
    mirror: bool,
) -> None:
    assume(np.linalg.norm(left - right) > 3)
    crops = eye_crops(PICTURE, EyeFrame(right, left), CropShape(), mirror_left=mirror)
    for crop, own, other in zip(crops, (right, left), (left, right), strict=True):
        height, width = crop.pixels.shape[:2]
        np.testing.assert_allclose(crop.to_crop(own), [(width - 1) / 2, (height - 1) / 2])
        across = crop.to_crop(other) - crop.to_crop(own)
        assert abs(across[1]) < 1e-6, "the eyes are level"
        assert abs(across[0]) == pytest.approx(crop.unit)
    nose_side = [float((c.to_crop(o) - c.to_crop(e))[0]) for c, e, o in
                 zip(crops, (right, left), (left, right), strict=True)]  # fmt: skip
    assert (nose_side[0] * nose_side[1] > 0) == mirror


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("degrees", [0, 30, -75, 180])
def test_pixels_are_those_of_the_places(degrees: float, mirror: bool) -> None:
    """The brightness of a ramp says where a pixel came from."""
    y, x = np.mgrid[:300, :400]
    ramp = np.stack([x / 2, y / 2, 0 * x], axis=2).astype(np.uint8)
    turn = np.deg2rad(degrees)
    across = 45 * np.array([np.cos(turn), np.sin(turn)])
    frame = EyeFrame(np.array([200.0, 150.0]) - across, np.array([200.0, 150.0]) + across)
    for crop in eye_crops(ramp, frame, CropShape(), mirror_left=mirror):
        for column, row in [(5, 5), (38, 27), (70, 40)]:
            place = crop.to_source(np.array([column, row], np.float64))
            assert np.abs(crop.pixels[row, column, :2] - place / 2).max() <= 1


def test_tiny_eyes_get_less_margin() -> None:
    shape = CropShape()
    small, large = shape.size(8), shape.size(80)
    assert small.width < large.width
    assert small.height < large.height
    assert large == shape.size(800)
    assert large == (round(shape.width * shape.unit), round(shape.height * shape.unit))
    widths = [shape.size(distance).width for distance in range(1, 100)]
    assert widths == sorted(widths)


def test_mirroring_reverses_the_pixels_of_the_left_eye_only() -> None:
    frame = EyeFrame(np.array([60.0, 70.0]), np.array([130.0, 80.0]))
    plain = eye_crops(PICTURE, frame, CropShape())
    mirrored = eye_crops(PICTURE, frame, CropShape(), mirror_left=True)
    np.testing.assert_array_equal(mirrored[0].pixels, plain[0].pixels)
    np.testing.assert_array_equal(mirrored[1].pixels, plain[1].pixels[:, ::-1])
    back = mirrored[1].unmirrored()
    np.testing.assert_array_equal(back.pixels, plain[1].pixels)
    point = np.array([3.0, 5.0])
    np.testing.assert_allclose(back.to_source(point), plain[1].to_source(point))
    assert plain[1].unmirrored() is plain[1]


def test_eyes_in_one_place_are_refused() -> None:
    one = np.array([5.0, 5.0])
    with pytest.raises(ValueError, match="one place"):
        eye_crops(PICTURE, EyeFrame(one, one), CropShape())


@given(SIZES, COORDINATES, COORDINATES)
def test_shares_lead_back_to_pixels(size: Size, x: float, y: float) -> None:
    point = np.array([x, y])
    assert in_pixels(normalised(point, size), size) == pytest.approx(point, abs=1e-9)


@given(SIZES)
def test_edges_are_nought_and_one(size: Size) -> None:
    edges = np.array([(-0.5, -0.5), (size.width - 0.5, size.height - 0.5)])
    assert normalised(edges, size).tolist() == [[0, 0], [1, 1]]


@given(SIZES, SIZES, COORDINATES, COORDINATES)
def test_shares_do_not_depend_on_the_size(size: Size, other: Size, x: float, y: float) -> None:
    scale = np.array(other) / size
    larger = (np.array([x, y]) + 0.5) * scale - 0.5
    label = normalised(np.array([x, y]), size)
    assert normalised(larger, other) == pytest.approx(label, abs=1e-9)
