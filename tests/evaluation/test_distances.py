from __future__ import annotations

import numpy as np

from closeup.cohort import relative_distances, unit_length
from closeup.evaluation.distances import Distance, pair_distances
from tests.calibrations import DLIB

VECTORS = np.array([[3, 4], [0, 2], [6, 8]], np.float32)
ROWS = np.array([[0, 1], [0, 2]])


def test_vectors_as_they_are() -> None:
    assert pair_distances(VECTORS, ROWS, Distance.RAW, None).tolist() == [13**0.5, 5]


def test_vectors_of_unit_length() -> None:
    found = pair_distances(VECTORS, ROWS, Distance.UNIT, None)
    np.testing.assert_allclose(found, [(0.36 + 0.04) ** 0.5, 0], atol=1e-7)
    assert VECTORS[0].tolist() == [3, 4]


def test_relative_distances_are_those_of_the_library() -> None:
    vectors = np.random.default_rng(0).normal(size=(20, 128)).astype(np.float32)
    rows = np.array([[0, 1], [5, 3], [19, 7]])
    places = unit_length(vectors)
    expected = relative_distances(places, places, DLIB.cohort)[rows[:, 0], rows[:, 1]]
    found = pair_distances(vectors, rows, Distance.RELATIVE, DLIB.cohort)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert not np.allclose(found, pair_distances(vectors, rows, Distance.UNIT, DLIB.cohort))


def test_an_embedder_without_a_cohort() -> None:
    found = pair_distances(VECTORS, ROWS, Distance.RELATIVE, None)
    assert found.tolist() == pair_distances(VECTORS, ROWS, Distance.UNIT, None).tolist()


def test_parts_of_many_pairs_are_joined() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(50, 4)).astype(np.float32)
    rows = rng.integers(0, 50, (200_001, 2))
    whole = pair_distances(vectors, rows, Distance.RAW, None)
    apart = vectors.astype(np.float64)
    np.testing.assert_allclose(whole, np.linalg.norm(apart[rows[:, 0]] - apart[rows[:, 1]], axis=1))
