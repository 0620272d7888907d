"""Changed faces stay faces of the same size, and can be repeated."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from closeup.training.identity.augmentation import FaceAugmentation, FarCamera, augmented, from_afar
from closeup.training.placement import RandomPlacement
from closeup.training.rng import TensorRng
from tests.real_photos import astronaut


def usual(chips: torch.Tensor, rng: TensorRng) -> torch.Tensor:
    return augmented(chips, FaceAugmentation(), rng)


def distant(chips: torch.Tensor, rng: TensorRng) -> torch.Tensor:
    return from_afar(chips, FarCamera(), rng)


def faces(count: int = 6) -> torch.Tensor:
    chip = astronaut()[:112, 160:272]
    return torch.from_numpy(np.ascontiguousarray(np.stack([chip] * count)))


def test_the_same_numbers_give_the_same_faces() -> None:
    for change in (usual, distant):
        one, again, other = (change(faces(), TensorRng(n)) for n in (0, 0, 1))
        assert one.shape == faces().shape
        assert one.dtype == torch.uint8
        assert torch.equal(one, again)
        assert not torch.equal(one, other)
        assert not torch.equal(one[0], one[1])  # each face has its own


def likeness(made: torch.Tensor) -> float:
    """Correlation with the face as it is, or mirrored; the mean."""
    plain = faces(1)[0].float().mean(2)
    both = [plain.flatten(), plain.flip(1).flatten()]
    rows = made.float().mean(3).flatten(1)
    return float(
        np.mean([max(np.corrcoef(row, own)[0, 1] for own in both) for row in rows.numpy()])
    )


def sharp(made: torch.Tensor) -> float:
    """Mean difference of neighbouring pixels."""
    return float(made.float().diff(dim=2).abs().mean())


def test_faces_stay_themselves_and_are_less_sharp_from_afar() -> None:
    near, far = (change(faces(40), TensorRng(0)) for change in (usual, distant))
    assert likeness(near) > 0.8
    assert likeness(far) > 0.8
    assert sharp(far) < 0.8 * sharp(near)


@pytest.mark.parametrize(
    "worse",
    [
        {"height": (12.0, 14.0)}, {"blurred": 1.0, "blur": (2.0, 3.0)}, {"smeared": 1.0},
        {"light": (0.2, 0.3)}, {"quality": (3, 5)},
    ],
    ids=lambda worse: next(iter(worse)),
)  # fmt: skip
def test_each_strength_takes_detail(worse: dict[str, Any]) -> None:
    mild = FarCamera(
        RandomPlacement(0, 0, 0), (70.0, 78.0), 0.0, (0.3, 0.4), 0.0, (0.9, 1.0), 0.0, 0.0, (95, 96)
    )
    plain, changed = (
        from_afar(faces(8), options, TensorRng(1)) for options in (mild, replace(mild, **worse))
    )
    assert sharp(changed) < 0.9 * sharp(plain)
    assert likeness(plain) > 0.98


@pytest.mark.parametrize("side", [32, 64, 150])
def test_faces_of_any_size_keep_it(side: int) -> None:
    chips = torch.zeros(2, side, side, 3, dtype=torch.uint8)
    assert from_afar(chips, FarCamera(), TensorRng(0)).shape == chips.shape


def test_errors_of_the_alignment_are_larger_in_small_faces() -> None:
    still = FarCamera(
        RandomPlacement(0.02, 0, 0), (90.0, 100.0), 0.0, (0.3, 0.4), 0.0, (1.0, 1.001), 0.0, 0.0,
        (95, 96),
    )  # fmt: skip
    near, far = (
        likeness(from_afar(faces(40), replace(still, height=height), TensorRng(2)))
        for height in ((75.0, 78.0), (20.0, 21.0))
    )
    assert far < near - 0.02
