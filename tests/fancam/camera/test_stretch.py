from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from closeup.camera_path import View
from closeup.fancam.camera.body import FACE_SHAPE, REACH, STANDING
from closeup.fancam.camera.framing import COMPOSITIONS, CropSpace
from closeup.fancam.camera.plan import plan_camera
from closeup.fancam.camera.stretch import Stretch
from closeup.fancam.options import FancamOptions, Framing, Smoothing, Zoom
from closeup.geometry import Boxes, Size
from closeup.synthesis.walks import STAGE, Motion, made_trajectory

HD = CropSpace(STAGE, Size(606, 1080))
OUTPUTS = [None, Size(200, 630), Size(720, 720), Size(1280, 720)]


def faces(rows: NDArray[np.float64], heights: NDArray[np.float64] | float = 80) -> Boxes:
    half = np.broadcast_to(heights, rows.shape) / 2
    x = np.full(len(rows), 900.0)
    return np.stack([x - half * 0.75, rows - half, x + half * 0.75, rows + half], 1).astype(
        np.float32
    )


def framed(boxes: Boxes, **options: object) -> Stretch:
    chosen = FancamOptions(**options)  # type: ignore[arg-type]
    return Stretch.framed(boxes, np.arange(len(boxes)) / 25, HD, chosen)


@pytest.mark.parametrize(
    ("row", "whole"), [(300.0, True), (700.0, False)], ids=["feet inside", "feet outside"]
)
def test_auto_shows_the_whole_body_where_the_picture_holds_it(row: float, whole: bool) -> None:
    stretch = framed(faces(np.full(100, row)))
    assert set(stretch.whole) == {whole}
    framing = Framing.BODY if whole else Framing.BUST
    assert stretch.wanted_heights(HD) == pytest.approx(COMPOSITIONS[framing].heights * 80)
    assert stretch.stray(np.full(100, 500.0), HD)[:, 1] == pytest.approx(
        COMPOSITIONS[framing].stray[1] * 500
    )


@pytest.mark.parametrize("framing", COMPOSITIONS)
def test_a_given_framing_is_that_of_every_frame(framing: Framing) -> None:
    stretch = framed(faces(np.linspace(200, 1000, 200)), framing=framing)
    assert set(stretch.whole) == {framing is Framing.BODY}
    assert stretch.near is framing


def test_a_fixed_zoom_has_one_framing_a_stretch() -> None:
    moving = faces(np.linspace(300, 1000, 400))
    assert 0 < framed(moving).whole.mean() < 1
    assert framed(moving, zoom=Zoom.FIXED).whole.mean() in (0, 1)


@pytest.mark.parametrize("size", OUTPUTS)
@pytest.mark.parametrize("zoom", Zoom)
@pytest.mark.parametrize("motion", Motion)
def test_feet_and_raised_hands_are_inside_the_crop(
    motion: Motion, zoom: Zoom, size: Size | None
) -> None:
    times = np.arange(200) / 25
    found = made_trajectory(motion, times, seed=4, face=60, noise=2)
    true = made_trajectory(motion, times, seed=4, face=60, noise=0).boxes.astype(np.float64)
    options = FancamOptions(framing=Framing.BODY, zoom=zoom, size=size)
    path = plan_camera(found, times, [], STAGE, options)
    unit = np.maximum(true[:, 3] - true[:, 1], FACE_SHAPE * (true[:, 2] - true[:, 0]))
    middle = (true[:, 1] + true[:, 3]) / 2
    soles = np.minimum(middle + STANDING * unit, STAGE.height - 0.5)
    hands = np.maximum(middle - 0.95 * REACH * unit, -0.5)
    crops = path.boxes()
    assert np.mean(crops[:, 3] >= soles - 1) >= 0.99
    assert np.mean(crops[:, 1] <= hands + 1) >= 0.95
    assert (path.views == View.CLOSE).all()


@pytest.mark.parametrize("smooth", Smoothing)
def test_a_change_of_the_framing_is_a_glide(smooth: Smoothing) -> None:
    times = np.arange(500) / 25
    trajectory = made_trajectory(Motion.STAND, times, seed=0)
    growth = np.clip((times - 6) / 8, 0, 1)[:, None]
    middle = trajectory.boxes.reshape(-1, 2, 2).mean(axis=1)
    half = (trajectory.boxes[:, 2:] - trajectory.boxes[:, :2]) / 2 * (1 + growth)
    trajectory.boxes[:] = np.hstack([middle - half, middle + half])
    path = plan_camera(trajectory, times, [], STAGE, FancamOptions(smooth=smooth))
    heights = path.windows[:, 2]
    assert heights[0] > 0.8 * STAGE.height
    assert heights[-1] < 0.75 * STAGE.height
    assert np.abs(np.diff(np.log(heights))).max() < 0.06
