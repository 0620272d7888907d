from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from skimage import data

from closeup.frames import GrayImage
from closeup.geometry import Box, Size, whole
from closeup.media.bars import Borders, active_areas, clear_part, frame_borders
from closeup.media.video_reader import open_video

SIZE = Size(640, 360)
WHOLE = whole(SIZE)


def scene(size: Size, seed: int = 0) -> GrayImage:
    """A bright photograph with a little noise."""
    photo = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2GRAY)
    rng = np.random.default_rng(seed)
    noisy = cv2.resize(photo, size).astype(np.float64) * 0.7 + 60 + rng.normal(0, 2, size[::-1])
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)


def barred(picture: GrayImage, insets: tuple[int, int, int, int], level: int = 0) -> GrayImage:
    """The picture with bars of the given thickness: top, bottom, left, right."""
    top, bottom, left, right = insets
    height, width = picture.shape
    made = np.full_like(picture, level)
    inside = np.s_[top : height - bottom, left : width - right]
    made[inside] = picture[inside]
    return made


def areas(frames: list[GrayImage], cuts: list[int] | None = None) -> list[Box]:
    return active_areas(borders_of(frames, SIZE), cuts or [])


def borders_of(frames: list[GrayImage], size: Size) -> Borders:
    """Borders of pictures that are measured in full size, for a video of ``size``."""
    sides = np.array([frame_borders(frame) for frame in frames])
    return Borders(sides, Size.of(frames[0]), size)


def thickness(area: Box) -> tuple[float, float, float, float]:
    return area.y1 + 0.5, 359.5 - area.y2, area.x1 + 0.5, 639.5 - area.x2


def assert_just_inside(area: Box, insets: tuple[int, int, int, int]) -> None:
    """The bars are cut off, with at most four lines of the scene."""
    for found, true in zip(thickness(area), insets, strict=True):
        assert (true < found <= true + 4) if true else found == 0


@given(
    insets=st.tuples(*[st.one_of(st.just(0), st.integers(4, 80))] * 4),
    level=st.sampled_from([0, 16, 128, 255]),
    seed=st.integers(0, 5),
)
@settings(max_examples=15, deadline=None)
def test_bars_on_any_side_are_found_to_the_line(
    insets: tuple[int, int, int, int], level: int, seed: int
) -> None:
    # Of a grey bar and a scene in the same grey nobody sees the border.
    frames = [barred(scene(SIZE, seed + i), insets, level) for i in range(4)]
    if level != 128:
        assert_just_inside(areas(frames)[0], insets)
    else:
        found = thickness(areas(frames)[0])
        assert all(a == 0 or abs(a - b) <= 4 for a, b in zip(found, insets, strict=True))


def test_a_vertical_video_in_a_wide_frame_is_found() -> None:
    insets = (0, 0, 219, 219)
    assert_just_inside(areas([barred(scene(SIZE, i), insets) for i in range(5)])[0], insets)


def test_a_logo_across_the_edge_and_captions_do_not_hide_a_bar() -> None:
    insets = (45, 45, 0, 0)
    frames = [barred(scene(SIZE, i), insets) for i in range(10)]
    for frame in frames:
        cv2.putText(frame, "LOGO", (520, 50), cv2.FONT_HERSHEY_SIMPLEX, 1, 255, 3)
        cv2.putText(frame, "what they say", (200, 345), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 230, 2)
    assert_just_inside(areas(frames)[0], insets)


def test_a_dark_stage_has_no_bars() -> None:
    frames = []
    for i in range(30):
        frame = np.zeros((360, 640), np.uint8)
        cv2.circle(frame, (200 + 5 * i, 200), 60, 180, -1)  # a performer in a spotlight
        frames.append(frame)
    assert areas(frames) == [WHOLE]


def test_a_head_that_enters_a_dark_border_shows_that_it_is_no_bar() -> None:
    frames = [barred(scene(SIZE, i), (60, 0, 0, 0)) for i in range(30)]
    for frame in frames[10:16]:
        frame[20:60, 100:420] = 120
    assert thickness(areas(frames)[0])[0] <= 24


def test_a_plain_sky_is_no_bar() -> None:
    rng = np.random.default_rng(0)
    frames = []
    for i in range(10):
        frame = scene(SIZE, i)
        frame[:80] = np.clip(rng.normal(200, 3, (80, 640)), 0, 255)
        frames.append(frame)
    assert areas(frames) == [WHOLE]


def test_shots_have_their_own_bars_and_a_dark_one_those_of_its_neighbour() -> None:
    bright = [barred(scene(SIZE, i), (40, 40, 0, 0)) for i in range(5)]
    dark = [np.zeros((360, 640), np.uint8) for _ in range(5)]
    for frame in dark:
        frame[150:200, 300:340] = 90
    full = [scene(SIZE, i) for i in range(5)]
    found = areas(bright + dark + full, [5, 10])
    assert_just_inside(found[0], (40, 40, 0, 0))
    assert found[1] == found[0]
    assert found[2] == WHOLE


def test_a_scene_brighter_than_its_neighbours_bars_keeps_its_whole_picture() -> None:
    bright = [barred(scene(SIZE, i), (40, 40, 0, 0)) for i in range(5)]
    head_in_bar = [frame.copy() for frame in bright]
    for frame in head_in_bar:
        frame[:10] = scene(Size(640, 10))
    assert thickness(areas(bright + head_in_bar, [5])[1])[0] == 0


@pytest.mark.parametrize("value", [0, 77, 255])
def test_a_picture_of_one_colour_has_no_bars(value: int) -> None:
    assert areas([np.full((360, 640), value, np.uint8)] * 3) == [WHOLE]


@pytest.mark.parametrize("size", [Size(1, 1), Size(2, 3), Size(16, 9)])
def test_tiny_pictures_have_no_bars(size: Size) -> None:
    frame = np.arange(size.width * size.height, dtype=np.uint8).reshape(size.height, size.width)
    assert active_areas(borders_of([frame], size), []) == [whole(size)]


def test_areas_are_in_source_pixels() -> None:
    frames = [barred(scene(SIZE, i), (45, 45, 0, 0)) for i in range(4)]
    area = active_areas(borders_of(frames, Size(1920, 1080)), [])[0]
    assert (area.x1, area.x2) == (-0.5, 1919.5)
    assert 135 <= area.y1 + 0.5 <= 139
    assert 135 <= 1079.5 - area.y2 <= 139


def measured(path: Path) -> Borders:
    with open_video(path) as video:
        small = video.size.fitted(640)
        sides = [frame_borders(frame.gray(small)) for frame in video.frames()]
        return Borders(np.array(sides), small, video.size)


@pytest.mark.parametrize(
    ("clip", "cuts", "rows"),
    [("avengers_film", [80, 141, 175], (61, 419)), ("herapheri_film", [312, 342], (43, 316))],
)
def test_the_bars_of_real_films_are_found_in_every_shot(
    shared_data: Path, clip: str, cuts: list[int], rows: tuple[int, int]
) -> None:
    borders = measured(shared_data / "clips" / clip / "stage.mp4")
    for area in active_areas(borders, cuts):
        assert (area.x1, area.x2) == (-0.5, borders.frame.width - 0.5)
        assert rows[0] <= area.y1 + 0.5 <= rows[0] + 3
        assert rows[1] - 3 <= area.y2 + 0.5 <= rows[1]


@pytest.mark.parametrize("video", ["clips/jimin_stage/stage.mp4", "stage/performance.mp4"])
def test_a_real_dark_stage_has_no_bars(shared_data: Path, video: str) -> None:
    borders = measured(shared_data / video)
    halves = active_areas(borders, range(15, len(borders.sides), 15))
    assert set(halves) == {whole(borders.frame)}


@pytest.mark.parametrize("insets", [(45, 45, 0, 0), (0, 0, 120, 121), (30, 31, 60, 60)])
@pytest.mark.parametrize("scale", [0.5, 1, 3])
def test_equal_bars_show_in_a_single_frame(insets: tuple[int, int, int, int], scale: float) -> None:
    size = Size(round(640 * scale), round(360 * scale))
    sides = frame_borders(barred(scene(SIZE), insets))
    rows, columns = clear_part(sides, SIZE, size)
    found = rows.start, size.height - rows.stop, columns.start, size.width - columns.stop
    for cropped, true in zip(found, insets, strict=True):
        assert scale * true <= cropped <= scale * (true + 3) + 2 if true else cropped == 0


@pytest.mark.parametrize("insets", [(0, 0, 0, 0), (45, 0, 0, 0), (60, 45, 0, 0), (0, 0, 0, 200)])
def test_one_dark_side_of_a_single_frame_may_be_the_scene(
    insets: tuple[int, int, int, int],
) -> None:
    sides = frame_borders(barred(scene(SIZE), insets))
    assert clear_part(sides, SIZE, SIZE) == (slice(0, 360), slice(0, 640))


def test_a_singer_in_front_of_darkness_is_not_in_a_bar() -> None:
    picture = np.zeros((360, 640), np.uint8)
    cv2.ellipse(picture, (320, 180), (60, 120), 0, 0, 360, 200, -1)
    assert clear_part(frame_borders(picture), SIZE, SIZE) == (slice(0, 360), slice(0, 640))
