"""Changed faces stay faces of the same size, and can be repeated."""

from __future__ import annotations

import numpy as np
import torch

from closeup.training.identity.augmentation import STAGE, FaceAugmentation, augmented
from closeup.training.rng import TensorRng
from tests.real_photos import astronaut


def faces(count: int = 6) -> torch.Tensor:
    chip = astronaut()[:112, 160:272]
    return torch.from_numpy(np.ascontiguousarray(np.stack([chip] * count)))


def test_the_same_numbers_give_the_same_faces() -> None:
    for options in (FaceAugmentation(), STAGE):
        one, again, other = (augmented(faces(), options, TensorRng(n)) for n in (0, 0, 1))
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


def test_a_stage_changes_more() -> None:
    usual = likeness(augmented(faces(40), FaceAugmentation(), TensorRng(0)))
    stage = likeness(augmented(faces(40), STAGE, TensorRng(0)))
    assert 0.5 < stage < usual - 0.05
    assert usual > 0.85


def test_a_part_may_be_covered() -> None:
    still = FaceAugmentation()
    covered = FaceAugmentation(hidden=1.0)
    one, other = (augmented(faces(20), options, TensorRng(3)) for options in (still, covered))
    assert likeness(other) < likeness(one)
