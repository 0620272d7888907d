"""The graph is compared with the paper's network in PyTorch: 3D convolutions, loops over frames."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from closeup.errors import ModelCorruptError
from closeup.models.sessions import Network
from closeup.models.torch_weights import read_torch_weights
from closeup.models.transnet_onnx import COLOURS, FRAMES, SIZE, transnet_onnx
from tests.random_transnet import random_transnet, random_weights

RNG = np.random.default_rng(1)
VIDEO = RNG.integers(0, 256, (FRAMES, SIZE.height, SIZE.width, 3), dtype=np.uint8)
HISTOGRAMS = RNG.integers(0, 30, (FRAMES, COLOURS)).astype(np.float32)


def expected(weights: dict[str, torch.Tensor]) -> torch.Tensor:
    x = torch.from_numpy(VIDEO).permute(3, 0, 1, 2)[None] / 255
    means = []
    for stack in range(3):
        first = block(x, weights, f"SDDCNN.{stack}.DDCNN.0")
        x = first + block(first, weights, f"SDDCNN.{stack}.DDCNN.1")
        x = functional.avg_pool3d(x, (1, 2, 2))
        means.append(x.mean((3, 4)))
    projected = dense(torch.cat(means, 1)[0].T, weights, "frame_sim_layer.projection")
    parts = [
        likeness(torch.from_numpy(HISTOGRAMS), weights, "color_hist_layer.fc"),
        likeness(projected, weights, "frame_sim_layer.fc"),
        x[0].permute(1, 2, 3, 0).reshape(FRAMES, -1),
    ]
    hidden = functional.relu(dense(torch.cat(parts, 1), weights, "fc1"))
    return torch.sigmoid(dense(hidden, weights, "cls_layer1"))[:, 0]


def block(x: torch.Tensor, weights: dict[str, torch.Tensor], prefix: str) -> torch.Tensor:
    branches = []
    for dilation in (1, 2, 4, 8):
        space, time = (weights[f"{prefix}.Conv3D_{dilation}.layers.{k}.weight"] for k in (0, 1))
        y = functional.conv3d(x, space, padding=(0, 1, 1))
        y = functional.conv3d(y, time, padding=(dilation, 0, 0), dilation=(dilation, 1, 1))
        branches.append(y)
    mean, variance, gamma, beta = (
        weights[f"{prefix}.bn.{part}"] for part in ("running_mean", "running_var", "weight", "bias")
    )
    joined = torch.cat(branches, 1)
    return functional.relu(functional.batch_norm(joined, mean, variance, gamma, beta, eps=1e-3))


def dense(x: torch.Tensor, weights: dict[str, torch.Tensor], layer: str) -> torch.Tensor:
    return functional.linear(x, weights[f"{layer}.weight"], weights[f"{layer}.bias"])


def likeness(vectors: torch.Tensor, weights: dict[str, torch.Tensor], layer: str) -> torch.Tensor:
    near = torch.zeros(FRAMES, 101)
    for frame in range(FRAMES):
        for place in range(101):
            other = frame + place - 50
            if 0 <= other < FRAMES:
                near[frame, place] = functional.cosine_similarity(
                    vectors[frame], vectors[other], dim=0
                )
    return functional.relu(dense(near, weights, layer))


@pytest.mark.parametrize(("width", "seed"), [(2, 0), (3, 1)])
def test_it_is_the_network_of_the_paper(width: int, seed: int) -> None:
    tensors = read_torch_weights(random_transnet(width, seed), "transnetv2")
    network = Network(transnet_onnx(tensors, "transnetv2"), "transnetv2", threads=1)
    found = network.run(frames=VIDEO, colours=HISTOGRAMS)["cuts"]
    assert found.shape == (FRAMES,)
    assert found.std() > 1e-4, "weights that do not react would prove nothing"
    np.testing.assert_allclose(found, expected(random_weights(width, seed)), atol=1e-5)


def test_black_frames_without_colours_give_numbers() -> None:
    tensors = read_torch_weights(random_transnet(), "transnetv2")
    network = Network(transnet_onnx(tensors, "transnetv2"), "transnetv2", threads=1)
    found = network.run(frames=np.zeros_like(VIDEO), colours=np.zeros_like(HISTOGRAMS))["cuts"]
    assert np.isfinite(found).all()


def test_a_missing_tensor_is_named() -> None:
    tensors = read_torch_weights(random_transnet(), "transnetv2")
    del tensors["fc1.bias"]
    with pytest.raises(
        ModelCorruptError, match=r"'fc1\.bias'; fetch it again: closeup models"
    ) as got:
        transnet_onnx(tensors, "transnetv2")
    assert "\n" not in str(got.value)


def test_a_tensor_of_another_shape_is_refused() -> None:
    tensors = read_torch_weights(random_transnet(), "transnetv2")
    tensors["fc1.weight"] = tensors["fc1.weight"][:, 1:]
    with pytest.raises(ModelCorruptError, match="transnetv2"):
        Network(transnet_onnx(tensors, "transnetv2"), "transnetv2", threads=1)
    tensors["SDDCNN.0.DDCNN.0.bn.weight"] = tensors["SDDCNN.0.DDCNN.0.bn.weight"][1:]
    with pytest.raises(
        ModelCorruptError, match="holds no weights of PyTorch that Closeup can read"
    ):
        transnet_onnx(tensors, "transnetv2")
