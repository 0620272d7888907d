"""Small YOLO files in ONNX whose boxes are known: white squares, or whatever one asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from tests.onnx_files import onnx_file

CELL = 8
"""Pixels of a cell of the network that finds white squares."""

BOX = 40.0
"""Side of each box that it gives, in its input's pixels."""

POINTS = np.array([[-9, -8], [9, -8], [0, 0], [-7, 9], [7, 9]], np.float32)
"""Of its key points from the box's centre."""

Shape = Sequence[int | str]


def constant_yolo(
    output: NDArray[np.floating],
    metadata: Mapping[str, str],
    size: Shape = (64, 64),
    dtype: int = TensorProto.FLOAT,
) -> bytes:
    """A network that gives ``output`` for every picture."""
    values = output.astype(helper.tensor_dtype_to_np_dtype(dtype))
    nodes = [
        helper.make_node("ReduceMax", ["images"], ["brightest"], keepdims=0),
        helper.make_node("Mul", ["brightest", "nothing"], ["zero"]),
        helper.make_node("Add", ["zero", "values"], ["output0"]),
    ]
    given = {"values": values, "nothing": np.zeros((), values.dtype)}
    return _file(nodes, given, metadata, size, dtype)


def white_square_yolo(
    metadata: Mapping[str, str], *, v5: bool = False, points: bool = False, size: Shape = (320, 320)
) -> bytes:
    """A network that fires where a cell of 8x8 pixels is white throughout.

    Every box has its centre in the middle of its cell, and the same size. It works for any
    size of input. Of v5 there is one box a cell, and the class is certain.
    """
    nodes = [
        helper.make_node("AveragePool", ["images"], ["grey"], kernel_shape=[CELL] * 2,
                         strides=[CELL] * 2),
        helper.make_node("ReduceMin", ["grey"], ["light"], axes=[1], keepdims=1),
        helper.make_node("Sub", ["light", "nearly"], ["over"]),
        helper.make_node("Mul", ["over", "steep"], ["logit"]),
        helper.make_node("Sigmoid", ["logit"], ["score"]),
        helper.make_node("Mul", ["light", "nothing"], ["none"]),
        helper.make_node("Add", ["none", "one"], ["ones"]),
        helper.make_node("CumSum", ["ones", "x"], ["across"]),
        helper.make_node("CumSum", ["ones", "y"], ["down"]),
        helper.make_node("Sub", ["across", "half"], ["column"]),
        helper.make_node("Sub", ["down", "half"], ["row"]),
        helper.make_node("Mul", ["column", "cell"], ["cx"]),
        helper.make_node("Mul", ["row", "cell"], ["cy"]),
        helper.make_node("Mul", ["ones", "box"], ["side"]),
    ]  # fmt: skip
    planes = ["cx", "cy", "side", "side", "score", *(["ones"] if v5 else [])]
    given = {"nearly": 0.95, "steep": 200.0, "nothing": 0.0, "one": 1.0, "half": 0.5}
    given |= {"cell": float(CELL), "box": BOX}
    for number, point in enumerate(POINTS if points else []):
        for axis, offset in zip("xy", point.tolist(), strict=True):
            name = f"{axis}{number}"
            given[f"d{name}"] = offset
            nodes.append(helper.make_node("Add", [f"c{axis}", f"d{name}"], [name]))
            planes.append(name)
        planes.append("ones")
    nodes += [
        helper.make_node("Concat", planes, ["all"], axis=1),
        helper.make_node("Reshape", ["all", "flat"], ["rows"]),
    ]
    last = helper.make_node("Transpose", ["rows"], ["output0"], perm=[0, 2, 1])
    nodes.append(last if v5 else helper.make_node("Identity", ["rows"], ["output0"]))
    arrays: dict[str, NDArray[np.generic]] = {
        name: np.array(value, np.float32) for name, value in given.items()
    }
    arrays |= {"x": np.array(3), "y": np.array(2), "flat": np.array([1, len(planes), -1])}
    return _file(nodes, arrays, metadata, size, TensorProto.FLOAT)


def _file(
    nodes: list[onnx.NodeProto],
    given: Mapping[str, NDArray[np.generic]],
    metadata: Mapping[str, str],
    size: Shape,
    dtype: int,
) -> bytes:
    graph = helper.make_graph(
        nodes,
        "yolo",
        [helper.make_tensor_value_info("images", dtype, [1, 3, *size])],
        [helper.make_tensor_value_info("output0", dtype, None)],
        [numpy_helper.from_array(value, name) for name, value in given.items()],
    )
    return onnx_file(graph, 17, metadata)
