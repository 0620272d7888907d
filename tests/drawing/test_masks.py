"""Masks in colours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from closeup.drawing.marks import PLAIN
from closeup.drawing.masks import MaskImage, blended, class_colour, coloured

masks = arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)))


@pytest.mark.parametrize("value", [1, 128, 255])
def test_a_mask_of_one_class_has_one_colour(value: int) -> None:
    mask = np.array([[0, value], [value, 0]], np.uint8)
    drawn = coloured(mask)
    assert (drawn[mask > 0] == (*PLAIN, 255)).all()
    assert (drawn[mask == 0] == 0).all()


def test_a_class_has_the_same_colour_in_all_masks_of_several() -> None:
    a = coloured(np.array([[1, 7, 0]], np.uint8))
    b = coloured(np.array([[7, 300, 2]], np.uint16))
    assert a[0, 1].tolist() == b[0, 0].tolist()
    assert tuple(b[0, 2, :3]) == class_colour(2)
    assert len({tuple(colour) for colour in [*a[0], *b[0]]}) == 5


def test_many_values_are_a_scale() -> None:
    ramp = np.arange(256, dtype=np.uint8).reshape(16, 16)
    drawn = coloured(ramp)
    assert drawn[0, 0, 3] == 0
    steps = np.abs(np.diff(drawn.reshape(-1, 4)[1:, :3].astype(int), axis=0)).max(axis=1)
    assert steps.max() < 12  # neighbours look alike
    red, blue = drawn[15, 15], drawn[0, 1]
    assert red[0] > red[2]
    assert blue[2] > blue[0]


@given(masks)
def test_the_background_and_only_it_is_transparent(mask: MaskImage) -> None:
    drawn = coloured(mask)
    assert drawn.shape == (*mask.shape, 4)
    assert ((drawn[..., 3] == 255) == (mask > 0)).all()


@given(masks, st.floats(0, 1))
def test_blending_touches_the_mask_alone(mask: MaskImage, opacity: float) -> None:
    image = np.full((*mask.shape, 3), 90, np.uint8)
    drawn = coloured(mask)
    mixed = blended(image, drawn, opacity)
    assert (mixed[mask == 0] == 90).all()
    expected = 90 * (1 - opacity) + drawn[..., :3].astype(float) * opacity
    assert np.abs(mixed.astype(float) - expected)[mask > 0].max(initial=0) <= 0.51
    assert (image == 90).all()
