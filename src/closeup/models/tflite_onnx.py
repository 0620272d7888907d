"""Networks of TensorFlow Lite as ONNX, built in memory, so that onnxruntime runs all networks.

Pictures are (n, height, width, channels) there and (n, channels, height, width) here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper

from closeup.models.flat_table import FlatTable
from closeup.models.onnx_graph import OnnxGraph
from closeup.models.tflite import (
    DAMAGED,
    Node,
    Operator,
    TFLiteNetwork,
    read_tflite,
    unreadable,
)

_PLANES = [0, 3, 1, 2]
_PIXELS = [0, 2, 3, 1]
_ACTIVATIONS = {0: "", 1: "Relu"}
"""Functions that an operator applies to its result, by their number in the schema."""


def tflite_onnx(
    model: bytes, name: str, outputs: Sequence[str], *, any_size: bool = False
) -> bytes:
    """Convert a network of one picture.

    The result's input ``planes`` is (n, channels, height, width) float32. Its outputs have the
    shapes of the file, but for any number n of pictures: pictures as (n, height, width, channels).

    Args:
        model: The bytes of the file.
        name: Name of the file in error messages.
        outputs: Names for the outputs, in the file's order.
        any_size: Whether to leave height and width free, for a network of convolutions alone.

    Raises:
        ModelCorruptError: the file cannot be read, or has something that is not converted.

    """
    network = read_tflite(model, name)
    try:
        return _Conversion(network).converted(outputs, any_size=any_size)
    except DAMAGED as error:
        raise unreadable(name, error) from error


class _Conversion:
    """One network under conversion."""

    def __init__(self, network: TFLiteNetwork) -> None:
        self._network = network
        self._graph = OnnxGraph()
        self._values: dict[int, NDArray[np.generic]] = {
            number: tensor.values
            for number, tensor in enumerate(network.tensors)
            if tensor.values is not None
        }
        self._names: dict[int, str] = {}

    def converted(self, outputs: Sequence[str], *, any_size: bool) -> bytes:
        (given,) = self._network.inputs
        _, height, width, channels = self._network.tensors[given].shape
        self._names[given] = "planes"
        for node in self._network.nodes:
            self._add(node)
        sides = ["height", "width"] if any_size else [height, width]
        results = []
        for name, number in zip(outputs, self._network.outputs, strict=True):
            self._output(name, number)
            rank = len(self._network.tensors[number].shape)
            results.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * rank))
        planes = helper.make_tensor_value_info("planes", TensorProto.FLOAT, ["n", channels, *sides])
        return self._graph.serialized(planes, results=results)

    def _output(self, name: str, number: int) -> None:
        if self._is_picture(number):
            self._graph.add("Transpose", self._names[number], name=name, perm=_PIXELS)
        else:
            self._graph.add("Identity", self._names[number], name=name)

    def _is_picture(self, number: int) -> bool:
        return len(self._network.tensors[number].shape) == 4

    def _add(self, node: Node) -> None:
        if node.operator is Operator.DEQUANTIZE:
            self._values[node.output] = self._constant(node.inputs[0]).astype(np.float32)
            return
        make: dict[Operator, Callable[[Node, str], str]] = {
            Operator.ADD: self._sum,
            Operator.CONV_2D: self._convolution,
            Operator.DEPTHWISE_CONV_2D: self._depthwise,
            Operator.MAX_POOL_2D: self._pool,
            Operator.RELU: lambda _, x: self._graph.add("Relu", x),
            Operator.RESHAPE: self._reshaped,
            Operator.RESIZE_BILINEAR: self._resized,
            Operator.PAD: self._padded,
            Operator.PRELU: self._prelu,
        }
        self._names[node.output] = make[node.operator](node, self._names[node.inputs[0]])

    def _sum(self, node: Node, x: str) -> str:
        total = self._graph.add("Add", x, self._names[node.inputs[1]])
        return self._activated(total, _options(node).byte(0))

    def _convolution(self, node: Node, x: str) -> str:
        return self._convolved(node, x, self._constant(node.inputs[1]).transpose(0, 3, 1, 2), 3)

    def _depthwise(self, node: Node, x: str) -> str:
        return self._convolved(node, x, self._constant(node.inputs[1]).transpose(3, 0, 1, 2), 4)

    def _convolved(self, node: Node, x: str, weights: NDArray[np.generic], activation: int) -> str:
        """Add a convolution; ``activation`` is the field of its activation, dilations follow."""
        options = _options(node)
        if (options.integer(activation + 1, 1), options.integer(activation + 2, 1)) != (1, 1):
            raise ValueError("it has dilated convolutions")
        channels = self._network.tensors[node.inputs[0]].shape[3]
        made = self._graph.add(
            "Conv",
            x,
            self._graph.constant(np.ascontiguousarray(weights, np.float32)),
            self._graph.constant(self._constant(node.inputs[2]).astype(np.float32)),
            group=channels // weights.shape[1],
            **_window(options),
        )
        return self._activated(made, options.byte(activation))

    def _pool(self, node: Node, x: str) -> str:
        options = _options(node)
        kernel = [options.integer(4), options.integer(3)]
        made = self._graph.add("MaxPool", x, kernel_shape=kernel, **_window(options))
        return self._activated(made, options.byte(5))

    def _resized(self, node: Node, x: str) -> str:
        options = _options(node)
        before, after = (self._network.tensors[k].shape for k in (node.inputs[0], node.output))
        scales = [1, 1, after[1] / before[1], after[2] / before[2]]
        mode = "align_corners" if options.byte(2) else "asymmetric"
        mode = "half_pixel" if options.byte(3) else mode
        factors = self._graph.constant(np.array(scales, np.float32))
        how = {"mode": "linear", "coordinate_transformation_mode": mode}
        return self._graph.add("Resize", x, "", factors, **how)

    def _padded(self, node: Node, x: str) -> str:
        edges = self._constant(node.inputs[1])[_PLANES].T.astype(np.int64)
        return self._graph.add("Pad", x, self._graph.constant(edges.ravel()))

    def _prelu(self, node: Node, x: str) -> str:
        """``a·x + (1 - a)·max(x, 0)``, in a third of the time of onnxruntime's PRelu."""
        slopes = self._constant(node.inputs[1]).astype(np.float32).transpose(2, 0, 1)
        below, above = (np.ascontiguousarray(values) for values in (slopes, 1 - slopes))
        line = self._graph.add("Mul", x, self._graph.constant(below))
        bend = self._graph.add("Mul", self._graph.add("Relu", x), self._graph.constant(above))
        return self._graph.add("Add", line, bend)

    def _reshaped(self, node: Node, x: str) -> str:
        """Reshape a picture in the order of its pixels; the second dimension remains free."""
        if not self._is_picture(node.inputs[0]) or self._is_picture(node.output):
            raise ValueError("it reshapes more than pictures to rows")
        shape = [0, -1, *self._network.tensors[node.output].shape[2:]]
        pixels = self._graph.add("Transpose", x, perm=_PIXELS)
        return self._graph.add("Reshape", pixels, self._graph.constant(np.array(shape, np.int64)))

    def _activated(self, x: str, activation: int) -> str:
        if activation not in _ACTIVATIONS:
            raise ValueError(f"the activation {activation} is not known")
        operator = _ACTIVATIONS[activation]
        return self._graph.add(operator, x) if operator else x

    def _constant(self, number: int) -> NDArray[np.generic]:
        if number not in self._values:
            raise ValueError(f"the tensor {self._network.tensors[number].name} is not constant")
        return self._values[number]


def _options(node: Node) -> FlatTable:
    if node.options is None:
        raise ValueError(f"{node.operator.name} has no options")
    return node.options


def _window(options: FlatTable) -> dict[str, Any]:
    """Padding and strides, whose fields are the same for convolutions and pools."""
    padding = "VALID" if options.byte(0) else "SAME_UPPER"
    return {"auto_pad": padding, "strides": [options.integer(2), options.integer(1)]}
