"""Reads the networks that dlib saves in ``.dat`` files, without dlib.

The format is dlib's ``serialize.h`` (integers as a control byte and a little-endian magnitude,
floats as ``mantissa x 2^exponent``, tensors as raw float32), and the order of the parts is that
of the ``serialize`` functions in ``dlib/dnn/{core,layers,loss,input}.h``.

A file contains the layers' parameters in the order from input to output, but not the targets of
tags and skips: :mod:`closeup.models.dlib_onnx` defines the two networks that Closeup uses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.errors import ModelCorruptError

Tensor = NDArray[np.float32]

_LARGEST_FLOAT = float(np.finfo(np.float32).max)
_LARGEST_STEP = 256
"""Largest accepted stride, padding or window, in pixels; dlib's networks have up to 7."""

_TAG_OR_SKIP, _ADD_LAYER, _INNERMOST_LAYER = 1, 2, 3


@dataclass(frozen=True, slots=True, eq=False)
class Convolution:
    """A cross-correlation with bias.

    Attributes:
        weights: (out, in, rows, columns).
        bias: (out,).
        stride: Step in y and x.
        padding: Zeros on both sides in y and x.

    """

    weights: Tensor
    bias: Tensor
    stride: tuple[int, int]
    padding: tuple[int, int]

    def with_affine(self, affine: Affine) -> Convolution:
        """The convolution and the affine that follows it as one.

        Raises:
            ModelCorruptError: they have different numbers of channels, or a product is not finite.

        """
        if len(self.weights) != len(affine.gamma):
            raise unlike_dlib(f"{len(affine.gamma)} factors for {len(self.weights)} channels")
        gamma = affine.gamma.astype(np.float64)
        return Convolution(
            as_float32(self.weights * gamma[:, None, None, None]),
            as_float32(self.bias * gamma + affine.beta),
            self.stride,
            self.padding,
        )

    def of_scaled(self, factor: float, offsets: NDArray[np.float64]) -> Convolution:
        """The convolution that gives for x what this one gives for ``factor * x + offsets``.

        Computed in float64, because offsets cause large sums that nearly cancel.

        Args:
            factor: Factor of all channels.
            offsets: (in,) added to each channel.

        Raises:
            ModelCorruptError: it has another number of input channels, it pads, so that the offsets
                would lack at the borders, or a product is not finite.

        """
        if any(self.padding):
            raise unlike_dlib("a first layer that pads")
        weights = self.weights.astype(np.float64)
        if weights.shape[1] != len(offsets):
            raise unlike_dlib(f"a first layer for {weights.shape[1]} channels")
        bias = self.bias + np.einsum("oirc,i->o", weights, offsets)
        return Convolution(
            as_float32(weights * factor), as_float32(bias), self.stride, self.padding
        )


@dataclass(frozen=True, slots=True, eq=False)
class Affine:
    """``gamma * x + beta`` per channel, both (channels,); also represents batch normalisation."""

    gamma: Tensor
    beta: Tensor


@dataclass(frozen=True, slots=True)
class Pool:
    """Pooling by ``maximum`` or average; a window of (0, 0) covers the whole picture."""

    maximum: bool
    window: tuple[int, int]
    stride: tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """A product with ``matrix`` (in, out), without bias."""

    matrix: Tensor


@dataclass(frozen=True, slots=True)
class Relu:
    """``max(x, 0)``."""


@dataclass(frozen=True, slots=True)
class AddPrevious:
    """The sum with an earlier, tagged layer."""


Layer = Convolution | Affine | Pool | Linear | Relu | AddPrevious


@dataclass(frozen=True, slots=True, eq=False)
class DlibNetwork:
    """A network's parameters.

    Attributes:
        averages: (3,) mean red, green, blue; the input is ``(pixel - average) / 256``.
        layers: Layers from input to output, without tags and skips.

    """

    averages: Tensor
    layers: Sequence[Layer]


def read_network(data: bytes, source: str) -> DlibNetwork:
    """Read one of dlib's network files.

    Args:
        data: The whole file.
        source: Name of the file in error messages.

    Raises:
        ModelCorruptError: the bytes are not such a network, they end too early or too late, or a
            number is not finite or out of its range.

    """
    reader = _ByteReader(data, source)
    reader.expect(1, "network version")
    _skip_loss(reader)
    kinds = _read_kinds(reader)
    averages = _read_input(reader)
    layers = [_read_layer(reader, kind) for kind in reversed(kinds) if kind != _TAG_OR_SKIP]
    reader.finish()
    return DlibNetwork(averages, layers)


class _ByteReader:
    """A position in the bytes; every method advances it."""

    def __init__(self, data: bytes, source: str) -> None:
        self._data = data
        self._source = source
        self._at = 0

    def broken(self, reason: str) -> ModelCorruptError:
        return ModelCorruptError(
            f"{self._source} is not a dlib network that Closeup can read: {reason} at byte "
            f"{self._at}; install it again: pip install --force-reinstall face_recognition_models"
        )

    def take(self, count: int) -> bytes:
        chunk = self._data[self._at : self._at + count]
        if count < 0 or len(chunk) < count:
            raise self.broken(f"{count} bytes expected, {len(chunk)} left")
        self._at += count
        return chunk

    def integer(self) -> int:
        control = self.take(1)[0]
        count = control & 0x0F
        if not 1 <= count <= 8 or control & 0x70:
            raise self.broken(f"control byte {control:#04x}")
        magnitude = int.from_bytes(self.take(count), "little")
        return -magnitude if control & 0x80 else magnitude

    def integers(self, count: int) -> list[int]:
        return [self.integer() for _ in range(count)]

    def floats(self, count: int) -> list[float]:
        values: list[float] = []
        for _ in range(count):
            mantissa, exponent = self.integers(2)
            try:
                value = math.ldexp(mantissa, exponent)
            except OverflowError:  # dlib writes infinities and NaN with exponents from 32000 on
                value = math.inf
            if not abs(value) <= _LARGEST_FLOAT:
                raise self.broken("a number that is not finite")
            values.append(value)
        return values

    def steps(self, count: int, least: int) -> list[int]:
        """Return strides, paddings or windows, each from ``least`` to :data:`_LARGEST_STEP`."""
        values = self.integers(count)
        if not all(least <= value <= _LARGEST_STEP for value in values):
            raise self.broken(f"the geometry {values}")
        return values

    def text(self) -> str:
        return self.take(self.integer()).decode("latin-1")

    def expect(self, wanted: int, what: str) -> None:
        got = self.integer()
        if got != wanted:
            raise self.broken(f"{what} {wanted} expected, got {got}")

    def shape(self) -> list[int]:
        sides = self.integers(4)
        if min(sides) < 0:
            raise self.broken(f"the shape {sides}")
        return sides

    def tensor(self) -> Tensor:
        self.expect(2, "tensor version")
        shape = self.shape()
        values = np.frombuffer(self.take(4 * math.prod(shape)), "<f4")
        if not np.isfinite(values).all():
            raise self.broken("a number that is not finite")
        return values.reshape(shape)

    def alias(self) -> list[int]:
        self.expect(1, "alias tensor version")
        return self.shape()

    def peek_integer(self) -> int:
        at = self._at
        value = self.integer()
        self._at = at
        return value

    def finish(self) -> None:
        if self._at != len(self._data):
            raise self.broken(f"{len(self._data) - self._at} bytes too many")


def _skip_loss(reader: _ByteReader) -> None:
    name = reader.text()
    match name:
        case "loss_metric_2":
            reader.floats(2)  # margin, threshold
        case "loss_mmod_":
            reader.expect(1, "options version")
            reader.integers(2)  # window's width and height
            reader.floats(3)  # loss of a false alarm, loss of a miss, overlap with the truth
            reader.floats(4)  # overlaps: non-maximum suppression, boxes to ignore
        case _:
            raise reader.broken(f"loss {name[:40]!r}")


def _read_kinds(reader: _ByteReader) -> list[int]:
    """Return each layer's container, outermost first; the input name's length comes next."""
    kinds: list[int] = []
    while _TAG_OR_SKIP <= reader.peek_integer() <= _INNERMOST_LAYER:
        kinds.append(reader.integer())
    if _INNERMOST_LAYER not in kinds:
        raise reader.broken("no innermost layer")
    return kinds


def _read_input(reader: _ByteReader) -> Tensor:
    name = reader.text()
    averages = np.array(reader.floats(3), np.float32)
    match name:
        case "input_rgb_image_pyramid":
            pass
        case "input_rgb_image_sized":
            reader.integers(2)  # rows, columns
        case _:
            raise reader.broken(f"input {name[:40]!r}")
    return averages


def _read_layer(reader: _ByteReader, kind: int) -> Layer:
    name = reader.text()
    layer: Layer
    match name:
        case "con_4":
            layer = _read_convolution(reader)
        case "affine_":
            parameters = reader.tensor()
            layer = _split_affine(reader, parameters)
            reader.integer()  # whether it follows a fully connected layer
        case "bn_con2":
            layer = _read_batch_normalisation(reader)
        case "max_pool_2" | "avg_pool_2":
            rows, columns = reader.steps(2, least=0)
            step_y, step_x = reader.steps(2, least=1)
            reader.steps(2, least=0)  # padding, which follows from the window
            layer = Pool(name == "max_pool_2", (rows, columns), (step_y, step_x))
        case "fc_2":
            layer = _read_linear(reader)
        case "relu_":
            layer = Relu()
        case "add_prev_":
            layer = AddPrevious()
        case _:
            raise reader.broken(f"layer {name[:40]!r}")
    reader.take(3)  # three flags for training only, each the character 0 or 1
    for _ in range(3):
        reader.tensor()  # buffers of the last run, empty in a saved network
    if kind == _INNERMOST_LAYER:
        reader.expect(1, "innermost layer version")
    return layer


def _read_convolution(reader: _ByteReader) -> Convolution:
    parameters = reader.tensor().ravel()
    reader.integers(3)  # filters, rows and columns, also known from the shape of the filters
    step_y, step_x = reader.steps(2, least=1)
    pad_y, pad_x = reader.steps(2, least=0)
    filters, biases = reader.alias(), reader.alias()
    _check_parameters(reader, parameters, filters, biases)
    reader.floats(4)  # learning rate and weight decay, of filters and biases
    weights, bias = np.split(parameters, [math.prod(filters)])
    return Convolution(weights.reshape(filters), bias, (step_y, step_x), (pad_y, pad_x))


def _read_batch_normalisation(reader: _ByteReader) -> Affine:
    """Convert batch normalisation with running statistics to the affine that dlib makes of it."""
    affine = _split_affine(reader, reader.tensor())
    reader.tensor()  # means of the last training batch
    reader.tensor()  # and their inverse deviations
    mean, variance = reader.tensor().ravel(), reader.tensor().ravel()
    reader.integers(2)
    epsilon = reader.floats(5)[-1]
    if not len(mean) == len(variance) == len(affine.gamma):
        raise reader.broken("statistics that do not fit their layer")
    if min(variance, default=0) < 0 or not epsilon > 0:
        raise reader.broken("a variance that is not positive")
    with np.errstate(over="ignore", invalid="ignore"):
        gamma = np.asarray(affine.gamma / np.sqrt(variance + np.float32(epsilon)), np.float32)
        beta = np.asarray(affine.beta - gamma * mean, np.float32)
    if not (np.isfinite(gamma).all() and np.isfinite(beta).all()):
        raise reader.broken("factors that are not finite")
    return Affine(gamma, beta)


def _split_affine(reader: _ByteReader, parameters: Tensor) -> Affine:
    gammas, betas = reader.alias(), reader.alias()
    _check_parameters(reader, parameters, gammas, betas)
    gamma, beta = np.split(parameters.ravel(), [math.prod(gammas)])
    return Affine(gamma, beta)


def _read_linear(reader: _ByteReader) -> Linear:
    reader.integers(2)  # outputs and inputs, also known from the matrix
    matrix = reader.tensor()
    weights = reader.alias()
    reader.alias()
    _check_parameters(reader, matrix, weights)
    reader.expect(1, "bias mode")
    reader.floats(4)
    if not matrix.size:
        raise reader.broken("a matrix without numbers")
    return Linear(matrix.reshape(weights[0], -1))


def _check_parameters(reader: _ByteReader, parameters: Tensor, *parts: list[int]) -> None:
    if parameters.size != sum(math.prod(part) for part in parts):
        raise reader.broken(f"{parameters.size} parameters for the shapes {parts}")


def unlike_dlib(found: str) -> ModelCorruptError:
    """An error about the parts of a network."""
    return ModelCorruptError(
        f"a dlib network has {found}; install it again: "
        "pip install --force-reinstall face_recognition_models"
    )


def as_float32(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Narrower numbers.

    Raises:
        ModelCorruptError: one is too large.

    """
    with np.errstate(over="ignore"):
        narrow = values.astype(np.float32)
    if not np.isfinite(narrow).all():
        raise unlike_dlib("factors whose product is not finite")
    return narrow
