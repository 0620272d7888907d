"""Close-ups show no face but the member's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from closeup.fancam.rendering.close_up import CloseUp
from closeup.fancam.rendering.grid import FancamGrid
from closeup.fancam.rendering.other_faces import HELD, OtherFaces, other_faces
from closeup.fancam.rendering.overlay import Preview
from closeup.geometry import Size
from closeup.media.decoded_frame import DecodedFrame
from closeup.media.video_reader import open_video
from closeup.tracks import PositionSource, Tracklet, Trajectory
from tests.fancam.tracklet_maker import make_tracklet
from tests.filming import film
from tests.stage_drawing import drawn, still_path

SECONDS = np.arange(100) / 25
SIZE = Size(192, 108)
LEFT, RIGHT = (30.0, 30, 60, 66), (120.0, 30, 150, 66)


def trajectory(tracklet: Tracklet, confidence: float = 1.0) -> Trajectory:
    """The member whose face a tracklet is."""
    empty = Trajectory.absent("Ann", len(SECONDS))
    rows = tracklet.frames
    empty.boxes[rows], empty.sources[rows] = tracklet.boxes, tracklet.sources
    empty.confidence[rows], empty.tracklets[rows] = confidence, tracklet.id
    return empty


def frames_of(others: OtherFaces) -> list[int]:
    return [frame for frame in range(len(SECONDS)) if len(others.at(frame))]


def test_a_face_of_nobody_is_concealed_before_and_after() -> None:
    face = make_tracklet(0, 40, 50, box=LEFT)
    others = other_faces([face], [], SECONDS, [], SIZE)
    held = int(HELD * 25)
    assert frames_of(others) == list(range(40 - held, 50 + held))
    np.testing.assert_allclose(others.at(45), [LEFT])
    assert others.at(50 + held - 1)[0, 2] > LEFT[2] + 2


def test_nothing_is_concealed_beyond_a_cut() -> None:
    face = make_tracklet(0, 40, 50, box=LEFT)
    assert frames_of(other_faces([face], [], SECONDS, [38, 52], SIZE)) == list(range(38, 52))


def test_the_own_face_is_shown_and_the_others_are_not() -> None:
    own, other = make_tracklet(0, 0, 100, box=LEFT), make_tracklet(1, 0, 100, box=RIGHT)
    others = other_faces([own, other], [trajectory(own)], SECONDS, [], SIZE)
    np.testing.assert_allclose(others.at(50), [RIGHT])


@pytest.mark.parametrize("confidence", [0.5, 0.94])
def test_an_uncertain_face_is_concealed(confidence: float) -> None:
    face = make_tracklet(0, 0, 100, box=LEFT)
    others = other_faces([face], [trajectory(face, confidence)], SECONDS, [], SIZE)
    assert frames_of(others) == list(range(100))


def test_a_face_at_the_edge_is_concealed_beyond_it() -> None:
    others = other_faces([make_tracklet(0, 0, 9, box=(0, 30, 10, 70))], [], SECONDS, [], SIZE)
    np.testing.assert_allclose(others.at(0), [(-20, 30, 10, 70)])


def test_an_interpolated_position_shows_nobody() -> None:
    face = make_tracklet(0, 0, 100, box=LEFT)
    own = trajectory(face)
    own.sources[40:60] = PositionSource.INTERPOLATED
    assert frames_of(other_faces([face], [own], SECONDS, [], SIZE)) == list(range(40, 60))


def test_a_gap_of_one_head_is_filled() -> None:
    first = make_tracklet(0, 0, 20, box=LEFT)
    second = replace(make_tracklet(1, 70, 100, box=RIGHT), head=first.head)
    others = other_faces([first, second], [], SECONDS, [], SIZE)
    assert frames_of(others) == list(range(100))
    assert any(box[0] < 90 < box[2] for box in others.at(45))
    cut = other_faces([first, second], [], SECONDS, [45], SIZE)
    assert not any(box[0] < 90 < box[2] for frame in (44, 45) for box in cut.at(frame))


def test_the_time_after_another_face_does_not_hide_the_own_one() -> None:
    unknown = make_tracklet(0, 0, 40, box=LEFT)
    own = make_tracklet(1, 40, 100, box=LEFT)
    others = other_faces([unknown, own], [trajectory(own)], SECONDS, [], SIZE)
    assert frames_of(others) == list(range(40))


@pytest.fixture(scope="module")
def frame(tmp_path_factory: pytest.TempPathFactory) -> DecodedFrame:
    """A stage of fine stripes, which remain only where nothing is concealed."""
    stripes = np.tile(np.array([40, 40, 200, 200], np.uint8), (108, 48))
    path = film(
        tmp_path_factory.mktemp("stripes") / "s.mkv",
        [np.stack([stripes] * 3, axis=-1)],
        codec="ffv1",
    )
    with open_video(path) as video:
        return next(iter(video.frames()))


def hidden() -> OtherFaces:
    return OtherFaces(np.array([RIGHT], np.float32), np.array([0, 1]))


def contrast(luma: np.ndarray, x: int, y: int) -> int:
    part = luma[y - 6 : y + 6, x - 6 : x + 6].astype(int)
    return int(np.ptp(part))


def test_a_close_up_conceals_where_the_window_shows_it(frame: DecodedFrame) -> None:
    # The window begins at x = 65.5, y = -0.5 and doubles the stage.
    path = still_path(Size(220, 216), 120.5, 53.5, 108)
    luma = drawn(CloseUp(path, hidden()), frame).y
    assert contrast(luma, round((135 - 65.5) * 2), 96) < 60
    assert contrast(luma, round((85 - 65.5) * 2), 96) > 120
    assert contrast(drawn(CloseUp(path), frame).y, round((135 - 65.5) * 2), 96) > 120


def test_grid_and_preview_conceal_too(frame: DecodedFrame) -> None:
    path = still_path(Size(192, 108), 95.5, 53.5, 108)
    grid = drawn(FancamGrid([path, path], [None, hidden()]), frame).y
    second = (48, 108) if grid.shape[0] > grid.shape[1] else (48, 0)
    x, y = (135, 48 + 108) if second == (48, 108) else (135 + 192, 48)
    assert contrast(grid, x, y) < 60
    assert contrast(grid, 135, 48) > 120
    empty = [Trajectory.absent("Ann", 1)]
    preview = drawn(Preview(empty, Size(192, 108), others=hidden()), frame).y
    assert contrast(preview, 135, 48) < 60
    assert contrast(preview, 85, 48) > 120


def test_the_colours_are_concealed_where_the_luma_is(tmp_path: Path) -> None:
    picture = np.zeros((108, 192, 3), np.uint8)
    picture[..., 0] = np.where(np.arange(192) // 8 % 2, 255, 0)
    with open_video(film(tmp_path / "red.mkv", [picture], codec="ffv1")) as video:
        red = next(iter(video.frames()))
    path = still_path(Size(192, 108), 95.5, 53.5, 108)
    shown = drawn(CloseUp(path, hidden()), red)
    assert np.ptp(shown.v[22:26, 64:70].astype(int)) < np.ptp(shown.v[22:26, 20:40].astype(int))
