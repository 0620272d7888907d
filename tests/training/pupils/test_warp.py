from __future__ import annotations

import math

import numpy as np
import torch
from hypothesis import assume, given, settings, strategies as st
from numpy.typing import NDArray

from closeup.geometry import Size
from closeup.training.pupils.network import EyeInput
from closeup.training.pupils.warp import Placement, cut, moved

STORED = Size(144, 108)
EXTENT = (2.0, 1.5)
DEVIATION = 1.8
"""Of the dot, in stored pixels."""


def crop_with_dot(x: float, y: float) -> NDArray[np.float32]:
    """A bright dot at x, y in shares of the crop's sides, smooth enough to be measured."""
    columns = (np.arange(STORED.width) + 0.5) - x * STORED.width
    rows = (np.arange(STORED.height) + 0.5) - y * STORED.height
    squared = columns**2 + rows[:, None] ** 2
    return np.asarray(255 * np.exp(-squared / (2 * DEVIATION**2)), np.float32)


def centre_of_light(picture: torch.Tensor) -> list[float]:
    """In shares of the picture's sides."""
    rows, columns = picture.shape
    light = picture / picture.sum()
    x = (light.sum(0) * (torch.arange(columns) + 0.5)).sum() / columns
    y = (light.sum(1) * (torch.arange(rows) + 0.5)).sum() / rows
    return [float(x), float(y)]


@settings(max_examples=60)
@given(
    st.floats(0.42, 0.58),
    st.floats(0.42, 0.58),
    st.floats(0.8, 1.3),
    st.floats(-0.4, 0.4),
    st.tuples(st.floats(-0.12, 0.12), st.floats(-0.12, 0.12)),
    st.sampled_from([EyeInput(), EyeInput(Size(96, 72), 1.0), EyeInput(Size(48, 48), 1.0)]),
)
def test_a_point_goes_where_the_picture_goes(
    x: float, y: float, scale: float, angle: float, shift: tuple[float, float], wanted: EyeInput
) -> None:
    crops = torch.from_numpy(crop_with_dot(x, y))[None]
    placement = Placement(torch.tensor([scale]), torch.tensor([angle]), torch.tensor([shift]))

    picture = cut(crops, EXTENT, wanted, placement)[0]
    point = moved(torch.tensor([[[x, y]]]), EXTENT, wanted, placement)[0, 0].numpy()
    reach = 4 * DEVIATION / np.array(STORED) * EXTENT / np.array(wanted.extent) / scale
    assume(np.all((point > reach) & (point < 1 - reach)))  # the edge would cut off some light

    away = (np.array(centre_of_light(picture)) - point) * np.array(wanted.size)
    assert np.abs(away).max() < 0.05, "a twentieth of a pixel"


def test_nothing_changes_where_the_crop_is_what_is_wanted() -> None:
    crops = torch.randint(0, 256, (2, 48, 64), dtype=torch.uint8)
    points = torch.rand(2, 3, 2)
    plain = Placement.plain(2)

    torch.testing.assert_close(
        cut(crops, (1.2, 0.9), EyeInput(), plain), crops.float(), atol=2e-3, rtol=0.0
    )
    torch.testing.assert_close(moved(points, (1.2, 0.9), EyeInput(), plain), points)


def test_the_eye_turns_against_the_input() -> None:
    """An input turned clockwise shows a point right of the middle above it."""
    turned = Placement(torch.ones(1), torch.tensor([math.pi / 2]), torch.zeros(1, 2))

    told = moved(torch.tensor([[[0.6, 0.5]]]), EXTENT, EyeInput(Size(48, 48)), turned)

    torch.testing.assert_close(told, torch.tensor([[[0.5, 0.5 - 0.1 * 2.0 / 1.2]]]))


def test_borders_are_repeated_where_a_crop_has_no_margin() -> None:
    crops = torch.full((1, 48, 64), 90.0)
    aside = Placement(torch.ones(1), torch.zeros(1), torch.tensor([[0.5, 0.3]]))

    shown = cut(crops, (1.2, 0.9), EyeInput(), aside)
    torch.testing.assert_close(shown, torch.full((1, 48, 64), 90.0))
