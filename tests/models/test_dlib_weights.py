import math
import re
import struct

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from closeup.errors import ModelCorruptError
from closeup.models.dlib_weights import (
    AddPrevious,
    Affine,
    Convolution,
    DlibNetwork,
    Linear,
    Pool,
    Relu,
    _ByteReader,
    read_network,
)
from tests.real_photos import dlib_file


@pytest.fixture(scope="module")
def mmod_bytes() -> bytes:
    return dlib_file("mmod").read_bytes()


@pytest.fixture(scope="module")
def embedding() -> DlibNetwork:
    return read_network(dlib_file("dlib-128").read_bytes(), "embedding")


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


@pytest.mark.parametrize("exponent", [32000, 32001, 32002])
def test_infinity_and_nan_are_no_parameters(exponent: int) -> None:
    with pytest.raises(ModelCorruptError, match="not finite"):
        _ByteReader(packed(1) + packed(exponent), "x").floats(1)


@given(st.lists(st.floats(width=32, allow_nan=False), min_size=6, max_size=6))
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
def test_a_file_cut_anywhere_is_corrupt(mmod_bytes: bytes, length: int) -> None:
    with pytest.raises(ModelCorruptError, match=r"mmod\.dat is not a dlib network"):
        read_network(mmod_bytes[:length], "mmod.dat")


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


@settings(max_examples=300)
@given(st.integers(0, 12_000), st.integers(0, 255))
def test_a_changed_byte_is_read_or_refused(mmod_bytes: bytes, place: int, value: int) -> None:
    changed = bytearray(mmod_bytes)
    changed[place] = value
    try:
        assert read_network(bytes(changed), "x").layers
    except ModelCorruptError as error:
        assert "at byte" in str(error)  # noqa: PT017 (either outcome is right)
