"""Rescoring networks as files, built node by node: bright crops are faces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from tests.onnx_files import described, onnx_file

SIDE = 16
SAID: Mapping[str, Any] = {
    "task": "face rescoring", "version": 1, "bias": 0.0, "detector": 0.0, "rescorer": 1.0,
}  # fmt: skip


def brightness_rescorer(
    said: Mapping[str, Any] | str | None = SAID,
    *,
    shape: Sequence[int | str] = ("n", SIDE, SIDE, 3),
    output: str = "logits",
) -> bytes:
    """Log odds are -10 for black crops and 10 for white ones.

    Args:
        said: The metadata; as text if it is to be no JSON, None for no metadata.
        shape: Shape of the input.
        output: Name of the output.

    """
    values = {
        "places": np.array([1, 2, 3], np.int64),
        "factor": np.array(20 / 255, np.float32),
        "ten": np.array(10, np.float32),
    }
    nodes = [
        helper.make_node("Cast", ["crops"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["pixels", "places"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "factor"], ["scaled"]),
        helper.make_node("Sub", ["scaled", "ten"], [output]),
    ]
    graph = helper.make_graph(
        nodes,
        "rescorer",
        [helper.make_tensor_value_info("crops", TensorProto.UINT8, list(shape))],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in values.items()],
    )
    return onnx_file(graph, 18, described("closeup", said))
