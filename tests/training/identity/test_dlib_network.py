"""dlib's embedding in torch gives dlib's vectors, and keeps most of them with fewer channels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from closeup.cohort import unit_length
from closeup.models.dlib_weights import DlibNetwork
from closeup.opening import open_detector, open_dlib_network, open_embedder
from closeup.training.identity.dlib_network import trainable_dlib
from closeup.training.identity.networks import as_input
from closeup.training.identity.options import Architecture, IdentityNetworkOptions
from tests.real_photos import astronaut, hopper


@pytest.fixture(scope="module")
def network() -> DlibNetwork:
    return open_dlib_network("dlib-128")


@pytest.fixture(scope="module")
def faces() -> tuple[torch.Tensor, NDArray[np.float32]]:
    """Chips of two portraits and their mirror images, and their vectors by dlib."""
    embedder, detector = open_embedder("dlib-128"), open_detector("closeup")
    chips = [
        chip[:, ::step]
        for image in (astronaut(), hopper())
        for chip in embedder.chips(image, detector.detect(image))[:1]
        for step in (1, -1)
    ]
    chips = [np.ascontiguousarray(chip) for chip in chips]
    return torch.from_numpy(np.stack(chips)), unit_length(embedder.embed(chips))


def test_it_gives_dlibs_vectors(
    network: DlibNetwork, faces: tuple[torch.Tensor, NDArray[np.float32]]
) -> None:
    chips, vectors = faces
    with torch.no_grad():
        found = trainable_dlib(network).eval()(as_input(chips)).numpy()
    np.testing.assert_allclose(found, vectors, atol=1e-4)


def weights(network: torch.nn.Module) -> int:
    return sum(values.numel() for values in network.parameters())


@pytest.mark.parametrize(("width", "share"), [(0.75, 0.6), (0.5, 0.28)])
def test_fewer_channels_are_fewer_weights(network: DlibNetwork, width: float, share: float) -> None:
    whole, part = trainable_dlib(network), trainable_dlib(network, width)
    assert weights(part) < share * weights(whole)
    with torch.no_grad():
        vectors = part.eval()(torch.zeros(2, 3, 150, 150))
    np.testing.assert_allclose(vectors.norm(dim=1), 1, atol=1e-5)


def test_it_can_learn_to_do_without_the_others(
    network: DlibNetwork, faces: tuple[torch.Tensor, NDArray[np.float32]]
) -> None:
    given, targets = as_input(faces[0]), torch.from_numpy(faces[1])
    part = trainable_dlib(network, 0.5)
    descent = torch.optim.AdamW(part.parameters(), 3e-4)
    apart = []
    for _ in range(20):
        loss = (part(given) - targets).square().sum(1).mean()
        descent.zero_grad()
        torch.autograd.backward(loss)
        descent.step()
        apart.append(loss.item())
    assert apart[-1] < 0.3 * apart[0]


def test_every_weight_learns(network: DlibNetwork) -> None:
    part = trainable_dlib(network, 0.5)
    torch.manual_seed(0)
    vectors = part(torch.randn(4, 3, 150, 150))
    (vectors * torch.randn(vectors.shape)).sum().backward()
    still = [name for name, v in part.named_parameters() if v.grad is None or not v.grad.any()]
    assert not still


@pytest.mark.parametrize("width", [0.0, 1.5])
def test_widths_out_of_range(network: DlibNetwork, width: float) -> None:
    with pytest.raises(ValueError, match="at most 1"):
        trainable_dlib(network, width)


@pytest.mark.parametrize("changes", [{"side": 112}, {"dims": 64}, {"width": 2.0}])
def test_its_options_are_dlibs(changes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="dlib"):
        IdentityNetworkOptions(Architecture.DLIB, **{"dims": 128, **changes})
