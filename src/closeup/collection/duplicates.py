"""Copies among many pictures: nearly equal hashes, pictures, or faces."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import unit_length
from closeup.collection.picture_measures import BITS

_AT_ONCE = 4_000_000
"""Pairs that are compared at once, so that the memory does not grow with the number of pictures."""

_CORRELATED = 4096
"""Pairs of pictures that are correlated at once."""

_COPIES = 0.93
"""Least correlation of copies."""

Pairs = NDArray[np.int64]
"""Pairs (k, 2) of pictures, each once, the lower index first."""


def packed(bits: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Hashes (n, 64) as one number each (n,)."""
    if bits.shape[1:] != (BITS,):
        raise ValueError(f"hashes are (n, {BITS}) bits, not {bits.shape}")
    return np.packbits(bits, axis=1).view(np.uint64)[:, 0]


def near_hashes(hashes: NDArray[np.uint64], most: int) -> Pairs:
    """Find the pairs whose hashes differ in at most ``most`` bits.

    All pairs are compared, in blocks: 100,000 hashes take some 15 seconds, and the time grows with
    the square of their number. Memory is needed for a block and the found pairs.

    Args:
        hashes: (n,) hashes, see :func:`packed`.
        most: Largest number of differing bits.

    """
    return _pairs(
        len(hashes),
        lambda rows: np.bitwise_count(hashes[rows, None] ^ hashes[rows.start :]) <= most,
    )


def correlated(pairs: Pairs, pictures: NDArray[np.uint8]) -> Pairs:
    """Choose the pairs whose pictures are copies, not only composed alike.

    Portraits of two people before a plain wall often have hashes that differ in six bits or fewer.
    Among LFW's photos such pairs of two people correlate by less than 0.89, those of two copies by
    more than 0.94, and two shots of one scene by 0.88 to 0.96.

    Args:
        pairs: Pairs of nearly equal hashes.
        pictures: (n, h, w) small grey pictures.

    """
    kept = [np.empty((0, 2), np.int64)]
    for start in range(0, len(pairs), _CORRELATED):
        some = pairs[start : start + _CORRELATED]
        one, other = (_normalised(pictures[some[:, side]]) for side in (0, 1))
        kept.append(some[(one * other).sum(axis=1) >= _COPIES])
    return np.concatenate(kept)


def near_vectors(vectors: NDArray[np.float32], most: float) -> Pairs:
    """Find the pairs of unit vectors (n, d) that are at most ``most`` apart; never one with NaN."""
    least = 1 - most**2 / 2
    return _pairs(len(vectors), lambda rows: vectors[rows] @ vectors[rows.start :].T >= least)


def copies_of_kept(order: Sequence[int], pairs: Pairs) -> dict[int, int]:
    """Choose pictures to keep, so that each other one is a copy of a kept one.

    A copy of a copy stays if it is no copy of a kept picture: else a slow movement, each of whose
    pictures is nearly the same as the next, would be reduced to a single picture.

    Args:
        order: All pictures, those that are rather kept first.
        pairs: The pairs of copies.

    Returns:
        Each picture that is not kept → the kept one that it is a copy of.

    """
    near: dict[int, list[int]] = defaultdict(list)
    for one, other in pairs.tolist():
        near[one].append(other)
        near[other].append(one)
    copies: dict[int, int] = {}
    for row in order:
        if row not in copies:
            copies |= {other: row for other in near[row] if other not in copies}
    return copies


def _normalised(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Pictures as vectors (n, h · w) of mean 0 and length 1; an even one has length 0."""
    flat = pictures.reshape(len(pictures), -1).astype(np.float32)
    return unit_length(flat - flat.mean(axis=1, keepdims=True))


def _pairs(count: int, near: Callable[[slice], NDArray[np.bool_]]) -> Pairs:
    """The pairs that ``near`` says of each block of rows, beside all pictures from its first on."""
    found, block = [np.empty((0, 2), np.int64)], max(1, _AT_ONCE // max(count, 1))
    for start in range(0, count, block):
        rows = slice(start, min(start + block, count))
        pairs = np.argwhere(near(rows)) + start
        found.append(pairs[pairs[:, 0] < pairs[:, 1]])
    return np.concatenate(found)
