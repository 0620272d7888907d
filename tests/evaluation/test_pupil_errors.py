from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from closeup.evaluation.pupil_errors import LIMITS, eye_errors, share_interval, share_within

TRUTH = np.array([[[10.0, 20.0], [50.0, 20.0]]])


def pupils(count: int) -> st.SearchStrategy[NDArray[np.float64]]:
    return arrays(np.float64, (count, 2, 2), elements=st.floats(-500, 500))


def slow_error(found: Any, truth: Any, eye: int) -> float:
    (ax, ay), (bx, by) = truth
    x, y = found[eye][0] - truth[eye][0], found[eye][1] - truth[eye][1]
    return math.hypot(x, y) / math.hypot(bx - ax, by - ay)


@given(pupils(3), pupils(3))
def test_as_a_loop_says(found: NDArray[np.float64], truth: NDArray[np.float64]) -> None:
    truth[:, 1] = truth[:, 0] + np.abs(truth[:, 1]) + 1
    errors = eye_errors(found, truth)
    for row in range(3):
        for eye in range(2):
            slow = slow_error(found[row].tolist(), truth[row].tolist(), eye)
            assert errors[row, eye] == pytest.approx(slow)


@given(st.floats(-math.pi, math.pi), st.floats(0.1, 20), pupils(1))
def test_size_place_and_rotation_of_the_face_do_not_matter(
    angle: float, scale: float, found: NDArray[np.float64]
) -> None:
    turn = scale * np.array(
        [[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]]
    )
    moved = eye_errors(found @ turn + 7, TRUTH @ turn + 7)
    np.testing.assert_allclose(moved, eye_errors(found, TRUTH), rtol=1e-6, atol=1e-9)


def test_an_eye_without_a_centre_fails_at_every_limit() -> None:
    found = TRUTH.copy()
    found[0, 1, 0] = np.nan
    errors = eye_errors(found, TRUTH)
    assert errors.tolist() == [[0.0, np.inf]]
    worst = errors.max(axis=1)
    assert [share_within(worst, limit) for limit in LIMITS] == [0, 0, 0]
    assert share_within(errors.min(axis=1), LIMITS[0]) == 1


def test_the_limit_itself_is_within() -> None:
    found = TRUTH + np.array([[[0, 2.0], [0, 0]]])
    assert share_within(eye_errors(found, TRUTH).max(axis=1), 0.05) == 1
    assert share_within(eye_errors(found + 0.001, TRUTH).max(axis=1), 0.05) == 0


def test_bad_shapes() -> None:
    with pytest.raises(ValueError, match=r"\(n, 2, 2\)"):
        eye_errors(TRUTH[0], TRUTH[0])
    with pytest.raises(ValueError, match="in one place"):
        eye_errors(TRUTH, np.ones((1, 2, 2)))
    with pytest.raises(ValueError, match="at least one face"):
        share_within(np.empty(0), 0.05)


def test_the_interval_is_that_of_drawing_faces_one_by_one() -> None:
    random = np.random.default_rng(1)
    errors = np.append(random.exponential(0.04, 190), [np.inf] * 10)
    drawn = random.choice(errors, (4000, len(errors)))
    slow = np.quantile((drawn <= 0.05).mean(axis=1), [0.025, 0.975])
    assert share_interval(errors, 0.05) == pytest.approx(slow, abs=0.006)
    assert share_interval(errors, 0.05) == share_interval(errors, 0.05)


@given(arrays(np.float64, st.integers(1, 60), elements=st.floats(0, 1)))
def test_the_interval_holds_the_share(errors: NDArray[np.float64]) -> None:
    low, high = share_interval(errors, 0.05, draws=500)
    assert 0 <= low <= share_within(errors, 0.05) <= high <= 1
