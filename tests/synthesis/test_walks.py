from __future__ import annotations

import numpy as np
import pytest

from closeup.synthesis.walks import STAGE, Motion, made_trajectory

TIMES = np.arange(500) / 25


@pytest.mark.parametrize("motion", Motion)
def test_a_made_trajectory_stays_on_the_stage(motion: Motion) -> None:
    for seed in range(5):
        boxes = made_trajectory(motion, TIMES, seed).boxes
        assert np.all(boxes[:, :2] >= -0.5)
        assert np.all(boxes[:, 2:] <= np.array(STAGE) - 0.5)
        assert np.all(boxes[:, 2:] - boxes[:, :2] > 10)


@pytest.mark.parametrize("motion", Motion)
def test_noise_does_not_change_the_motion(motion: Motion) -> None:
    exact = made_trajectory(motion, TIMES, 1, noise=0).boxes
    noisy = made_trajectory(motion, TIMES, 1, noise=2).boxes
    error = ((noisy - exact)[:, :2] + (noisy - exact)[:, 2:]) / 2
    assert np.abs(error.mean(axis=0)).max() < 0.5
    assert error.std() == pytest.approx(2, rel=0.1)
    again = made_trajectory(motion, TIMES, 1, noise=2).boxes
    np.testing.assert_array_equal(noisy, again)


def test_one_frame_is_enough() -> None:
    for motion in Motion:
        assert len(made_trajectory(motion, np.zeros(1), 0)) == 1
