from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.errors import ModelCorruptError
from closeup.models.dlib_onnx import embedding_onnx, mmod_onnx, resizing_onnx
from closeup.models.dlib_weights import Affine, DlibNetwork, read_network
from closeup.models.sessions import Network
from tests.real_photos import dlib_file


@pytest.fixture(scope="module")
def embedding() -> DlibNetwork:
    return read_network(dlib_file("dlib-128").read_bytes(), "embedding")


@pytest.fixture(scope="module")
def mmod() -> DlibNetwork:
    return read_network(dlib_file("mmod").read_bytes(), "mmod")


@pytest.fixture(scope="module")
def resizing() -> Network:
    return Network(resizing_onnx(), "resizing", 1)


def test_the_embedding_reads_batches_of_any_length(embedding: DlibNetwork) -> None:
    network = Network(embedding_onnx(embedding), "embedding", 2)
    chips = np.random.default_rng(0).integers(0, 256, (3, 150, 150, 3), np.uint8)
    together = network.run(chips=chips)["embedding"]
    alone = np.concatenate([network.run(chips=chip[None])["embedding"] for chip in chips])
    assert together.shape == (3, 128)
    np.testing.assert_allclose(together, alone, atol=1e-6)


@pytest.mark.parametrize(("rows", "columns"), [(29, 29), (70, 101), (200, 64)])
def test_mmod_gives_a_score_every_eight_pixels(mmod: DlibNetwork, rows: int, columns: int) -> None:
    network = Network(mmod_onnx(mmod), "mmod", 2)
    scores = network.run(canvas=np.zeros((1, 3, rows, columns), np.float32))["scores"]
    for _ in range(3):
        rows, columns = (rows - 3) // 2, (columns - 3) // 2
    assert scores.shape == (1, 1, rows, columns)


def test_one_is_not_the_other(embedding: DlibNetwork, mmod: DlibNetwork) -> None:
    with pytest.raises(ModelCorruptError, match="where"):
        embedding_onnx(mmod)
    with pytest.raises(ModelCorruptError, match="where"):
        mmod_onnx(embedding)


def test_a_network_without_convolutions_is_refused(mmod: DlibNetwork) -> None:
    affines = [layer for layer in mmod.layers if isinstance(layer, Affine)]
    for layers in ([], affines):
        with pytest.raises(ModelCorruptError, match="where Convolution must be"):
            mmod_onnx(replace(mmod, layers=layers))


def test_an_affine_of_other_channels_is_refused(mmod: DlibNetwork) -> None:
    short = Affine(np.ones(3, np.float32), np.ones(3, np.float32))
    with pytest.raises(ModelCorruptError, match="3 factors for 16 channels"):
        mmod_onnx(replace(mmod, layers=[mmod.layers[0], short]))


@given(
    st.integers(2, 40),
    st.integers(2, 40),
    st.integers(1, 40),
    st.integers(1, 40),
    st.integers(0, 2**32 - 1),
)
def test_resizing_puts_corners_on_corners(
    resizing: Network, rows: int, columns: int, new_rows: int, new_columns: int, seed: int
) -> None:
    plane = np.random.default_rng(seed).random((rows, columns), np.float32) * 255
    planes = np.broadcast_to(plane, (1, 3, rows, columns))
    shape = np.array([1, 3, new_rows, new_columns])
    result = resizing.run(planes=np.ascontiguousarray(planes), shape=shape)["resized"][0, 0]
    y = np.arange(new_rows) * ((rows - 1) / max(new_rows - 1, 1))
    x = np.arange(new_columns) * ((columns - 1) / max(new_columns - 1, 1))
    down = np.stack([np.interp(y, np.arange(rows), column) for column in plane.T], 1)
    expected = np.stack([np.interp(x, np.arange(columns), row) for row in down])
    np.testing.assert_allclose(result, expected, atol=0.02)
