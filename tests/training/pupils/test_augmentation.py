from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from closeup.training.photography import Photography
from closeup.training.pupils.augmentation import PupilAugmentation, augmented, plain
from closeup.training.pupils.network import EyeInput
from closeup.training.rng import TensorRng
from tests.training.pupils.dark_dots import dark_dots

CALM = Photography(gamma=0, slope=0, blurred=0, coarse=0, compressed=0, noise=0)


def darkest(pictures: torch.Tensor) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Centre of what is dark in each picture, in shares of its sides."""
    dark = (120 - pictures).clamp(min=0)
    dark = dark / dark.sum((1, 2), keepdim=True)
    rows, columns = pictures.shape[1:]
    x = (dark.sum(1) * (torch.arange(columns) + 0.5)).sum(1) / columns
    y = (dark.sum(2) * (torch.arange(rows) + 0.5)).sum(1) / rows
    return torch.stack([x, y], 1).double().numpy()


@pytest.mark.parametrize("width", [2.0, 1.2], ids=["with margin", "without margin"])
def test_pupils_are_where_their_points_say(width: float) -> None:
    eyes = dark_dots(200, width)
    options = PupilAugmentation(hidden=0, rims=0, photography=CALM)

    batch = augmented(eyes, EyeInput(), options, TensorRng(0))

    away = (darkest(batch["eyes"]) - batch["points"][:, 0].numpy()) * (64, 48)
    assert np.abs(away).max() < 0.2
    moved = (batch["points"] - plain(eyes, EyeInput())["points"])[:, 0]
    spread = (moved * torch.tensor(EyeInput().extent)).std(0)
    torch.testing.assert_close(spread, torch.tensor([0.045, 0.045]), atol=0.01, rtol=0)


def test_what_is_hidden_teaches_that_it_is_hidden_and_nothing_else() -> None:
    eyes = dark_dots(400, 2.0)

    batch = augmented(eyes, EyeInput(), PupilAugmentation(hidden=0.3), TensorRng(1))

    hidden = batch["visible"] == 0
    assert 80 < int(hidden.sum()) < 160
    assert batch["points"][hidden].isnan().all()
    assert batch["openness"][hidden].isnan().all()
    assert batch["points"][~hidden].isfinite().all()
    assert batch["openness"][~hidden].isfinite().all()


def test_points_that_are_not_known_stay_unknown() -> None:
    eyes = dark_dots(20, 2.0)
    points = torch.cat([torch.full((20, 1, 2), torch.nan), eyes.points, eyes.points], 1)

    batch = augmented(
        replace(eyes, points=points), EyeInput(points=3), PupilAugmentation(hidden=0), TensorRng(2)
    )  # fmt: skip

    assert batch["points"][:, 0].isnan().all()
    assert batch["points"][:, 1:].isfinite().all()


def test_an_epoch_can_be_repeated() -> None:
    eyes = dark_dots(30, 2.0)
    first, again, other = (
        augmented(eyes, EyeInput(), PupilAugmentation(), TensorRng(7, epoch)) for epoch in (1, 1, 2)
    )
    for name, values in first.items():
        torch.testing.assert_close(values, again[name], equal_nan=True, rtol=0, atol=0)
    assert not first["eyes"].equal(other["eyes"])


def test_a_plain_batch_is_the_middle_of_the_crop() -> None:
    eyes = dark_dots(10, 2.0)

    batch = plain(eyes, EyeInput())

    assert batch["eyes"].shape == (10, 48, 64)
    assert batch["visible"].eq(1).all()
    torch.testing.assert_close(batch["points"], 0.5 + (eyes.points - 0.5) * 2.0 / 1.2)
