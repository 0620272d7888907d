"""Detection of identical crops."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray


def numbered(crops: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Numbers (n,) int64 of crops (n, H, W), equal for crops with equal pixels.

    Each crop of one uniform grey level gets a number of its own.
    """
    if not len(crops):
        return np.empty(0, np.int64)
    digests = [hashlib.sha256(np.ascontiguousarray(crop).data).digest() for crop in crops]
    _, numbers = np.unique(np.array(digests, "V32"), return_inverse=True)
    blank = crops.min((1, 2)) == crops.max((1, 2))
    return np.where(blank, len(crops) + np.arange(len(crops)), numbers).astype(np.int64)
