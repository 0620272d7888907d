from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from closeup.training.photography import Photography, photographed
from closeup.training.rng import TensorRng

NOTHING = Photography(gamma=0, slope=0, blurred=0, coarse=0, compressed=0, noise=0)


def pictures(count: int = 4) -> torch.Tensor:
    """A bright square on grey."""
    made = torch.full((count, 48, 64), 0.4)
    made[:, 18:30, 26:38] = 0.9
    return made


def middle(some: torch.Tensor) -> torch.Tensor:
    """Column of the centre of what is brighter than the grey, in each picture."""
    light = some - 0.4
    return (light.sum(1) * torch.arange(64.0)).sum(1) / light.sum((1, 2))


def sharpness(some: torch.Tensor) -> float:
    return float(some.diff(dim=2).abs().amax())


def test_without_changes_a_picture_stays_as_it_is() -> None:
    torch.testing.assert_close(photographed(pictures(), NOTHING, TensorRng(0)), pictures())


@pytest.mark.parametrize(
    "options",
    [
        replace(NOTHING, blurred=1, blur=(1.5, 2)),
        replace(NOTHING, coarse=1, coarseness=(0.3, 0.4)),
    ],
    ids=["blurred", "made coarse"],
)
def test_edges_become_soft_and_the_light_stays_where_it_is(options: Photography) -> None:
    changed = photographed(pictures(), options, TensorRng(1))

    assert sharpness(changed) < sharpness(pictures()) / 2
    torch.testing.assert_close(middle(changed), middle(pictures()), atol=0.1, rtol=0)


def test_gamma_and_light_differ_from_picture_to_picture() -> None:
    changed = photographed(pictures(), replace(NOTHING, gamma=0.3, slope=0.2), TensorRng(2))

    assert len(set(changed[:, 24, 32].tolist())) == 4
    assert (changed[:, :, 0] - changed[:, :, -1]).abs().amax() > 0.01


def test_jpeg_leaves_its_blocks_and_noise_its_grain() -> None:
    rough = replace(NOTHING, compressed=1, quality=(5, 6))
    loud = replace(NOTHING, noise=0.05)

    block = photographed(pictures(1), rough, TensorRng(3))[0]
    grain = photographed(pictures(1), loud, TensorRng(3))[0] - pictures(1)[0]

    assert 0.01 < float((block - pictures(1)[0]).abs().mean()) < 0.1
    assert 0.001 < float(grain.std()) <= 0.055


def test_the_same_rng_gives_the_same_pictures_and_others_do_not() -> None:
    first, again, other = (
        photographed(pictures(), Photography(), TensorRng(0, epoch)) for epoch in (1, 1, 2)
    )
    assert first.equal(again)
    assert not first.equal(other)
    assert first.amin() >= 0
    assert first.amax() <= 1


@pytest.mark.parametrize(
    "options",
    [
        Photography(),
        replace(NOTHING, blurred=1, coarse=1, coarseness=(0.5, 0.5)),
        replace(NOTHING, compressed=1),
    ],
    ids=["as it is by default", "soft", "JPEG"],
)
def test_colours_stay_what_they_are(options: Photography) -> None:
    red, green, blue = photographed(
        torch.tensor([0.8, 0.4, 0.1])[None, :, None, None].expand(3, 3, 48, 64),
        options,
        TensorRng(4),
    ).mean((0, 2, 3))

    assert red > green + 0.15 > blue + 0.3


def test_grey_is_changed_alike_alone_and_in_three_channels() -> None:
    """But for noise, which every channel has of its own, and JPEG, which thins out colours."""
    options = Photography(noise=0, compressed=0)

    grey = photographed(pictures(), options, TensorRng(5))
    colour = photographed(pictures()[:, None].expand(-1, 3, -1, -1), options, TensorRng(5))

    for channel in colour.unbind(1):
        torch.testing.assert_close(channel, grey)
