"""Both kinds of networks, in all sizes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from closeup.training.identity.networks import IdentityNetwork, as_input
from closeup.training.identity.options import Architecture, IdentityNetworkOptions

SMALL = IdentityNetworkOptions(width=0.25, side=48)
KINDS = (Architecture.INCEPTION, Architecture.MOBILE)
every_kind = pytest.mark.parametrize("kind", KINDS)


@every_kind
@pytest.mark.parametrize("dims", [64, 128, 256, 512])
def test_vectors_have_unit_length(kind: Architecture, dims: int) -> None:
    network = IdentityNetwork(replace(SMALL, architecture=kind, dims=dims)).eval()
    with torch.no_grad():
        vectors = network(torch.randn(3, 3, 48, 48))
    assert vectors.shape == (3, dims)
    np.testing.assert_allclose(vectors.norm(dim=1), 1, atol=1e-5)


@every_kind
@pytest.mark.parametrize("side", [32, 64, 112])
def test_chips_may_have_other_sizes(kind: Architecture, side: int) -> None:
    network = IdentityNetwork(IdentityNetworkOptions(kind, 16, side, 0.25)).eval()
    assert network(torch.zeros(1, 3, side, side)).shape == (1, 16)


def weights(network: IdentityNetwork) -> int:
    return sum(values.numel() for values in network.parameters())


@every_kind
def test_the_usual_size_is_about_a_million_weights(kind: Architecture) -> None:
    usual = IdentityNetworkOptions(kind)
    assert 0.9e6 < weights(IdentityNetwork(usual)) < 1.1e6
    half = weights(IdentityNetwork(replace(usual, width=0.5)))
    assert half < 0.4 * weights(IdentityNetwork(usual))


@every_kind
def test_every_weight_learns(kind: Architecture) -> None:
    torch.manual_seed(0)
    network = IdentityNetwork(replace(SMALL, architecture=kind))
    vectors = network(torch.randn(6, 3, 48, 48))
    (vectors * torch.randn(vectors.shape)).sum().backward()
    still = [
        name
        for name, values in network.named_parameters()
        if values.grad is None or not values.grad.any()
    ]
    # A bias before a normalisation over the batch cannot matter; there is none of these.
    assert not still


def test_the_input_is_from_minus_one_to_one() -> None:
    chips = torch.tensor([0, 255], dtype=torch.uint8).reshape(1, 1, 2, 1).expand(1, 2, 2, 3)
    pixels = as_input(chips)
    assert pixels.shape == (1, 3, 2, 2)
    assert pixels.min() == -1
    assert pixels.max() == 1


@pytest.mark.parametrize(
    "changes",
    [{"dims": 1}, {"dims": 4096}, {"side": 100}, {"side": 16}, {"width": 0.0}, {"width": 9.0}],
)
def test_sizes_out_of_range_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(changes))):
        replace(SMALL, **changes)
