"""Small pictures of "people": each has colours in four quarters of its own."""

from __future__ import annotations

import numpy as np

from closeup.evaluation.held_out_pairs import HeldOutPairs
from closeup.training.identity.augmentation import FaceAugmentation
from closeup.training.identity.samples import FaceChips
from closeup.training.identity.task import IdentitySamples
from closeup.training.photography import Photography
from closeup.training.placement import RandomPlacement

SIDE = 32
MILD = FaceAugmentation(
    RandomPlacement(0.01, 0.01, 1.0), 0.02, 0.0,
    Photography(0.02, 0.02, 0, (0.5, 1), 0, (0.5, 1), 0, (30, 90), 0.01),
)  # fmt: skip


def drawn_faces(people: int, photos: int, seed: int = 0, noise: float = 12.0) -> FaceChips:
    """``photos`` pictures of each of ``people``; targets are unit vectors of their colours."""
    random = np.random.default_rng(seed)
    colours = random.uniform(30, 225, (people, 2, 2, 3))
    owners = np.repeat(np.arange(people), photos)
    quarters = np.repeat(np.repeat(colours[owners], SIDE // 2, 1), SIDE // 2, 2)
    pixels = quarters + noise * random.normal(size=(len(owners), 1, 1, 1))
    pixels = pixels + noise * random.normal(size=pixels.shape)
    targets = colours[owners].reshape(len(owners), -1)[:, :8] - 127
    targets /= np.linalg.norm(targets, axis=1, keepdims=True)
    return FaceChips(
        pixels.clip(0, 255).astype(np.uint8), owners.astype(np.int64), targets.astype(np.float32)
    )


def samples(seed: int = 0, people: int = 12, photos: int = 5) -> IdentitySamples:
    held_out = drawn_faces(8, 4, seed=1)
    judge = HeldOutPairs(held_out.people).figures
    return IdentitySamples(drawn_faces(people, photos), held_out, judge, seed, MILD)
