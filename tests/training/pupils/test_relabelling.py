"""New labels by trained networks."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from closeup.training.pupils.network import EyeAnswer, EyeInput, PupilNetwork
from closeup.training.pupils.relabelling import relabelled
from closeup.training.pupils.samples import EyeSamples
from closeup.training.pupils.warp import Placement, moved, restored


class BrightSpot(PupilNetwork):
    """Finds the centre of all light, ``off`` beside it, in shares of the sides."""

    def __init__(self, off: float = 0.0) -> None:
        super().__init__(EyeInput())
        self._off = off

    def forward(self, eyes: torch.Tensor) -> EyeAnswer:
        _, rows, columns = eyes.shape
        light = eyes.float() / eyes.float().sum((1, 2), keepdim=True)
        x = (light.sum(1) * (torch.arange(columns) + 0.5)).sum(1) / columns + self._off
        y = (light.sum(2) * (torch.arange(rows) + 0.5)).sum(1) / rows
        none = torch.zeros(len(eyes))
        return EyeAnswer(torch.stack([x, y], 1)[:, None], none, none, none + 0.01)


def spots(places: np.ndarray) -> EyeSamples:
    """Crops with a bright spot at (n, 2) places in shares of the sides."""
    count = len(places)
    x = np.arange(144) + 0.5 - 144 * places[:, 0, None, None]
    y = np.arange(108)[:, None] + 0.5 - 108 * places[:, 1, None, None]
    crops = (255 * np.exp(-(x**2 + y**2) / 18)).astype(np.uint8)
    unknown = np.full(count, np.nan, np.float32)
    return EyeSamples(
        crops, np.full((count, 3, 2), np.nan, np.float32), unknown, unknown + 1,
        np.arange(count), np.arange(count), np.zeros(count, np.bool_), 2.0,
    )  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_views_are_mapped_back(seed: int) -> None:
    places = np.random.default_rng(seed).uniform(0.45, 0.55, (3, 2))
    found = relabelled([BrightSpot()], spots(places))
    assert found.pupils == pytest.approx(places, abs=0.002)
    assert found.weight.tolist() == [1, 1, 1]


def test_the_answers_of_networks_are_averaged() -> None:
    places = np.array([[0.5, 0.5], [0.45, 0.52]])
    found = relabelled([BrightSpot(-0.05), BrightSpot(0.05)], spots(places))
    assert found.pupils == pytest.approx(places, abs=0.005)
    assert np.isnan(found.points[:, [0, 2]]).all()


def test_no_eye_is_no_trouble() -> None:
    assert len(relabelled([BrightSpot()], spots(np.empty((0, 2))))) == 0


@given(
    st.floats(0.8, 1.3), st.floats(-0.4, 0.4), st.floats(-0.1, 0.1),
    st.floats(0, 1), st.floats(0, 1),
)  # fmt: skip
def test_points_come_back(scale: float, angle: float, shift: float, x: float, y: float) -> None:
    placement = Placement(
        torch.tensor([scale]), torch.tensor([angle]), torch.tensor([[shift, -shift]])
    )
    points = torch.tensor([[[x, y]]])
    there = moved(points, (2.0, 1.5), EyeInput(), placement)
    back = restored(there, (2.0, 1.5), EyeInput(), placement)
    assert back.numpy() == pytest.approx(points.numpy(), abs=1e-5)
