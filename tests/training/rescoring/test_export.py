"""The file of a trained network computes what the network computes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from closeup.detection.rescoring import FaceRescorer, Fusion
from closeup.errors import TrainingError
from closeup.faces import Faces
from closeup.models.sessions import Network
from closeup.training import onnx_export
from closeup.training.rescoring.export import export
from closeup.training.rescoring.network import RescorerShape, RescoringNetwork

FUSION = Fusion(-0.5, 0.25, 1.5)


def network() -> RescoringNetwork:
    """With statistics as after some steps: normalisation is folded into convolutions."""
    torch.manual_seed(0)
    made = RescoringNetwork(RescorerShape(side=32, channels=(4, 8, 8, 8))).train()
    for _ in range(3):
        made(torch.randint(0, 256, (8, 32, 32, 3)))
    return made


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "model.onnx"
    export(network(), FUSION, path)
    return path


@pytest.mark.parametrize("count", [1, 7])
def test_the_file_computes_as_the_network(file: Path, count: int) -> None:
    crops = np.random.default_rng(0).integers(0, 256, (count, 32, 32, 3)).astype(np.uint8)
    logits = Network(file.read_bytes(), "it", threads=1).run(crops=crops)["logits"]
    with torch.no_grad():
        expected = network().eval()(torch.from_numpy(crops)).numpy()
    np.testing.assert_allclose(logits, expected, atol=1e-4)


def test_the_file_knows_how_scores_are_joined(file: Path) -> None:
    image = np.random.default_rng(0).integers(0, 256, (60, 60, 3)).astype(np.uint8)
    faces = Faces.of([[10, 10, 30, 30], [10, 10, 30, 30]], [0.3, 0.6])
    low, high = FaceRescorer(file.read_bytes(), "it", threads=1).scores(image, faces)
    odds = [np.log(own / (1 - own)) for own in (low, high, 0.3, 0.6)]
    assert odds[1] - odds[0] == pytest.approx(FUSION.detector * (odds[3] - odds[2]), abs=1e-4)


def test_a_file_that_differs_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_export, "LARGEST_DIFFERENCE", -1.0)
    with pytest.raises(TrainingError, match="differs from the network"):
        export(network(), FUSION, tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())
