import math
import re
import struct
from functools import cache

import numpy as np
import pytest
from hypothesis import example, given, settings, strategies as st

from closeup.errors import ModelCorruptError
from closeup.models.dlib_onnx import mmod_onnx
from closeup.models.dlib_weights import (
    AddPrevious,
    Affine,
    Convolution,
    DlibNetwork,
    Layer,
    Linear,
    Pool,
    Relu,
    _ByteReader,
    read_network,
)
from tests.real_photos import dlib_file


@cache
def content(name: str) -> bytes:
    """The file of a network; property tests read it here, as Hypothesis prints all arguments."""
    return dlib_file(name).read_bytes()


@pytest.fixture
def mmod_bytes() -> bytes:
    return content("mmod")


@pytest.fixture(scope="module")
def embedding() -> DlibNetwork:
    return read_network(content("dlib-128"), "embedding")


def packed(value: int) -> bytes:
    """An integer as dlib's ``serialize`` writes it: the shortest form."""
    magnitude = abs(value).to_bytes(max(1, (abs(value).bit_length() + 7) // 8), "little")
    return bytes([len(magnitude) | (0x80 if value < 0 else 0)]) + magnitude


@given(st.integers(-(2**63), 2**63 - 1))
def test_integers_come_back(value: int) -> None:
    reader = _ByteReader(packed(value), "x")
    assert reader.integer() == value
    reader.finish()


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_floats_come_back(value: float) -> None:
    fraction, exponent = math.frexp(value)
    data = packed(int(fraction * 2**24)) + packed(exponent - 24)
    assert _ByteReader(data, "x").floats(1) == [value]


@pytest.mark.parametrize("exponent", [128, 1023, 32000, 32001, 32002])
def test_infinity_nan_and_what_float32_lacks_are_no_parameters(exponent: int) -> None:
    with pytest.raises(ModelCorruptError, match="not finite"):
        _ByteReader(packed(1) + packed(exponent), "x").floats(1)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_tensor_that_is_not_finite_is_corrupt(value: float) -> None:
    shape = b"".join(packed(side) for side in (1, 3, 1, 1))
    with pytest.raises(ModelCorruptError, match="not finite at byte"):
        _ByteReader(packed(2) + shape + struct.pack("<3f", 1, value, 2), "x").tensor()


FINITE = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(st.lists(FINITE, min_size=6, max_size=6))
def test_tensors_come_back(values: list[float]) -> None:
    shape = b"".join(packed(side) for side in (1, 2, 3, 1))
    tensor = _ByteReader(packed(2) + shape + struct.pack("<6f", *values), "x").tensor()
    assert tensor.dtype == np.float32
    assert tensor.shape == (1, 2, 3, 1)
    assert tensor.ravel().tolist() == values


def test_mmod_is_read_to_its_last_byte(mmod_bytes: bytes) -> None:
    network = read_network(mmod_bytes, "mmod")
    kinds = [type(layer) for layer in network.layers]
    assert kinds == [Convolution, Affine, Relu] * 6 + [Convolution]
    convolutions = [layer for layer in network.layers if isinstance(layer, Convolution)]
    assert [len(layer.weights) for layer in convolutions] == [16, 32, 32, 45, 45, 45, 1]
    assert [layer.stride for layer in convolutions] == [(2, 2)] * 3 + [(1, 1)] * 4
    assert convolutions[-1].padding == (4, 4)
    np.testing.assert_allclose(network.averages, [122.782, 117.001, 104.298])


def test_the_embedding_is_read_to_its_last_byte(embedding: DlibNetwork) -> None:
    kinds = [type(layer) for layer in embedding.layers]
    assert kinds.count(Convolution) == kinds.count(Affine) == 29
    assert kinds.count(AddPrevious) == 14
    last = embedding.layers[-1]
    assert isinstance(last, Linear)
    assert last.matrix.shape == (256, 128)
    pools = [layer for layer in embedding.layers if isinstance(layer, Pool)]
    assert pools[0] == Pool(maximum=True, window=(3, 3), stride=(2, 2))
    assert pools[-1].window == (0, 0)


@given(st.integers(0, 729_939))
def test_a_file_cut_anywhere_is_corrupt(length: int) -> None:
    with pytest.raises(ModelCorruptError, match=r"mmod\.dat is not a dlib network"):
        read_network(content("mmod")[:length], "mmod.dat")


def test_bytes_too_many_are_corrupt(mmod_bytes: bytes) -> None:
    with pytest.raises(ModelCorruptError, match="3 bytes too many"):
        read_network(mmod_bytes + b"abc", "mmod.dat")


@given(st.binary(max_size=200))
def test_anything_else_is_corrupt(data: bytes) -> None:
    with pytest.raises(ModelCorruptError) as caught:
        read_network(data, "x")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"loss_mmod_", b"loss_xmod_", "loss 'loss_xmod_'"),
        (b"input_rgb_image_pyramid", b"input_rgb_image_pyramiX", "input 'input"),
        (b"con_4", b"con_9", "layer 'con_9'"),
        (b"bn_con2", b"bn_fc_2", "layer 'bn_fc_2'"),
    ],
)
def test_an_unknown_part_is_named(mmod_bytes: bytes, old: bytes, new: bytes, reason: str) -> None:
    with pytest.raises(ModelCorruptError, match=re.escape(reason)):
        read_network(mmod_bytes.replace(old, new, 1), "x")


VARIANCES = 5_501, 5_564
"""First and last byte of the variances of the first batch normalisation."""


@settings(max_examples=300)
@given(
    place=st.one_of(st.integers(0, 12_000), st.integers(*VARIANCES), st.integers(0, 729_939)),
    value=st.integers(0, 255),
)
@example(place=5564, value=185)
def test_a_changed_byte_is_read_or_refused(place: int, value: int) -> None:
    changed = bytearray(content("mmod"))
    changed[place] = value
    try:
        network = read_network(bytes(changed), "x")
        mmod_onnx(network)
    except ModelCorruptError as error:
        assert "\n" not in str(error)  # noqa: PT017 (either outcome is right)
        return
    for layer in network.layers:
        for numbers in vars_of(layer):
            assert np.isfinite(numbers).all()


def vars_of(layer: Layer) -> list[np.ndarray]:
    values = (getattr(layer, name) for name in getattr(layer, "__slots__", ()))
    return [value for value in values if isinstance(value, np.ndarray)]


@given(factor=st.floats(0.01, 4), seed=st.integers(0, 99))
def test_a_convolution_of_scaled_input_gives_the_same(factor: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(4, 3, 2, 2)).astype(np.float32)
    first = Convolution(weights, rng.normal(size=4).astype(np.float32), (1, 1), (0, 0))
    offsets, seen = rng.normal(size=3), rng.normal(size=(3, 2, 2))
    given, scaled = seen, seen * factor + offsets[:, None, None]
    found = first.of_scaled(factor, offsets)
    np.testing.assert_allclose(answer(found, given), answer(first, scaled), atol=1e-4)


def answer(layer: Convolution, window: np.ndarray) -> np.ndarray:
    """The answer (out,) for a window (in, rows, columns) of the size of the weights."""
    return np.asarray(np.einsum("oirc,irc->o", layer.weights, window) + layer.bias)


@pytest.mark.parametrize(("padding", "channels"), [((1, 0), 3), ((0, 0), 4)])
def test_a_first_layer_that_cannot_take_offsets_is_corrupt(
    padding: tuple[int, int], channels: int
) -> None:
    zeros = np.zeros((4, 3, 2, 2), np.float32)
    with pytest.raises(ModelCorruptError, match="first layer"):
        Convolution(zeros, np.zeros(4, np.float32), (1, 1), padding).of_scaled(
            1.0, np.zeros(channels)
        )
