"""Operators compared with their definitions, on networks of one operator each."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from closeup.errors import ModelCorruptError
from closeup.models.sessions import Network
from closeup.models.tflite import Operator
from closeup.models.tflite_onnx import tflite_onnx
from tests.tflite_files import Options, TFLiteFile

Array = NDArray[np.float32]


def draw(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def result(
    operator: Operator,
    x: Array,
    shape: tuple[int, ...],
    constants: Sequence[NDArray[Any]],
    options: Options,
) -> Array:
    """What the converted network of this operator makes of one picture (1, h, w, c)."""
    file = TFLiteFile()
    given_ = file.variable(*x.shape)
    inputs = [given_, *(file.constant(values) for values in constants)]
    y = file.node(operator, inputs, file.variable(*shape), options)
    network = Network(tflite_onnx(file.written([given_], [y]), "own", ["y"]), "own", 1)
    return network.run(planes=np.ascontiguousarray(x.transpose(0, 3, 1, 2)))["y"]


def windows(x: Array, kernel: int, stride: int, *, same: bool, fill: float) -> Array:
    """The pixels under a kernel at each place, (n, h, w, c, kernel, kernel).

    ``SAME`` pads so that there is a place for each ``stride`` pixels, the odd pixel at the end.
    """
    edges = [(0, 0)]
    for side in x.shape[1:3]:
        need = max((-(-side // stride) - 1) * stride + kernel - side, 0) if same else 0
        edges.append((need // 2, need - need // 2))
    padded = np.pad(x, [*edges, (0, 0)], constant_values=fill)
    return sliding_window_view(padded, (kernel, kernel), axis=(1, 2))[:, ::stride, ::stride]


def window_options(stride: int, *, same: bool) -> Options:
    return {0: ("byte", 0 if same else 1), 1: ("int", stride), 2: ("int", stride)}


@settings(max_examples=60)
@given(
    side=st.tuples(st.integers(5, 9), st.integers(5, 9)),
    kernel=st.integers(1, 3),
    stride=st.integers(1, 2),
    same=st.booleans(),
    relu=st.booleans(),
    deep=st.booleans(),
)
def test_convolutions(
    side: tuple[int, int],
    kernel: int,
    stride: int,
    same: bool,
    relu: bool,
    deep: bool,
) -> None:
    """Also depthwise ones, each of whose channels gives two."""
    x, bias = draw(1, *side, 3), draw(6, seed=2)
    seen = windows(x, kernel, stride, same=same, fill=0)
    options = window_options(stride, same=same)
    if deep:
        weights = draw(1, kernel, kernel, 6, seed=1)
        twice = np.repeat(seen, 2, axis=3)
        expected = np.einsum("nhwcij,ijc->nhwc", twice, weights[0]) + bias
        options |= {3: ("int", 2), 4: ("byte", int(relu)), 5: ("int", 1), 6: ("int", 1)}
        operator = Operator.DEPTHWISE_CONV_2D
    else:
        weights = draw(6, kernel, kernel, 3, seed=1)
        expected = np.einsum("nhwcij,oijc->nhwo", seen, weights) + bias
        options |= {3: ("byte", int(relu))}
        operator = Operator.CONV_2D
    found = result(operator, x, expected.shape, [weights, bias], options)
    np.testing.assert_allclose(found, np.maximum(expected, 0) if relu else expected, atol=1e-4)


@pytest.mark.parametrize("same", [True, False])
@pytest.mark.parametrize("side", [6, 7])
def test_maximum_pools(side: int, same: bool) -> None:
    x = draw(1, side, side, 2)
    expected = windows(x, 2, 2, same=same, fill=-np.inf).max(axis=(4, 5))
    options = {**window_options(2, same=same), 3: ("int", 2), 4: ("int", 2)}
    np.testing.assert_array_equal(
        result(Operator.MAX_POOL_2D, x, expected.shape, [], options), expected
    )


MODES: dict[str, tuple[Options, Callable[[int, int], NDArray[np.float64]]]] = {
    "half pixel": ({3: ("byte", 1)}, lambda a, b: (np.arange(b) + 0.5) * a / b - 0.5),
    "aligned": ({2: ("byte", 1)}, lambda a, b: np.arange(b) * (a - 1) / (b - 1)),
    "neither": ({2: ("byte", 0)}, lambda a, b: np.arange(b) * a / b),
}
"""Options of a bilinear resize from a pixels to b, and the places that it samples."""


@pytest.mark.parametrize("mode", MODES)
def test_bilinear_resizing(mode: str) -> None:
    options, places = MODES[mode]
    x = draw(1, 3, 4, 2)
    expected = x
    for axis, size in ((1, 6), (2, 8)):
        side = x.shape[axis]
        at = np.clip(places(side, size), 0, side - 1)
        low = np.floor(at).astype(int)
        high, share = np.minimum(low + 1, side - 1), at - low
        parts = (expected.take(rows, axis=axis) for rows in (low, high))
        shape = [1, 1, 1, 1]
        shape[axis] = size
        first, last = parts
        expected = first + (last - first) * share.reshape(shape)
    found = result(Operator.RESIZE_BILINEAR, x, (1, 6, 8, 2), [np.array([6, 8], np.int32)], options)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_pads() -> None:
    x = draw(1, 2, 3, 4)
    edges = np.array([(0, 0), (1, 0), (2, 3), (0, 4)], np.int32)
    expected = np.pad(x, edges)
    found = result(Operator.PAD, x, expected.shape, [edges], {})
    np.testing.assert_array_equal(found, expected)


def test_rectifiers() -> None:
    x, slopes = draw(1, 4, 5, 3), draw(1, 1, 3, seed=1)
    np.testing.assert_array_equal(result(Operator.RELU, x, x.shape, [], {}), np.maximum(x, 0))
    found = result(Operator.PRELU, x, x.shape, [slopes], {})
    np.testing.assert_allclose(found, np.where(x < 0, slopes * x, x), atol=1e-6)


def test_rows_are_in_the_order_of_pixels() -> None:
    x = draw(1, 2, 3, 4)
    options: Options = {0: ("int", 0)}
    found = result(Operator.RESHAPE, x, (1, 12, 2), [], options)
    np.testing.assert_array_equal(found, x.reshape(1, 12, 2))


def test_a_sum_of_a_network_of_any_size_for_several_pictures() -> None:
    file = TFLiteFile()
    x = file.variable(1, 4, 4, 3)
    half = file.node(Operator.RELU, [x], file.variable(1, 4, 4, 3), {})
    y = file.node(Operator.ADD, [x, half], file.variable(1, 4, 4, 3), {0: ("byte", 0)})
    model = tflite_onnx(file.written([x], [y, half]), "own", ["y", "half"], any_size=True)
    network = Network(model, "own", 1)
    picture = draw(2, 5, 9, 3)
    found = network.run(planes=np.ascontiguousarray(picture.transpose(0, 3, 1, 2)))
    np.testing.assert_allclose(found["y"], picture + np.maximum(picture, 0))
    np.testing.assert_allclose(found["half"], np.maximum(picture, 0))


def test_what_is_not_converted_is_refused() -> None:
    x = draw(1, 4, 4, 3)
    with pytest.raises(ModelCorruptError, match="the activation 4 is not known"):
        result(Operator.MAX_POOL_2D, x, x.shape, [], {5: ("byte", 4)})
    with pytest.raises(ModelCorruptError, match="CONV_2D has no options"):
        result(Operator.CONV_2D, x, x.shape, [draw(3, 1, 1, 3), draw(3)], {})
    with pytest.raises(ModelCorruptError, match="more than pictures to rows"):
        result(Operator.RESHAPE, x, (1, 2, 8, 3), [], {})
    with pytest.raises(ModelCorruptError, match="dilated convolutions"):
        result(Operator.CONV_2D, x, x.shape, [draw(3, 1, 1, 3), draw(3)], {4: ("int", 2)})
    file = TFLiteFile()
    given_, weights = file.variable(1, 4, 4, 3), file.variable(3, 1, 1, 3)
    y = file.node(
        Operator.CONV_2D, [given_, weights, weights], file.variable(1, 4, 4, 3), {1: ("int", 1)}
    )
    with pytest.raises(ModelCorruptError, match="the tensor tensor 1 is not constant"):
        tflite_onnx(file.written([given_], [y]), "own", ["y"])
