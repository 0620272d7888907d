from __future__ import annotations

import numpy as np

from closeup.evaluation.distances import Distance, pair_distances
from closeup.identity.crowd import crowd_of, relative_distances, unit_length

VECTORS = np.array([[3, 4], [0, 2], [6, 8]], np.float32)
ROWS = np.array([[0, 1], [0, 2]])


def test_vectors_as_they_are() -> None:
    assert pair_distances(VECTORS, ROWS, Distance.RAW, "any").tolist() == [13**0.5, 5]


def test_vectors_of_unit_length() -> None:
    found = pair_distances(VECTORS, ROWS, Distance.UNIT, "any")
    np.testing.assert_allclose(found, [(0.36 + 0.04) ** 0.5, 0], atol=1e-7)
    assert VECTORS[0].tolist() == [3, 4]


def test_relative_distances_are_those_of_the_library() -> None:
    vectors = np.random.default_rng(0).normal(size=(20, 128)).astype(np.float32)
    rows = np.array([[0, 1], [5, 3], [19, 7]])
    places = unit_length(vectors)
    expected = relative_distances(places, places, crowd_of("dlib-128"))[rows[:, 0], rows[:, 1]]
    found = pair_distances(vectors, rows, Distance.RELATIVE, "dlib-128")
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert not np.allclose(found, pair_distances(vectors, rows, Distance.UNIT, "dlib-128"))


def test_an_embedder_without_a_crowd() -> None:
    assert crowd_of("any") is None
    found = pair_distances(VECTORS, ROWS, Distance.RELATIVE, "any")
    assert found.tolist() == pair_distances(VECTORS, ROWS, Distance.UNIT, "any").tolist()
