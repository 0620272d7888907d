from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.cohort import Cohort, distances, relative_distances, unit_length
from tests.calibrations import DLIB


def some(seed: int, count: int, sides: int = 128) -> np.ndarray:
    return unit_length(np.random.default_rng(seed).normal(size=(count, sides)))


@given(st.integers(0, 1000))
def test_distances_are_euclidean(seed: int) -> None:
    a, b = some(seed, 3, 8), some(seed + 1, 4, 8)
    expected = np.linalg.norm(a[:, None] - b[None], axis=2)
    np.testing.assert_allclose(distances(a, b), expected, atol=1e-3)


def test_zero_for_the_same_vector_and_alike_both_ways() -> None:
    a, cohort = some(0, 5), Cohort(some(1, 7), 1.0)
    apart = relative_distances(a, a, cohort)
    np.testing.assert_allclose(np.diag(apart), 0, atol=2e-3)
    np.testing.assert_allclose(apart, apart.T, atol=1e-5)


def test_the_same_distance_is_more_inside_the_cohort_than_outside() -> None:
    cohort = Cohort(np.eye(4, dtype=np.float32)[:1], 0.5)
    inside = unit_length(np.array([[1, 0.1, 0, 0], [1, -0.1, 0, 0]], np.float32))
    outside = unit_length(np.array([[0, 0.1, 1, 0], [0, -0.1, 1, 0]], np.float32))
    near = relative_distances(inside[:1], inside[1:], cohort)[0, 0]
    far = relative_distances(outside[:1], outside[1:], cohort)[0, 0]
    assert near > 1.5 * far
    scales = cohort.scales(np.concatenate([inside, outside]))
    assert scales[:2].min() > 1 > scales[2:].max()


def test_a_face_that_is_the_cohorts_own_is_finite() -> None:
    cohort = Cohort(some(3, 4), 0.3)
    assert np.isfinite(relative_distances(cohort.centres, some(4, 2), cohort)).all()


def test_without_a_cohort_distances_stay() -> None:
    a, b = some(5, 2), some(6, 3)
    np.testing.assert_array_equal(relative_distances(a, b, None), distances(a, b))


def test_dlibs_cohort_comes_along() -> None:
    cohort = DLIB.cohort
    assert cohort is not None
    assert cohort.centres.shape == (128, 128)
    np.testing.assert_allclose(np.linalg.norm(cohort.centres, axis=1), 1, atol=1e-5)
    assert 0.25 < cohort.radius < 0.4
    apart = distances(cohort.centres, cohort.centres) + 2 * np.eye(128)
    assert apart.min() > 0.05, "two centres for one place"


@pytest.mark.parametrize("shape", [(128,), (3, 128), (0, 128)])
def test_unit_length_keeps_the_shape(shape: tuple[int, ...]) -> None:
    vectors = np.random.default_rng(0).normal(size=shape)
    assert unit_length(vectors).shape == shape
    np.testing.assert_allclose(np.linalg.norm(unit_length(vectors), axis=-1), 1, atol=1e-6)
    assert not unit_length(np.zeros(shape)).any()
