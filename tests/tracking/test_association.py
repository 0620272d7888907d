from __future__ import annotations

import numpy as np

from closeup.tracking.association import associate

A, B = (0, 0, 10, 10), (8, 0, 18, 10)
ANY = np.zeros(2, np.float32)


def boxes(*rows: tuple[float, ...]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.array(rows, np.float32).reshape(-1, 4)


def test_pairs_by_overlap() -> None:
    likeness = np.ones((2, 2), np.float32)
    assert sorted(associate(boxes(A, B), boxes(B, A), likeness, ANY)) == [(0, 1), (1, 0)]


def test_clothes_decide_where_overlap_does_not() -> None:
    between = boxes((3, 0, 13, 10), (5, 0, 15, 10))
    crossed = np.array([[0, 1], [1, 0]], np.float32)
    assert sorted(associate(boxes(A, B), between, crossed, ANY)) == [(0, 1), (1, 0)]


def test_never_pairs_what_is_far_apart() -> None:
    assert associate(boxes(A), boxes((50, 0, 60, 10)), np.ones((1, 1), np.float32), ANY[:1]) == []


def test_nobody_on_one_side() -> None:
    assert associate(boxes(), boxes(A), np.ones((0, 1), np.float32), ANY[:0]) == []
    assert associate(boxes(A), boxes(), np.ones((1, 0), np.float32), ANY[:1]) == []


def test_other_clothes_are_refused_where_they_must_be_the_same() -> None:
    likeness = np.array([[0.5]], np.float32)
    least = np.array([0.6], np.float32)
    assert associate(boxes(A), boxes(A), likeness, least) == []
    assert associate(boxes(A), boxes(A), likeness, least - 0.2) == [(0, 0)]
