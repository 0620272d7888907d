from __future__ import annotations

import pytest
import torch

from closeup.geometry import Size
from closeup.progress import Silent
from closeup.training.pupils.compact import CompactNetwork
from closeup.training.pupils.networks import PupilNetworkOptions, open_network


def test_the_compact_network_by_its_seed() -> None:
    first, again, other = (
        open_network(PupilNetworkOptions(), 2.0, seed, Silent()) for seed in (3, 3, 4)
    )
    assert isinstance(first, CompactNetwork)
    assert first.given.size == Size(64, 48)
    assert first.given.width == 1.2
    for name, values in first.state_dict().items():
        assert values.equal(again.state_dict()[name])
    assert not torch.equal(first.heat.weight, other.get_parameter("heat.weight"))


def test_opening_leaves_the_callers_random_numbers_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    open_network(PupilNetworkOptions(), 2.0, 0, Silent())
    assert torch.rand(3).equal(expected)


def test_no_wider_crop_is_asked_for_than_there_is() -> None:
    assert open_network(PupilNetworkOptions(), 1.0, 0, Silent()).given.width == 1.0


def test_another_width_is_given() -> None:
    options = PupilNetworkOptions(width=1.5)
    assert open_network(options, 2.0, 0, Silent()).given.width == 1.5


def test_the_wide_network_is_the_same_but_larger() -> None:
    small, wide = (
        open_network(PupilNetworkOptions(backbone=name), 2.0, 0, Silent())
        for name in ("compact", "wide")
    )
    assert isinstance(wide, CompactNetwork)
    assert small.given == wide.given
    weights = [sum(one.numel() for one in own.parameters()) for own in (small, wide)]
    assert 5 < weights[1] / weights[0] < 7


def test_three_points() -> None:
    assert open_network(PupilNetworkOptions(points=3), 2.0, 0, Silent()).given.points == 3


def test_a_real_resnet_50_answers() -> None:
    options = PupilNetworkOptions(points=3, backbone="resnet50", weights="none", freeze=True)
    network = open_network(options, 2.0, 0, Silent()).eval()

    with torch.no_grad():
        answer = network(torch.zeros(2, 72, 96, dtype=torch.uint8))

    assert answer.points.shape == (2, 3, 2)
    learning = sum(one.numel() for one in network.parameters() if one.requires_grad)
    assert 20_000_000 < sum(one.numel() for one in network.parameters()) - learning < 25_000_000


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"points": 2}, "1 or 3, not 2"),
        ({"backbone": "vgg"}, "compact, wide, resnet50, not 'vgg'"),
        ({"loss": "l1"}, "robust or mse, not 'l1'"),
        ({"freeze": True}, "for the backbone resnet50"),
        ({"weights": "none"}, "for the backbone resnet50"),
        ({"backbone": "wide", "freeze": True}, "for the backbone resnet50"),
        ({"width": 0.2}, "0.5 to 4 eye distances, not 0.2"),
    ],
)
def test_options_are_checked(options: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        PupilNetworkOptions(**options)  # type: ignore[arg-type]


def test_the_rate_suits_what_is_known_already() -> None:
    rates = [
        PupilNetworkOptions(backbone="resnet50").rate,
        PupilNetworkOptions(backbone="resnet50", freeze=True).rate,
        PupilNetworkOptions(backbone="wide").rate,
        PupilNetworkOptions().rate,
    ]
    assert rates == sorted(rates)
