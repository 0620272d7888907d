"""What every method that looks at one crop must do, on drawn eyes with a known pupil."""

import math

import numpy as np
import pytest

from closeup.pupils.darkest import DarkestPoint
from closeup.pupils.integral_projection import Projection
from closeup.pupils.mean_shift import MeanShift
from closeup.pupils.method import EyeMethod, Steps
from tests.pupils.drawn_eye import SIZE, as_crop, drawn_eye, pupil

METHODS: list[EyeMethod] = [DarkestPoint(), Projection(), MeanShift()]
TEXTBOOK: list[EyeMethod] = [
    DarkestPoint.textbook(), Projection.textbook(), MeanShift.textbook(),
]  # fmt: skip
OFFSETS = [(0.0, -3.7), (3.3, -4.2), (-4.0, -3.0), (0.5, -2.0)]


def by_name(method: EyeMethod) -> str:
    return method.name


@pytest.fixture(params=METHODS, ids=by_name)
def method(request: pytest.FixtureRequest) -> EyeMethod:
    found: EyeMethod = request.param
    return found


@pytest.mark.parametrize("offset", OFFSETS)
def test_a_drawn_pupil_is_found(method: EyeMethod, offset: tuple[float, float]) -> None:
    located = method.locate(drawn_eye(*offset))
    assert located.point is not None
    assert math.dist(located.point, pupil(*offset)) < 0.03 * 110
    assert 0 < located.confidence <= 1
    assert located.reason == ""


def test_a_reflection_does_not_move_it(method: EyeMethod) -> None:
    plain = method.locate(drawn_eye(glint=False)).point
    glint = method.locate(drawn_eye()).point
    assert plain is not None
    assert glint is not None
    assert math.dist(plain, glint) < 1


def test_neither_light_nor_contrast_move_it(method: EyeMethod) -> None:
    crop = drawn_eye(2, -3)
    expected = method.locate(crop).point
    assert expected is not None
    for factor, offset in ((0.5, 0), (0.5, 100), (0.8, 20)):
        dimmed = np.rint(crop.pixels * factor + offset).astype(np.uint8)
        found = method.locate(as_crop(dimmed)).point
        assert found is not None
        assert math.dist(found, expected) < 1


def test_open_eyes_are_opener_than_closed_ones(method: EyeMethod) -> None:
    closed, narrow, wide = (method.locate(drawn_eye(opening=o)) for o in (2, 9, 20))
    assert closed.openness < 0.2
    assert narrow.openness < wide.openness
    assert wide.openness > 0.6


def test_a_clear_eye_has_more_confidence_than_a_blurred_one(method: EyeMethod) -> None:
    clear = drawn_eye()
    noise = np.random.default_rng(0).normal(0, 60, clear.pixels.shape)
    noisy = as_crop(np.clip(clear.pixels * 0.2 + 100 + noise, 0, 255).astype(np.uint8))
    assert method.locate(clear).confidence > method.locate(noisy).confidence


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_nothing_is_found_in_a_flat_crop(method: EyeMethod, grey: int) -> None:
    flat = as_crop(np.full((SIZE.height, SIZE.width, 3), grey, np.uint8))
    located = method.locate(flat)
    if located.point is not None:  # where the prior alone decides, nothing is trusted
        assert located.confidence == 0


@pytest.mark.parametrize("method", [*METHODS, *TEXTBOOK], ids=repr)
@pytest.mark.parametrize(
    ("rows", "columns"),
    [(slice(8), slice(None)), (slice(-8, None), slice(None)), (slice(None), slice(8)),
     (slice(None), slice(-8, None)), (slice(12), slice(12))],
    ids=["top", "bottom", "left", "right", "corner"],
)  # fmt: skip
def test_darkness_at_the_border_is_never_a_pupil(
    method: EyeMethod, rows: slice, columns: slice
) -> None:
    pixels = np.full((SIZE.height, SIZE.width, 3), 200, np.uint8)
    pixels[rows, columns] = 10
    located = method.locate(as_crop(pixels))
    if located.point is None:
        assert located.reason
    else:
        x, y = located.point
        assert 4 < x < SIZE.width - 5
        assert 4 < y < SIZE.height - 5
        assert located.confidence < 0.3


@pytest.mark.parametrize("method", [*METHODS, *TEXTBOOK], ids=repr)
def test_every_step_is_shown(method: EyeMethod) -> None:
    crop = drawn_eye()
    steps = Steps()
    expected = method.locate(crop)
    shown = method.locate(crop, steps)
    np.testing.assert_array_equal(shown.point, expected.point)
    titles = [title for title, _ in steps.pictures]
    assert titles[0] == "eye"
    assert titles[-1] == "result"
    assert len(set(titles)) == len(titles) >= 4
    for _, picture in steps.pictures:
        assert picture.dtype == np.uint8
        assert picture.ndim == 3
    np.testing.assert_array_equal(steps.pictures[0][1], crop.pixels)


def test_what_was_added_helps_where_a_brow_is_darker(method: EyeMethod) -> None:
    crop = drawn_eye(2, -3)
    pixels = crop.pixels.copy()
    pixels[2:9, 5:-5] = 5
    found = method.locate(as_crop(pixels)).point
    assert found is not None
    assert math.dist(found, pupil(2, -3)) < 0.05 * 110
    plain = type(method).textbook().locate(as_crop(pixels)).point  # type: ignore[attr-defined]
    assert plain is None or math.dist(plain, pupil(2, -3)) > 0.05 * 110
