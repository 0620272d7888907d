"""Small files of TensorFlow Lite, written field by field."""

from __future__ import annotations

from dataclasses import dataclass, field

import flatbuffers
import numpy as np
from numpy.typing import NDArray

from closeup.models.tflite import Operator

_TYPES = {"float32": 0, "float16": 1, "int32": 2}
_MOST_FIELDS = 8

Options = dict[int, tuple[str, int]]
"""Fields of an operator's options by their numbers: their type, ``byte`` or ``int``, and value."""


@dataclass
class TFLiteFile:
    """A network under construction."""

    tensors: list[tuple[tuple[int, ...], NDArray[np.generic] | None, str]] = field(
        default_factory=list
    )
    nodes: list[tuple[int, list[int], list[int], Options]] = field(default_factory=list)

    def constant(self, values: NDArray[np.generic]) -> int:
        """Add a constant tensor; returns its number."""
        self.tensors.append((values.shape, values, values.dtype.name))
        return len(self.tensors) - 1

    def variable(self, *shape: int, dtype: str = "float32") -> int:
        """Add a tensor that is computed or given; returns its number."""
        self.tensors.append((shape, None, dtype))
        return len(self.tensors) - 1

    def node(
        self, operator: Operator | int, inputs: list[int], output: int, options: Options
    ) -> int:
        """Add an operator; returns the number of its output."""
        self.nodes.append((int(operator), inputs, [output], options))
        return output

    def written(self, inputs: list[int], outputs: list[int]) -> bytes:
        """The bytes of the file."""
        builder = flatbuffers.Builder(0)
        builder.ForceDefaults(True)
        made = [_tensor(builder, k, *tensor) for k, tensor in enumerate(self.tensors)]
        codes = sorted({code for code, *_ in self.nodes})
        nodes = [
            _node(builder, codes.index(code), inner, outer, options)
            for code, inner, outer, options in self.nodes
        ]
        graph = _table(
            builder,
            {
                0: ("offset", _vector(builder, made)),
                1: ("offset", _integers(builder, inputs)),
                2: ("offset", _integers(builder, outputs)),
                3: ("offset", _vector(builder, nodes)),
            },
        )
        buffers = [_buffer(builder, values) for _, values, _ in self.tensors]
        opcodes = [
            _table(builder, {0: ("byte", min(code, 127)), 3: ("int", code)}) for code in codes
        ]
        root = _table(
            builder,
            {
                0: ("int", 3),
                1: ("offset", _vector(builder, opcodes)),
                2: ("offset", _vector(builder, [graph])),
                4: ("offset", _vector(builder, buffers)),
            },
        )
        builder.Finish(root, b"TFL3")
        return bytes(builder.Output())


def _tensor(
    builder: flatbuffers.Builder,
    number: int,
    shape: tuple[int, ...],
    _values: NDArray[np.generic] | None,
    dtype: str,
) -> int:
    fields = {
        0: ("offset", _integers(builder, list(shape))),
        1: ("byte", _TYPES.get(dtype, 99)),
        2: ("int", number),
        3: ("offset", builder.CreateString(f"tensor {number}")),
    }
    return _table(builder, fields)


def _node(
    builder: flatbuffers.Builder, code: int, inputs: list[int], outputs: list[int], options: Options
) -> int:
    fields = {
        0: ("int", code),
        1: ("offset", _integers(builder, inputs)),
        2: ("offset", _integers(builder, outputs)),
    }
    if options:
        fields[4] = ("offset", _table(builder, options))
    return _table(builder, fields)


def _buffer(builder: flatbuffers.Builder, values: NDArray[np.generic] | None) -> int:
    if values is None:
        return _table(builder, {})
    return _table(builder, {0: ("offset", builder.CreateByteVector(values.tobytes()))})


def _table(builder: flatbuffers.Builder, fields: Options) -> int:
    builder.StartObject(_MOST_FIELDS)
    for number, (kind, value) in fields.items():
        if kind == "offset":
            builder.PrependUOffsetTRelativeSlot(number, value, 0)
        elif kind == "byte":
            builder.PrependInt8Slot(number, value, 0)
        else:
            builder.PrependInt32Slot(number, value, 0)
    return int(builder.EndObject())


def _integers(builder: flatbuffers.Builder, values: list[int]) -> int:
    return int(builder.CreateNumpyVector(np.array(values, np.int32)))


def _vector(builder: flatbuffers.Builder, offsets: list[int]) -> int:
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return int(builder.EndVector())
