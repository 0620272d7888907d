"""Copies among many pictures."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.cohort import unit_length
from closeup.collection import duplicates
from closeup.collection.duplicates import (
    copies_of_kept,
    correlated,
    near_hashes,
    near_vectors,
    packed,
)
from tests.real_photos import astronaut

SEEDS = st.integers(0, 2**32 - 1)


def pairs_of(found: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> list[tuple[int, int]]:
    return sorted((int(one), int(other)) for one, other in found)


@given(SEEDS, st.integers(0, 70), st.integers(0, 20), st.sampled_from([1, 100, 4_000_000]))
def test_pairs_of_hashes_are_those_of_a_slow_search(
    seed: int, count: int, most: int, block: int
) -> None:
    rng = np.random.default_rng(seed)
    base = rng.random((6, 64)) < 0.5
    flips = rng.random((count, 64)) < rng.choice([0, 0.05, 0.3], (count, 1))
    bits = base[rng.integers(0, 6, count)] ^ flips
    expected = [
        (a, b)
        for a in range(count)
        for b in range(a + 1, count)
        if int((bits[a] != bits[b]).sum()) <= most
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duplicates, "_AT_ONCE", block)
        assert pairs_of(near_hashes(packed(bits), most)) == expected


@given(SEEDS, st.integers(0, 40), st.floats(0.05, 1.2))
def test_pairs_of_vectors(seed: int, count: int, most: float) -> None:
    rng = np.random.default_rng(seed)
    vectors = unit_length(rng.normal(size=(count, 3)))
    vectors[rng.random(count) < 0.2] = np.nan
    apart = np.linalg.norm(vectors[:, None].astype(np.float64) - vectors, axis=2)
    clear = np.abs(apart - most) > 1e-4
    found = pairs_of(near_vectors(vectors, most))
    for a in range(count):
        for b in range(a + 1, count):
            if clear[a, b] or np.isnan(apart[a, b]):
                assert ((a, b) in found) == (apart[a, b] < most)


def test_pictures_that_are_composed_alike_are_no_copies() -> None:
    photo = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2GRAY)
    small = cv2.resize(photo, (32, 32), interpolation=cv2.INTER_AREA)
    flipped, even = small[:, ::-1], np.full((32, 32), 90)
    pictures = np.array([small, small * 0.7 + 20, flipped, even], np.uint8)
    pairs = np.array([[0, 1], [0, 2], [1, 2], [0, 3]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duplicates, "_CORRELATED", 3)
        assert pairs_of(correlated(pairs, pictures)) == [(0, 1)]
    assert correlated(pairs[:0], pictures).shape == (0, 2)


@given(SEEDS, st.integers(1, 30))
def test_each_copy_is_one_of_a_kept_picture(seed: int, count: int) -> None:
    """And no two kept ones are copies, and none is kept that comes after its copy."""
    rng = np.random.default_rng(seed)
    near = np.triu(rng.random((count, count)) < 0.15, 1)
    pairs, order = np.argwhere(near), rng.permutation(count).tolist()
    copies = copies_of_kept(order, pairs)
    kept = set(range(count)) - copies.keys()
    joined = {frozenset(pair) for pair in pairs.tolist()}
    assert all(kept_one in kept for kept_one in copies.values())
    assert all(frozenset(pair) in joined for pair in copies.items())
    assert not any(frozenset((a, b)) in joined for a in kept for b in kept if a != b)
    assert all(order.index(own) > order.index(kept_one) for own, kept_one in copies.items())


def test_a_slow_movement_is_not_reduced_to_one_picture() -> None:
    chain = np.array([[0, 1], [1, 2], [2, 3], [3, 4]])
    assert copies_of_kept(range(5), chain) == {1: 0, 3: 2}


def test_hashes_of_another_length() -> None:
    with pytest.raises(ValueError, match=r"\(n, 64\) bits, not \(3, 32\)"):
        packed(np.zeros((3, 32), np.bool_))
