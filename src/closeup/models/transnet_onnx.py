"""TransNet V2 as ONNX, built in memory from PyTorch's weights, so that onnxruntime runs it.

Souček and Lokoč, "TransNet V2: An effective deep network architecture for fast shot transition
detection", 2020. Its 3D convolutions are split into one in space and one in time. Both are 2D
convolutions here: time is the batch of the first one, and all pixels are one axis of the second.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper

from closeup.geometry import Size
from closeup.models.onnx_graph import OnnxGraph
from closeup.models.torch_weights import unreadable

FRAMES = 100
"""Frames of one window."""
SIZE = Size(48, 27)
"""Size of a frame in pixels."""
COLOURS = 512
"""Bins of a frame's histogram: 8 levels of red, green and blue each."""

_STACKS, _BLOCKS = 3, 2
_DILATIONS = (1, 2, 4, 8)
"""Distances in frames of the four branches of a block."""
_NEIGHBOURS = 50
"""Frames before and after a frame with which it is compared."""
_EPSILON = 1e-3
"""Added to variances by the batch normalisation of the authors."""


def transnet_onnx(tensors: Mapping[str, NDArray[np.generic]], name: str) -> bytes:
    """Build the network for one window of frames.

    Input ``frames``: (100, 27, 48, 3) uint8 RGB. Input ``colours``: (100, 512) float32, histogram
    of each frame, of any norm. Output ``cuts``: (100,) float32, probability that a frame is the
    last one before a cut, or the middle of a gradual transition (the paper's "single" head).

    Args:
        tensors: The weights by their names.
        name: Name of the file in error messages.

    Raises:
        ModelCorruptError: a tensor is missing or does not fit.

    """
    try:
        return _Graph(tensors).built()
    except (LookupError, ValueError) as error:
        raise unreadable(name, error) from error


class _Graph(OnnxGraph):
    """An ONNX graph of TransNet's layers; pictures are (frames, channels, height, width)."""

    def __init__(self, tensors: Mapping[str, NDArray[np.generic]]) -> None:
        super().__init__()
        self._tensors = tensors

    def built(self) -> bytes:
        x = self.add("Cast", "frames", to=TensorProto.FLOAT)
        x = self.add("Mul", x, self.constant(np.array(1 / 255, np.float32)))
        x, size = self.add("Transpose", x, perm=[0, 3, 1, 2]), SIZE
        means = []
        for stack in range(_STACKS):
            x = self._stack(x, f"SDDCNN.{stack}.DDCNN", size)
            x = self.add("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])
            size = Size(size.width // 2, size.height // 2)
            means.append(self.add("ReduceMean", x, axes=[2, 3], keepdims=0))
        projected = self._dense(self.add("Concat", *means, axis=1), "frame_sim_layer.projection")
        features = self.add(
            "Concat",
            self._likeness("colours", "color_hist_layer.fc"),
            self._likeness(projected, "frame_sim_layer.fc"),
            self.add("Flatten", self.add("Transpose", x, perm=[0, 2, 3, 1])),
            axis=1,
        )
        logit = self._dense(self.add("Relu", self._dense(features, "fc1")), "cls_layer1")
        flat = self._reshaped(self.add("Sigmoid", logit), FRAMES)
        self.add("Identity", flat, name="cuts")
        pixels, counts = [FRAMES, SIZE.height, SIZE.width, 3], [FRAMES, COLOURS]
        return self.serialized(
            helper.make_tensor_value_info("frames", TensorProto.UINT8, pixels),
            helper.make_tensor_value_info("colours", TensorProto.FLOAT, counts),
            results=[helper.make_tensor_value_info("cuts", TensorProto.FLOAT, [FRAMES])],
        )

    def _stack(self, x: str, prefix: str, size: Size) -> str:
        """Blocks one after the other; the first one's result is added to the last one's."""
        x = first = self._block(x, f"{prefix}.0", size)
        for block in range(1, _BLOCKS):
            x = self._block(x, f"{prefix}.{block}", size)
        return self.add("Add", x, first)

    def _block(self, x: str, prefix: str, size: Size) -> str:
        """Convolutions of several dilations in time beside each other, normalised and rectified."""
        gamma, beta, mean, variance = (
            self._weights(f"{prefix}.bn.{part}")
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gamma / np.sqrt(variance + _EPSILON)
        scales, biases = (np.split(each, len(_DILATIONS)) for each in (scale, beta - mean * scale))
        branches = [
            self._branch(x, f"{prefix}.Conv3D_{dilation}.layers", dilation, *normalisation)
            for dilation, *normalisation in zip(_DILATIONS, scales, biases, strict=True)
        ]
        joined = self.add("Relu", self.add("Concat", *branches, axis=1))
        y = self._reshaped(joined, len(scale), FRAMES, size.height, size.width)
        return self.add("Transpose", y, perm=[1, 0, 2, 3])

    def _branch(
        self, x: str, prefix: str, dilation: int,
        scale: NDArray[np.float32], bias: NDArray[np.float32],
    ) -> str:  # fmt: skip
        """One convolution in space and one in time; the result is (1, channels, frames, pixels)."""
        space = self._weights(f"{prefix}.0.weight")[:, :, 0]
        time = self._weights(f"{prefix}.1.weight")[..., 0] * scale[:, None, None, None]
        y = self.add("Conv", x, self.constant(np.ascontiguousarray(space)), pads=[1, 1, 1, 1])
        y = self.add("Transpose", y, perm=[1, 0, 2, 3])
        y = self._reshaped(y, 1, len(space), FRAMES, -1)
        weights, bias_ = self.constant(np.ascontiguousarray(time)), self.constant(bias)
        pads = [dilation, 0, dilation, 0]
        return self.add("Conv", y, weights, bias_, dilations=[dilation, 1], pads=pads)

    def _likeness(self, vectors: str, layer: str) -> str:
        """Cosines of each frame's vector with those of its neighbours, and a layer on them."""
        length = self.add("ReduceL2", vectors, axes=[1], keepdims=1)
        least = self.constant(np.array(1e-12, np.float32))
        unit = self.add("Div", vectors, self.add("Max", length, least))
        cosines = self.add("MatMul", unit, self.add("Transpose", unit, perm=[1, 0]))
        edges = self.constant(np.array([0, _NEIGHBOURS, 0, _NEIGHBOURS]))
        places = np.arange(FRAMES)[:, None] + np.arange(2 * _NEIGHBOURS + 1)
        near = self.add(
            "GatherElements", self.add("Pad", cosines, edges), self.constant(places), axis=1
        )
        return self.add("Relu", self._dense(near, layer))

    def _dense(self, x: str, layer: str) -> str:
        weights, bias = (
            self.constant(self._weights(f"{layer}.{part}")) for part in ("weight", "bias")
        )
        return self.add("Gemm", x, weights, bias, transB=1)

    def _reshaped(self, x: str, *shape: int) -> str:
        return self.add("Reshape", x, self.constant(np.array(shape, np.int64)))

    def _weights(self, name: str) -> NDArray[np.float32]:
        return self._tensors[name].astype(np.float32)
