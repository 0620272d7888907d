from __future__ import annotations

import torch

from closeup.training.pupils.network import EyeInput
from closeup.training.pupils.occlusion import blobs, elsewhere, glasses, painted
from closeup.training.pupils.warp import Placement, moved
from closeup.training.rng import TensorRng

GIVEN = EyeInput()
EXTENT = (2.0, 1.5)


def eyes(count: int) -> torch.Tensor:
    """Grey skin with a checked pattern where the eye is, which nothing else shows."""
    made = torch.full((count, 48, 64), 0.6)
    made[:, 18:30:2, 22:42:2] = 1.0
    made[:, 19:30:2, 23:42:2] = 0.0
    return made


def pattern(pictures: torch.Tensor) -> torch.Tensor:
    """How much of it is left in each picture, 1 for all."""
    inner = pictures[:, 20:28, 25:39]
    whole = eyes(1)[:, 20:28, 25:39]
    return inner.diff(dim=2).abs().mean((1, 2)) / whole.diff(dim=2).abs().mean()


def test_neither_blobs_nor_dark_glasses_leave_anything_of_the_eye() -> None:
    some, rng = eyes(64), TensorRng(0)
    middle = torch.zeros(64, 2)

    for patches in (blobs(some, middle, rng), glasses(middle, (0.93, 1.0), rng)):
        covered = painted(some, patches, GIVEN, rng)
        assert pattern(covered).amax() < 0.25
        assert covered.amin() >= 0
        assert covered.amax() <= 1


def test_clear_glasses_hide_nothing_but_have_a_rim() -> None:
    some, rng = eyes(64), TensorRng(1)

    covered = painted(some, glasses(torch.zeros(64, 2), (0.0, 0.3), rng), GIVEN, rng)

    assert pattern(covered).mean() > 0.75
    outside = covered[:, 4:14] - some[:, 4:14]
    assert outside.abs().amax((1, 2)).mean() > 0.1


def test_a_patch_is_where_it_is_told_to_be() -> None:
    rng = TensorRng(2)
    middle = torch.tensor([[0.3, -0.2]]).repeat(50, 1)
    white = torch.ones(50, 48, 64)

    covered = painted(white, blobs(torch.zeros(50, 48, 64), middle, rng), GIVEN, rng)

    dark = (1 - covered).mean(0)
    x = (dark.sum(0) * torch.arange(64.0)).sum() / dark.sum()
    y = (dark.sum(1) * torch.arange(48.0)).sum() / dark.sum()
    # 53.3 pixels are an eye distance; patches are cut off at the picture's edge.
    assert abs(float(x) - (31.5 + 0.3 * GIVEN.unit)) < 6
    assert abs(float(y) - (23.5 - 0.2 * GIVEN.unit)) < 6


def test_elsewhere_no_eye_is_in_the_input_and_the_crop_does_not_end() -> None:
    count = 500
    places = elsewhere(count, EXTENT, GIVEN, TensorRng(3))

    assert places is not None
    upright = Placement(places.scale, torch.zeros(count), places.shift)
    lids = torch.tensor([[x, y] for x in (-0.2, 0.0, 0.2) for y in (-0.08, 0.08)])
    shares = 0.5 + lids / torch.tensor(EXTENT)
    told = moved(shares.expand(count, -1, -1), EXTENT, GIVEN, upright)
    inside = ((told > 0) & (told < 1)).all(2).any(1)
    assert not inside.any()
    half = places.scale[:, None] * torch.tensor(GIVEN.extent) / 2
    assert (places.shift.abs() + half <= torch.tensor(EXTENT) / 2 + 1e-5).all()
    assert (places.shift[:, 0].abs() > 0.5).any()
    assert (places.shift[:, 1].abs() > 0.3).any()


def test_a_crop_without_margin_shows_nothing_else() -> None:
    assert elsewhere(8, (1.2, 0.9), GIVEN, TensorRng(4)) is None
