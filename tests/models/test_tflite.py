"""Files are written here, field by field; ``benchmarks/blazeface.py`` reads the real ones."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from closeup.errors import ModelCorruptError
from closeup.models.tflite import Operator, read_tflite
from closeup.models.tflite_onnx import tflite_onnx
from tests.tflite_files import TFLiteFile

WEIGHTS = np.arange(12, dtype=np.float16).reshape(2, 1, 2, 3)


def small() -> TFLiteFile:
    """A convolution whose weights have 16 bits, as in the real files."""
    file = TFLiteFile()
    x, stored = file.variable(1, 4, 4, 3), file.constant(WEIGHTS)
    weights = file.node(Operator.DEQUANTIZE, [stored], file.variable(*WEIGHTS.shape), {})
    bias, y = file.constant(np.ones(2, np.float32)), file.variable(1, 4, 4, 2)
    file.node(Operator.CONV_2D, [x, weights, bias], y, {1: ("int", 1), 2: ("int", 1)})
    return file


BYTES = small().written([0], [4])


def test_a_file_is_read_as_it_was_written() -> None:
    network = read_tflite(BYTES, "small")
    assert [tensor.shape for tensor in network.tensors] == [
        (1, 4, 4, 3), (2, 1, 2, 3), (2, 1, 2, 3), (2,), (1, 4, 4, 2),
    ]  # fmt: skip
    assert network.tensors[0].values is None
    np.testing.assert_array_equal(network.tensors[1].values, WEIGHTS)
    assert network.tensors[3].name == "tensor 3"
    first, second = network.nodes
    assert (first.operator, first.inputs, first.output) == (Operator.DEQUANTIZE, (1,), 2)
    assert first.options is None
    assert (second.operator, second.inputs) == (Operator.CONV_2D, (0, 2, 3))
    assert second.options is not None
    assert [second.options.integer(field, 7) for field in (1, 2, 4)] == [1, 1, 7]
    assert (network.inputs, network.outputs) == ((0,), (4,))


@pytest.mark.parametrize("model", [b"", b"short", b"\x08\x03\x12\x07pytorch" * 9, BYTES[:3]])
def test_what_is_no_such_file(model: bytes) -> None:
    with pytest.raises(ModelCorruptError, match="own is no TensorFlow Lite network") as caught:
        read_tflite(model, "own")
    assert "closeup models fetch own" in str(caught.value)


def test_an_operator_that_is_not_known() -> None:
    file = small()
    file.node(130, [4], file.variable(1, 4, 4, 2), {})
    with pytest.raises(ModelCorruptError, match="130 is not a valid Operator"):
        read_tflite(file.written([0], [5]), "own")


def test_a_type_that_is_not_known() -> None:
    file = small()
    file.variable(1, dtype="int8")
    with pytest.raises(ModelCorruptError, match="tensors of type 99 are not known"):
        read_tflite(file.written([0], [4]), "own")


def test_a_tensor_that_is_not_there() -> None:
    with pytest.raises(ModelCorruptError, match=r"\(9,\) are not among 5 tensors"):
        read_tflite(small().written([0], [9]), "own")


@given(st.integers(0, len(BYTES) - 1))
def test_a_file_that_was_cut(length: int) -> None:
    with pytest.raises(ModelCorruptError):
        tflite_onnx(BYTES[:length], "own", ["y"])


@settings(max_examples=300)
@given(st.integers(0, len(BYTES) - 1), st.integers(0, 255))
def test_a_file_with_a_changed_byte_is_read_or_refused(place: int, value: int) -> None:
    changed = bytearray(BYTES)
    changed[place] = value
    with suppress(ModelCorruptError):
        tflite_onnx(bytes(changed), "own", ["y"])
