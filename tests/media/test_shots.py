from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from closeup.fancam.frame_preparation import thumbnail_size
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.media import shots
from closeup.media.bars import Borders, frame_borders
from closeup.media.shots import StructureShotDetector, find_cuts, find_shots
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


@pytest.fixture(scope="module")
def coffee() -> Scene:
    return picture("coffee")


@pytest.mark.parametrize("length", [5, 10, 15, 25])
@pytest.mark.parametrize("bars", [0, 6])
def test_a_dissolve_is_one_cut_in_its_middle(
    stage: Scene, coffee: Scene, length: int, bars: int
) -> None:
    before, after = shown(stage, 60), shown(coffee, 60)
    shares = np.arange(1, length + 1) / (length + 1)
    mixed = [
        mix(a, b, share)
        for a, b, share in zip(before[-length:], after[:length], shares, strict=True)
    ]
    frames = before[:-length] + mixed + after[length:]
    for frame in frames:
        frame[:bars] = frame[27 - bars :] = 0
    cuts = find_shots(lambda: frames, borders_of(frames), RATE, StructureShotDetector()).cuts
    assert len(cuts) == 1
    assert 60 - length - 1 <= cuts[0] <= 61


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
def test_a_blended_frame_does_not_hide_a_cut(stage: Scene, coffee: Scene, share: float) -> None:
    before, after = shown(stage, 40), shown(coffee, 40)
    frames = [*before, mix(before[-1], after[0], share), *after]
    assert find_cuts(frames, RATE) in ([40], [41])


@pytest.mark.parametrize("jump", [40, -40])
def test_people_who_jump_on_one_set_are_a_cut(stage: Scene, jump: int) -> None:
    def danced(start: int) -> list[RGBImage]:
        """Three people who move in front of a set that does not."""
        frames = []
        for i, frame in enumerate(shown(stage, 30, zoom=1.0)):
            for person in range(3):
                x = 8 + 14 * person + round(3 * np.sin((start + i) / 6 + person))
                colour = (240 - 80 * person, 60 * person, 90)
                cv2.rectangle(frame, (x - 3, 6), (x + 3, 26), colour, -1)
                cv2.circle(frame, (x, 4), 2, (255, 220, 200), -1)
            frames.append(frame)
        return frames

    still = danced(0)[:1] * 30
    assert find_cuts(still, RATE) == []
    assert find_cuts([*danced(0), *danced(30)], RATE) == []
    moved = [np.roll(frame, round(jump / 8), axis=1) for frame in danced(30 + jump)]
    assert find_cuts([*danced(0), *moved], RATE) == [30]


@pytest.mark.parametrize("at", [2, 30, 88])
def test_frames_that_were_dropped_are_not_a_cut(stage: Scene, at: int) -> None:
    def danced(moment: int) -> RGBImage:
        """A person who runs to and fro, and arms and a train behind it that follow."""
        frame = still.copy()
        x = 24 + round(12 * np.sin(moment / 7))
        cv2.rectangle(frame, (x - 4, 7), (x + 4, 26), (200, 40, 40), -1)
        cv2.circle(frame, (x, 5), 3, (255, 220, 200), -1)
        cv2.line(frame, (x, 10), (x + round(9 * np.cos(moment / 5)), 16), (200, 40, 40), 2)
        return frame

    still = shown(stage, 1)[0]
    frames = [danced(moment) for moment in range(94)]
    assert find_cuts(frames[:at] + frames[at + 4 :], RATE) == []


@pytest.mark.parametrize("length", [9, 14])
def test_a_head_that_turns_in_front_of_a_plain_wall_is_not_a_cut(stage: Scene, length: int) -> None:
    wall = np.full((27, 48, 3), (200, 60, 60), np.uint8)
    heads = [cv2.resize(face, (18, 24)) for face in (stage[0:200, 150:300], stage[0:200, 230:380])]
    frames = []
    for i in range(80):
        turned = float(np.clip((i - 30) / length, 0, 1))
        frame = wall.copy()
        x = 10 + round(6 * turned)
        view = cv2.addWeighted(heads[0], 1 - turned, np.roll(heads[1], 3, axis=1), turned, 0)
        frame[3:27, x : x + 18] = view
        frames.append(frame)
    assert find_cuts(frames, RATE) == []


def test_a_screen_that_changes_is_not_a_cut(stage: Scene, coffee: Scene) -> None:
    frames = shown(stage, 80)
    screens = shown(coffee, 40) + shown(picture("chelsea"), 40)
    for frame, screen in zip(frames, screens, strict=True):
        frame[1:12, 5:24] = cv2.resize(screen, (19, 11))
    assert find_cuts(frames, RATE) == []


def test_the_result_does_not_depend_on_blocks(
    stage: Scene, coffee: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = [*shown(stage, 90), *shown(coffee, 100), *shown(stage, 71, zoom=2.0)]
    whole_video = find_cuts(frames, RATE)
    assert whole_video == [90, 190]
    for block in (40, 89, 90, 91, 100):
        monkeypatch.setattr(shots, "_BLOCK", block)
        assert find_cuts(frames, RATE) == whole_video


def test_cuts_are_found_between_the_bars(stage: Scene, coffee: Scene) -> None:
    frames = [*shown(stage, 40), *shown(coffee, 40)]
    for frame in frames:
        frame[:6] = frame[21:] = 0
    found = find_shots(lambda: frames, borders_of(frames), RATE, StructureShotDetector())
    assert found.cuts == [40]
    assert [(area.y1, area.y2) for area in found.areas] == [(7.5, 18.5)] * 2


@pytest.mark.parametrize(
    ("clip", "cuts"), [("avengers_film", [80, 141, 175]), ("herapheri_film", [312, 343])]
)
def test_the_cuts_of_letterboxed_films_are_found(
    shared_data: Path, clip: str, cuts: list[int]
) -> None:
    with open_video(shared_data / "clips" / clip / "stage.mp4") as video:
        small = video.size.fitted(640)
        pictures = [(f.rgb(thumbnail_size(video.size)), f.gray(small)) for f in video.frames()]
        sides = np.array([frame_borders(gray) for _, gray in pictures])
        borders = Borders(sides, small, video.size)
        found = find_shots(
            lambda: [rgb for rgb, _ in pictures], borders, video.rate, StructureShotDetector()
        )
    assert len(found.cuts) == len(cuts)
    for frame, cut in zip(found.cuts, cuts, strict=True):
        assert abs(frame - cut) <= 1


def test_a_real_dance_with_dropped_frames_has_its_two_dissolves_only(shared_data: Path) -> None:
    with open_video(shared_data / "clips" / "jimin_stage" / "stage.mp4") as video:
        thumbnails = [frame.rgb(thumbnail_size(video.size)) for frame in video.frames()]
        first, second = find_cuts(thumbnails, video.rate)
    assert 286 <= first <= 297
    assert 353 <= second <= 363


def borders_of(frames: list[RGBImage]) -> Borders:
    size = Size.of(frames[0])
    gray = [np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8) for frame in frames]
    return Borders(np.array([frame_borders(picture) for picture in gray]), size, size)


def mix(a: RGBImage, b: RGBImage, share: float) -> RGBImage:
    return np.asarray(cv2.addWeighted(a, 1 - share, b, share, 0), np.uint8)


def test_shots_of_two_frames_and_still_pictures(stage: Scene, coffee: Scene) -> None:
    still = shown(stage, 1)
    assert find_cuts(still * 60, RATE) == []
    short = [*(still * 20), *(shown(coffee, 1) * 2), *(shown(picture("chelsea"), 1) * 20)]
    assert find_cuts(short, RATE) == [20, 22]


def test_nothing_and_one_frame_have_no_cut(stage: Scene) -> None:
    assert find_cuts([], RATE) == []
    assert find_cuts(shown(stage, 1), RATE) == []
    assert find_cuts([np.zeros((27, 48, 3), np.uint8)] * 50, RATE) == []
