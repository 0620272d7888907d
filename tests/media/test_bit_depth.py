from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from closeup.media.bit_depth import eight_bits

SHAPE = (4, 5)
NUMBERS = st.one_of(
    *(arrays.arrays(kind, SHAPE) for kind in ("u1", "u2", "u4", "i2", "i4", "f2", "f4", "f8", "?"))
)


@given(NUMBERS)
def test_any_numbers_become_bytes_in_the_same_order(samples: NDArray[Any]) -> None:
    shown = eight_bits(samples, samples.dtype.itemsize * 8)
    assert shown.dtype == np.uint8
    assert shown.shape == SHAPE
    finite = np.isfinite(samples.astype(np.float64))
    order = np.argsort(samples[finite], kind="stable")
    assert np.all(np.diff(shown[finite][order].astype(int)) >= 0)


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_the_largest_number_of_the_bits_is_white(bits: int) -> None:
    samples = np.array([0, 2 ** (bits - 1), 2**bits - 1], np.uint16)
    assert eight_bits(samples, bits).tolist() == [0, 128, 255]


@pytest.mark.parametrize(
    ("samples", "shown"),
    [
        (np.array([0, 32768, 65535], np.uint32), [0, 128, 255]),
        (np.array([0, 2**31, 2**32 - 1], np.uint32), [0, 128, 255]),
        (np.array([0, 65535], np.int32), [0, 255]),
        (np.array([-32768, 0, 32767], np.int16), [0, 0, 255]),
        (np.array([False, True]), [0, 255]),
    ],
)
def test_integers(samples: NDArray[Any], shown: list[int]) -> None:
    assert eight_bits(samples, samples.dtype.itemsize * 8).tolist() == shown


def test_the_samples_stay_as_they_are() -> None:
    samples = np.array([-1.0, np.nan, 0.5])
    eight_bits(samples, 64)
    np.testing.assert_array_equal(samples, [-1.0, np.nan, 0.5])
