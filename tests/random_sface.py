"""A network of SFace's signature with random weights: its file is not always at hand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from closeup.models.catalog import find
from tests.onnx_files import onnx_file


@cache
def random_sface(batch: int | None = 1) -> bytes:
    """An ONNX file that reads ``data`` (batch, 3, 112, 112) and gives ``fc1`` (batch, 128).

    Like the real one it scales its input itself; the vectors are not of unit length.
    """
    rng = np.random.default_rng(7)
    weights = {
        "centre": np.float32(127.5),
        "scale": np.float32(1 / 128),
        "first": rng.normal(0, 0.3, (8, 3, 7, 7)).astype(np.float32),
        "second": rng.normal(0, 0.2, (16, 8, 5, 5)).astype(np.float32),
        "last": rng.normal(0, 0.3, (16 * 7 * 7, 128)).astype(np.float32),
    }
    nodes = [
        helper.make_node("Sub", ["data", "centre"], ["centred"]),
        helper.make_node("Mul", ["centred", "scale"], ["scaled"]),
        helper.make_node("Conv", ["scaled", "first"], ["a"], strides=[4, 4], pads=[3] * 4),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Conv", ["b", "second"], ["c"], strides=[4, 4], pads=[2] * 4),
        helper.make_node("Relu", ["c"], ["d"]),
        helper.make_node("Flatten", ["d"], ["e"]),
        helper.make_node("MatMul", ["e", "last"], ["fc1"]),
    ]
    size = "batch" if batch is None else batch
    graph = helper.make_graph(
        nodes,
        "random",
        [helper.make_tensor_value_info("data", TensorProto.FLOAT, [size, 3, 112, 112])],
        [helper.make_tensor_value_info("fc1", TensorProto.FLOAT, [size, 128])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()],
    )
    model = onnx_file(graph, 13)
    onnx.checker.check_model(model)
    return model


@contextmanager
def known_as_sface() -> Iterator[bytes]:
    """Let the catalogue describe the random network: its bytes are then taken for SFace's."""
    model = random_sface()
    described = replace(find("sface"), sha256=hashlib.sha256(model).hexdigest())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "closeup.models.files.find",
            lambda name: described if name == "sface" else find(name),
        )
        yield model
