from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from closeup.camera_path import View
from closeup.fancam.rendering.grid import FancamGrid
from closeup.geometry import Size
from tests.stage_drawing import drawn, levels, stage_frame, still_path


@pytest.mark.parametrize(
    ("count", "cell", "size"),
    [
        (1, Size(606, 1080), Size(606, 1080)),
        (4, Size(606, 1080), Size(2424, 1080)),
        (9, Size(606, 1080), Size(3030, 2160)),
        (7, Size(606, 1080), Size(2424, 2160)),
        (4, Size(640, 360), Size(1280, 720)),
        (13, Size(1080, 1920), Size(3836, 1948)),
    ],
)
def test_a_grid_is_as_near_to_a_screen_as_it_can_be(count: int, cell: Size, size: Size) -> None:
    grid = FancamGrid([still_path(cell, 0, 0, 9)] * count)
    assert grid.size.width % 2 == grid.size.height % 2 == 0
    assert grid.size.width <= 3840
    assert grid.size.height <= 2160
    assert np.allclose(grid.size, size, rtol=0.01)


def test_each_member_is_in_its_own_cell(tmp_path: Path) -> None:
    frame = stage_frame(tmp_path)
    bright, dim = levels(frame)
    size = Size(60, 100)
    left, right = still_path(size, 25, 54, 60), still_path(size, 140, 54, 60)
    gone = still_path(size, 25, 54, 60, View.SKIP)
    grid = drawn(
        FancamGrid([left, right, gone]),
        frame,
    )
    assert np.all(grid.y[:, :60] == bright)
    assert np.all(grid.y[:, 60:120] == dim)
    assert grid.y[:, 120:].max() < dim


def test_a_grid_refuses_what_does_not_match() -> None:
    with pytest.raises(ValueError, match="at least one"):
        FancamGrid([])
    with pytest.raises(ValueError, match="agree"):
        FancamGrid([still_path(Size(60, 60), 0, 0, 9), still_path(Size(62, 60), 0, 0, 9)])
