"""Files are written by PyTorch itself, and by hand where PyTorch would not write them."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from closeup.errors import ModelCorruptError
from closeup.models.torch_weights import read_torch_weights


def saved(content: object) -> bytes:
    file = io.BytesIO()
    torch.save(content, file)
    return file.getvalue()


SMALL = saved({"a": torch.arange(6.0).reshape(2, 3), "n": torch.tensor(3)})


@settings(max_examples=30)
@given(
    arrays(
        st.sampled_from([np.float32, np.float16, np.int64]),
        array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    )
)
def test_tensors_are_read_as_they_were_written(values: NDArray[Any]) -> None:
    found = read_torch_weights(saved({"weight": torch.from_numpy(values)}), "own")
    np.testing.assert_array_equal(found["weight"], values)
    assert found["weight"].dtype == values.dtype


def test_parts_of_one_storage_and_the_dictionary_of_a_module() -> None:
    rows = torch.arange(6.0).reshape(3, 2)
    found = read_torch_weights(saved(OrderedDict(all=rows, last=rows[1:])), "own")
    np.testing.assert_array_equal(found["last"], [[2, 3], [4, 5]])
    module = torch.nn.Linear(3, 2)
    found = read_torch_weights(saved(module.state_dict()), "own")
    np.testing.assert_array_equal(found["weight"], module.weight.detach())


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (b"", "not a zip file"),
        (SMALL[:-40], "not a zip file"),
        (saved([torch.ones(2)]), "it is no dictionary of tensors"),
        (saved({"epoch": 3}), "it holds other things than tensors"),
        (saved({"a": torch.ones(2, 3).T}), "not contiguous"),
        (saved({"a": torch.ones(2, dtype=torch.bool)}), r"torch\.BoolStorage is not part of"),
    ],
)
def test_what_is_no_such_file(model: bytes, reason: str) -> None:
    with pytest.raises(ModelCorruptError, match=reason) as got:
        read_torch_weights(model, "own")
    assert "fetch it again: closeup models fetch own" in str(got.value)
    assert "\n" not in str(got.value)


class Harmful:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_nothing_in_the_file_runs(tmp_path: Path) -> None:
    harmful = tmp_path / "made"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({"a": Harmful(harmful)}))
    with pytest.raises(ModelCorruptError, match="is not part of a tensor"):
        read_torch_weights(file.getvalue(), "own")
    assert not harmful.exists()


def test_numbers_that_are_missing() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(SMALL)) as whole, zipfile.ZipFile(file, "w") as archive:
        for name in whole.namelist():
            numbers = whole.read(name)
            archive.writestr(name, numbers[:-4] if name.endswith("data/0") else numbers)
    with pytest.raises(ModelCorruptError, match="cannot reshape"):
        read_torch_weights(file.getvalue(), "own")


@settings(max_examples=200)
@given(st.integers(0, len(SMALL) - 1), st.integers(1, 255))
def test_a_damaged_byte_is_no_other_error(place: int, change: int) -> None:
    damaged = bytearray(SMALL)
    damaged[place] ^= change
    with suppress(ModelCorruptError):
        read_torch_weights(bytes(damaged), "own")


@settings(max_examples=300)
@given(st.data())
def test_a_damaged_pickle_is_no_other_error(data: st.DataObject) -> None:
    """Without the checksums of the zip in the way."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(SMALL)) as whole, zipfile.ZipFile(file, "w") as archive:
        for name in whole.namelist():
            content = bytearray(whole.read(name))
            if name.endswith("data.pkl"):
                content[data.draw(st.integers(0, len(content) - 1))] = data.draw(
                    st.integers(0, 255)
                )
            archive.writestr(name, bytes(content))
    with suppress(ModelCorruptError):
        read_torch_weights(file.getvalue(), "own")
