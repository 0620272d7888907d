"""Maps over pictures."""

from __future__ import annotations

import numpy as np
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from closeup.drawing.activation_maps import COOL, WARM, scale_bar, with_activation_map
from closeup.geometry import Size

GREY = np.full((24, 32, 3), 128, np.uint8)
values = arrays(np.float64, (6, 8), elements=st.floats(-20, 20))


@given(values, st.floats(0.5, 10))
def test_warm_is_above_zero_and_cool_below(found: np.ndarray, limit: float) -> None:
    """Over grey, the sign of a map is that of red minus blue, where it changes anything at all."""
    over = with_activation_map(GREY, np.full((6, 8), found[0, 0]), limit).astype(int)
    warmth = over[..., 0] - over[..., 2]
    assert (np.sign(warmth) == np.sign(found[0, 0]) * (np.abs(warmth) > 0)).all()


@given(values, st.floats(0.5, 10))
def test_a_map_and_its_negative_are_equally_strong(found: np.ndarray, limit: float) -> None:
    white = np.full((24, 32, 3), 255, np.uint8)
    shares = []
    for sign, colour in ((1, WARM), (-1, COOL)):
        changed = np.asarray(with_activation_map(white, sign * np.abs(found), limit), np.float64)
        channel = int(np.argmin(colour))
        shares.append((255 - changed[..., channel]) / (255 - colour[channel]))
    assert np.abs(shares[0] - shares[1]).max() < 0.006


def test_a_map_of_zeros_leaves_the_picture() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (24, 32, 3)).astype(np.uint8)
    assert (with_activation_map(noise, np.zeros((6, 8)), 4) == noise).all()


def test_a_cell_colours_its_own_part() -> None:
    found = np.zeros((6, 8))
    found[1, 6] = 8
    over = with_activation_map(GREY, found, 4).astype(int)
    y, x = divmod(int(np.argmax(over[..., 0] - over[..., 2])), over.shape[1])
    assert (y // 4, x // 4) == (1, 6)
    assert (over[:, :16] == 128).all()


def test_the_scale_goes_from_cool_to_warm() -> None:
    bar = scale_bar(Size(101, 5))
    assert bar.shape == (5, 101, 3)
    assert (tuple(bar[0, 0]), tuple(bar[0, -1])) == (COOL, WARM)
    assert len({int(value) for value in bar[0, 50]}) == 1
