"""8-bit networks give nearly the same outputs from a quarter of the bytes."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from closeup.models.checksums import check_checksum
from closeup.models.sessions import Network
from closeup.training.onnx_export import traced
from closeup.training.onnx_quantisation import quantised


@pytest.fixture(scope="module")
def network() -> bytes:
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 8),
    )  # fmt: skip
    return traced(
        module.eval(), torch.zeros(2, 3, 12, 12), input_name="seen", output_names=["found"],
        free={0: torch.export.Dim("n")}, properties={"mine": "kept"},
    )  # fmt: skip


def examples(seed: int) -> list[NDArray[np.float32]]:
    random = np.random.default_rng(seed)
    return [random.normal(size=(8, 3, 12, 12)).astype(np.float32) for _ in range(4)]


def test_it_gives_nearly_the_same(network: bytes) -> None:
    small = quantised(network, "seen", examples(0))
    (new,) = examples(1)[:1]
    expected, found = (Network(m, "n", threads=1).run(seen=new)["found"] for m in (network, small))
    assert np.abs(found - expected).max() < 0.05 * np.ptp(expected)
    assert not np.array_equal(found, expected)


def test_its_weights_are_of_one_byte(network: bytes) -> None:
    small = onnx.load_from_string(quantised(network, "seen", examples(0)))
    kinds = {part.data_type for part in small.graph.initializer if len(part.dims) == 4}
    assert kinds == {onnx.TensorProto.INT8}
    assert small.ByteSize() < 0.6 * len(network)


def test_the_head_stays_as_it_is(network: bytes) -> None:
    small = onnx.load_from_string(quantised(network, "seen", examples(0)))
    (head,) = (node for node in small.graph.node if node.op_type in {"Gemm", "MatMul"})
    weights = {part.name: part.data_type for part in small.graph.initializer}
    assert weights[head.input[1]] == onnx.TensorProto.FLOAT


def test_properties_stay_and_the_checksum_is_its_own(network: bytes) -> None:
    small = quantised(network, "seen", examples(0))
    assert Network(small, "n", threads=1).metadata["mine"] == "kept"
    check_checksum(small, "n")
    assert onnx.load_from_string(small).producer_name == "closeup"


def test_the_same_examples_give_the_same_file(network: bytes) -> None:
    assert quantised(network, "seen", examples(0)) == quantised(network, "seen", examples(0))
