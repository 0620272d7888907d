from __future__ import annotations

import itertools
import math
import statistics

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from closeup.evaluation.verification import (
    best_threshold,
    threshold_at_far,
    val_interval,
    verify_folds,
)

Sample = tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.int64]]


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    """Two to four folds of a few pairs of both kinds, with many ties."""
    folds = draw(st.integers(2, 4))
    counts = [draw(st.tuples(st.integers(1, 6), st.integers(1, 6))) for _ in range(folds)]
    same = [[True] * a + [False] * b for a, b in counts]
    number = np.repeat(np.arange(folds), [a + b for a, b in counts])
    values = draw(st.lists(st.integers(0, 9), min_size=len(number), max_size=len(number)))
    return np.array(values) / 8, np.array(list(itertools.chain(*same))), number


def slow_threshold(distances: list[float], same: list[bool]) -> float:
    """The lowest of the best of all candidates, by counting."""
    values = sorted(set(distances))
    middles = [(a + b) / 2 for a, b in itertools.pairwise(values)]
    candidates = [values[0], *middles, math.nextafter(values[-1], math.inf)]

    def right(threshold: float) -> int:
        return sum((d < threshold) == s for d, s in zip(distances, same, strict=True))

    most = max(right(candidate) for candidate in candidates)
    return min(candidate for candidate in candidates if right(candidate) == most)


def slow_strict_threshold(different: list[float], far: float) -> float:
    """The largest distance that accepts few enough, by trying all."""
    candidates = [*different, math.nextafter(max(different), math.inf)]
    return max(
        c for c in candidates if sum(d < c for d in different) <= far * len(different) + 1e-9
    )


@given(samples(), st.sampled_from([0.0, 1e-3, 0.1, 0.25, 0.5, 1.0]))
def test_the_protocol_is_that_of_a_slow_reference(sample: Sample, far: float) -> None:
    distances, same, folds = sample
    found = verify_folds(distances, same, folds, far)
    pairs = list(zip(distances.tolist(), same.tolist(), folds.tolist(), strict=True))
    for row, number in enumerate(sorted(set(folds.tolist()))):
        others = [(d, s) for d, s, fold in pairs if fold != number]
        here = [(d, s) for d, s, fold in pairs if fold == number]
        threshold = slow_threshold([d for d, _ in others], [s for _, s in others])
        strict = slow_strict_threshold([d for d, s in others if not s], far)
        assert found.thresholds[row] == threshold
        assert found.strict[row] == strict
        assert found.accuracies[row] == statistics.mean((d < threshold) == s for d, s in here)
        assert found.vals[row] == statistics.mean(d < strict for d, s in here if s)
        assert found.fars[row] == statistics.mean(d < strict for d, s in here if not s)
    rates = found.accuracies.tolist()
    assert found.accuracy == pytest.approx(statistics.mean(rates))
    error = statistics.stdev(rates) / math.sqrt(len(rates))
    assert found.standard_error == pytest.approx(error, abs=1e-12)
    assert found.val == pytest.approx(statistics.mean(found.vals.tolist()))
    assert found.far == pytest.approx(statistics.mean(found.fars.tolist()))


@given(samples())
def test_only_the_order_of_the_distances_counts(sample: Sample) -> None:
    distances, same, folds = sample
    # A step function of the same order; halves between neighbours stay between them.
    found = verify_folds(distances, same, folds)
    other = verify_folds(distances * 4 + 1, same, folds)
    np.testing.assert_array_equal(found.accuracies, other.accuracies)
    np.testing.assert_array_equal(found.vals, other.vals)


def test_a_fold_has_no_say_in_its_own_threshold() -> None:
    distances = np.array([1, 2, 5, 6, 1, 2, 3, 4], float)
    same = np.array([True, True, False, False] * 2)
    folds = np.repeat([3, 7], 4)
    found = verify_folds(distances, same, folds)
    assert found.thresholds.tolist() == [2.5, 3.5]
    assert found.accuracies.tolist() == [1, 0.75]
    assert found.strict.tolist() == [3, 5]
    assert found.vals.tolist() == [1, 1]
    assert found.fars.tolist() == [0, 1]


def test_ties_go_to_the_lowest_threshold() -> None:
    # Between 2 and 3, and between 4 and 5, three of four pairs are right.
    distances, same = np.array([2.0, 3.0, 4.0, 5.0]), np.array([True, False, True, False])
    assert best_threshold(distances, same) == 2.5


def test_thresholds_beyond_both_ends() -> None:
    distances = np.array([1.0, 2.0])
    assert best_threshold(distances, np.array([False, False])) == 1
    assert best_threshold(distances, np.array([True, True])) > 2
    assert threshold_at_far(distances, 1.0) > 2
    assert threshold_at_far(distances, 0.0) == 1


def test_no_room_between_two_distances() -> None:
    distances = np.array([0.5, np.nextafter(0.5, 1)])
    threshold = best_threshold(distances, np.array([True, False]))
    assert (distances < threshold).tolist() == [True, False]


def test_distances_of_single_precision() -> None:
    low = np.float32(0.5)
    pair = [low, np.nextafter(low, np.float32(1))]
    same, folds = np.array([True, False] * 2), np.array([0, 0, 1, 1])
    assert verify_folds(np.array(pair * 2, np.float32), same, folds).accuracy == 1


@pytest.mark.parametrize("count", [1000, 2700, 3000, 7000, 29_000])
def test_how_many_a_false_accept_rate_allows(count: int) -> None:
    different = np.arange(count) + 0.0
    assert threshold_at_far(different, 1e-3) == count // 1000


def normal_sample(count: int) -> Sample:
    random = np.random.default_rng(1)
    same = np.tile(np.repeat([True, False], count), 10)
    return random.normal(np.where(same, 0, 4)), same, np.repeat(np.arange(10), 2 * count)


def test_two_normal_distributions() -> None:
    found = verify_folds(*normal_sample(1000))
    # The best threshold is in the middle: Φ(2); at FAR 1e-3 VAL is Φ(4 - 3.0902).
    assert found.accuracy == pytest.approx(0.9772, abs=0.003)
    assert found.val == pytest.approx(0.8186, abs=0.08)
    assert found.far == pytest.approx(1e-3, abs=5e-4)
    assert found.standard_error == pytest.approx(math.sqrt(0.0223 / 20_000), rel=0.5)


def test_the_interval_shrinks_with_more_pairs_and_is_the_same_each_time() -> None:
    few, many = normal_sample(100), normal_sample(1000)
    low, high = val_interval(*few, draws=300)
    assert val_interval(*few, draws=300) == (low, high)
    assert low <= verify_folds(*few).val <= high
    closer_low, closer_high = val_interval(*many, draws=300)
    assert closer_low <= 0.8186 <= closer_high
    assert closer_high - closer_low < high - low


def test_the_interval_of_a_perfect_result() -> None:
    same = np.tile([True, False], 10)
    distances = np.where(same, 0.2, 1.0)
    assert val_interval(distances, same, np.repeat([0, 1], 10), draws=20) == (1, 1)


@pytest.mark.parametrize(
    ("distances", "same", "folds", "reason"),
    [
        ([1.0], [True, False], [0, 1], "shapes differ"),
        ([1.0, np.nan], [True, False], [0, 1], "finite"),
        ([1.0, np.inf], [True, False], [0, 1], "finite"),
        ([1.0, 2.0], [True, False], [0, 0], "two folds"),
        ([1.0, 2.0], [True, False], [0, 1], "fold 0 needs"),
        ([1.0, 2.0, 3.0], [True, False, False], [0, 0, 1], "fold 1 needs"),
        ([], [], [], "two folds"),
    ],
)
def test_what_the_protocol_refuses(
    distances: list[float], same: list[bool], folds: list[int], reason: str
) -> None:
    arrays = np.array(distances), np.array(same, bool), np.array(folds, np.int64)
    with pytest.raises(ValueError, match=reason):
        verify_folds(*arrays)
    with pytest.raises(ValueError, match=reason):
        val_interval(*arrays)
