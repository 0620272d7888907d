"""dlib's face embedding and MMOD detector as ONNX, built in memory from their ``.dat`` files.

Affines and the input's normalisation are folded into the convolutions, so that the inputs
are plain pixels. Topology: ``anet_type`` in dlib's ``examples/dnn_face_recognition_ex.cpp`` and
``net_type`` in ``examples/dnn_mmod_face_detection_ex.cpp``.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from onnx import TensorProto, helper

from closeup.models.dlib_weights import (
    AddPrevious,
    Affine,
    Convolution,
    DlibNetwork,
    Layer,
    Linear,
    Pool,
    Relu,
    unlike_dlib,
)
from closeup.models.onnx_graph import OnnxGraph

CHIP_SIDE = 150
"""Width and height of the embedding's input, in pixels."""

_STEM_SIDE = 35
"""Side after the first convolution (7, stride 2) and maximum pool (3, stride 2), in pixels."""

_L = TypeVar("_L", bound=Layer)


def embedding_onnx(network: DlibNetwork) -> bytes:
    """Build the 128-D face embedding.

    Input ``chips``: (n, 150, 150, 3) uint8 RGB. Output ``embedding``: (n, 128) float32, not
    normalised.

    Raises:
        ModelCorruptError: the layers are not those of dlib's face embedding.

    """
    layers, graph = _Layers(network), _Graph()
    chips = graph.add("Cast", "chips", to=TensorProto.FLOAT)
    x = graph.add("Transpose", chips, perm=[0, 3, 1, 2])
    x = graph.add("Relu", graph.convolution(x, layers.take(Convolution)))
    layers.take(Relu)
    x = graph.pool("MaxPool", x, layers.take(Pool))
    side = _STEM_SIDE
    while not isinstance(layers.first, Pool):
        x, side = _residual_block(graph, layers, x, side)
    layers.take(Pool)
    x = graph.add("Flatten", graph.add("GlobalAveragePool", x))
    matrix = graph.constant(layers.take(Linear).matrix)
    graph.add("MatMul", x, matrix, name="embedding")
    return graph.serialized(
        helper.make_tensor_value_info("chips", TensorProto.UINT8, ["n", CHIP_SIDE, CHIP_SIDE, 3]),
        results=[helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 128])],
    )


def mmod_onnx(network: DlibNetwork) -> bytes:
    """Build the sliding-window part of the MMOD face detector.

    Input ``canvas``: (1, 3, h, w) float32 RGB in 0..255. Output ``scores``: (1, 1, h', w').

    Raises:
        ModelCorruptError: the layers are not those of dlib's MMOD face detector.

    """
    layers, graph = _Layers(network), _Graph()
    x = "canvas"
    while layers.count > 1:
        x = graph.add("Relu", graph.convolution(x, layers.take(Convolution)))
        layers.take(Relu)
    graph.convolution(x, layers.take(Convolution), name="scores")
    return graph.serialized(
        helper.make_tensor_value_info("canvas", TensorProto.FLOAT, [1, 3, "h", "w"]),
        results=[
            helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 1, "rows", "columns"])
        ],
    )


def resizing_onnx() -> bytes:
    """Build bilinear resizing with aligned corners, as dlib's ``tt::resize_bilinear``.

    Inputs ``planes``: (1, 3, h, w) float32, and ``shape``: the four sizes of the output
    ``resized``, int64.
    """
    graph = _Graph()
    mode = {"mode": "linear", "coordinate_transformation_mode": "align_corners"}
    graph.add("Resize", "planes", "", "", "shape", name="resized", **mode)
    return graph.serialized(
        helper.make_tensor_value_info("planes", TensorProto.FLOAT, [1, 3, "h", "w"]),
        helper.make_tensor_value_info("shape", TensorProto.INT64, [4]),
        results=[helper.make_tensor_value_info("resized", TensorProto.FLOAT, [1, 3, "H", "W"])],
    )


def _residual_block(graph: _Graph, layers: _Layers, x: str, side: int) -> tuple[str, int]:
    """Add two convolutions to their input, which is halved if the first one has a stride.

    dlib adds tensors of different sizes by padding each with zeros at the end to the larger
    dimensions: the halved input lacks channels, and an unpadded convolution on an even side lacks a
    row and a column.
    """
    first = layers.take(Convolution)
    branch = graph.add("Relu", graph.convolution(x, first))
    layers.take(Relu)
    second = layers.take(Convolution)
    branch = graph.convolution(branch, second)
    if first.stride != (1, 1):
        x = graph.pool("AveragePool", x, layers.take(Pool))
        x = graph.padded(x, channels=len(second.weights) - first.weights.shape[1])
        if side % 2 == 0:
            branch = graph.padded(branch, rows=1, columns=1)
        side //= 2
    layers.take(AddPrevious)
    layers.take(Relu)
    return graph.add("Relu", graph.add("Add", branch, x)), side


class _Layers:
    """A network's layers without affines, for an input of plain pixels, consumed one by one."""

    def __init__(self, network: DlibNetwork) -> None:
        self._rest: list[Layer] = []
        for layer in network.layers:
            if isinstance(layer, Affine):
                convolution = self._rest.pop() if self._rest else None
                self._rest.append(_checked(convolution, Convolution).with_affine(layer))
            else:
                self._rest.append(layer)
        self._rest.reverse()
        self._rest.append(
            self.take(Convolution).of_scaled(1 / 256, network.averages.astype(np.float64) / -256)
        )

    @property
    def count(self) -> int:
        return len(self._rest)

    @property
    def first(self) -> Layer | None:
        return self._rest[-1] if self._rest else None

    def take(self, kind: type[_L]) -> _L:
        layer = _checked(self.first, kind)
        self._rest.pop()
        return layer


def _checked(layer: Layer | None, kind: type[_L]) -> _L:
    if not isinstance(layer, kind):
        raise unlike_dlib(f"{type(layer).__name__} where {kind.__name__} must be")
    return layer


class _Graph(OnnxGraph):
    """An ONNX graph of dlib's layers."""

    def convolution(self, x: str, layer: Convolution, name: str = "") -> str:
        weights, bias = self.constant(layer.weights), self.constant(layer.bias)
        pads = [*layer.padding, *layer.padding]
        return self.add("Conv", x, weights, bias, name=name, strides=layer.stride, pads=pads)

    def pool(self, operator: str, x: str, layer: Pool) -> str:
        return self.add(operator, x, kernel_shape=layer.window, strides=layer.stride)

    def padded(self, x: str, channels: int = 0, rows: int = 0, columns: int = 0) -> str:
        """Append zeros after the last channels, rows and columns."""
        if not channels | rows | columns:
            return x
        return self.add("Pad", x, self.constant(np.array([0, 0, 0, 0, 0, channels, rows, columns])))
