"""Reads the tensors of PyTorch's files (``.pth``) without PyTorch, and runs nothing in them.

Such a file is a zip: ``data.pkl``, a pickled dictionary of names and tensors, refers to the numbers
of each tensor in a file of its own, in the byte order of the machine that wrote them, which is
little-endian everywhere today (``torch/serialization.py``).
"""

from __future__ import annotations

import io
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from math import prod

import numpy as np
from numpy.typing import NDArray

from closeup.errors import ModelCorruptError
from closeup.models.files import damaged_model

_DAMAGED = (
    pickle.UnpicklingError, zipfile.BadZipFile, ArithmeticError, AttributeError, EOFError,
    LookupError, MemoryError, NotImplementedError, RuntimeError, TypeError, ValueError,
)  # fmt: skip
"""Errors of reading a damaged file."""

_STORAGES = {
    "FloatStorage": np.dtype("<f4"),
    "HalfStorage": np.dtype("<f2"),
    "LongStorage": np.dtype("<i8"),
}
"""Types of numbers by the names of PyTorch's classes."""


def read_torch_weights(model: bytes, name: str) -> dict[str, NDArray[np.generic]]:
    """The tensors of a state dictionary that ``torch.save`` wrote, by their names.

    Args:
        model: The bytes of the file.
        name: Name of the file in error messages.

    Raises:
        ModelCorruptError: the file is damaged, or holds anything but contiguous tensors of floats
            and integers.

    """
    try:
        with zipfile.ZipFile(io.BytesIO(model)) as archive:
            (pickled,) = (part for part in archive.namelist() if part.endswith("/data.pkl"))
            found = _Unpickler(archive, pickled).load()
        return _checked(found)
    except _DAMAGED as error:
        raise unreadable(name, error) from error


def unreadable(name: str, reason: object) -> ModelCorruptError:
    """The error for a file that cannot be read, for ``reason``."""
    problem = f"{name} holds no weights of PyTorch that Closeup can read: {reason}"
    return damaged_model(problem, name)


def _checked(found: object) -> dict[str, NDArray[np.generic]]:
    if not isinstance(found, Mapping):
        raise ValueError("it is no dictionary of tensors")  # noqa: TRY004 - of the file, not of code
    tensors = {str(key): value for key, value in found.items() if isinstance(value, np.ndarray)}
    if len(tensors) < len(found):
        raise ValueError("it holds other things than tensors")
    return tensors


class _Unpickler(pickle.Unpickler):
    """Makes arrays of tensors; refuses all classes and functions but those of a state dictionary.

    Args:
        archive: The whole file.
        pickled: Name of ``data.pkl`` with the folder in which the numbers lie.

    """

    def __init__(self, archive: zipfile.ZipFile, pickled: str) -> None:
        super().__init__(io.BytesIO(archive.read(pickled)))
        self._archive = archive
        self._folder = pickled.removesuffix("data.pkl") + "data/"

    def find_class(self, module: str, name: str) -> object:
        """The stand-in for one of PyTorch's classes and functions."""
        match module, name:
            case "collections", "OrderedDict":
                return OrderedDict
            case "torch._utils", "_rebuild_tensor_v2":
                return _tensor
            case "torch", _ if name in _STORAGES:
                return _STORAGES[name]
        raise pickle.UnpicklingError(f"{module}.{name} is not part of a tensor")

    def persistent_load(self, reference: tuple[str, np.dtype[np.generic], str, str, int]) -> object:
        """The numbers that ``("storage", type, file, device, count)`` refers to."""
        _, dtype, file, _, _ = reference
        return np.frombuffer(self._archive.read(self._folder + file), dtype)


def _tensor(
    storage: NDArray[np.generic], start: int, shape: tuple[int, ...], strides: tuple[int, ...],
    *_: object,
) -> NDArray[np.generic]:  # fmt: skip
    """PyTorch's ``_rebuild_tensor_v2`` for tensors in the order of their last axis."""
    if min((start, *shape)) < 0:
        raise ValueError("a tensor lies outside of its numbers")
    contiguous = tuple(prod(shape[axis + 1 :]) for axis in range(len(shape)))
    steps = zip(shape, strides, contiguous, strict=True)
    if prod(shape) and any(side > 1 and stride != expected for side, stride, expected in steps):
        raise ValueError("a tensor is not contiguous")
    return storage[start : start + prod(shape)].reshape(shape)
