from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from closeup.evaluation.curves import (
    accepted_share,
    area_under_curve,
    equal_error_rate,
    roc_curve,
)

Sample = tuple[NDArray[np.float64], NDArray[np.bool_]]


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    """Distances with many ties, and pairs of both kinds."""
    count = draw(st.integers(2, 30))
    values = draw(st.lists(st.integers(0, 8), min_size=count, max_size=count))
    kinds = draw(st.lists(st.booleans(), min_size=count - 2, max_size=count - 2))
    return np.array(values) / 4, np.array([True, False, *kinds])


@given(samples())
def test_the_area_is_the_share_of_pairs_of_pairs_in_the_right_order(sample: Sample) -> None:
    distances, same = sample
    right = [
        1.0 if near < far else 0.5 if near == far else 0.0
        for near in distances[same]
        for far in distances[~same]
    ]
    assert area_under_curve(distances, same) == pytest.approx(np.mean(right))


@given(samples())
def test_the_area_is_that_under_the_curve(sample: Sample) -> None:
    roc = roc_curve(*sample)
    assert np.trapezoid(roc.val, roc.far) == pytest.approx(area_under_curve(*sample))


@given(samples())
def test_every_point_of_the_curve_is_a_count(sample: Sample) -> None:
    distances, same = sample
    roc = roc_curve(distances, same)
    assert (roc.far[0], roc.val[0]) == (0, 0)
    assert (roc.far[-1], roc.val[-1]) == (1, 1)
    for threshold, far, val in zip(roc.thresholds, roc.far, roc.val, strict=True):
        assert far == np.mean([d < threshold for d in distances[~same]])
        assert val == np.mean([d < threshold for d in distances[same]])


@given(samples())
def test_at_the_equal_error_rate_both_errors_are_equal(sample: Sample) -> None:
    roc = roc_curve(*sample)
    rate = equal_error_rate(roc)
    # Between its points the curve is a straight line: (rate, 1 - rate) is on one of them.
    starts, ends = (np.stack([roc.far, roc.val], 1)[part] for part in (slice(-1), slice(1, None)))
    steps, offsets = ends - starts, np.array([rate, 1 - rate]) - starts
    off_line = np.abs(steps[:, 0] * offsets[:, 1] - steps[:, 1] * offsets[:, 0])
    inside = ((offsets >= -1e-9) & (offsets <= steps + 1e-9)).all(axis=1)
    assert (inside & (off_line < 1e-9)).any()


def test_kinds_that_do_not_overlap() -> None:
    distances = np.array([0.1, 0.2, 0.3, 0.4])
    same = np.array([True, True, False, False])
    assert area_under_curve(distances, same) == 1
    assert equal_error_rate(roc_curve(distances, same)) == 0
    assert area_under_curve(distances, ~same) == 0
    assert equal_error_rate(roc_curve(distances, ~same)) == 1


def test_known_values() -> None:
    distances = np.array([1.0, 2.0, 3.0, 4.0, 2.5, 3.5, 4.5, 5.0])
    same = np.array([True] * 4 + [False] * 4)
    assert area_under_curve(distances, same) == 13 / 16
    assert equal_error_rate(roc_curve(distances, same)) == 0.25


def test_the_area_of_two_normal_distributions() -> None:
    random = np.random.default_rng(0)
    same = np.repeat([True, False], 20_000)
    distances = random.normal(np.where(same, 0, 1.5))
    # Φ(1.5 / √2), and the equal error rate is Φ(-0.75).
    assert area_under_curve(distances, same) == pytest.approx(0.8556, abs=0.005)
    assert equal_error_rate(roc_curve(distances, same)) == pytest.approx(0.2266, abs=0.005)


def test_one_kind_is_too_few() -> None:
    same = np.array([True, True])
    with pytest.raises(ValueError, match="both kinds"):
        area_under_curve(np.ones(2), same)
    with pytest.raises(ValueError, match="at least one"):
        roc_curve(np.ones(2), same)
    with pytest.raises(ValueError, match="at least one"):
        accepted_share(np.empty(0), 1.0)
