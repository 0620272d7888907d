from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from transformers import ResNetConfig, ResNetModel

from closeup.errors import TrainingError
from closeup.geometry import Size
from closeup.models.sessions import Network
from closeup.pupils.network_file import OPTIONAL_OUTPUTS, OUTPUTS
from closeup.training import onnx_export
from closeup.training.pupils.backbone import BackboneNetwork
from closeup.training.pupils.compact import CompactNetwork
from closeup.training.pupils.export import DeployedPupilNetwork, export
from closeup.training.pupils.network import EyeInput
from closeup.training.rng import TensorRng
from tests.training.pupils.dark_dots import dark_dots


def compact(given: EyeInput | None = None) -> CompactNetwork:
    """With statistics as after some steps: normalisation is folded into convolutions."""
    torch.manual_seed(0)
    network = CompactNetwork(given).train()
    for seed in range(3):
        shape = (8, network.given.size.height, network.given.size.width)
        network(TensorRng(seed).between(0, 255, *shape))
    return network


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "model.onnx"
    export(compact(), path)
    return path


def test_the_file_answers_as_the_network(file: Path) -> None:
    crops = dark_dots(20, 1.2).crops[:, ::2, ::2][:, :48, :64].contiguous()

    answers = Network(file.read_bytes(), "it", threads=1).run(eyes=crops.numpy())

    with torch.no_grad():
        expected = DeployedPupilNetwork(compact()).eval()(crops)
    for name, own in zip(OUTPUTS + OPTIONAL_OUTPUTS, expected, strict=True):
        assert answers[name].dtype == np.float32
        np.testing.assert_allclose(answers[name], own.numpy(), atol=1e-4)


@pytest.mark.parametrize("count", [1, 7])
def test_any_number_of_crops_will_do(file: Path, count: int) -> None:
    crops = np.zeros((count, 48, 64), np.uint8)

    answers = Network(file.read_bytes(), "it", threads=1).run(eyes=crops)

    assert answers["points"].shape == (count, 1, 2)
    for name in ("openness", "visible", "spread", "entropy"):
        assert answers[name].shape == (count,)
    assert answers["features"].shape == (count, 32 + 112)


def test_the_entropy_is_that_of_a_distribution_over_the_heatmap(file: Path) -> None:
    crops = dark_dots(5, 1.2).crops[:, ::2, ::2][:, :48, :64].contiguous().numpy()

    entropy = Network(file.read_bytes(), "it", threads=1).run("entropy", eyes=crops)["entropy"]

    assert (entropy > 0).all()
    assert (entropy <= np.log(16 * 12) + 1e-5).all()


def test_it_is_small_and_whole_and_says_what_it_is(file: Path) -> None:
    assert file.stat().st_size <= 1_500_000
    assert list(file.parent.iterdir()) == [file]
    model = onnx.load(file)
    told = {entry.key: entry.value for entry in model.metadata_props}
    assert json.loads(told["closeup"]) == {
        "task": "pupils",
        "version": 1,
        "width": 1.2,
        "points": ["pupil"],
    }
    (taken,) = model.graph.input
    assert taken.name == "eyes"
    assert taken.type.tensor_type.elem_type == onnx.TensorProto.UINT8


def test_it_tells_nothing_of_the_machine_that_made_it(file: Path) -> None:
    content = file.read_bytes()
    assert b".py" not in content
    assert str(Path.cwd()).encode() not in content


def test_a_resnet_with_three_points_is_exported_in_silence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    given = EyeInput(Size(32, 24), 1.0, points=3)
    torch.manual_seed(0)
    tiny = ResNetConfig(embedding_size=4, hidden_sizes=[4, 8], depths=[1, 1], layer_type="basic")

    export(BackboneNetwork(given, ResNetModel(tiny)), tmp_path / "resnet.onnx")

    assert capfd.readouterr() == ("", "")
    model = onnx.load(tmp_path / "resnet.onnx")
    told = json.loads({entry.key: entry.value for entry in model.metadata_props}["closeup"])
    assert told["points"] == ["left corner", "pupil", "right corner"]
    assert told["width"] == 1.0
    network = Network((tmp_path / "resnet.onnx").read_bytes(), "it", threads=1)
    assert network.inputs["eyes"][1:] == (24, 32)
    answers = network.run(eyes=np.zeros((2, 24, 32), np.uint8))
    assert answers["points"].shape == (2, 3, 2)
    assert answers["features"].shape == (2, 128)
    assert "entropy" not in answers


def test_a_file_that_answers_otherwise_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_export, "LARGEST_DIFFERENCE", -1.0)

    with pytest.raises(TrainingError, match="differs from the network by"):
        export(compact(EyeInput(Size(32, 24))), tmp_path / "model.onnx")

    assert not (tmp_path / "model.onnx").exists()
