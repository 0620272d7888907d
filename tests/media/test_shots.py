from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.media.shots import find_cuts
from closeup.media.video_reader import open_video

RATE = Fraction(25)
Scene = NDArray[np.uint8]


def picture(name: str) -> Scene:
    return np.asarray(getattr(data, name)(), np.uint8)


@pytest.fixture(scope="module")
def stage() -> Scene:
    return picture("astronaut")


@pytest.fixture(scope="module")
def other_camera(stage: Scene) -> Scene:
    """The same scene from nearer by and further to the left."""
    return stage[60:330, 40:420]


def shown(
    scene: Scene, frames: int, *, zoom: float = 1.1, pan: float = 0.0, seed: int = 0
) -> list[RGBImage]:
    """Thumbnails of a hand-held camera on a picture, a little noisy."""
    rng = np.random.default_rng(seed)
    height, width = scene.shape[:2]
    view = Size(int(width / zoom), int(height / zoom))
    thumbnails = []
    for i in range(frames):
        sway = 0.3 * (width - view.width) * np.sin(i / 9)
        centre = width / 2 + sway + pan * width * (i - frames / 2), height / 2
        part = cv2.getRectSubPix(scene, view, centre)
        small = cv2.resize(part, (48, 27), interpolation=cv2.INTER_AREA).astype(np.float64)
        noisy = small + rng.normal(0, 1.5, small.shape)
        thumbnails.append(np.clip(noisy, 0, 255).astype(np.uint8))
    return thumbnails


def lit(
    frame: RGBImage,
    gain: float,
    offset: float = 0,
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0),
) -> RGBImage:
    return np.clip(frame * (gain * np.array(colour)) + offset, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("exposure", [1.0, 0.25])
def test_a_cut_between_two_cameras_on_one_stage_is_found_to_the_frame(
    stage: Scene, other_camera: Scene, exposure: float
) -> None:
    frames = shown(stage, 33) + shown(other_camera, 40) + shown(stage, 21, zoom=2.0)
    assert find_cuts([lit(frame, exposure) for frame in frames], RATE) == [33, 73]


@pytest.mark.parametrize(("first", "last"), [(1, 30), (30, 1), (2, 2)])
def test_a_cut_at_the_very_edge_is_found(stage: Scene, first: int, last: int) -> None:
    frames = shown(stage, first) + shown(picture("coffee"), last)
    assert find_cuts(frames, RATE) == [first]


@pytest.mark.parametrize("length", range(1, 7))
@pytest.mark.parametrize(("gain", "offset"), [(2.2, 30), (6, 60), (1, 255), (0.02, 0)])
def test_a_flash_is_not_a_cut(stage: Scene, length: int, gain: float, offset: float) -> None:
    frames = shown(stage, 60)
    for i in range(30, 30 + length):
        frames[i] = lit(frames[i], gain, offset)
    assert find_cuts(frames, RATE) == []


@pytest.mark.parametrize("hertz", [4, 5, 7, 8, 10, 12])
@pytest.mark.parametrize("dark", [0.0, 0.15])
@pytest.mark.parametrize("bright", [1.0, 5.0])
def test_a_strobe_is_not_a_cut(stage: Scene, hertz: int, dark: float, bright: float) -> None:
    frames = shown(stage, 100)
    for i in range(25, 75):
        frames[i] = lit(frames[i], bright if (i * 2 * hertz // 25) % 2 else dark)
    assert find_cuts(frames, RATE) == []


@pytest.mark.parametrize("hertz", [4, 8, 12])
def test_a_cut_in_a_strobe_is_found(stage: Scene, other_camera: Scene, hertz: int) -> None:
    frames = shown(stage, 50) + shown(other_camera, 50)
    for i in range(25, 75):
        frames[i] = lit(frames[i], 1.6 if (i * 2 * hertz // 25) % 2 else 0.2)
    assert find_cuts(frames, RATE) == [50]


def test_coloured_lights_are_not_cuts(stage: Scene) -> None:
    frames = shown(stage, 100)
    colours = [(1.0, 0.2, 0.2), (0.2, 0.3, 1.0), (1.0, 1.0, 0.3), (0.6, 0.1, 0.9)]
    for i in range(100):
        frames[i] = lit(frames[i], 1, 0, colours[i // 9 % 4])
    assert find_cuts(frames, RATE) == []


def test_light_from_one_side_that_changes_slowly_is_not_a_cut(stage: Scene) -> None:
    across = np.linspace(-1, 1, 48)[None, :, None]
    frames = [
        np.clip(frame * (0.6 + 0.5 * np.sin(i / 12) * across), 0, 255).astype(np.uint8)
        for i, frame in enumerate(shown(stage, 100))
    ]
    assert find_cuts(frames, RATE) == []


def test_a_fade_to_black_and_back_is_not_a_cut(stage: Scene) -> None:
    levels = np.concatenate(
        [np.ones(20), np.linspace(1, 0, 15), np.zeros(10), np.linspace(0, 1, 15), np.ones(20)]
    )
    frames = [lit(f, level) for f, level in zip(shown(stage, 80), levels, strict=True)]
    assert find_cuts(frames, RATE) == []


def test_a_fade_through_black_to_another_scene_is_one_cut(stage: Scene) -> None:
    fade = np.linspace(1, 0, 15)
    frames = [lit(f, g) for f, g in zip(shown(stage, 15), fade, strict=True)]
    frames += [np.zeros((27, 48, 3), np.uint8)] * 10
    coffee = shown(picture("coffee"), 15)
    frames += [lit(f, g) for f, g in zip(coffee, fade[::-1], strict=True)]
    cuts = find_cuts(shown(stage, 10) + frames + shown(picture("coffee"), 20), RATE)
    assert len(cuts) == 1
    assert 35 <= cuts[0] <= 40


@pytest.mark.parametrize("pan", [0.004, 0.01, 0.02])
def test_a_fast_pan_is_not_a_cut(pan: float) -> None:
    still = [shown(picture("coffee"), 1, zoom=2, pan=pan)[0]] * 20
    assert find_cuts(still + shown(picture("coffee"), 20, zoom=2, pan=pan), RATE) == []


def test_a_cut_during_a_flash_is_one_cut(stage: Scene, other_camera: Scene) -> None:
    frames = shown(stage, 40) + shown(other_camera, 40)
    for i in range(37, 43):
        frames[i] = lit(frames[i], 2.5, 40)
    assert find_cuts(frames, RATE) == [40]


def test_a_cut_hidden_by_a_white_flash_is_where_the_new_scene_appears(
    stage: Scene, other_camera: Scene
) -> None:
    frames = shown(stage, 40) + shown(other_camera, 40)
    for i in range(38, 43):
        frames[i] = np.full_like(frames[i], 255)
    assert find_cuts(frames, RATE) == [43]


@pytest.mark.parametrize("rate", [24, 25, 30])
def test_two_cuts_eight_frames_apart_are_both_found(stage: Scene, rate: int) -> None:
    coffee = picture("coffee")
    there_and_back = shown(stage, 40) + shown(coffee, 8) + shown(stage, 40)
    assert find_cuts(there_and_back, Fraction(rate)) == [40, 48]
    onward = shown(stage, 40) + shown(coffee, 8) + shown(picture("chelsea"), 40)
    assert find_cuts(onward, Fraction(rate)) == [40, 48]


def test_the_cuts_of_a_real_dark_performance_are_found_to_the_frame(shared_data: Path) -> None:
    with open_video(shared_data / "stage" / "performance.mp4") as video:
        thumbnails = [frame.rgb(Size(48, 27)) for frame in video.frames()]
        assert find_cuts(thumbnails, video.rate) == [20, 82, 211]


@pytest.mark.parametrize("name", ["two_people_outdoors.mp4", "webcam_face.avi"])
def test_videos_without_a_cut_have_none(shared_data: Path, name: str) -> None:
    with open_video(shared_data / "video" / name) as video:
        height = round(48 * video.size.height / video.size.width)
        thumbnails = (frame.rgb(Size(48, height)) for frame in video.frames())
        assert find_cuts(thumbnails, video.rate) == []


def test_nothing_and_one_frame_have_no_cut(stage: Scene) -> None:
    assert find_cuts([], RATE) == []
    assert find_cuts(shown(stage, 1), RATE) == []
    assert find_cuts([np.zeros((27, 48, 3), np.uint8)] * 50, RATE) == []
