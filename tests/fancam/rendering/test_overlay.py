from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from closeup.fancam.rendering.overlay import Preview
from closeup.geometry import Box, Size
from closeup.tracks import PositionSource, Trajectory
from tests.stage_drawing import STAGE, drawn, stage_frame


def someone(name: str, box: Box, source: PositionSource = PositionSource.DETECTED) -> Trajectory:
    trajectory = Trajectory.absent(name, 1)
    trajectory.boxes[0] = (box.x1, box.y1, box.x2, box.y2)
    trajectory.sources[0] = source
    return trajectory


def test_a_preview_frames_whom_it_names(tmp_path: Path) -> None:
    frame = stage_frame(tmp_path)
    plain = drawn(Preview([someone("A", Box(0, 0, 1, 1), PositionSource.ABSENT)], STAGE), frame)
    assert all(np.array_equal(a, b) for a, b in zip(plain, frame.planes, strict=True))
    marked = drawn(Preview([someone("A", Box(99.5, 49.5, 139.5, 89.5))], STAGE), frame)
    changed = marked.y != frame.planes.y
    rows, columns = np.nonzero(changed)
    assert (columns.min(), rows.max()) == (98, 91)
    assert not changed[52:88, 102:138].any()
    assert changed[90:92, 100:140].all()
    assert changed[30:48, 100:104].any()  # the name above the box


@pytest.mark.parametrize(
    "box",
    [Box(-30, -30, 10, 10), Box(180, 100, 260, 200), Box(-99, -99, -50, -50), Box(0, 0, 192, 108)],
)
def test_boxes_at_and_beyond_the_edge_are_cut_off(tmp_path: Path, box: Box) -> None:
    frame = stage_frame(tmp_path)
    planes = drawn(Preview([someone("A rather long name 로제", box)], STAGE), frame)
    assert planes.size == STAGE


def test_a_large_stage_is_previewed_smaller_and_even() -> None:
    nobody = Trajectory.absent("A", 3)
    assert Preview([nobody], Size(3840, 2160)).size == Size(1280, 720)
    assert Preview([nobody], Size(641, 361)).size == Size(640, 360)
    with pytest.raises(ValueError, match="same length"):
        Preview([nobody, Trajectory.absent("B", 4)], STAGE)
    with pytest.raises(ValueError, match="needs trajectories"):
        Preview([], STAGE)
