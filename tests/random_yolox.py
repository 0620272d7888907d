"""A network with the inputs and outputs of OpenCV Zoo's YOLOX file, and random weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from tests.onnx_files import onnx_file

_STRIDES = (8, 16, 32)
_COLUMNS = 85


def random_yolox(seed: int = 0) -> bytes:
    """One convolution a grid: (1, 3, 640, 640) to (1, 8400, 85)."""
    rng = np.random.default_rng(seed)
    nodes, given = [], []
    for stride in _STRIDES:
        weights = rng.normal(0, 1, (_COLUMNS, 3, 1, 1)).astype(np.float32)
        weights[:4] *= 0.5
        bias = rng.normal(0, 0.5, _COLUMNS).astype(np.float32)
        bias[2:4] += 1.0
        given += _named(
            {f"weights{stride}": weights / 128, f"bias{stride}": bias - weights.sum((1, 2, 3))}
        )
        nodes += [
            helper.make_node("AveragePool", ["images"], [f"pooled{stride}"],
                             kernel_shape=[stride] * 2, strides=[stride] * 2),
            helper.make_node("Conv", [f"pooled{stride}", f"weights{stride}", f"bias{stride}"],
                             [f"grid{stride}"]),
            helper.make_node("Reshape", [f"grid{stride}", "flat"], [f"flat{stride}"]),
            helper.make_node("Split", [f"flat{stride}", "parts"],
                             [f"box{stride}", f"logits{stride}"], axis=1),
            helper.make_node("Sigmoid", [f"logits{stride}"], [f"scores{stride}"]),
            helper.make_node("Concat", [f"box{stride}", f"scores{stride}"], [f"all{stride}"],
                             axis=1),
        ]  # fmt: skip
    given += _named({"flat": np.array([1, _COLUMNS, -1]), "parts": np.array([4, _COLUMNS - 4])})
    nodes += [
        helper.make_node("Concat", [f"all{stride}" for stride in _STRIDES], ["columns"], axis=2),
        helper.make_node("Transpose", ["columns"], ["output"], perm=[0, 2, 1]),
    ]
    graph = helper.make_graph(
        nodes,
        "yolox",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, 640, 640])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 8400, _COLUMNS])],
        given,
    )
    return onnx_file(graph, 17)


def _named(arrays: dict[str, NDArray[np.generic]]) -> list[TensorProto]:
    return [numpy_helper.from_array(array, name) for name, array in arrays.items()]
