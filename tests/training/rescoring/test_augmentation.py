"""Crops are changed at random, and repeatably; the middle stays in the middle."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from closeup.training.photography import Photography
from closeup.training.rescoring.augmentation import (
    RescorerAugmentation,
    augmented,
    without_margin,
)
from closeup.training.rescoring.samples import MARGIN, SIDE
from closeup.training.rng import TensorRng
from tests.training.rescoring.candidates import drawn_candidates

CROPS = torch.from_numpy(drawn_candidates(6).crops)
STILL = Photography(gamma=0, slope=0, blurred=0, coarse=0, compressed=0, noise=0)
NONE = RescorerAugmentation(0, 0, 0, tumbled=0, colour=0, grey=0, photography=STILL)


def change(options: RescorerAugmentation, seed: int = 0) -> torch.Tensor:
    return augmented(CROPS, 48, options, TensorRng(seed))


def test_without_strength_only_the_margin_is_lost() -> None:
    plain, changed = without_margin(CROPS, 48), change(NONE)
    mirrored = changed.flip(2)
    for own, other, flipped in zip(plain, changed, mirrored, strict=True):
        off = [(own.int() - it.int()).abs().float().mean() for it in (other, flipped)]
        assert min(off) < 0.6


def test_the_margin_is_what_the_network_does_not_see() -> None:
    crop = torch.zeros(1, SIDE, SIDE, 3, dtype=torch.uint8)
    outside = round(SIDE * (1 - 1 / MARGIN) / 2)
    crop[:, outside:-outside, outside:-outside] = 200
    assert (without_margin(crop, 48)[:, 1:-1, 1:-1] == 200).all()


def test_equal_seeds_give_equal_crops() -> None:
    options = RescorerAugmentation()
    assert torch.equal(change(options, 1), change(options, 1))
    assert not torch.equal(change(options, 1), change(options, 2))
    assert change(options).dtype == torch.uint8
    assert change(options).shape == (6, 48, 48, 3)


@pytest.mark.parametrize(
    "options",
    [
        replace(NONE, shift=0.1),
        replace(NONE, scale=0.3),
        replace(NONE, rotation=40.0),
        replace(NONE, colour=0.5),
        replace(NONE, photography=Photography()),
    ],
)
def test_each_strength_has_its_own_effect(options: RescorerAugmentation) -> None:
    assert not torch.equal(change(NONE), change(options))


def test_grey_crops_have_no_colour() -> None:
    grey = change(replace(NONE, grey=1.0))
    assert torch.equal(grey[..., 0], grey[..., 1])
    assert torch.equal(grey[..., 0], grey[..., 2])


def test_a_crop_that_is_turned_by_any_angle_keeps_its_disc() -> None:
    turned = change(replace(NONE, tumbled=1.0))[0].float().mean(2)
    assert turned[20:28, 20:28].min() > 150
