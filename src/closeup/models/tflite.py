"""Reads networks of TensorFlow Lite, which are flatbuffers.

Only what the networks of the catalogue use is read. The fields' numbers are those of
``tensorflow/compiler/mlir/lite/schema/schema.fbs``, version 3.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from closeup.errors import ModelCorruptError
from closeup.models.files import damaged_model
from closeup.models.flat_table import FlatTable

_IDENTIFIER = b"TFL3"

DAMAGED = (struct.error, IndexError, ValueError, TypeError, KeyError, ArithmeticError)
"""Errors of reading a damaged file."""


class Operator(IntEnum):
    """Operators by their number in the schema."""

    ADD = 0
    CONV_2D = 3
    DEPTHWISE_CONV_2D = 4
    DEQUANTIZE = 6
    MAX_POOL_2D = 17
    RELU = 19
    RESHAPE = 22
    RESIZE_BILINEAR = 23
    PAD = 34
    PRELU = 54


_DTYPES: dict[int, type[np.generic]] = {0: np.float32, 1: np.float16, 2: np.int32}
"""Types of tensors by their number in the schema."""


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """A tensor of a network.

    Attributes:
        name: Its name.
        shape: Its shape, that of pictures as (n, height, width, channels).
        values: Its values if it is constant, else None.

    """

    name: str
    shape: tuple[int, ...]
    values: NDArray[np.generic] | None


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """An operator with its tensors.

    Attributes:
        operator: What it does.
        inputs: Its input tensors, as numbers.
        output: Its output tensor, as a number.
        options: Its options, by the numbers of their fields; None if it has none.

    """

    operator: Operator
    inputs: tuple[int, ...]
    output: int
    options: FlatTable | None


@dataclass(frozen=True, slots=True, eq=False)
class TFLiteNetwork:
    """A network as its file describes it.

    Attributes:
        tensors: All tensors; the other attributes name them by their numbers.
        nodes: The operators, in an order in which they can be run.
        inputs: Tensors that the user gives.
        outputs: Tensors that are the result.

    """

    tensors: tuple[Tensor, ...]
    nodes: tuple[Node, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def read_tflite(model: bytes, name: str) -> TFLiteNetwork:
    """Read a network.

    Args:
        model: The bytes of the file.
        name: Name of the file in error messages.

    Raises:
        ModelCorruptError: it is no TensorFlow Lite file, is damaged, or has an operator or a type
            of tensor that Closeup does not know.

    """
    if model[4:8] != _IDENTIFIER:
        raise unreadable(name, "it does not begin as one")
    try:
        return _network(FlatTable(model))
    except DAMAGED as error:
        raise unreadable(name, error) from error


def unreadable(name: str, reason: object) -> ModelCorruptError:
    """The error for a file that cannot be read, for ``reason``."""
    problem = f"{name} is no TensorFlow Lite network that Closeup can read: {reason}"
    return damaged_model(problem, name)


def _network(root: FlatTable) -> TFLiteNetwork:
    # Numbers up to 127 were a byte in the first files; newer ones repeat them as an integer.
    codes = [max(code.byte(0), code.integer(3)) for code in root.tables(1)]
    (graph,) = root.tables(2)
    buffers = [buffer.data(0) for buffer in root.tables(4)]
    tensors = tuple(_tensor(tensor, buffers) for tensor in graph.tables(0))
    nodes = tuple(_node(node, codes, len(tensors)) for node in graph.tables(3))
    inputs, outputs = (_known(graph.integers(field), len(tensors)) for field in (1, 2))
    return TFLiteNetwork(tensors, nodes, inputs, outputs)


def _tensor(tensor: FlatTable, buffers: list[NDArray[np.uint8]]) -> Tensor:
    shape, number = tensor.integers(0), tensor.byte(1)
    data = buffers[tensor.integer(2)]
    if number not in _DTYPES:
        raise ValueError(f"tensors of type {number} are not known")
    values = np.frombuffer(data.tobytes(), _DTYPES[number]).reshape(shape) if len(data) else None
    return Tensor(tensor.text(3), shape, values)


def _node(node: FlatTable, codes: list[int], tensors: int) -> Node:
    (output,) = _known(node.integers(2), tensors)
    operator = Operator(codes[node.integer(0)])
    return Node(operator, _known(node.integers(1), tensors), output, node.table(4))


def _known(numbers: tuple[int, ...], tensors: int) -> tuple[int, ...]:
    if not all(0 <= number < tensors for number in numbers):
        raise IndexError(f"{numbers} are not among {tensors} tensors")
    return numbers
