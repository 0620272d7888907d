import cmath

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from closeup.similarity import Similarity

Points = NDArray[np.float64]

COORDINATE = st.floats(-1000, 1000).map(lambda value: round(value, 3))
SHIFTS = arrays(np.float64, 2, elements=COORDINATE)
POINTS = st.integers(2, 8).flatmap(lambda k: arrays(np.float64, (k, 2), elements=COORDINATE))


@st.composite
def similarities(draw: st.DrawFn) -> Similarity:
    turn = cmath.rect(draw(st.floats(0.05, 20)), draw(st.floats(-3.2, 3.2)))
    x, y = draw(SHIFTS)
    return Similarity(np.array([[turn.real, -turn.imag, x], [turn.imag, turn.real, y]]))


def spread(points: Points) -> float:
    return float(np.ptp(points, axis=0).max())


def squares(similarity: Similarity, source: Points, target: Points) -> float:
    return float(((similarity.apply(source) - target) ** 2).sum())


@given(similarities(), POINTS)
def test_the_way_back_leads_back(similarity: Similarity, points: Points) -> None:
    there = similarity.apply(points)
    np.testing.assert_allclose(similarity.inverse().apply(there), points, rtol=0, atol=1e-9)
    same = similarity.then(similarity.inverse()).matrix
    np.testing.assert_allclose(same, np.eye(2, 3), rtol=0, atol=1e-9)


@given(similarities(), POINTS)
def test_it_is_found_by_what_it_does(similarity: Similarity, points: Points) -> None:
    assume(spread(points) > 0.5)
    found = Similarity.between(points, similarity.apply(points))
    np.testing.assert_allclose(found.matrix[:, :2], similarity.matrix[:, :2], rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.apply(points), similarity.apply(points), rtol=0, atol=1e-9)


@given(similarities(), similarities(), POINTS)
def test_one_after_the_other(first: Similarity, second: Similarity, points: Points) -> None:
    expected = second.apply(first.apply(points))
    np.testing.assert_allclose(first.then(second).apply(points), expected, rtol=1e-12, atol=1e-9)
    assert first.then(second).scale == pytest.approx(first.scale * second.scale)


@given(st.data())
def test_no_other_similarity_is_nearer(data: st.DataObject) -> None:
    source = data.draw(POINTS)
    target = data.draw(arrays(np.float64, source.shape, elements=COORDINATE))
    assume(spread(source) > 0.5)
    try:
        best = Similarity.between(source, target)
    except ValueError:
        assume(False)
        raise
    least = squares(best, source, target)
    nudge = st.floats(-0.1, 0.1)
    a, b = data.draw(nudge) * best.scale, data.draw(nudge) * best.scale
    change = np.array([[a, -b, data.draw(nudge)], [b, a, data.draw(nudge)]])
    assert squares(Similarity(best.matrix + change), source, target) >= least * (1 - 1e-9) - 1e-9


def test_two_points_are_met_exactly() -> None:
    source = np.array([[0, 0], [10, 0]], np.float32)
    target = np.array([[5.0, 5.0], [5.0, 25.0]])
    similarity = Similarity.between(source, target)
    np.testing.assert_allclose(similarity.matrix, [[0, -2, 5], [2, 0, 5]], atol=1e-12)
    assert similarity.matrix.dtype == np.float64
    assert similarity.scale == pytest.approx(2)


def test_a_mirrored_face_is_not_mirrored_back() -> None:
    source = np.array([[0, 0], [10, 0], [3, 8.0]])
    similarity = Similarity.between(source, source * [-1, 1])
    assert np.linalg.det(similarity.matrix[:, :2]) > 0


def test_points_of_any_number_of_axes() -> None:
    similarity = Similarity(np.array([[2, 0, 1], [0, 2, -1.0]]))
    assert similarity.apply(np.zeros(2)).tolist() == [1, -1]
    assert similarity.apply(np.ones((4, 3, 2), np.float32)).shape == (4, 3, 2)


@pytest.mark.parametrize("value", [0.0, 0.1, 1 / 3, 1e6 / 7])
@pytest.mark.parametrize("count", [2, 3, 5])
def test_one_place_fixes_nothing(value: float, count: int) -> None:
    same = np.full((count, 2), value)
    spread_out = np.arange(2.0 * count).reshape(count, 2)
    for source, target in [(same, spread_out), (spread_out, same), (same, same)]:
        with pytest.raises(ValueError, match="fix no similarity"):
            Similarity.between(source, target)


def test_what_only_a_reflection_would_explain() -> None:
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1.0]])
    with pytest.raises(ValueError, match="fix no similarity"):
        Similarity.between(square, square * [-1, 1])


@pytest.mark.parametrize(
    ("source", "target"), [((2, 2), (3, 2)), ((2, 3), (2, 3)), ((4,), (4,)), ((1, 2), (1, 2))]
)
def test_other_shapes_are_refused(source: tuple[int, ...], target: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"shape|fix no similarity"):
        Similarity.between(np.ones(source), np.ones(target))
    with pytest.raises(ValueError, match="fix no similarity"):
        Similarity.between(np.empty((0, 2)), np.empty((0, 2)))


def test_points_that_are_no_numbers_are_refused() -> None:
    points = np.array([[0, 0], [np.nan, 1]])
    with pytest.raises(ValueError, match="fix no similarity"):
        Similarity.between(points, np.array([[0, 0], [1, 1.0]]))


@pytest.mark.parametrize(
    ("matrix", "reason"),
    [
        ([[1, 0, 0], [0, -1, 0]], "does more"),
        ([[1, 0.1, 0], [0, 1, 0]], "does more"),
        ([[0, 0, 3], [0, 0, 4]], "become one"),
        ([[1, 0], [0, 1]], "shape"),
        ([[1, 0, np.nan], [0, 1, 0]], "finite"),
    ],
)
def test_other_matrices_are_refused(matrix: list[list[float]], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Similarity(np.array(matrix, np.float64))
