from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from closeup.pupils.smoothed_gaze import SmoothedGaze

LEFT, RIGHT = (0, 0, 40, 50), (100, 0, 140, 50)
NOTHING = (np.nan, np.nan)


def boxes(*rows: tuple[float, ...]) -> NDArray[np.float32]:
    return np.array(rows, np.float32).reshape(-1, 4)


def looks(*rows: tuple[float, float]) -> NDArray[np.float64]:
    return np.array(rows, np.float64).reshape(-1, 2)


def after(steady: SmoothedGaze, seconds: float, value: float = 0.8) -> float:
    """What becomes of a value that comes at such a time."""
    return float(steady.step(boxes(LEFT), looks((value, 0)), seconds)[0, 0])


@pytest.fixture
def resting() -> SmoothedGaze:
    """A face that has looked straight ahead until 0.96 s."""
    steady = SmoothedGaze()
    for frame in range(25):
        steady.step(boxes(LEFT), looks((0, 0)), frame / 25)
    return steady


def test_the_first_value_is_left_as_it_is() -> None:
    assert after(SmoothedGaze(), 0, 0.8) == 0.8


def test_what_comes_next_is_smoothed(resting: SmoothedGaze) -> None:
    assert 0 < after(resting, 1.0) < 0.6


def test_faces_keep_their_own_gaze_in_any_order() -> None:
    steady = SmoothedGaze()
    for frame in range(10):
        order = slice(None, None, 1 if frame % 2 else -1)
        seen = steady.step(
            boxes(LEFT, RIGHT)[order], looks((-0.5, 0), (0.5, 0.1))[order], frame / 25
        )
        np.testing.assert_allclose(seen[order], looks((-0.5, 0), (0.5, 0.1)))


def test_a_moving_face_is_the_same_one() -> None:
    steady = SmoothedGaze()
    for frame in range(20):
        x = 5 * frame
        steady.step(boxes((x, 0, x + 40, 50)), looks((0, 0)), frame / 25)
    (moved,) = steady.step(boxes((100, 0, 140, 50)), looks((0.8, 0)), 20 / 25)
    assert 0 < moved[0] < 0.6


def test_a_face_that_overlaps_none_begins_anew(resting: SmoothedGaze) -> None:
    (new,) = resting.step(boxes(RIGHT), looks((0.8, 0)), 1.0)
    assert new.tolist() == [0.8, 0]


def test_a_blink_has_no_gaze_and_does_not_forget(resting: SmoothedGaze) -> None:
    for frame in range(25, 30):
        (shut,) = resting.step(boxes(LEFT), looks(NOTHING), frame / 25)
        assert np.isnan(shut).all()
    assert 0.2 < after(resting, 1.2) < 0.78


def test_eyes_that_were_closed_for_long_begin_anew(resting: SmoothedGaze) -> None:
    for frame in range(25, 40):
        resting.step(boxes(LEFT), looks(NOTHING), frame / 25)
    assert after(resting, 1.6) == 0.8


def test_a_frame_without_the_face_does_not_matter(resting: SmoothedGaze) -> None:
    assert resting.step(boxes(), looks(), 1.0).shape == (0, 2)
    assert 0 < after(resting, 1.04) < 0.6


def test_a_face_that_was_away_for_long_begins_anew(resting: SmoothedGaze) -> None:
    for frame in range(25, 40):
        resting.step(boxes(), looks(), frame / 25)
    assert after(resting, 1.6) == 0.8


def test_a_video_of_few_frames_is_not_smoothed() -> None:
    steady = SmoothedGaze()
    assert [after(steady, second, 0.4 * second - 1) for second in range(5)] == pytest.approx(
        [-1, -0.6, -0.2, 0.2, 0.6]
    )


@pytest.mark.parametrize("seconds", [0.96, 0.2])
def test_time_that_does_not_grow_begins_anew(resting: SmoothedGaze, seconds: float) -> None:
    assert after(resting, seconds) == 0.8


def test_faces_that_are_gone_are_forgotten() -> None:
    steady = SmoothedGaze()
    for frame in range(200):
        x = 100 * frame
        steady.step(boxes((x, 0, x + 40, 50)), looks((0, 0)), frame / 25)
    assert len(steady._heads) < 20
