from __future__ import annotations

import numpy as np

from closeup.evaluation.distances import Distance, pair_distances

VECTORS = np.array([[3, 4], [0, 2], [6, 8]], np.float32)
ROWS = np.array([[0, 1], [0, 2]])


def test_vectors_as_they_are() -> None:
    assert pair_distances(VECTORS, ROWS, Distance.RAW).tolist() == [13**0.5, 5]


def test_vectors_of_unit_length() -> None:
    found = pair_distances(VECTORS, ROWS, Distance.UNIT)
    np.testing.assert_allclose(found, [(0.36 + 0.04) ** 0.5, 0], atol=1e-7)
    assert VECTORS[0].tolist() == [3, 4]
