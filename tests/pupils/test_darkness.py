from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from closeup.pupils.darkness import (
    bilateral,
    clearness,
    dark_spot,
    darkness,
    disc,
    grey,
    openness,
    unlikeliness,
    weighted,
)
from tests.pupils.drawn_eye import UNIT, as_crop, drawn_eye, pupil

SHAPE = (55, 77)


def test_reflections_go_and_the_iris_stays() -> None:
    crop = drawn_eye()
    with_glint = grey(crop, reflections_removed=False)
    without = grey(crop, reflections_removed=True)
    plain = grey(drawn_eye(glint=False), reflections_removed=False)
    y, x = np.unravel_index(int((with_glint.astype(int) - plain).argmax()), plain.shape)
    glint = int(with_glint[y, x]) - int(plain[y, x])
    assert glint > 40
    assert int(without[y, x]) - int(plain[y, x]) < glint / 2
    assert np.all(without <= with_glint)


def test_darkness_is_the_same_in_any_light() -> None:
    gray = grey(drawn_eye(), reflections_removed=True)
    dark = darkness(gray)
    assert dark.mean() == pytest.approx(0, abs=1e-4)
    assert dark.std() == pytest.approx(1, abs=1e-4)
    assert np.corrcoef(dark.ravel(), gray.ravel())[0, 1] == pytest.approx(-1, abs=1e-5)
    dim = darkness((gray // 2 + 30).astype(np.uint8))
    np.testing.assert_allclose(dim, dark, atol=0.05)


def test_without_contrast_it_is_zero() -> None:
    assert not darkness(np.full(SHAPE, 77, np.uint8)).any()


def test_the_bilateral_filter_keeps_edges_and_takes_noise() -> None:
    step = np.where(np.arange(80) < 40, 60, 190)[None].repeat(60, axis=0)
    noise = np.random.default_rng(0).normal(0, 8, step.shape)
    noisy = np.clip(step + noise, 0, 255).astype(np.uint8)
    smooth = bilateral(noisy, UNIT, 3).astype(float)
    assert smooth[:, 10:30].std() < 0.4 * noise.std()
    assert abs(smooth[:, 38].mean() - 60) < 6
    assert abs(smooth[:, 41].mean() - 190) < 6


def test_a_disc_is_highest_in_the_middle_of_a_spot() -> None:
    dark = np.zeros(SHAPE, np.float32)
    cv2.circle(dark, (40, 25), 9, 1.0, -1)
    spots = disc(dark, 5, 10)
    assert divmod(int(spots.argmax()), 77) == (25, 40)
    assert abs(disc(np.ones(SHAPE, np.float32), 5, 10)).max() < 1e-5


def test_clearness_says_where_an_iris_is_and_where_none() -> None:
    dark = darkness(grey(drawn_eye(), reflections_removed=True))
    assert clearness(dark, (38, 23.3), UNIT) > 0.5
    assert clearness(dark, (10, 45), UNIT) < 0.1
    assert 0 <= clearness(dark, (-100, 1000), UNIT) <= 1


@pytest.mark.parametrize(("surround", "prior"), [(0, 0), (0.1, 0), (0, 0.07), (0.1, 0.07)])
def test_weights_are_never_negative(surround: float, prior: float) -> None:
    dark = darkness(grey(drawn_eye(), reflections_removed=True))
    weights = weighted(dark, UNIT, surround, prior)
    assert weights.shape == dark.shape
    assert weights.min() >= 0
    assert weights.max() > 0


def test_a_pupil_is_likeliest_a_little_above_the_middle() -> None:
    far = unlikeliness(SHAPE, UNIT, 0.07)
    row, column = np.unravel_index(int(far.argmin()), SHAPE)
    assert column == 38
    assert 21 <= row <= 25
    np.testing.assert_allclose(far, far[:, ::-1])
    assert far[row, column + 8] - far[row, column] == pytest.approx(0.5 * (8 / 7.7) ** 2, rel=1e-6)


def test_a_crop_of_another_kind_is_grey_already() -> None:
    pixels = np.repeat(np.arange(55, dtype=np.uint8)[:, None, None], 77, axis=1).repeat(3, axis=2)
    np.testing.assert_array_equal(grey(as_crop(pixels), reflections_removed=False), pixels[..., 0])


HERE = (38.0, 23.3)


def measured(opening: float) -> float:
    dark = darkness(grey(drawn_eye(opening=opening), reflections_removed=True))
    return openness(dark, HERE, UNIT)


def test_it_grows_as_the_lids_part() -> None:
    values = [measured(opening) for opening in (2, 8, 14, 20)]
    assert values == sorted(values)
    assert values[0] < 0.2
    assert values[-1] > 0.6


def test_where_it_is_no_darker_it_is_not_known() -> None:
    dark = darkness(grey(drawn_eye(), reflections_removed=True))
    assert math.isnan(openness(-dark, HERE, UNIT))
    assert math.isnan(openness(np.zeros((55, 77), np.float32), HERE, UNIT))


@pytest.mark.parametrize("corner", [(0, 0), (76, 0), (0, 54), (76, 54), (-9, 99)])
def test_any_place_is_taken(corner: tuple[float, float]) -> None:
    dark = darkness(grey(drawn_eye(), reflections_removed=True))
    value = openness(dark, corner, UNIT)
    assert math.isnan(value) or 0 <= value <= 1


def test_a_pupil_is_surer_than_the_skin_beside_it() -> None:
    dark = darkness(grey(drawn_eye(3, -4), reflections_removed=True))
    there = dark_spot(dark, pupil(3, -4), UNIT)
    beside = dark_spot(dark, pupil(3, 15), UNIT)
    assert there.point is not None
    np.testing.assert_array_equal(there.point, pupil(3, -4))
    assert there.confidence > 0.3 > beside.confidence
    assert there.openness > 0.3
