from __future__ import annotations

import numpy as np
import pytest

from closeup.camera_path import CameraPath, View
from closeup.geometry import Size
from closeup.tracks import PositionSource, Trajectory


def test_an_absent_member_is_nowhere() -> None:
    trajectory = Trajectory.absent("Rosé", 5)
    assert len(trajectory) == 5
    assert not trajectory.present.any()
    assert np.isnan(trajectory.boxes).all()


def test_a_trajectory_checks_its_shapes() -> None:
    with pytest.raises(ValueError, match=r"sources must have shape \(3,\)"):
        Trajectory(
            "a",
            np.zeros((3, 4), np.float32),
            np.zeros(2, np.uint8),
            np.zeros(3, np.float32),
            np.zeros(3, np.int64),
        )


def test_a_member_becomes_absent_in_some_frames() -> None:
    everywhere = Trajectory(
        "a",
        np.ones((3, 4), np.float32),
        np.full(3, PositionSource.DETECTED, np.uint8),
        np.ones(3, np.float32),
        np.full(3, 7),
    )
    found, nowhere = everywhere.without(np.array([False, True, False])), Trajectory.absent("a", 3)
    for column in ("boxes", "sources", "confidence", "tracklets"):
        before, after = getattr(everywhere, column), getattr(found, column)
        assert after.dtype == before.dtype
        np.testing.assert_array_equal(after[[0, 2]], before[[0, 2]])
        np.testing.assert_array_equal(after[1], getattr(nowhere, column)[1])


def test_sources_are_written_in_small_letters() -> None:
    assert [str(s) for s in PositionSource] == ["absent", "interpolated", "tracked", "detected"]


def test_windows_have_the_shape_of_the_output() -> None:
    windows = np.array([[100.0, 50.0, 90.0]])
    path = CameraPath(Size(200, 630), windows, np.array([View.CLOSE], np.uint8))
    x1, y1, x2, y2 = path.boxes()[0]
    assert (y1, y2) == (5, 95)
    assert (x2 - x1) / (y2 - y1) == pytest.approx(200 / 630)
    with pytest.raises(ValueError, match="windows must have shape"):
        CameraPath(Size(2, 2), windows, np.zeros(2, np.uint8))
