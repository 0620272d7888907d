"""The file gives the vectors of the network, and opens as any embedding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from closeup.errors import TrainingError
from closeup.opening import open_detector, open_dlib_network, open_embedder
from closeup.training.identity.dlib_network import trainable_dlib
from closeup.training.identity.export import export
from closeup.training.identity.networks import IdentityNetwork, as_input
from closeup.training.identity.options import Architecture, IdentityNetworkOptions
from closeup.training.onnx_export import example_pictures, traced
from tests.real_photos import astronaut


@pytest.fixture(scope="module", params=[Architecture.INCEPTION, Architecture.MOBILE])
def exported(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[IdentityNetwork, Path]:
    torch.manual_seed(0)
    network = IdentityNetwork(IdentityNetworkOptions(request.param, 32, 64, 0.25))
    # Statistics of normalisation that differ from their first values.
    network(as_input(torch.randint(0, 256, (16, 64, 64, 3), dtype=torch.uint8)))
    path = tmp_path_factory.mktemp("identity") / "mine.onnx"
    export(network, 64, path)
    return network, path


def test_it_opens_as_an_embedding(exported: tuple[IdentityNetwork, Path]) -> None:
    network, path = exported
    embedder = open_embedder(str(path), calibrated=False)
    assert embedder.dimensions == 32
    face = open_detector("closeup").detect(astronaut())
    chip, *_ = embedder.chips(astronaut(), face)
    assert chip.shape == (64, 64, 3)
    with torch.no_grad():
        expected = network(as_input(torch.from_numpy(chip[None].copy()))).numpy()
    np.testing.assert_allclose(embedder.embed([chip]), expected, atol=1e-4)
    assert embedder.embed([]).shape == (0, 32)


def test_it_names_no_place_of_this_machine(exported: tuple[IdentityNetwork, Path]) -> None:
    content = exported[1].read_bytes()
    assert b"/src/closeup" not in content
    assert b"site-packages" not in content
    assert b"closeup_embedding" in content


def test_8_bit_numbers_give_nearly_the_same_vectors(tmp_path: Path) -> None:
    network = trainable_dlib(open_dlib_network("dlib-128"), 0.3)
    faces = example_pictures(24, 150).numpy()
    sizes = []
    for given in (None, faces):
        change = export(network, 150, tmp_path / "mine.onnx", given)
        assert change < 0.01
        sizes.append((tmp_path / "mine.onnx").stat().st_size)
    assert sizes[1] < 0.35 * sizes[0]
    embedder = open_embedder(str(tmp_path / "mine.onnx"), calibrated=False)
    np.testing.assert_allclose(np.linalg.norm(embedder.embed(list(faces)), axis=1), 1, atol=1e-5)


def test_8_bit_numbers_that_change_too_much_are_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("closeup.training.identity.export.LARGEST_CHANGE", 1e-12)
    network = trainable_dlib(open_dlib_network("dlib-128"), 0.2)
    with pytest.raises(TrainingError, match="32-bit numbers"):
        export(network, 150, tmp_path / "mine.onnx", example_pictures(16, 150).numpy())
    assert not list(tmp_path.iterdir())


def test_a_file_that_answers_otherwise_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file of another network takes the place of the right one."""
    options = IdentityNetworkOptions(dims=8, side=32, width=0.25)
    network, other = (IdentityNetwork(options).eval() for _ in range(2))
    monkeypatch.setattr(
        "closeup.training.identity.export.traced",
        lambda _network, *given, **options: traced(other, *given, **options),
    )
    with pytest.raises(TrainingError, match="differs from the network"):
        export(network, 32, tmp_path / "mine.onnx")
    assert not list(tmp_path.iterdir())
