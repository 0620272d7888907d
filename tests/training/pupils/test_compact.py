from __future__ import annotations

import pytest
import torch

from closeup.geometry import Size
from closeup.training.pupils.compact import CompactNetwork, CompactShape, as_spread, standardised
from closeup.training.pupils.network import EyeInput


def parameters(network: CompactNetwork) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def noise(count: int, given: EyeInput) -> torch.Tensor:
    chance = torch.Generator().manual_seed(0)
    shape = (count, given.size.height, given.size.width)
    return torch.randint(0, 256, shape, generator=chance, dtype=torch.uint8)


def test_it_is_as_small_as_promised() -> None:
    assert parameters(CompactNetwork()) <= 300_000
    assert parameters(CompactNetwork(EyeInput(points=3))) <= 300_000


@pytest.mark.parametrize(
    "given", [EyeInput(), EyeInput(points=3), EyeInput(Size(96, 72)), EyeInput(Size(40, 24), 1.0)]
)
def test_it_answers_in_shares_and_eye_distances(given: EyeInput) -> None:
    network = CompactNetwork(given, CompactShape(channels=(4, 8, 8, 8), depth=0, state=4))

    answer = network(noise(5, given))

    assert answer.points.shape == (5, given.points, 2)
    assert ((answer.points > 0) & (answer.points < 1)).all()
    assert answer.openness.shape == answer.visible.shape == answer.spread.shape == (5,)
    assert (answer.spread > 0).all()


def test_a_sharp_heatmap_tells_the_middle_of_its_cell() -> None:
    network = CompactNetwork(EyeInput(Size(32, 24)))
    columns, rows = 8, 6
    heat = torch.zeros(1, 1, rows * columns)
    heat[0, 0, 2 * columns + 5] = 1

    points = heat @ network.get_buffer("places")

    # Cell 5 of 8 covers the pixels 20 to 23 of 32, that is, the shares 0.625 to 0.75.
    assert points[0, 0].tolist() == pytest.approx([5.5 / 8, 2.5 / 6])


def test_brightness_and_contrast_do_not_matter_and_an_even_crop_is_no_trouble() -> None:
    eyes = noise(2, EyeInput()).float()

    torch.testing.assert_close(
        standardised(eyes), standardised(eyes * 0.5 + 40), atol=0.1, rtol=0.0
    )
    assert standardised(torch.full((1, 48, 64), 7.0)).eq(0).all()


def test_the_spread_changes_nothing_but_its_own_layer() -> None:
    network = CompactNetwork(shape=CompactShape(channels=(4, 8, 8, 8), depth=0, state=4))

    network(noise(3, EyeInput())).spread.sum().backward()

    moved = {name for name, own in network.named_parameters() if own.grad is not None}
    assert moved == {"state.doubt.weight", "state.doubt.bias"}


def test_a_spread_is_positive_whatever_the_doubt() -> None:
    spreads = as_spread(torch.tensor([-1e3, 0.0, 1e3]))
    assert spreads[0] > 0
    assert 0.02 < float(spreads[1]) < 0.06
    assert torch.isfinite(spreads).all()


def test_sides_that_cannot_be_halved_thrice_are_refused() -> None:
    with pytest.raises(ValueError, match="multiples of 8, not 60x45"):
        CompactNetwork(EyeInput(Size(60, 45)))


def test_two_points_are_no_choice() -> None:
    with pytest.raises(ValueError, match="1 or 3, not 2"):
        EyeInput(points=2)
