from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.errors import InputError
from closeup.media.video_reader import open_video
from closeup.pipeline.evaluation.pupil_jitter import (
    WINDOW,
    evaluate_jitter,
    jitter_residuals,
    jitter_spread,
)
from closeup.progress import Silent
from closeup.settings import Settings
from tests.filming import film
from tests.kept_models import kept
from tests.real_photos import astronaut


@pytest.fixture(scope="module")
def webcam(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first second and a half of a real face."""
    with open_video(shared_data / "video" / "webcam_face.avi") as video:
        pictures = [frame.rgb() for frame, _ in zip(video.frames(), range(40), strict=False)]
    return film(tmp_path_factory.mktemp("webcam") / "face.mkv", pictures)


def test_a_real_face(webcam: Path, settings: Settings) -> None:
    methods = ("contour", "darkest")
    found = evaluate_jitter(webcam, methods, models=kept(settings), progress=Silent())
    assert (found["frames"], found["faces"]) == (40, 40)
    for own in found["methods"].values():
        assert own["eyes_found"] > 0.9
        assert 0 < own["jitter_pixels"] < 1
        expected = own["jitter_pixels"] / found["eye_distance"]
        assert own["jitter_eye_distances"] == pytest.approx(expected, rel=0.3)
        sides = sorted([own["jitter_pixels_right"], own["jitter_pixels_left"]])
        assert sides[0] <= own["jitter_pixels"] <= sides[1]


def test_the_same_picture_again_and_again_does_not_jitter(
    settings: Settings, tmp_path: Path
) -> None:
    video = film(tmp_path / "still.mkv", [astronaut()[:300, 100:360]] * 12, codec="ffv1")
    found = evaluate_jitter(video, ("darkest",), models=kept(settings), progress=Silent())
    assert found["methods"]["darkest"]["jitter_pixels"] < 1e-3


def test_without_a_face_nothing_is_made_up(settings: Settings, tmp_path: Path) -> None:
    video = film(tmp_path / "grey.mkv", [np.full((64, 64, 3), 127, np.uint8)] * 10)
    found = evaluate_jitter(video, ("darkest",), models=kept(settings), progress=Silent())
    assert (found["faces"], found["eye_distance"]) == (0, None)
    own = found["methods"]["darkest"]
    assert own.pop("eyes_found") == 0
    assert set(own.values()) == {None}


def test_a_photo_is_no_video(shared_data: Path, settings: Settings) -> None:
    photo = shared_data / "lfw" / "images" / "Al_Gore" / "Al_Gore_0001.jpg"
    with pytest.raises(InputError, match="is no video"):
        evaluate_jitter(photo, models=kept(settings), progress=Silent())


@given(st.lists(st.floats(-5, 5), min_size=3, max_size=3))
def test_a_smooth_movement_is_no_jitter(shape: list[float]) -> None:
    steps = np.arange(30.0)
    track = np.polyval(shape, steps)[:, None] * np.array([1.0, -2.0])
    left = jitter_residuals(track)
    assert np.isnan(left[: WINDOW // 2]).all()
    assert np.isnan(left[-(WINDOW // 2) :]).all()
    np.testing.assert_allclose(left[WINDOW // 2 : -(WINDOW // 2)], 0, atol=1e-8)


def test_as_polyfit_says() -> None:
    track = np.random.default_rng(2).normal(size=25)
    left = jitter_residuals(track)
    for middle in range(4, 21):
        steps = np.arange(-4, 5)
        fit = np.polyfit(steps, track[middle - 4 : middle + 5], 2)[2]
        assert left[middle] == pytest.approx((track[middle] - fit) / np.sqrt(1 - 59 / 231))


@given(st.floats(0.01, 3))
def test_noise_keeps_its_standard_deviation(size: float) -> None:
    random = np.random.default_rng(3)
    steps = np.arange(3000.0)[:, None, None]
    moving = 100 + 20 * np.sin(steps / 40)
    track = moving + random.normal(0, size, (3000, 2, 2))
    assert jitter_spread(jitter_residuals(track)) == pytest.approx(size, rel=0.05)


def test_a_few_glances_do_not_count() -> None:
    track = np.random.default_rng(4).normal(0, 0.1, (2000, 2))
    still = jitter_spread(jitter_residuals(track))
    track[500:] += 8
    track[900:] -= 11
    assert jitter_spread(jitter_residuals(track)) == pytest.approx(still, rel=0.03)


def test_windows_with_a_gap_do_not_count() -> None:
    track = np.zeros((40, 2))
    track[20] = np.nan
    left = jitter_residuals(track)
    assert np.flatnonzero(np.isnan(left[:, 0])).tolist() == [
        *range(4), *range(16, 25), *range(36, 40),
    ]  # fmt: skip


@pytest.mark.parametrize("count", [0, 1, WINDOW - 1])
def test_too_short_to_say(count: int) -> None:
    left = jitter_residuals(np.zeros((count, 2, 2)))
    assert left.shape == (count, 2, 2)
    assert np.isnan(jitter_spread(left))
