"""ROAD prefers the map that shows what a known network decides by."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from closeup.evaluation.road import imputed, road

SIDE = 16
TARGET = (slice(4, 8), slice(9, 13))
"""The only pixels that the network below looks at."""


def brightness(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """A network whose evidence is known: how bright the target is."""
    return np.asarray(images[:, TARGET[0], TARGET[1], 0].mean(axis=(1, 2)) / 255)


def pictures(count: int) -> NDArray[np.uint8]:
    images = np.random.default_rng(0).integers(20, 60, (count, SIDE, SIDE, 3)).astype(np.uint8)
    images[:, TARGET[0], TARGET[1]] = 230
    return images


def target_map(count: int) -> NDArray[np.float64]:
    maps = np.zeros((count, SIDE, SIDE))
    maps[:, TARGET[0], TARGET[1]] = 1
    return maps


def test_the_true_map_is_better_than_random_ones_and_its_opposite() -> None:
    images, maps = pictures(6), target_map(6)
    noise = np.random.default_rng(1).random(maps.shape)
    gaps = {
        name: road(brightness, images, own, np.random.default_rng(2)).gaps
        for name, own in (("true", maps), ("random", noise), ("opposite", -maps))
    }
    assert gaps["true"].min() > 0.3
    assert abs(gaps["random"].mean()) < 0.15
    assert gaps["opposite"].max() < -0.3


def test_what_is_not_removed_stays() -> None:
    image = pictures(1)[0]
    removed = np.random.default_rng(3).random((SIDE, SIDE)) < 0.5
    made = imputed(image, removed, np.random.default_rng(4))
    assert np.array_equal(made[~removed], image[~removed])
    assert np.array_equal(imputed(image, removed & False, np.random.default_rng(4)), image)


@settings(max_examples=30, deadline=None)
@given(st.floats(-8, 8), st.floats(-8, 8), st.integers(0, 99), st.floats(0.05, 0.6))
def test_a_linear_picture_is_restored_inside(
    across: float, down: float, seed: int, share: float
) -> None:
    y, x = np.mgrid[:12, :14]
    plane = 128 + across * (x - 6.5) + down * (y - 5.5)
    image = np.repeat(plane[..., None], 3, axis=2).round().clip(0, 255).astype(np.uint8)
    removed = np.random.default_rng(seed).random(plane.shape) < share
    removed[[0, -1]] = removed[:, [0, -1]] = False
    made = imputed(image, removed, np.random.default_rng(seed)).astype(float)
    assert np.abs(made - plane[..., None].clip(0, 255)).max() < 12  # five deviations of the noise


def test_a_constant_stays_constant_at_the_border_too() -> None:
    image = np.full((10, 10, 1), 90, np.uint8)
    removed = np.ones((10, 10), np.bool_)
    removed[5, 5] = False
    made = imputed(image, removed, np.random.default_rng(0))
    assert np.abs(made.astype(int) - 90).max() < 12


@pytest.mark.parametrize("shares", [(0.0,), (1.0,), (0.5, 2)])
def test_shares_out_of_range(shares: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="shares"):
        road(brightness, pictures(1), target_map(1), np.random.default_rng(0), shares)
