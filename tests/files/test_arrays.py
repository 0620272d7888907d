from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.lib import format as npy

from closeup.errors import OutputError
from closeup.files.arrays import read_arrays, write_arrays

ARRAYS: dict[str, Any] = {
    "vectors": np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32),
    "none": np.zeros((0, 4), np.int64),
    "rows": np.array([(1, 2.5)], [("frame", np.int64), ("weight", np.float32)]),
}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_arrays(tmp_path / "new" / "a.npz", **ARRAYS)
    found = read_arrays(tmp_path / "new" / "a.npz", ARRAYS)
    assert list(found) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


def test_numpys_own_files_are_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **ARRAYS)
    found = read_arrays(tmp_path / "a.npz", ["vectors"])
    np.testing.assert_array_equal(found["vectors"], ARRAYS["vectors"])


def test_a_header_of_fewer_rows_is_no_shorter_array(tmp_path: Path) -> None:
    """numpy itself reads 11 of 100 rows, and does not notice that the file was changed."""
    path = tmp_path / "a.npz"
    np.savez(path, vectors=np.zeros((100, 100)))
    content = path.read_bytes()
    path.write_bytes(content.replace(b"'shape': (100, 100)", b"'shape': ( 11, 100)"))
    with np.load(path) as opened:
        assert opened["vectors"].shape == (11, 100)
    with pytest.raises(ValueError, match="Bad CRC-32"):
        read_arrays(path, ["vectors"])


def test_a_header_of_more_memory_than_there_is(tmp_path: Path) -> None:
    header = io.BytesIO()
    shape = {"descr": "<f8", "fortran_order": False, "shape": (1 << 50,)}
    npy.write_array_header_1_0(header, shape)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("vectors.npy", header.getvalue())
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (of the operating system)
        read_arrays(tmp_path / "a.npz", ["vectors"])
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04 more"])
def test_a_file_of_another_kind(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        read_arrays(tmp_path / "a.npz", ["vectors"])


def test_a_missing_array_is_named(tmp_path: Path) -> None:
    write_arrays(tmp_path / "a.npz", **ARRAYS)
    with pytest.raises(ValueError, match=r"owners\.npy"):
        read_arrays(tmp_path / "a.npz", ["owners"])


def test_objects_are_neither_written_nor_read(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Object arrays"):
        write_arrays(tmp_path / "a.npz", a=np.array([{}], object))
    assert list(tmp_path.iterdir()) == []
    np.savez(tmp_path / "a.npz", a=np.array([{}], object))
    with pytest.raises(ValueError, match="Object arrays"):
        read_arrays(tmp_path / "a.npz", ["a"])


def test_what_cannot_be_opened_or_written(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_arrays(tmp_path / "none.npz", ["a"])
    with pytest.raises(IsADirectoryError):
        read_arrays(tmp_path, ["a"])
    (tmp_path / "file").touch()
    with pytest.raises(OutputError):
        write_arrays(tmp_path / "file" / "a.npz", **ARRAYS)
