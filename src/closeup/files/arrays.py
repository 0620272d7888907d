"""Numpy arrays in one file (``.npz``), written completely or not at all; damage is detected."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from closeup.files.atomic import replacing


def write_arrays(path: Path, **arrays: NDArray[Any]) -> None:
    """Write arrays by name, compressed, as :func:`numpy.load` reads them.

    Raises:
        OutputError: the file cannot be written.
        ValueError: an array holds Python objects.

    """
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def read_arrays(path: Path, names: Iterable[str]) -> dict[str, NDArray[Any]]:
    """Read arrays of a file of :func:`write_arrays` or of numpy.

    Each array is compared with the file's CRC-32 as a whole, so that any single changed bit is
    detected. :func:`numpy.load` compares no more bytes than the array's header announces.

    Args:
        path: The file.
        names: Names of the arrays to read; others are not read.

    Raises:
        OSError: the file cannot be opened.
        ValueError: it is damaged, of another kind, or lacks an array; the message is one line.

    """
    with path.open("rb") as file:
        try:
            with ZipFile(file) as archive:
                return {name: _array(archive.read(f"{name}.npy")) for name in names}
        except Exception as error:  # damaged bytes can break zipfile and zlib in any way
            reason = str(error).partition("\n")[0] or type(error).__name__
            raise ValueError(reason) from error


def _array(content: bytes) -> NDArray[Any]:
    return np.asarray(npy.read_array(io.BytesIO(content), allow_pickle=False))
